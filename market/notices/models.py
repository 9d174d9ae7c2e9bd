"""Tables of what people are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, new_id


class Mail(Base):
    """One mail; its text is wiped once it is sent, since it may hold a link that opens a door."""

    __tablename__ = "mails"
    __table_args__ = (Index(None, "written_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    address: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class Notice(Base):
    """One line in the message centre of an organisation."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "organisation_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    organisation_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(80))  # the kind of outbox message it came from
    subject: Mapped[str] = mapped_column(String(80))  # id of the order or number of the project
    params: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]
