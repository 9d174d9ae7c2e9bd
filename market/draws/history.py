"""The public history of a project: numbered events, each bound to the one before by its hash."""

import hashlib
from typing import Any

from sqlalchemy import select

from lottery.encoding import canonical, format_time, lines
from market import audit, outbox
from market.act import Act
from market.draws.log_models import LogEntry
from market.draws.models import DrawAttempt, Project, ProjectEvent

TAG = "sunlit/project-event/v1"
FIRST = "0" * 64

Detail = str | int | bool


def add_event(
    act: Act,
    project: Project,
    kind: str,
    /,
    *,
    attempt: int = 0,
    entry: LogEntry | None = None,
    **details: Detail,
) -> ProjectEvent:
    """Add the next link; the caller holds the lock of the project's row.

    ``details`` are shown to everyone: no names before the freeze, no counts, no persons.
    """
    last = act.session.execute(
        select(ProjectEvent.number, ProjectEvent.sha256)
        .where(ProjectEvent.project_id == project.id)
        .order_by(ProjectEvent.number.desc())
        .limit(1)
    ).first()
    number, previous = (last[0] + 1, last[1]) if last else (1, FIRST)
    event = ProjectEvent(
        project_id=project.id,
        number=number,
        at=act.at.replace(microsecond=0),
        kind=kind,
        attempt=attempt,
        role=act.actor.role.value,
        details=dict(details),
        log_entry_id=entry.id if entry else None,
        previous_sha256=previous,
        sha256="",
    )
    event.sha256 = event_hash(project.project_no, event)
    act.session.add(event)
    act.session.flush()
    return event


def event_hash(project_no: str, event: ProjectEvent) -> str:
    """Return the hash of a link, 64 hex digits, from nothing but public values."""
    details: dict[str, Any] = event.details
    text = lines(
        TAG,
        project_no,
        event.number,
        format_time(event.at),
        event.kind,
        event.attempt,
        event.role,
        canonical(details).decode(),
        event.previous_sha256,
    )
    return hashlib.sha256(text).hexdigest()


def tell(act: Act, attempt: DrawAttempt, what: str) -> None:
    """Leave audit record and message of a step, and let the timers look at once for the next."""
    attempt.due_at = act.at
    audit.record(act, f"draw.{what}", subject=attempt.id)
    outbox.put(act, f"draw.{what}", draw_id=attempt.draw_id)
