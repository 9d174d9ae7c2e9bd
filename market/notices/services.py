"""Write mails and notices in the transaction of the act that causes them."""

from uuid import UUID

from sqlalchemy import select, update

from market import outbox
from market.act import Act
from market.db import new_id
from market.notices.models import Mail, Notice


def write_mail(act: Act, address: str, *, subject: str, body: str) -> None:
    """Lay a mail ready; the worker sends it after the commit."""
    mail = Mail(id=new_id(), address=address, subject=subject, body=body, written_at=act.at)
    act.session.add(mail)
    outbox.put(act, "mail.written", mail_id=str(mail.id))


def notify(
    act: Act, organisation_id: UUID, kind: str, /, *, subject: str, **params: str | int
) -> None:
    """Tell an organisation that ``kind`` happened to ``subject``."""
    act.session.add(
        Notice(
            organisation_id=organisation_id, kind=kind, subject=subject, params=params, at=act.at
        )
    )


def mark_all_read(act: Act, organisation_id: UUID) -> None:
    """Mark what the organisation has not read yet as read now."""
    act.session.execute(
        update(Notice)
        .where(Notice.organisation_id == organisation_id, Notice.read_at.is_(None))
        .values(read_at=act.at)
    )


def mark_mail_sent(act: Act, mail_id: UUID, *, keep_text: bool) -> None:
    """Note that the mail is out; only a development mailbox keeps its text."""
    mail = act.session.execute(select(Mail).where(Mail.id == mail_id)).scalar_one()
    mail.sent_at = act.at
    if not keep_text:
        mail.body = ""
