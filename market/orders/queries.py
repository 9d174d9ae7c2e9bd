"""Reading orders: lists with tabs, one order in full, and an agency's record."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select, true
from sqlalchemy.orm import Session, selectinload

from market.accounts.models import Organisation
from market.act import Actor, Role
from market.calendar.cn import CN
from market.errors import NotFoundError
from market.orders.clock import ClockSummary, promise_runs, summarise
from market.orders.lights import Light, light_of
from market.orders.models import DepartmentReturn, Order, OrderEvent, Suspension
from market.orders.moving import SEES_ALL, is_party
from market.orders.states import Holder, Move, OrderState
from market.orders.steps import NextStep, moves_for, next_step
from market.paging import Page, clamp_page, make_page

PER_PAGE = 20
S = OrderState


class Tab(StrEnum):
    """How a list of orders may be narrowed."""

    ALL = "all"
    TO_PAY = "to_pay"
    TO_ACCEPT = "to_accept"
    COLLECTING = "collecting"
    WORKING = "working"
    DELIVERING = "delivering"
    TO_CONFIRM = "to_confirm"
    TO_RATE = "to_rate"
    AFTER_SALE = "after_sale"
    DONE = "done"


STATES_OF_TAB: dict[Tab, tuple[OrderState, ...]] = {
    Tab.ALL: tuple(OrderState),
    Tab.TO_PAY: (S.AWAIT_PAY,),
    Tab.TO_ACCEPT: (S.ESCROWED,),
    Tab.COLLECTING: (S.COLLECTING,),
    Tab.WORKING: (S.IN_SERVICE, S.SUSPENDED, S.AT_DEPT, S.REWORK),
    Tab.DELIVERING: (S.DELIVERING,),
    Tab.TO_CONFIRM: (S.IN_ACCEPT,),
    Tab.TO_RATE: (S.SETTLED,),
    Tab.AFTER_SALE: (S.DISPUTE, S.OUTCOME_FAIL, S.REFUNDING, S.REFUNDED),
    Tab.DONE: (S.CLOSED, S.CLOSED_UNPAID),
}


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One line of a list."""

    id: UUID
    number: str
    title: str
    service_code: str
    applicant_name: str
    agency_name: str
    price_fen: int
    promised_days: int
    state: OrderState
    holder: Holder | None
    light: Light
    placed_at: datetime
    due_at: datetime | None
    due_is_provisional: bool
    step: NextStep | None


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of a list, with the number of orders under every tab."""

    tab: Tab
    page: Page[OrderRow]
    counts: dict[Tab, int]


@dataclass(frozen=True, slots=True)
class OrderDetail:
    """One order in full."""

    order: Order
    applicant_name: str
    agency_name: str
    events: Sequence[OrderEvent]  # the oldest first
    clock: ClockSummary
    light: Light
    step: NextStep | None
    moves: tuple[Move, ...]  # what this actor may do now
    suspensions: Sequence[Suspension]
    returns: Sequence[DepartmentReturn]


def scope_of(actor: Actor) -> ColumnElement[bool]:
    """Give the condition that holds for the orders this actor may see."""
    if actor.role in SEES_ALL:
        return true()
    if actor.role is Role.APPLICANT:
        return Order.applicant_org_id == actor.organisation_id
    if actor.role is Role.AGENCY:
        return Order.agency_id == actor.organisation_id
    return false()


def list_orders_for(
    session: Session, actor: Actor, *, at: datetime, tab: Tab = Tab.ALL, page: int = 1
) -> OrderPage:
    """List the actor's orders, the newest first; ``at`` sets the lights."""
    counts = _count_tabs(session, actor)
    page = clamp_page(page, PER_PAGE)
    statement = (
        select(Order)
        .where(scope_of(actor), Order.state.in_(STATES_OF_TAB[tab]))
        .order_by(Order.placed_at.desc(), Order.id.desc())
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(selectinload(Order.segments))
    )
    orders = session.execute(statement).scalars().all()
    names = _names(session, orders)
    rows = [_row(order, names, at) for order in orders]
    return OrderPage(
        tab, make_page(rows, counted=counts[tab], page=page, per_page=PER_PAGE), counts
    )


def _count_tabs(session: Session, actor: Actor) -> dict[Tab, int]:
    statement = select(Order.state, func.count()).where(scope_of(actor)).group_by(Order.state)
    by_state = dict(session.execute(statement).all())
    return {
        tab: sum(by_state.get(state, 0) for state in states)
        for tab, states in STATES_OF_TAB.items()
    }


def _names(session: Session, orders: Sequence[Order]) -> dict[UUID, str]:
    ids = {order.agency_id for order in orders} | {order.applicant_org_id for order in orders}
    statement = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    return dict(session.execute(statement).all())


def _row(order: Order, names: dict[UUID, str], at: datetime) -> OrderRow:
    return OrderRow(
        id=order.id,
        number=order.number,
        title=order.title,
        service_code=order.service_code,
        applicant_name=names[order.applicant_org_id],
        agency_name=names[order.agency_id],
        price_fen=order.price_fen,
        promised_days=order.promised_days,
        state=order.state,
        holder=order.holder,
        light=light_for(order, at),
        placed_at=order.placed_at,
        due_at=order.due_at,
        due_is_provisional=order.due_is_provisional,
        step=next_step(order),
    )


def light_for(order: Order, at: datetime) -> Light:
    """Give the promise light of an order with loaded segments; a paused clock keeps its light."""
    if order.due_at is None or not order.segments:
        return Light.OFF
    last = order.segments[-1]
    runs = last.ended_at is None and promise_runs(last.state, last.holder)
    if runs:
        return light_of(CN, at=at, due_at=order.due_at, limit_workdays=order.promised_days)
    stopped = [s.ended_at for s in order.segments if s.as_span().runs_promise and s.ended_at]
    if not stopped:
        return Light.OFF
    return light_of(CN, at=stopped[-1], due_at=order.due_at, limit_workdays=order.promised_days)


def get_order(session: Session, actor: Actor, order_id: UUID, *, at: datetime) -> OrderDetail:
    """Read one order with its timeline and clocks.

    Raises:
        NotFoundError: there is none that this actor may see.
    """
    statement = (
        select(Order)
        .where(Order.id == order_id, scope_of(actor))
        .options(selectinload(Order.segments), selectinload(Order.events))
    )
    order = session.execute(statement).scalar_one_or_none()
    if order is None:
        raise NotFoundError(kind="order")
    names = _names(session, [order])
    return OrderDetail(
        order=order,
        applicant_name=names[order.applicant_org_id],
        agency_name=names[order.agency_id],
        events=order.events,
        clock=summarise(CN, [segment.as_span() for segment in order.segments], at=at),
        light=light_for(order, at),
        step=next_step(order),
        moves=moves_for(order, actor.role),
        suspensions=_list_suspensions(session, order_id),
        returns=_list_returns(session, order_id),
    )


def _list_suspensions(session: Session, order_id: UUID) -> Sequence[Suspension]:
    statement = select(Suspension).where(Suspension.order_id == order_id)
    return session.execute(statement.order_by(Suspension.started_at)).scalars().all()


def _list_returns(session: Session, order_id: UUID) -> Sequence[DepartmentReturn]:
    statement = select(DepartmentReturn).where(DepartmentReturn.order_id == order_id)
    return session.execute(statement.order_by(DepartmentReturn.at)).scalars().all()


def get_own_order(session: Session, actor: Actor, order_id: UUID) -> Order:
    """Read one order without its timeline.

    Raises:
        NotFoundError: there is none that this actor may see.
    """
    order = session.get(Order, order_id)
    if order is None or not is_party(actor.role, actor.organisation_id, order):
        raise NotFoundError(kind="order")
    return order
