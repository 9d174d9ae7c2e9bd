"""What really happened with an agency's orders: its load, and real days instead of promises."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.orders.models import Order
from market.orders.states import OrderState

LAST_ORDERS = 20  # how many the real median is taken over
S = OrderState
ON_HAND = (S.ESCROWED, S.COLLECTING, S.IN_SERVICE, S.SUSPENDED, S.AT_DEPT, S.REWORK, S.DELIVERING)


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """What really happened with the last settled orders; None where there is none yet."""

    order_count: int
    median_net_workdays: int | None
    median_span_days: int | None
    on_time_count: int


def count_on_hand(session: Session, agency_id: UUID) -> int:
    """Count the orders an agency has to work on: its load 在手量."""
    statement = select(func.count()).where(Order.agency_id == agency_id, Order.state.in_(ON_HAND))
    return session.execute(statement).scalar_one()


def track_record(session: Session, *, listing_id: UUID) -> TrackRecord:
    """Sum up the last settled orders of a listing: real days, not promises."""
    statement = (
        select(Order.net_workdays, Order.span_days, Order.late_days)
        .where(Order.listing_id == listing_id, Order.settled_at.is_not(None))
        .order_by(Order.settled_at.desc())
        .limit(LAST_ORDERS)
    )
    rows = session.execute(statement).all()
    return TrackRecord(
        order_count=len(rows),
        median_net_workdays=_median([net for net, _, _ in rows if net is not None]),
        median_span_days=_median([span for _, span, _ in rows if span is not None]),
        on_time_count=sum(1 for _, _, late in rows if late == 0),
    )


def _median(values: list[int]) -> int | None:
    """Give the upper median, so that a page never shows half a day less than people waited."""
    return sorted(values)[len(values) // 2] if values else None
