"""Placing an order and what happens to it until an agency takes it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from market.act import Act, Role
from market.calendar.cn import CN
from market.catalogue.models import Commission, Listing, ServiceKind
from market.catalogue.services import require_orderable
from market.catalogue.snapshots import snapshot_of
from market.orders.errors import (
    AmountMismatchError,
    FundSourceError,
    KeyReusedError,
    ListingChangedError,
    NotForSaleError,
    PaidOtherwiseError,
)
from market.orders.models import Order
from market.orders.moving import (
    announce,
    move,
    open_clock,
    require_text,
    take_order,
    write_event,
)
from market.orders.pace import OFFICIAL, Pace
from market.orders.states import FundSource, Holder, Move, OrderState

LONGEST_KEY = 80
LONGEST_REASON = 500


def place_order(
    act: Act,
    listing_id: UUID,
    *,
    idempotency_key: str,
    shown_version: int | None = None,
    matter_code: str | None = None,
    fund_source: FundSource = FundSource.PRIVATE,
) -> Order:
    """Place an order at the listing's present price and promise, frozen from now on; not paid yet.

    A second press with the same key gives the first order back. ``shown_version`` is what the
    buyer looked at.

    Raises:
        FundSourceError: government money has to go through the public draw.
        KeyReusedError: the key belongs to an order of another listing.
        ListingChangedError: the listing is no longer what the buyer looked at.
        NotForSaleError: the department commissions and pays for this kind of service.
        CalendarMissingError: the promise would end in a year without a calendar.
        MarketError: the listing or its agency is not in the shop, see ``market.catalogue``.
    """
    act.require_role(Role.APPLICANT)
    if fund_source is FundSource.GOVERNMENT:
        raise FundSourceError(fund_source=fund_source.value)
    key = require_text("idempotency_key", idempotency_key, longest=LONGEST_KEY)
    known = _find_placed(act, key)
    if known is not None:
        if known.listing_id != listing_id:
            raise KeyReusedError
        return known
    listing = require_orderable(act, listing_id)
    _require_for_sale(act, listing, shown_version)
    CN.deadline(act.at, listing.promised_days)  # better refused here than after the payment
    order = _order_of(act, listing, matter_code)
    order.idempotency_key, order.fund_source = key, fund_source
    order.pay_by = act.at + OFFICIAL.unpaid
    return _open_order(act, order)


def _find_placed(act: Act, key: str) -> Order | None:
    statement = select(Order).where(
        Order.applicant_org_id == act.actor.organisation_id, Order.idempotency_key == key
    )
    return act.session.execute(statement).scalar_one_or_none()


def _require_for_sale(act: Act, listing: Listing, shown_version: int | None) -> None:
    if shown_version is not None and shown_version != listing.version:
        raise ListingChangedError(shown=shown_version, present=listing.version)
    service = act.session.get_one(ServiceKind, listing.service_code)
    if service.commission is Commission.DEPARTMENT:
        raise NotForSaleError(service_code=service.code)


def _order_of(act: Act, listing: Listing, matter_code: str | None) -> Order:
    return Order(
        region=listing.region,
        applicant_org_id=act.actor.organisation_id,
        applicant_user_id=act.actor.user_id,
        agency_id=listing.agency_id,
        listing_id=listing.id,
        listing_version=listing.version,
        service_code=listing.service_code,
        matter_code=matter_code,
        snapshot=snapshot_of(listing),
        price_fen=listing.price_fen,
        promised_days=listing.promised_days,
        state=OrderState.AWAIT_PAY,
        placed_at=act.at,
    )


def _open_order(act: Act, order: Order) -> Order:
    try:
        with act.session.begin_nested():
            act.session.add(order)
    except IntegrityError:  # the same key was pressed at the same time and was first
        known = _find_placed(act, order.idempotency_key)
        if known is None:
            raise
        return known
    write_event(act, order, "placed", price_fen=order.price_fen, promised_days=order.promised_days)
    open_clock(act, order, Holder.APPLICANT)
    announce(act, order, "order.placed")
    return order


def mark_paid(
    act: Act, order_id: UUID, *, amount_fen: int, trade_no: str, pace: Pace = OFFICIAL
) -> Order:
    """Note that the money is held; safe to repeat with the same ``trade_no``.

    Raises:
        AmountMismatchError: not exactly the price of the order.
        PaidOtherwiseError: another trade has paid it already.
        OrderStateError: it no longer waits for money; what came in must go back.
    """
    order = take_order(act, order_id, Role.SYSTEM)
    if order.trade_no is not None:
        if order.trade_no != trade_no:
            raise PaidOtherwiseError(order_id=str(order_id))
        return order
    if amount_fen != order.price_fen:
        raise AmountMismatchError(expected_fen=order.price_fen, paid_fen=amount_fen)
    order.paid_at = act.at
    order.accept_by = CN.deadline(act.at, pace.accept_workdays).at
    move(act, order, Move.PAID, amount_fen=amount_fen)
    order.trade_no = trade_no
    return order


def close_unpaid(act: Act, order_id: UUID) -> Order:
    """Close an order that nobody paid in time.

    Raises:
        OrderStateError: it does not wait for money.
    """
    order = take_order(act, order_id, Role.SYSTEM)
    order.closed_at = act.at
    move(act, order, Move.EXPIRED)
    return order


def cancel_order(act: Act, order_id: UUID, *, reason: str) -> Order:
    """Withdraw an order that no agency has accepted yet; what was paid goes back in full.

    Raises:
        OrderStateError: an agency has accepted it, or it has ended.
    """
    order = take_order(act, order_id, Role.APPLICANT)
    order.cancel_reason = require_text("reason", reason, longest=LONGEST_REASON)
    order.closed_at = act.at
    move(act, order, Move.CANCELLED, reason=order.cancel_reason)
    ask_refund(act, order)
    return order


def decline_order(act: Act, order_id: UUID, *, reason: str) -> Order:
    """Let the agency refuse an order, with its reason; the money goes back in full.

    Raises:
        OrderStateError: it does not wait for acceptance.
    """
    order = take_order(act, order_id, Role.AGENCY)
    order.cancel_reason = require_text("reason", reason, longest=LONGEST_REASON)
    move(act, order, Move.DECLINED, reason=order.cancel_reason)
    ask_refund(act, order)
    return order


def refund_unaccepted(act: Act, order_id: UUID) -> Order:
    """Give the money back for an order that its agency left unanswered.

    Raises:
        OrderStateError: it does not wait for acceptance.
    """
    order = take_order(act, order_id, Role.SYSTEM)
    move(act, order, Move.ACCEPT_MISSED)
    ask_refund(act, order)
    return order


def ask_refund(act: Act, order: Order) -> None:
    """Leave the message on which the payment is given back, where the order is to be refunded."""
    if order.state is OrderState.REFUNDING:
        announce(act, order, "order.refund_due", refund_fen=order.price_fen)


def mark_refunded(act: Act, order_id: UUID) -> Order:
    """Note that the money is back; safe to repeat.

    Raises:
        OrderStateError: no refund is due.
    """
    order = take_order(act, order_id, Role.SYSTEM)
    if order.state is not OrderState.REFUNDED:
        order.closed_at = act.at
        move(act, order, Move.REFUNDED)
    return order
