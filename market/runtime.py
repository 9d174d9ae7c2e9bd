"""What the edges run on: sessions, the clock, and the one way to open an act."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from market.act import Act, Actor
from market.settings import Settings

T = TypeVar("T")

RETRIES = 6
RETRYABLE_SQLSTATES = frozenset({"40001", "40P01", "55P03"})
"""Serialization failure, deadlock, lock not available: the whole act may be done again."""


def utc_now() -> datetime:
    """Read the only clock of the product."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Runtime:
    """The running product without its providers: those are in ``market.start``."""

    settings: Settings
    sessions: sessionmaker[Session]
    read_sessions: sessionmaker[Session]  # may lead to a replica
    now: Callable[[], datetime] = field(default=utc_now)

    @contextmanager
    def acting(self, actor: Actor) -> Iterator[Act]:
        """Open one act in one transaction: committed when the block ends, undone when it raises.

        Use it where the caller repeats by itself; elsewhere prefer ``act``.
        """
        with self.sessions() as session, session.begin():
            yield Act(session=session, actor=actor, at=self.now())

    @contextmanager
    def reading(self, *, fresh: bool = False) -> Iterator[Session]:
        """Open a session that only reads; ``fresh`` asks the primary (a reader sees own writes)."""
        factory = self.sessions if fresh else self.read_sessions
        with factory() as session:
            yield session

    def act(self, actor: Actor, work: Callable[[Act], T]) -> T:
        """Run ``work`` as one act; the whole of it again when the database asks for that.

        ``work`` must do nothing outside of the transaction.
        """
        for attempt in range(RETRIES):
            try:
                with self.acting(actor) as act:
                    return work(act)
            except DBAPIError as error:
                if attempt == RETRIES - 1 or not is_retryable(error):
                    raise
                time.sleep(0.01 * 2**attempt)
        raise AssertionError("unreachable")


def is_retryable(error: DBAPIError) -> bool:
    """Tell a collision of transactions, which another try may win, from a real failure."""
    sqlstate = getattr(error.orig, "sqlstate", None)
    return sqlstate in RETRYABLE_SQLSTATES or "database is locked" in str(error.orig)
