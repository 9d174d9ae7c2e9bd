"""From the owner's draft to the published notice, the exemption or the end before a draw."""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from market import audit, outbox
from market.act import Act, Role
from market.catalogue.models import ServiceKind
from market.draws.history import add_event
from market.draws.models import Project
from market.draws.routes import (
    Route,
    RouteDecision,
    RouteInputs,
    RouteLimits,
    decide_route,
)
from market.draws.states import EDITABLE, DrawStateError, ProjectState
from market.draws.store import lock_project, move
from market.errors import InvalidInputError

H_CODES = frozenset({"H1", "H2", "H3", "H4", "H5", "H6"})
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letter that looks like a digit
NUMBER_LENGTH = 8  # 40 random bits: no counter that tells how many projects there are
SHA256 = re.compile(r"[0-9a-f]{64}")
USCC = re.compile(r"[0-9A-Z]{18}")
YEAR = timedelta(days=365)
MAX_DAYS = 365
MAX_PLACES = 50


@dataclass(frozen=True, slots=True)
class Avoidance:
    """One agency that the owner asks to keep out, with the statutory ground."""

    uscc: str
    h_code: str
    evidence: str


@dataclass(frozen=True, slots=True)
class ProjectDraft:
    """What the owner writes."""

    title: str
    service_code: str
    fee_fen: int
    days: int
    budget_sha256: str
    region: str
    summary: str = ""
    budget_name: str = ""
    requirement: str = ""  # in words; "" takes over what the catalogue says
    requirement_note: str = ""
    winners: int = 1
    reserves: int = 2
    avoidance: tuple[Avoidance, ...] = ()


@dataclass(frozen=True, slots=True)
class RouteClaims:
    """What the owner declares at the route gate."""

    is_secret: bool = False
    is_above_tender_scale: bool = False
    in_procurement_catalogue: bool = False
    law_article: str = ""
    is_emergency: bool = False
    by_own_staff: bool = False


def draft_project(act: Act, draft: ProjectDraft) -> Project:
    """Begin a project; nobody but its owner sees it.

    Raises:
        NotAllowedError: not an owner.
        InvalidInputError: naming the field.
    """
    act.require_role(Role.OWNER)
    columns = _columns(act, draft)
    owner_id = _organisation(act)
    project = Project(
        project_no=_fresh_number(draft.region, act.at.year),
        owner_id=owner_id,
        state=ProjectState.DRAFT,
        route={},
        created_at=act.at,
        **columns,
    )
    act.session.add(project)
    act.session.flush()
    audit.record(act, "project.drafted", subject=project.id)
    outbox.put(act, "project.drafted", project_no=project.project_no)
    return project


def edit_project(act: Act, project_no: str, draft: ProjectDraft) -> Project:
    """Replace what the owner wrote, while nothing is decided on it.

    Raises:
        NotFoundError: no such project, or another owner's.
        DrawStateError: it has been submitted.
        InvalidInputError: naming the field.
    """
    act.require_role(Role.OWNER)
    columns = _columns(act, draft)
    project = lock_project(act, project_no)
    if project.state not in EDITABLE:
        raise DrawStateError(current=project.state.value, target="edited")
    for name, value in columns.items():
        setattr(project, name, value)
    audit.record(act, "project.edited", subject=project.id)
    outbox.put(act, "project.edited", project_no=project_no)
    return project


def submit_project(
    act: Act, project_no: str, claims: RouteClaims, limits: RouteLimits | None = None
) -> RouteDecision:
    """Send a draft through the route gate; what the table looked at is stored with its answer.

    Raises:
        NotFoundError: no such project, or another owner's.
        DrawStateError: it is not a draft.
    """
    act.require_role(Role.OWNER)
    project = lock_project(act, project_no)
    move(project, ProjectState.ROUTE_CHECK)
    inputs = RouteInputs(
        fee_fen=project.fee_fen,
        service_code=project.service_code,
        same_service_year_fen=_year_sum(act, project),
        is_secret=claims.is_secret,
        is_above_tender_scale=claims.is_above_tender_scale,
        in_procurement_catalogue=claims.in_procurement_catalogue,
        law_article=claims.law_article.strip(),
        is_emergency=claims.is_emergency,
        by_own_staff=claims.by_own_staff,
    )
    decision = decide_route(inputs, limits or RouteLimits())
    project.route = decision.stored()
    project.exempt_code = decision.code
    project.submitted_at = act.at
    add_event(act, project, "route_decided", route=decision.route.value, code=decision.code)
    move(project, NEXT_OF_ROUTE[decision.route])
    if decision.route not in {Route.DRAW, Route.EXEMPT}:
        project.return_reason = decision.route.value
    audit.record(act, "project.submitted", subject=project.id, route=decision.route.value)
    outbox.put(act, "project.submitted", project_no=project_no, route=decision.route.value)
    return decision


NEXT_OF_ROUTE = {
    Route.DRAW: ProjectState.REVIEW,
    Route.EXEMPT: ProjectState.EXEMPT_PENDING,
    Route.NO_PURCHASE: ProjectState.RETURNED,
    Route.SPLIT_SUSPECTED: ProjectState.RETURNED,
}


def decide_exemption(act: Act, project_no: str, *, granted: bool, reason: str) -> Project:
    """Grant an exemption, which makes it public, or send the project to the draw.

    Raises:
        NotAllowedError: neither regulator nor supervisor.
        DrawStateError: no exemption waits for a decision.
    """
    act.require_role(Role.REGULATOR, Role.SUPERVISOR)
    project = lock_project(act, project_no)
    move(project, ProjectState.EXEMPT if granted else ProjectState.REVIEW)
    if granted:
        project.ended_at = act.at
    kind = "exemption_granted" if granted else "exemption_refused"
    add_event(act, project, kind, code=project.exempt_code, reason=_reason(reason))
    audit.record(act, f"project.{kind}", subject=project.id)
    outbox.put(act, f"project.{kind}", project_no=project_no)
    return project


def return_project(act: Act, project_no: str, *, reason: str) -> Project:
    """Give a project back to its owner with a reason, before anything is published.

    Raises:
        NotAllowedError: not the operator.
        DrawStateError: it is not in review.
        InvalidInputError: no reason.
    """
    act.require_role(Role.OPERATOR)
    project = lock_project(act, project_no)
    move(project, ProjectState.RETURNED)
    project.return_reason = _reason(reason)
    add_event(act, project, "returned", reason=project.return_reason)
    audit.record(act, "project.returned", subject=project.id)
    outbox.put(act, "project.returned", project_no=project_no)
    return project


def cancel_project(act: Act, project_no: str, *, reason: str) -> Project:
    """End a project that was never announced; an announced one ends only by its own rules.

    Raises:
        NotFoundError: no such project, or another owner's.
        DrawStateError: it has been announced, or has ended.
        InvalidInputError: no reason.
    """
    act.require_role(Role.OWNER)
    project = lock_project(act, project_no)
    if project.attempts:
        raise DrawStateError(current=project.state.value, target="cancelled")
    move(project, ProjectState.CANCELLED)
    project.ended_at = act.at
    add_event(act, project, "cancelled", reason=_reason(reason))
    audit.record(act, "project.cancelled", subject=project.id)
    outbox.put(act, "project.cancelled", project_no=project_no)
    return project


def _year_sum(act: Act, project: Project) -> int:
    """Sum what the owner bought of the same service in the 12 months before."""
    statement = select(func.coalesce(func.sum(Project.fee_fen), 0)).where(
        Project.owner_id == project.owner_id,
        Project.service_code == project.service_code,
        Project.id != project.id,
        Project.submitted_at > act.at - YEAR,
        Project.state.not_in([ProjectState.RETURNED, ProjectState.CANCELLED, ProjectState.FAILED]),
    )
    return int(act.session.execute(statement).scalar_one())


def _fresh_number(region: str, year: int) -> str:
    tail = "".join(secrets.choice(ALPHABET) for _ in range(NUMBER_LENGTH))
    return f"CN-{region}-{year}-{tail}"


def _organisation(act: Act) -> UUID:
    if act.actor.organisation_id is None:
        raise InvalidInputError(field="owner", reason="missing")
    return act.actor.organisation_id


def _reason(text: str) -> str:
    if not text.strip():
        raise InvalidInputError(field="reason", reason="missing")
    return " ".join(text.split())[:500]


def _columns(act: Act, draft: ProjectDraft) -> dict[str, object]:
    _require_sound(draft)
    kind = _service(act, draft)
    items = [
        {"uscc": item.uscc, "h_code": item.h_code, "evidence": item.evidence}
        for item in draft.avoidance
    ]
    return {
        "title": draft.title.strip(),
        "summary": draft.summary.strip(),
        "service_code": draft.service_code,
        "fee_fen": draft.fee_fen,
        "days": draft.days,
        "budget_sha256": draft.budget_sha256,
        "budget_name": draft.budget_name.strip(),
        "region": draft.region,
        "requirement": draft.requirement.strip() or kind.qualification,
        "requirement_note": draft.requirement_note.strip(),
        "winners": draft.winners,
        "reserves": draft.reserves,
        "avoidance": {"items": items},
    }


def _service(act: Act, draft: ProjectDraft) -> ServiceKind:
    kind = act.session.get(ServiceKind, draft.service_code)
    if kind is None:
        raise InvalidInputError(field="service_code", reason="unknown")
    if draft.days > kind.cap_days:
        raise InvalidInputError(field="days", reason="above_cap", most=kind.cap_days)
    return kind


def _require_sound(draft: ProjectDraft) -> None:
    rules = (
        ("title", 1 <= len(draft.title.strip()) <= 120 and _is_plain(draft.title)),
        ("summary", len(draft.summary) <= 2000),
        ("fee_fen", 0 < draft.fee_fen < 2**53),
        ("days", 0 < draft.days <= MAX_DAYS),
        ("budget_sha256", bool(SHA256.fullmatch(draft.budget_sha256))),
        ("budget_name", len(draft.budget_name) <= 200),
        ("region", len(draft.region) == 6 and draft.region.isdecimal()),
        ("requirement", len(draft.requirement) <= 200),
        ("requirement_note", len(draft.requirement_note) <= 1000),
        ("winners", 1 <= draft.winners <= MAX_PLACES),
        ("reserves", 0 <= draft.reserves <= MAX_PLACES),
        ("avoidance", all(_is_grounded(item) for item in draft.avoidance)),
    )
    for name, holds in rules:
        if not holds:
            raise InvalidInputError(field=name, reason="invalid")


def _is_grounded(item: Avoidance) -> bool:
    return (
        bool(USCC.fullmatch(item.uscc))
        and item.h_code in H_CODES
        and 1 <= len(item.evidence.strip()) <= 300
    )


def _is_plain(text: str) -> bool:
    """The title enters a log record, which holds no control characters."""
    return all(character.isprintable() for character in text.strip())
