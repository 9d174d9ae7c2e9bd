"""Rating back to back: neither side sees the other's rating before its own is in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from market import audit, outbox
from market.act import SYSTEM, Act, Role
from market.calendar.cn import CN
from market.errors import ConflictError, InvalidInputError
from market.orders.models import Order
from market.orders.moving import require_text, take_order
from market.orders.services import close_order
from market.orders.states import OrderState
from market.reviews.models import Review, Side

RATE_WORKDAYS = 10
LONGEST_TEXT = 500
BATCH = 50


class NotRatableError(ConflictError):
    """Rating begins when the order is settled and ends ten working days later."""

    code = "reviews.not_ratable"


class RatedAlreadyError(ConflictError):
    """A rating is given once and never changed."""

    code = "reviews.rated_already"


@dataclass(frozen=True, slots=True)
class Scores:
    """Four whole numbers from 1 to 5; there is no default."""

    quality: int
    speed: int
    fee: int
    manner: int


def rate_order(act: Act, order_id: UUID, scores: Scores, *, body: str = "") -> Review:
    """Rate the other side of a settled order; sealed until both ratings are in.

    Raises:
        NotRatableError: not settled yet, or too late.
        RatedAlreadyError: this side has rated.
        InvalidInputError: a score outside of 1 to 5, or more than 500 characters.
    """
    order = take_order(act, order_id, Role.APPLICANT, Role.AGENCY)
    ends_at = rating_ends_at(order)
    if order.state is not OrderState.SETTLED or ends_at is None or act.at >= ends_at:
        raise NotRatableError(state=order.state.value)
    side = Side(act.actor.role.value)
    earlier = _reviews_of(act, order_id)
    if any(review.side is side for review in earlier):
        raise RatedAlreadyError
    _require_scores(scores)
    review = _make_review(act, order, side, scores)
    review.body = require_text("body", body, longest=LONGEST_TEXT) if body.strip() else ""
    review.seal_ends_at = ends_at
    act.session.add(review)
    act.session.flush()
    audit.record(act, "review.given", subject=order.id, side=side.value)
    outbox.put(act, "review.given", order_id=str(order.id), side=side.value)
    if earlier:
        _unseal(act, order, [*earlier, review])
    return review


def rating_ends_at(order: Order) -> datetime | None:
    """Say until when an order can be rated; None before it is settled."""
    if order.settled_at is None:
        return None
    return CN.deadline(order.settled_at, RATE_WORKDAYS).at


def tick_unseal(act: Act) -> None:
    """Show lone ratings and file orders away when the time to rate is over."""
    statement = (
        select(Order)
        .where(Order.state == OrderState.SETTLED)
        .order_by(Order.settled_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    for order in act.session.execute(statement).scalars().all():
        ends_at = rating_ends_at(order)
        if ends_at is not None and act.at >= ends_at:
            _unseal(act, order, _reviews_of(act, order.id))


def _unseal(act: Act, order: Order, reviews: list[Review]) -> None:
    for review in reviews:
        review.unsealed_at = act.at
        outbox.put(act, "review.unsealed", order_id=str(order.id), review_id=str(review.id))
    close_order(Act(act.session, SYSTEM, act.at), order.id)


def _reviews_of(act: Act, order_id: UUID) -> list[Review]:
    statement = select(Review).where(Review.order_id == order_id)
    return list(act.session.execute(statement).scalars())


def _require_scores(scores: Scores) -> None:
    for field in ("quality", "speed", "fee", "manner"):
        if not 1 <= getattr(scores, field) <= 5:
            raise InvalidInputError(field=field, reason="out_of_range")


def _make_review(act: Act, order: Order, side: Side, scores: Scores) -> Review:
    rated = order.agency_id if side is Side.APPLICANT else order.applicant_org_id
    return Review(
        order_id=order.id,
        listing_id=order.listing_id,
        side=side,
        author_org_id=act.actor.organisation_id,
        author_user_id=act.actor.user_id,
        rated_org_id=rated,
        quality=scores.quality,
        speed=scores.speed,
        fee=scores.fee,
        manner=scores.manner,
        at=act.at,
    )
