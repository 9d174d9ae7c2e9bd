"""The one place where log entries get their index, and where tiles and checkpoints are written.

Two steps in two transactions. *Numbering* gives waiting entries the next indices and commits them:
from then on nothing about the tree is open. *Publishing* writes the tiles of the numbered entries
and signs the checkpoint. A process that dies anywhere leaves numbered entries, whose tiles are
written again with the same bytes; so no two checkpoints ever contradict each other. A row lock
keeps a second sequencer waiting, and then it finds nothing left to do.
"""

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.log.writer import LogWriter
from market.act import Act
from market.draws.log_models import ONLY_ROW, LogCheckpoint, LogEntry, LogState

BATCH = 5_000

Run = Callable[[Callable[[Act], int]], int]
"""Runs work as one act in a transaction of its own, and gives back its answer."""


def integrate(run: Run, writer: LogWriter) -> int:
    """Number what waits and publish it; return how many entries the checkpoint gained.

    Raises:
        InconsistentLogError: folder and database contradict each other; nothing was signed.
    """
    run(number_pending)
    return run(lambda act: publish(act, writer))


def number_pending(act: Act) -> int:
    """Give waiting entries their index, in the order of their ids; return how many."""
    state = _lock_state(act.session)
    if state is None:
        return 0
    waiting = select(LogEntry).where(LogEntry.position.is_(None)).order_by(LogEntry.id)
    entries = list(act.session.execute(waiting.limit(BATCH)).scalars())
    for offset, entry in enumerate(entries):
        entry.position = state.size + offset
        entry.integrated_at = act.at
    state.size += len(entries)
    return len(entries)


def publish(act: Act, writer: LogWriter) -> int:
    """Write the tiles of numbered entries and the checkpoint over them; return how many were new.

    Raises:
        InconsistentLogError: the folder holds something else than the database.
    """
    state = _lock_state(act.session)
    if state is None:
        return 0
    writer.create()
    present = writer.checkpoint().size
    start = min(state.published_size, present)  # a folder that fell behind is filled again
    gained = state.size - state.published_size
    if start == state.size:
        return 0
    leaves = list(
        act.session.execute(
            select(LogEntry.leaf).where(LogEntry.position >= start).order_by(LogEntry.position)
        ).scalars()
    )
    note = writer.extend(leaves, start=start)
    if act.session.get(LogCheckpoint, state.size) is None:
        act.session.add(LogCheckpoint(size=state.size, note=note.decode(), published_at=act.at))
    state.published_size = state.size
    return gained


def _lock_state(session: Session) -> LogState | None:
    statement = select(LogState).where(LogState.id == ONLY_ROW).with_for_update()
    return session.execute(statement.execution_options(populate_existing=True)).scalar_one_or_none()
