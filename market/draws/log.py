"""Append to the transparency log in the transaction of an act, and ask for places in it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.records import Policy, Record, parse_record
from lottery.roster import Opening
from market.act import Act
from market.db import new_id
from market.draws.log_models import ONLY_ROW, LogEntry, LogState
from market.draws.states import NotYetLoggedError


def append(act: Act, record: Record) -> LogEntry:
    """Lay a record ready for the log; the sequencer gives it its index after the commit.

    Raises:
        RecordError: the record is longer than a log entry may be.
    """
    entry = LogEntry(
        id=new_id(),
        kind=record.TYPE,
        leaf=record.to_bytes(),
        leaf_sha256=record.leaf(),
        appended_at=act.at,
    )
    act.session.add(entry)
    act.session.flush()  # rows that point to the entry may follow in any order
    return entry


def ensure_policy(act: Act, policy: Policy) -> None:
    """Make the policy the newest one in the log: the first entry of all, and again on change."""
    if _newest_policy(act.session) == policy.leaf():
        return
    _lock_state(act.session, policy.origin)
    if _newest_policy(act.session) != policy.leaf():  # another start may have been faster
        append(act, policy)


def _newest_policy(session: Session) -> str | None:
    statement = (
        select(LogEntry.leaf_sha256)
        .where(LogEntry.kind == Policy.TYPE)
        .order_by(LogEntry.id.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one_or_none()


def _lock_state(session: Session, origin: str) -> None:
    statement = select(LogState).where(LogState.id == ONLY_ROW).with_for_update()
    if session.execute(statement).scalar_one_or_none() is None:
        session.add(LogState(id=ONLY_ROW, origin=origin))
        session.flush()


def find_entry(session: Session, entry_id: UUID | None) -> LogEntry | None:
    """Read an entry as it stands now; the sequencer may have placed it meanwhile."""
    if entry_id is None:
        return None
    statement = select(LogEntry).where(LogEntry.id == entry_id)
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()


def require_position(session: Session, entry_id: UUID | None) -> int:
    """Return the index of an entry that is covered by a published checkpoint.

    Raises:
        NotYetLoggedError: it is still waiting.
    """
    entry = find_entry(session, entry_id)
    if entry is None or entry.position is None or entry.position >= published_size(session):
        raise NotYetLoggedError(entry=str(entry_id))
    return entry.position


def published_size(session: Session) -> int:
    """Return how many entries the newest published checkpoint covers."""
    statement = select(LogState.published_size).where(LogState.id == ONLY_ROW)
    return session.execute(statement).scalar_one_or_none() or 0


def record_of(session: Session, entry_id: UUID | None) -> Record:
    """Read the record of an entry that exists.

    Raises:
        NotYetLoggedError: there is no such entry.
    """
    entry = find_entry(session, entry_id)
    if entry is None:
        raise NotYetLoggedError(entry=str(entry_id))
    return parse_record(entry.leaf)


def entries_at(session: Session, openings: Sequence[Opening]) -> list[bytes]:
    """Return the leaves at the indices of openings, in their order; b"" where there is none."""
    wanted = [opening.index for opening in openings]
    statement = select(LogEntry.position, LogEntry.leaf).where(LogEntry.position.in_(wanted))
    found = {row.position: row.leaf for row in session.execute(statement)}
    return [found.get(index, b"") for index in wanted]
