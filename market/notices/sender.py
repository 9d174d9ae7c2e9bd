"""Send mail; where no mail server is set, the development mailbox keeps it."""

import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from functools import partial
from typing import Protocol
from uuid import UUID

from sqlalchemy import select
from typing_extensions import override

from market.act import Act
from market.notices.models import Mail
from market.notices.services import mark_mail_sent
from market.outbox import Claimed
from market.runtime import Runtime

TIMEOUT_SECONDS = 20


class Mailer(Protocol):
    """Something that takes a mail out of the house."""

    keeps_text: bool  # whether the mailbox page may still show the text afterwards

    def send(self, address: str, subject: str, body: str, *, key: str) -> None:
        """Send one mail; ``key`` becomes its Message-ID, so a repeat can be told by the receiver.

        Raises:
            OSError: the server could not be reached or refused.
        """
        ...


class DevelopmentMailbox(Mailer):
    """Keeps every mail in the database for /dev/mail."""

    keeps_text = True

    @override
    def send(self, address: str, subject: str, body: str, *, key: str) -> None:
        """Do nothing: the row is the mail."""


@dataclass(frozen=True, slots=True)
class SmtpMailer(Mailer):
    """Sends through the mail server of the installation."""

    host: str
    sender: str
    keeps_text: bool = False

    @override
    def send(self, address: str, subject: str, body: str, *, key: str) -> None:
        """Send by SMTP with STARTTLS.

        Raises:
            OSError: the server could not be reached or refused.
        """
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self.sender, address, subject
        message["Message-ID"] = f"<{key}@{self.host}>"
        message.set_content(body)
        with smtplib.SMTP(self.host, timeout=TIMEOUT_SECONDS) as server:
            server.starttls()
            server.send_message(message)


def send_mail(mailer: Mailer, runtime: Runtime, message: Claimed) -> Callable[[Act], None]:
    """Answer ``mail.written``: send it, then note that it is out."""
    mail_id = UUID(message.payload["mail_id"])
    with runtime.reading(fresh=True) as session:
        mail = session.execute(select(Mail).where(Mail.id == mail_id)).scalar_one()
    if mail.sent_at is None:
        mailer.send(mail.address, mail.subject, mail.body, key=str(mail.id))
    return partial(mark_mail_sent, mail_id=mail_id, keep_text=mailer.keeps_text)
