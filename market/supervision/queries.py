"""The figures of the public supervision page, counted from orders and draws as they stand."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, selectinload

from market.catalogue.models import ServiceKind
from market.draws.models import DrawAttempt, Project
from market.draws.states import LISTED, AttemptState, ProjectState
from market.orders.lights import Light
from market.orders.models import Order
from market.orders.queries import light_for
from market.orders.states import OrderState

PERIOD = timedelta(days=365)
MOST_RUNNING = 5_000
"""Lights are computed by the hour of asking; above this number the page says "5000+"."""
RUNNING = (
    OrderState.IN_SERVICE,
    OrderState.SUSPENDED,
    OrderState.AT_DEPT,
    OrderState.REWORK,
    OrderState.DELIVERING,
)
LIGHTS = (Light.GREEN, Light.YELLOW, Light.RED, Light.DEEP_RED)


@dataclass(frozen=True, slots=True)
class KeptShare:
    """How many of the settled orders kept the promised days."""

    kept: int
    n: int

    @property
    def percent(self) -> int | None:
        """Whole percent, rounded down so that 100 means all; None where there is nothing."""
        return self.kept * 100 // self.n if self.n else None


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """The limits and promises of the services that one department looks after."""

    regulator: str
    lights: dict[Light, int]
    kept: KeptShare

    @property
    def running(self) -> int:
        """Orders whose promise clock has been started."""
        return sum(self.lights.values())


@dataclass(frozen=True, slots=True)
class DrawFigures:
    """What became of all attempts and projects there ever were."""

    drawn: int
    void: int
    pending: int
    projects: int
    awarded: int
    failed: int
    exempt: int  # those of state secrets are in the number, nothing else of them is told


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page, at one instant."""

    at: datetime
    since: datetime  # start of the period of ``kept``
    lights: dict[Light, int]
    is_capped: bool
    kept: KeptShare
    departments: tuple[DepartmentRow, ...]
    draws: DrawFigures

    @property
    def running(self) -> int:
        """Orders whose promise clock has been started."""
        return sum(self.lights.values())


def get_figures(session: Session, *, at: datetime) -> Figures:
    """Count everything; ``at`` sets the lights and ends the period of a year."""
    since = at - PERIOD
    orders = _running(session)
    regulators = _regulators(session)
    lit = [(regulators.get(order.service_code, ""), light_for(order, at)) for order in orders]
    kept = _kept(session, since)
    names = sorted({name for name, _light in lit} | set(kept))
    return Figures(
        at=at,
        since=since,
        lights=_count(light for _name, light in lit),
        is_capped=len(orders) == MOST_RUNNING,
        kept=KeptShare(sum(k.kept for k in kept.values()), sum(k.n for k in kept.values())),
        departments=tuple(
            DepartmentRow(
                name,
                _count(light for owner, light in lit if owner == name),
                kept.get(name, KeptShare(0, 0)),
            )
            for name in names
        ),
        draws=_draws(session),
    )


def _count(lights: Iterable[Light]) -> dict[Light, int]:
    counted = Counter(lights)
    return {light: counted[light] for light in LIGHTS}


def _running(session: Session) -> Sequence[Order]:
    statement = (
        select(Order)
        .where(Order.state.in_(RUNNING), Order.due_at.is_not(None))
        .options(selectinload(Order.segments))
        .order_by(Order.placed_at.desc())
        .limit(MOST_RUNNING)
    )
    return session.execute(statement).scalars().all()


def _regulators(session: Session) -> dict[str, str]:
    statement = select(ServiceKind.code, ServiceKind.regulator)
    return {row[0]: row[1] for row in session.execute(statement)}


def _kept(session: Session, since: datetime) -> dict[str, KeptShare]:
    in_time = func.sum(case((Order.late_days == 0, 1), else_=0))
    statement = (
        select(ServiceKind.regulator, in_time, func.count())
        .join(ServiceKind, ServiceKind.code == Order.service_code)
        .where(Order.settled_at.is_not(None), Order.settled_at >= since)
        .group_by(ServiceKind.regulator)
    )
    return {name: KeptShare(int(kept), n) for name, kept, n in session.execute(statement)}


def _draws(session: Session) -> DrawFigures:
    by_attempt = select(DrawAttempt.state, func.count()).group_by(DrawAttempt.state)
    by_project = select(Project.state, func.count()).where(Project.state.in_(LISTED))
    attempts = {row[0]: row[1] for row in session.execute(by_attempt)}
    projects = {row[0]: row[1] for row in session.execute(by_project.group_by(Project.state))}
    drawn, void = attempts.get(AttemptState.DRAWN, 0), attempts.get(AttemptState.VOID, 0)
    return DrawFigures(
        drawn=drawn,
        void=void,
        pending=sum(attempts.values()) - drawn - void,
        projects=sum(projects.values()),
        awarded=projects.get(ProjectState.AWARDED, 0),
        failed=projects.get(ProjectState.FAILED, 0),
        exempt=projects.get(ProjectState.EXEMPT, 0),
    )
