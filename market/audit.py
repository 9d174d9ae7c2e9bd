"""The append-only record of who did what when, written in the transaction of the act itself."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from market.act import Act, Role
from market.db import Base, new_id, text_enum


class AuditRecord(Base):
    """One thing that happened; UPDATE and DELETE are refused by trigger."""

    __tablename__ = "audit_records"
    __table_args__ = (Index(None, "subject", "at"), Index(None, "at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(80))  # "order.cancelled"
    subject: Mapped[str] = mapped_column(String(80))  # the id of what it happened to
    role: Mapped[Role] = mapped_column(text_enum(Role))
    user_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    details: Mapped[dict[str, Any]]  # never personal data


def record(
    act: Act, kind: str, /, *, subject: UUID | str, **details: str | int | bool | None
) -> None:
    """Write down that ``kind`` happened to ``subject``, in the transaction of the act."""
    act.session.add(
        AuditRecord(
            at=act.at,
            kind=kind,
            subject=str(subject),
            role=act.actor.role,
            user_id=act.actor.user_id,
            organisation_id=act.actor.organisation_id,
            details=details,
        )
    )
