"""The sandbox's own database file: objects as JSON, saved replies, deliveries, timers, faults."""

from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, BigInteger, Engine, Index, Integer, String, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from billing.db import UtcInstant


class SandboxBase(DeclarativeBase):
    """Base of the sandbox's tables; never part of the product's schema."""

    type_annotation_map = {  # noqa: RUF012 - read by the base
        datetime: UtcInstant,
        dict[str, Any]: JSON,
    }


class Setting(SandboxBase):
    """Seed, counters and the balance."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(80))


class Thing(SandboxBase):
    """One object of the wire, as the wire shows it."""

    __tablename__ = "thing"
    __table_args__ = (Index(None, "kind", "seq"),)

    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    body: Mapped[dict[str, Any]]


class SavedReply(SandboxBase):
    """What an idempotency key got; kept for 24 hours."""

    __tablename__ = "saved_reply"

    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class Delivery(SandboxBase):
    """One event on its way to the endpoint."""

    __tablename__ = "delivery"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    event_id: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(20))  # waiting, delivered, dropped, given_up
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(Integer, default=0)
    last_status: Mapped[int | None] = mapped_column(Integer)


class Timer(SandboxBase):
    """Something that happens by itself later."""

    __tablename__ = "timer"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    action: Mapped[str] = mapped_column(String(20))  # arrive, expire
    subject: Mapped[str] = mapped_column(String(80))
    due_at: Mapped[datetime]


class Fault(SandboxBase):
    """A fault that is to happen ``left`` more times on paths that begin with ``path``."""

    __tablename__ = "fault"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    path: Mapped[str] = mapped_column(String(120))
    left: Mapped[int] = mapped_column(Integer)


def open_engine(file: Path) -> Engine:
    """Open the database file and make its tables where they are missing."""
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": 30})
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)
    SandboxBase.metadata.create_all(engine)
    return engine


def _set_up(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DB-API connection
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
