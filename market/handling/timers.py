"""What happens in a room by the passing of time."""

from datetime import timedelta

import structlog
from sqlalchemy import select

from market.act import Act
from market.calendar.cn import CN
from market.errors import MarketError
from market.handling.models import ChecklistItem, ItemState
from market.handling.services import accept_item
from market.orders.models import Order
from market.orders.states import Holder, OrderState

log = structlog.get_logger()

BATCH = 50
CHECK_WORKDAYS = 1
"""An agency that is silent for a working day about complete material has accepted it."""


def tick_accept_unchecked(act: Act) -> None:
    """Accept complete material that its agency has not looked at in time."""
    statement = (
        select(ChecklistItem)
        .join(Order, Order.id == ChecklistItem.order_id)
        .where(
            Order.state == OrderState.COLLECTING,
            Order.holder == Holder.AGENCY,
            ChecklistItem.state == ItemState.RECEIVED,
            ChecklistItem.submitted_at <= act.at - timedelta(days=CHECK_WORKDAYS),
        )
        .order_by(ChecklistItem.required, ChecklistItem.submitted_at)
        .limit(BATCH)
    )
    for item in act.session.execute(statement).scalars().all():
        if item.submitted_at and CN.deadline(item.submitted_at, CHECK_WORKDAYS).at <= act.at:
            _accept(act, item)


def _accept(act: Act, item: ChecklistItem) -> None:
    order_id, item_id = item.order_id, item.id
    try:
        with act.session.begin_nested():
            accept_item(act, order_id, item_id)
    except MarketError as refusal:  # one order must not hold up the others
        log.warning("timer left an item", order=str(order_id), code=refusal.code)
