"""What lists show beside their rows: counts of stages, first places, open notices for an agency."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.act import Actor
from market.agencies.models import Agency
from market.draws.enrolment import standing_of
from market.draws.models import Candidate, DrawAttempt, Enrolment, Project, RosterEntry
from market.draws.rows import DrawRow, ProjectRow
from market.draws.screening import standing_fault
from market.draws.states import LISTED, AttemptState, CandidateState, ProjectState

STAGES: Mapping[str, frozenset[ProjectState]] = {
    "enrolling": frozenset({ProjectState.ENROLLING, ProjectState.TOO_FEW}),
    "waiting": frozenset({ProjectState.SCREENING, ProjectState.FROZEN, ProjectState.GO}),
    "publicity": frozenset({ProjectState.DRAWN, ProjectState.PUBLICITY}),
    "awarded": frozenset({ProjectState.AWARDED}),
    "ended": frozenset({ProjectState.FAILED, ProjectState.CANCELLED, ProjectState.VOID}),
    "exempt": frozenset({ProjectState.EXEMPT}),
}
"""The stages under which the public looks for projects."""
DRAW_STAGES: Mapping[str, frozenset[AttemptState]] = {
    "coming": frozenset({AttemptState.ENROLLING, AttemptState.CLOSED}),
    "running": frozenset({AttemptState.FROZEN, AttemptState.GO}),
    "drawn": frozenset({AttemptState.DRAWN}),
    "void": frozenset({AttemptState.VOID}),
}
HOLDING = frozenset({CandidateState.PROPOSED, CandidateState.CONFIRMED, CandidateState.AWARDED})


def count_project_states(session: Session) -> dict[ProjectState, int]:
    """Count the projects that the public may see, by state."""
    statement = (
        select(Project.state, func.count())
        .where(Project.state.in_(LISTED), Project.exempt_code != "state_secret")
        .group_by(Project.state)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def count_attempt_states(session: Session) -> dict[AttemptState, int]:
    """Count all attempts by state."""
    statement = select(DrawAttempt.state, func.count()).group_by(DrawAttempt.state)
    return {row[0]: row[1] for row in session.execute(statement)}


def holder_names(session: Session, draws: Iterable[DrawRow]) -> dict[str, list[str]]:
    """Name who holds a place today, by draw id; nobody before the draw."""
    wanted = [draw.draw_id for draw in draws]
    statement = (
        select(DrawAttempt.draw_id, RosterEntry.name)
        .join(Candidate, Candidate.attempt_id == DrawAttempt.id)
        .join(
            RosterEntry,
            (RosterEntry.attempt_id == Candidate.attempt_id) & (RosterEntry.uscc == Candidate.uscc),
        )
        .where(DrawAttempt.draw_id.in_(wanted), Candidate.state.in_(HOLDING))
        .order_by(Candidate.rank)
    )
    names: dict[str, list[str]] = {}
    for draw_id, name in session.execute(statement):
        names.setdefault(draw_id, []).append(name)
    return names


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice on which an agency may still enrol."""

    project: ProjectRow
    number: int
    draw_id: str
    enroll_close_at: datetime
    draw_at: datetime
    fault: str  # why this agency may not enrol, as the screening names it; "" when it may
    is_enrolled: bool


def open_notices(
    session: Session, actor: Actor, rows: Sequence[ProjectRow], *, at: datetime
) -> list[OpenNotice]:
    """Say of each project in ``rows`` that is open whether the actor's agency may enrol.

    Those that it may enrol on come first, then by closing time.
    """
    if actor.organisation_id is None or session.get(Agency, actor.organisation_id) is None:
        return []
    notices = [
        notice for row in rows if (notice := _notice(session, actor, row, at=at)) is not None
    ]
    return sorted(notices, key=lambda item: (bool(item.fault), item.enroll_close_at))


def _notice(session: Session, actor: Actor, row: ProjectRow, *, at: datetime) -> OpenNotice | None:
    statement = (
        select(Project, DrawAttempt)
        .join(DrawAttempt, DrawAttempt.project_id == Project.id)
        .where(
            Project.project_no == row.project_no,
            DrawAttempt.number == row.attempts,
            DrawAttempt.state == AttemptState.ENROLLING,
            DrawAttempt.enroll_close_at > at,
        )
    )
    found = session.execute(statement).one_or_none()
    agency_id = actor.organisation_id
    if found is None or agency_id is None:
        return None
    project, attempt = found[0], found[1]
    mine = select(Enrolment.id).where(
        Enrolment.attempt_id == attempt.id, Enrolment.agency_id == agency_id
    )
    return OpenNotice(
        project=row,
        number=attempt.number,
        draw_id=attempt.draw_id,
        enroll_close_at=attempt.enroll_close_at,
        draw_at=attempt.draw_at,
        fault=standing_fault(standing_of(session, project, attempt, agency_id, at=at)),
        is_enrolled=session.execute(mine).first() is not None,
    )
