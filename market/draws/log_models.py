"""Tables of the transparency log: entries wait here until the sequencer gives them their place."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, new_id

ONLY_ROW = 1


class LogEntry(Base):
    """One leaf; its bytes never change, its index is given once."""

    __tablename__ = "log_entries"
    __table_args__ = (
        CheckConstraint("(position IS NULL) = (integrated_at IS NULL)", name="placed_and_dated"),
        Index(None, "appended_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    position: Mapped[int | None] = mapped_column(unique=True)  # index in the tree, from 0
    kind: Mapped[str] = mapped_column(String(30))  # "announce", "enroll" …
    leaf: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_sha256: Mapped[str] = mapped_column(String(64))  # RFC 6962 leaf hash
    appended_at: Mapped[datetime]
    integrated_at: Mapped[datetime | None]


class LogState(Base):
    """The only row: how far the tree is numbered, and how far it is published."""

    __tablename__ = "log_state"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_row"),
        CheckConstraint("published_size <= size", name="published_within"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    origin: Mapped[str] = mapped_column(String(120))
    size: Mapped[int] = mapped_column(default=0)  # entries that have an index
    published_size: Mapped[int] = mapped_column(default=0)  # entries under the newest checkpoint


class LogCheckpoint(Base):
    """A checkpoint that was published; a proof may lead to the one of its own time."""

    __tablename__ = "log_checkpoints"

    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    note: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime]
