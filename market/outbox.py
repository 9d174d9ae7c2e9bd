"""Messages that an act leaves for later, in its own transaction; and how a worker takes them.

At-least-once: a message is claimed under a lease with a fencing token. The effect of a reaction and
the done mark commit together, so an effect inside the database happens exactly once; an effect
outside of it carries an idempotency key.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Index, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from market.act import Act
from market.db import Base, new_id, text_enum

LEASE_SECONDS = 30
MAX_TRIES = 12
FIRST_DELAY_SECONDS = 2
LONGEST_DELAY_SECONDS = 1800


class MessageState(StrEnum):
    """Where a message stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"  # given up; shown to the operator until somebody retries it


class OutboxMessage(Base):
    """One message to one reaction table; ``dedup`` makes a second put of the same thing a no-op."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        Index(None, "state", "run_at"),
        CheckConstraint("tries >= 0", name="tries_not_negative"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(80))
    dedup: Mapped[str | None] = mapped_column(String(160), unique=True)
    payload: Mapped[dict[str, Any]]
    state: Mapped[MessageState] = mapped_column(
        text_enum(MessageState), default=MessageState.WAITING
    )
    put_at: Mapped[datetime]
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[str | None] = mapped_column(String(32))
    tries: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(500))


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in the hands of one worker until its lease ends."""

    id: UUID
    kind: str
    payload: dict[str, Any]
    token: str
    tries: int


def put(
    act: Act,
    kind: str,
    /,
    *,
    run_at: datetime | None = None,
    dedup: str | None = None,
    **payload: str | int | bool | None,
) -> None:
    """Leave a message of ``kind``; it runs at ``run_at``, or at once after the commit."""
    if dedup is not None and _is_known(act.session, dedup):
        return
    act.session.add(
        OutboxMessage(
            kind=kind, dedup=dedup, payload=payload, put_at=act.at, run_at=run_at or act.at
        )
    )


def _is_known(session: Session, dedup: str) -> bool:
    statement = select(OutboxMessage.id).where(OutboxMessage.dedup == dedup)
    return session.execute(statement).first() is not None


def claim(session: Session, *, now: datetime) -> Claimed | None:
    """Take the message that has waited longest, or None. The caller commits.

    PostgreSQL skips rows that another worker is taking; on SQLite the writing transaction
    excludes the others anyway.
    """
    due = (
        select(OutboxMessage)
        .where(
            OutboxMessage.state == MessageState.WAITING,
            OutboxMessage.run_at <= now,
            sa.or_(OutboxMessage.lease_until.is_(None), OutboxMessage.lease_until <= now),
        )
        .order_by(OutboxMessage.run_at, OutboxMessage.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message = session.execute(due).scalar_one_or_none()
    if message is None:
        return None
    message.lease_token = secrets.token_hex(16)
    message.lease_until = now + timedelta(seconds=LEASE_SECONDS)
    message.tries += 1
    return Claimed(
        id=message.id,
        kind=message.kind,
        payload=dict(message.payload),
        token=message.lease_token,
        tries=message.tries,
    )


def finish(session: Session, claimed: Claimed, *, now: datetime) -> bool:
    """Mark as done in the transaction of the effect; False when the lease was lost meanwhile."""
    return _settle(session, claimed, state=MessageState.DONE, done_at=now, error=None)


def fail(session: Session, claimed: Claimed, *, now: datetime, error: str) -> bool:
    """Give the message back with a growing delay, or lay it dead after ``MAX_TRIES``."""
    if claimed.tries >= MAX_TRIES:
        return _settle(session, claimed, state=MessageState.DEAD, error=error[:500])
    return _settle(session, claimed, run_at=now + retry_delay(claimed.tries), error=error[:500])


def _settle(session: Session, claimed: Claimed, **values: object) -> bool:
    mine = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == claimed.id,
            OutboxMessage.lease_token == claimed.token,
            OutboxMessage.state == MessageState.WAITING,
        )
        .values(lease_until=None, lease_token=None, **values)
        .execution_options(synchronize_session=False)
        .returning(OutboxMessage.id)
    )
    return session.execute(mine).first() is not None


def retry_delay(tries: int) -> timedelta:
    """Wait twice as long after each failure, plus up to a quarter so that retries spread."""
    base = min(FIRST_DELAY_SECONDS * 2 ** (tries - 1), LONGEST_DELAY_SECONDS)
    return timedelta(milliseconds=base * 1000 + secrets.randbelow(base * 250))
