"""Load projects and attempts under lock, and move them: what all services of draws share."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from market.act import Act, Role
from market.draws.models import Candidate, DrawAttempt, Enrolment, Project
from market.draws.states import (
    AttemptState,
    DrawStateError,
    EnrolmentState,
    ProjectState,
    require_attempt_move,
    require_move,
)
from market.errors import NotFoundError

T = TypeVar("T")


def lock_project(act: Act, project_no: str) -> Project:
    """Load a project for change.

    Raises:
        NotFoundError: no such project, or another owner's.
    """
    project = _one(act.session, select(Project).where(Project.project_no == project_no))
    if project is None or _is_anothers(act, project):
        raise NotFoundError(kind="project")
    return project


def _is_anothers(act: Act, project: Project) -> bool:
    return act.actor.role is Role.OWNER and project.owner_id != act.actor.organisation_id


def lock_attempt(act: Act, draw_id: str) -> tuple[Project, DrawAttempt]:
    """Load an attempt and its project for change; the project is locked first.

    Raises:
        NotFoundError: no such attempt.
    """
    project_no, _, number = draw_id.rpartition("/")
    project = lock_project(act, project_no)
    return project, lock_attempt_of(act, project, int(number) if number.isdecimal() else 0)


def lock_attempt_of(act: Act, project: Project, number: int) -> DrawAttempt:
    """Load one attempt of a locked project for change.

    Raises:
        NotFoundError: no such attempt.
    """
    wanted = select(DrawAttempt).where(
        DrawAttempt.project_id == project.id, DrawAttempt.number == number
    )
    attempt = _one(act.session, wanted)
    if attempt is None:
        raise NotFoundError(kind="draw")
    return attempt


def _one(session: Session, statement: Select[T]) -> T | None:
    locked = statement.with_for_update().execution_options(populate_existing=True)
    return session.execute(locked).scalar_one_or_none()


def move(project: Project, target: ProjectState) -> None:
    """Move a locked project.

    Raises:
        DrawStateError: the table does not list the move.
    """
    require_move(project.state, target)
    project.state = target


def move_attempt(attempt: DrawAttempt, target: AttemptState) -> None:
    """Move a locked attempt.

    Raises:
        DrawStateError: the table does not list the move.
    """
    require_attempt_move(attempt.state, target)
    attempt.state = target


def require_state(attempt: DrawAttempt, state: AttemptState) -> None:
    """Refuse a step that is taken in another state.

    Raises:
        DrawStateError: with both states as parameters.
    """
    if attempt.state is not state:
        raise DrawStateError(current=attempt.state.value, target=state.value)


def enrolments_of(
    session: Session, attempt_id: UUID, state: EnrolmentState | None = None
) -> list[Enrolment]:
    """Return enrolments in the order in which they came."""
    statement = select(Enrolment).where(Enrolment.attempt_id == attempt_id)
    if state is not None:
        statement = statement.where(Enrolment.state == state)
    ordered = statement.order_by(Enrolment.enrolled_at, Enrolment.id)
    return list(session.execute(ordered).scalars())


def candidates_of(session: Session, attempt_id: UUID) -> list[Candidate]:
    """Return winners and reserves by rank."""
    statement = select(Candidate).where(Candidate.attempt_id == attempt_id)
    return list(session.execute(statement.order_by(Candidate.rank)).scalars())
