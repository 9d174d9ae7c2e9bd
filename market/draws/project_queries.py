"""Read projects: public lists, one project with its history, worklists."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.act import Actor, Role
from market.catalogue.models import ServiceKind
from market.draws.history import FIRST, event_hash
from market.draws.log_models import LogEntry
from market.draws.models import DrawAttempt, Project, ProjectEvent
from market.draws.routes import ExemptCode
from market.draws.rows import DrawRow, EventRow, ProjectDetail, ProjectFilter, ProjectRow
from market.draws.states import LISTED, AttemptState, ProjectState
from market.errors import NotFoundError
from market.paging import COUNT_CAP, Page, clamp_page, make_page

OFFICIALS = frozenset({Role.OPERATOR, Role.REGULATOR, Role.SUPERVISOR, Role.SYSTEM})
ROW = (
    Project.project_no,
    Project.title,
    Project.state,
    Project.region,
    Project.service_code,
    func.coalesce(ServiceKind.name, Project.service_code),
    Organisation.name,
    Project.fee_fen,
    Project.days,
    Project.attempts,
    Project.is_demo,
    Project.is_replay,
    Project.published_at,
    Project.created_at,
    DrawAttempt.enroll_close_at,
    DrawAttempt.draw_at,
)
DRAW = (
    Project.project_no,
    DrawAttempt.number,
    DrawAttempt.draw_id,
    Project.title,
    Project.region,
    DrawAttempt.state,
    Project.state,
    Organisation.name,
    DrawAttempt.enroll_close_at,
    DrawAttempt.draw_at,
    DrawAttempt.round,
    DrawAttempt.chain_hash,
    DrawAttempt.roster_size,
    DrawAttempt.drawn_at,
    DrawAttempt.void_code,
    Project.is_demo,
    Project.is_replay,
)


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Return which projects an actor may know of."""
    if actor.role in OFFICIALS:
        return sa.true()
    listed = sa.and_(
        Project.state.in_(LISTED),
        Project.exempt_code != ExemptCode.STATE_SECRET,  # only a count of these is public
    )
    if actor.role is Role.OWNER and actor.organisation_id is not None:
        return sa.or_(listed, Project.owner_id == actor.organisation_id)
    return listed


def _rows() -> sa.Select[*tuple[Any, ...]]:
    newest = sa.and_(DrawAttempt.project_id == Project.id, DrawAttempt.number == Project.attempts)
    return (
        select(*ROW)
        .select_from(Project)
        .join(Organisation, Organisation.id == Project.owner_id)
        .outerjoin(ServiceKind, ServiceKind.code == Project.service_code)
        .outerjoin(DrawAttempt, newest)
    )


def list_projects(session: Session, actor: Actor, wanted: ProjectFilter) -> Page[ProjectRow]:
    """List what the public may see, newest notice first."""
    conditions = [visible_to(actor), Project.state.in_(LISTED), *_conditions(wanted)]
    capped = select(Project.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    counted = session.execute(select(func.count()).select_from(capped)).scalar_one()
    page = clamp_page(wanted.page, wanted.per_page)
    order = (Project.published_at.desc().nulls_last(), Project.id.desc())
    statement = _rows().where(*conditions).order_by(*order)
    paged = statement.limit(wanted.per_page).offset((page - 1) * wanted.per_page)
    rows = [ProjectRow(*row) for row in session.execute(paged)]
    return make_page(rows, counted=counted, page=page, per_page=wanted.per_page)


def _conditions(wanted: ProjectFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [
        sa.or_(
            Project.title.contains(word, autoescape=True),
            Project.project_no.contains(word.upper(), autoescape=True),
        )
        for word in wanted.q[:60].split()
    ]
    if wanted.state in {state.value for state in LISTED}:
        conditions.append(Project.state == ProjectState(wanted.state))
    if wanted.states:
        conditions.append(Project.state.in_(wanted.states))
    if wanted.region:
        stem = wanted.region.removesuffix("00").removesuffix("00")
        conditions.append(Project.region.startswith(stem, autoescape=True))
    if wanted.service_code:
        conditions.append(Project.service_code == wanted.service_code)
    return conditions


def get_project(session: Session, actor: Actor, project_no: str) -> ProjectDetail:
    """Read a project with its history; entrants are not in it.

    Raises:
        NotFoundError: no such project, or the actor must not know of it.
    """
    wanted = (Project.project_no == project_no, visible_to(actor))
    row = session.execute(_rows().where(*wanted)).one_or_none()
    project = session.execute(
        select(Project).where(*wanted).execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None or project is None:
        raise NotFoundError(kind="project")
    draws = draws_of(session, project.id)
    return ProjectDetail(
        row=ProjectRow(*row),
        summary=project.summary,
        requirement=project.requirement,
        requirement_note=project.requirement_note,
        winners=project.winners,
        reserves=project.reserves,
        budget_name=project.budget_name,
        budget_sha256=project.budget_sha256,
        avoidance=_avoidance(actor, project, draws),
        route=project.route,
        exempt_code=project.exempt_code,
        return_reason=project.return_reason,
        submitted_at=project.submitted_at,
        ended_at=project.ended_at,
        events=events_of(session, project.id),
        draws=draws,
        is_history_intact=is_history_intact(session, project),
    )


def _avoidance(
    actor: Actor, project: Project, draws: tuple[DrawRow, ...]
) -> tuple[dict[str, str], ...]:
    """Return whom the owner asked to keep out; public from the freeze on."""
    is_own = actor.role is Role.OWNER and actor.organisation_id == project.owner_id
    is_shown = any(draw.roster_size is not None for draw in draws)
    if is_shown or is_own or actor.role in OFFICIALS:
        return tuple(project.avoidance.get("items", []))
    return ()


def draw_rows() -> sa.Select[*tuple[Any, ...]]:
    """Return the statement of attempts in lists."""
    return (
        select(*DRAW)
        .select_from(DrawAttempt)
        .join(Project, Project.id == DrawAttempt.project_id)
        .join(Organisation, Organisation.id == Project.owner_id)
    )


def draws_of(session: Session, project_id: UUID) -> tuple[DrawRow, ...]:
    """Return all attempts of a project, the first one first."""
    statement = draw_rows().where(DrawAttempt.project_id == project_id)
    return tuple(DrawRow(*row) for row in session.execute(statement.order_by(DrawAttempt.number)))


def list_draws(
    session: Session,
    *,
    page: int = 1,
    per_page: int = 20,
    region: str = "",
    states: frozenset[AttemptState] = frozenset(),
) -> Page[DrawRow]:
    """List every attempt there ever was (全部摇号记录), the newest draw time first.

    ``states`` restricts to attempts in one of them; empty does not.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if states:
        conditions.append(DrawAttempt.state.in_(states))
    if region:
        stem = region.removesuffix("00").removesuffix("00")
        conditions.append(DrawAttempt.region.startswith(stem, autoescape=True))
    capped = select(DrawAttempt.id).where(*conditions).limit(COUNT_CAP + 1).subquery()
    counted = session.execute(select(func.count()).select_from(capped)).scalar_one()
    number = clamp_page(page, per_page)
    statement = (
        draw_rows()
        .where(*conditions)
        .order_by(DrawAttempt.draw_at.desc(), DrawAttempt.id.desc())
        .limit(per_page)
        .offset((number - 1) * per_page)
    )
    rows = [DrawRow(*row) for row in session.execute(statement)]
    return make_page(rows, counted=counted, page=number, per_page=per_page)


def events_of(
    session: Session, project_id: UUID, attempt: int | None = None
) -> tuple[EventRow, ...]:
    """Return the public history with log positions, oldest first."""
    statement = (
        select(ProjectEvent, LogEntry.position, LogEntry.leaf_sha256)
        .outerjoin(LogEntry, LogEntry.id == ProjectEvent.log_entry_id)
        .where(ProjectEvent.project_id == project_id)
        .order_by(ProjectEvent.number)
    )
    if attempt is not None:
        statement = statement.where(ProjectEvent.attempt == attempt)
    return tuple(_event(*row) for row in session.execute(statement))


def _event(event: ProjectEvent, position: int | None, leaf: str | None) -> EventRow:
    return EventRow(
        number=event.number,
        at=event.at,
        kind=event.kind,
        attempt=event.attempt,
        role=event.role,
        details=event.details,
        sha256=event.sha256,
        log_position=position,
        leaf_sha256=leaf or "",
    )


def is_history_intact(session: Session, project: Project) -> bool:
    """Tell whether every link carries the hash of the one before."""
    statement = (
        select(ProjectEvent)
        .where(ProjectEvent.project_id == project.id)
        .order_by(ProjectEvent.number)
    )
    previous = FIRST
    for number, event in enumerate(session.execute(statement).scalars(), start=1):
        expected = event_hash(project.project_no, event)
        if (event.number, event.previous_sha256, event.sha256) != (number, previous, expected):
            return False
        previous = event.sha256
    return True


def owner_projects(session: Session, actor: Actor) -> list[ProjectRow]:
    """List the actor's own projects, the newest first."""
    statement = _rows().where(Project.owner_id == actor.organisation_id)
    ordered = statement.order_by(Project.created_at.desc(), Project.id.desc())
    return [ProjectRow(*row) for row in session.execute(ordered)]


def worklist(session: Session, *states: ProjectState) -> list[ProjectRow]:
    """List projects in the given states, the longest waiting first; for officials."""
    statement = _rows().where(Project.state.in_(states))
    ordered = statement.order_by(Project.submitted_at, Project.id)
    return [ProjectRow(*row) for row in session.execute(ordered)]
