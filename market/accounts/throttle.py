"""Slow down guessing: counts failures per subject in the database, so all processes share it."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select

from market.accounts.models import Attempt
from market.act import Act
from market.errors import TooManyAttemptsError

FREE_FAILURES = 5
FIRST_WAIT_SECONDS = 15
LONGEST_WAIT_SECONDS = 900
FORGET_AFTER = timedelta(hours=1)


def wait_after(failures: int) -> int:
    """Seconds to wait after so many failures: none at first, then doubling up to a quarter hour."""
    if failures < FREE_FAILURES:
        return 0
    return min(FIRST_WAIT_SECONDS << (failures - FREE_FAILURES), LONGEST_WAIT_SECONDS)


def _subject(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def _row(act: Act, kind: str, plain: str) -> Attempt | None:
    statement = (
        select(Attempt)
        .where(Attempt.kind == kind, Attempt.subject == _subject(plain))
        .with_for_update()
    )
    return act.session.execute(statement).scalar_one_or_none()


def require_calm(act: Act, kind: str, plain: str) -> None:
    """Refuse while the subject has to wait.

    Raises:
        TooManyAttemptsError: with the seconds left.
    """
    row = _row(act, kind, plain)
    if row is not None and row.blocked_until is not None and row.blocked_until > act.at:
        raise TooManyAttemptsError(seconds=_seconds(row.blocked_until, act.at))


def _seconds(until: datetime, now: datetime) -> int:
    return int((until - now).total_seconds()) + 1


def count_failure(act: Act, kind: str, plain: str) -> None:
    """Count one failure and set the wait that follows from it."""
    row = _row(act, kind, plain)
    if row is None:
        row = Attempt(kind=kind, subject=_subject(plain), failures=0, last_at=act.at)
        act.session.add(row)
    elif act.at - row.last_at > FORGET_AFTER:
        row.failures = 0
    row.failures += 1
    row.last_at = act.at
    wait = wait_after(row.failures)
    row.blocked_until = act.at + timedelta(seconds=wait) if wait else None


def forget_failures(act: Act, kind: str, plain: str) -> None:
    """Start again from zero after a success."""
    row = _row(act, kind, plain)
    if row is not None:
        row.failures = 0
        row.blocked_until = None
