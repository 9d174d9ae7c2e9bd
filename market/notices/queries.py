"""Read mails and notices."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.notices.models import Mail, Notice


def list_notices(session: Session, organisation_id: UUID, *, limit: int = 50) -> Sequence[Notice]:
    """List the newest notices of an organisation."""
    statement = (
        select(Notice)
        .where(Notice.organisation_id == organisation_id)
        .order_by(Notice.at.desc(), Notice.id.desc())
        .limit(limit)
    )
    return session.execute(statement).scalars().all()


def count_unread(session: Session, organisation_id: UUID) -> int:
    """Count what the organisation has not read."""
    statement = select(func.count()).where(
        Notice.organisation_id == organisation_id, Notice.read_at.is_(None)
    )
    return session.execute(statement).scalar_one()


def list_mails(session: Session, *, limit: int = 50) -> Sequence[Mail]:
    """List the newest mails; for the development mailbox only."""
    statement = select(Mail).order_by(Mail.written_at.desc(), Mail.id.desc()).limit(limit)
    return session.execute(statement).scalars().all()
