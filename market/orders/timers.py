"""What happens to orders by the passing of time; run again and again by the worker."""

from collections.abc import Callable
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, select

from market.act import Act
from market.errors import MarketError
from market.orders.finishing import confirm_receipt
from market.orders.models import Order, Suspension
from market.orders.moving import announce, load_segments, recount_promise, write_event
from market.orders.placing import close_unpaid, refund_unaccepted
from market.orders.states import OrderState
from market.orders.working import resume_service

log = structlog.get_logger()

BATCH = 50
"""Orders for each run and kind: one transaction stays short, the next run takes the rest."""


def tick_close_unpaid(act: Act) -> None:
    """Close the orders that nobody paid within 24 hours."""
    _for_each(act, close_unpaid, Order.state == OrderState.AWAIT_PAY, Order.pay_by <= act.at)


def tick_refund_unaccepted(act: Act) -> None:
    """Give the money back for orders that no agency accepted within its working day."""
    waiting = Order.state == OrderState.ESCROWED
    _for_each(act, refund_unaccepted, waiting, Order.accept_by <= act.at)


def tick_confirm_silent(act: Act) -> None:
    """Confirm what the applicant left unanswered for ten days after delivery."""
    waiting = Order.state == OrderState.IN_ACCEPT
    _for_each(act, confirm_receipt, waiting, Order.confirm_by <= act.at)


def tick_resume_at_cap(act: Act) -> None:
    """Let the promise clock run again where a suspension has reached its cap."""
    capped = (
        select(Suspension.order_id)
        .where(Suspension.ended_at.is_(None), Suspension.resume_by <= act.at)
        .scalar_subquery()
    )
    _for_each(act, resume_service, Order.state == OrderState.SUSPENDED, Order.id.in_(capped))


def tick_recount_provisional(act: Act) -> None:
    """Count provisional deadlines again, in case the calendar of their year has been announced."""
    running = Order.state.in_((OrderState.IN_SERVICE, OrderState.REWORK))
    statement = select(Order).where(running, Order.due_is_provisional.is_(True)).limit(BATCH)
    for order in act.session.execute(statement.with_for_update(skip_locked=True)).scalars():
        before = order.due_at
        recount_promise(order, load_segments(act, order.id))
        if order.due_at is not None and order.due_at != before:
            due_at = order.due_at.isoformat()
            write_event(act, order, "due_recounted", from_state=order.state, due_at=due_at)
            announce(act, order, "order.due_recounted", due_at=due_at)


def _for_each(
    act: Act, do: Callable[[Act, UUID], object], *conditions: ColumnElement[bool]
) -> None:
    statement = (
        select(Order.id)
        .where(*conditions)
        .order_by(Order.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    for order_id in act.session.execute(statement).scalars().all():
        try:
            with act.session.begin_nested():
                do(act, order_id)
        except MarketError as refusal:  # one order must not hold up the others
            log.warning("timer left an order", order=str(order_id), code=refusal.code)
