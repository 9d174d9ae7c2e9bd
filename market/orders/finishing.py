"""The end of an order: delivered, confirmed, disputed, settled, filed away."""

from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa

from market.act import Act, Role
from market.calendar.cn import CN
from market.catalogue.figures import record_sale
from market.catalogue.models import ListingFigures
from market.errors import InvalidInputError, NotAllowedError
from market.orders.clock import summarise
from market.orders.models import DeliveryMethod, Order
from market.orders.moving import (
    announce,
    hand_over,
    load_segments,
    move,
    require_text,
    take_order,
    write_event,
)
from market.orders.pace import OFFICIAL, Pace
from market.orders.placing import ask_refund
from market.orders.records import track_record
from market.orders.states import Holder, Move, OrderState, OrderStateError

LONGEST_TEXT = 500


class DisputeOutcome(StrEnum):
    """How a dispute ends."""

    RELEASE = "release"  # the agency is paid
    REFUND = "refund"  # the applicant gets the money back


def deliver_electronically(
    act: Act, order_id: UUID, *, document_id: UUID | None = None, pace: Pace = OFFICIAL
) -> Order:
    """Hand the result over as a file.

    Raises:
        InvalidInputError: neither now nor with the result was there a file.
        OrderStateError: there is no result to deliver.
    """
    order = take_order(act, order_id, Role.AGENCY)
    order.result_document_id = document_id or order.result_document_id
    if order.state is OrderState.DELIVERING and order.result_document_id is None:
        raise InvalidInputError(field="document_id", reason="missing")
    return _deliver(act, order, DeliveryMethod.ELECTRONIC, pace)


def note_shipment(act: Act, order_id: UUID, *, waybill_no: str) -> Order:
    """Note that the result is on its way with a carrier; the state stays until it arrives.

    Raises:
        OrderStateError: there is no result to deliver.
    """
    order = take_order(act, order_id, Role.AGENCY, Role.SYSTEM)
    if order.state is not OrderState.DELIVERING:
        raise OrderStateError(state=order.state.value, move="shipped")
    order.delivery_method = DeliveryMethod.COURIER
    order.waybill_no = waybill_no
    write_event(act, order, "shipped", from_state=order.state, waybill_no=waybill_no)
    hand_over(act, order, Holder.EXTERNAL)
    announce(act, order, "order.shipped", waybill_no=waybill_no)
    return order


def mark_delivered(act: Act, order_id: UUID, *, pace: Pace = OFFICIAL) -> Order:
    """Note that the carrier handed the result over; safe to repeat.

    Raises:
        OrderStateError: nothing was on its way.
    """
    order = take_order(act, order_id, Role.SYSTEM)
    if order.delivered_at is not None:
        return order
    return _deliver(act, order, DeliveryMethod.COURIER, pace)


def _deliver(act: Act, order: Order, method: DeliveryMethod, pace: Pace) -> Order:
    order.delivery_method = method
    order.delivered_at = act.at
    order.confirm_by = act.at + pace.auto_confirm
    move(act, order, Move.DELIVERED, method=method.value)
    return order


def confirm_receipt(act: Act, order_id: UUID) -> Order:
    """Accept the result: the held money is released to the agency.

    By the platform itself only after the time to confirm has passed.

    Raises:
        OrderStateError: nothing waits for confirmation.
    """
    order = take_order(act, order_id, Role.APPLICANT, Role.SYSTEM)
    move(act, order, Move.CONFIRMED, auto=act.actor.role is Role.SYSTEM)
    _settle(act, order)
    return order


def open_dispute(act: Act, order_id: UUID, *, reason: str) -> Order:
    """Freeze timers and money of an order until the dispute ends.

    Raises:
        OrderStateError: nothing can be disputed now.
    """
    order = take_order(act, order_id, Role.APPLICANT, Role.AGENCY)
    reason = require_text("reason", reason, longest=LONGEST_TEXT)
    order.disputed_from, order.disputed_by = order.state, act.actor.role
    move(act, order, Move.DISPUTED, reason=reason)
    return order


def withdraw_dispute(act: Act, order_id: UUID, *, pace: Pace = OFFICIAL) -> Order:
    """Let the party that opened a dispute end it; the order goes on where it was.

    Raises:
        NotAllowedError: the other party opened it.
        OrderStateError: there is no dispute.
    """
    order = take_order(act, order_id, Role.APPLICANT, Role.AGENCY)
    if order.state is OrderState.DISPUTE and order.disputed_by is not act.actor.role:
        raise NotAllowedError(role=act.actor.role.value)
    before = [segment.holder for segment in load_segments(act, order.id)][-2:-1]
    move(act, order, Move.DISPUTE_WITHDRAWN, holder=before[0] if before else None)
    order.disputed_from = order.disputed_by = None
    if order.state is OrderState.IN_ACCEPT:
        order.confirm_by = act.at + pace.auto_confirm
    return order


def decide_dispute(act: Act, order_id: UUID, *, outcome: DisputeOutcome, reason: str) -> Order:
    """End a dispute for one of the parties.

    Raises:
        OrderStateError: there is no dispute.
    """
    order = take_order(act, order_id, Role.OPERATOR, Role.REGULATOR)
    reason = require_text("reason", reason, longest=LONGEST_TEXT)
    if outcome is DisputeOutcome.RELEASE:
        move(act, order, Move.DISPUTE_RELEASED, reason=reason)
        _settle(act, order)
        announce(act, order, "order.confirmed", auto=False)
    else:
        order.cancel_reason = reason
        move(act, order, Move.DISPUTE_REFUNDED, reason=reason)
        ask_refund(act, order)
    return order


def close_order(act: Act, order_id: UUID) -> Order:
    """File a settled order away: both have rated, or the time to rate is over.

    Raises:
        OrderStateError: it is not settled.
    """
    order = take_order(act, order_id, Role.SYSTEM, Role.APPLICANT, Role.AGENCY)
    order.closed_at = act.at
    move(act, order, Move.CLOSED)
    return order


def _settle(act: Act, order: Order) -> None:
    """Write down the final numbers of a settled order, for itself and for its listing."""
    order.settled_at = act.at
    spans = [segment.as_span() for segment in load_segments(act, order.id)]
    summary = summarise(CN, spans, at=act.at)
    order.net_workdays, order.span_days = summary.net_workdays, summary.span_days
    act.session.flush()
    record_sale(act, order.listing_id)
    record = track_record(act.session, listing_id=order.listing_id)
    act.session.execute(
        sa.update(ListingFigures)
        .where(ListingFigures.listing_id == order.listing_id)
        .values(median_days=record.median_net_workdays, n=record.order_count)
        .execution_options(synchronize_session=False)
    )
