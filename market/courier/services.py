"""Sending the result of an order and following it."""

import hashlib
import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from market import audit, outbox
from market.act import SYSTEM, Act, Role
from market.courier.carriers.base import CarrierEvent, Recipient, Waybill
from market.courier.models import DeliveryAddress, Shipment, ShipmentEvent
from market.courier.sealing import AddressSeal
from market.courier.states import (
    FINAL,
    NoAddressError,
    ShipmentStateError,
    ShipmentStatus,
    current_status,
)
from market.errors import InvalidInputError, NotFoundError
from market.orders.models import Order
from market.orders.moving import require_text, take_order, write_event
from market.orders.pace import OFFICIAL, Pace
from market.orders.services import mark_delivered, note_shipment
from market.orders.states import TERMINAL, OrderState

PHONE = re.compile(r"\+?[0-9][0-9 -]{6,18}")
LONGEST_ADDRESS = 200
LONGEST_NAME = 60
LONGEST_CONTENTS = 200
BEFORE_DELIVERY = frozenset(OrderState) - TERMINAL - {OrderState.REFUNDING, OrderState.IN_ACCEPT}


def set_address(act: Act, seal: AddressSeal, order_id: UUID, recipient: Recipient) -> None:
    """Let the applicant say, or correct, where the result goes.

    Raises:
        InvalidInputError: a part is empty, too long, or not a telephone number.
        ShipmentStateError: the order has ended or was delivered already.
    """
    order = take_order(act, order_id, Role.APPLICANT)
    if order.state not in BEFORE_DELIVERY:
        raise ShipmentStateError(state=order.state.value)
    sealed = seal.seal(_require_recipient(recipient), order_id=order.id)
    known = act.session.get(DeliveryAddress, order.id)
    if known is None:
        act.session.add(DeliveryAddress(order_id=order.id, sealed=sealed, updated_at=act.at))
    else:
        known.sealed, known.updated_at = sealed, act.at
    audit.record(act, "courier.address_set", subject=order.id)


def _require_recipient(recipient: Recipient) -> Recipient:
    name = require_text("name", recipient.name, longest=LONGEST_NAME)
    phone = require_text("phone", recipient.phone, longest=20)
    address = require_text("address", recipient.address, longest=LONGEST_ADDRESS)
    if not PHONE.fullmatch(phone):
        raise InvalidInputError(field="phone", reason="not_a_phone")
    return Recipient(name, phone, address)


def request_shipment(act: Act, order_id: UUID, *, carrier: str, contents: str) -> Shipment:
    """Ask for a waybill to the applicant's address; the carrier is called after the commit.

    Raises:
        NoAddressError: the applicant has not said where to.
        ShipmentStateError: there is nothing to deliver, or a parcel is on its way already.
    """
    order = take_order(act, order_id, Role.AGENCY)
    if order.state is not OrderState.DELIVERING or _is_on_its_way(act, order):
        raise ShipmentStateError(state=order.state.value)
    address = act.session.get(DeliveryAddress, order.id)
    if address is None:
        raise NoAddressError(order_id=str(order.id))
    shipment = Shipment(
        order_id=order.id,
        carrier=carrier,
        status=ShipmentStatus.PENDING,
        sealed=address.sealed,
        contents=require_text("contents", contents, longest=LONGEST_CONTENTS),
        requested_at=act.at,
        heard_at=act.at,
    )
    act.session.add(shipment)
    act.session.flush()
    write_event(act, order, "shipment_requested", from_state=order.state, carrier=carrier)
    audit.record(act, "courier.requested", subject=shipment.id, order=str(order.id))
    outbox.put(
        act,
        "courier.requested",
        dedup=f"courier.requested:{shipment.id}",
        shipment_id=str(shipment.id),
        order_id=str(order.id),
        carrier=carrier,
    )
    return shipment


def _is_on_its_way(act: Act, order: Order) -> bool:
    statement = select(Shipment.id).where(
        Shipment.order_id == order.id, Shipment.status.not_in(FINAL), Shipment.failure.is_(None)
    )
    return act.session.execute(statement).first() is not None


def note_waybill(act: Act, shipment_id: UUID, waybill: Waybill) -> Shipment:
    """Note the carrier's answer; safe to repeat.

    Raises:
        NotFoundError: no such shipment.
    """
    shipment = _take_shipment(act, Shipment.id == shipment_id)
    if shipment.waybill_no is None:
        shipment.waybill_no, shipment.fee_fen = waybill.waybill_no, waybill.fee_fen
        shipment.ordered_at = shipment.heard_at = act.at
        note_shipment(act, shipment.order_id, waybill_no=waybill.waybill_no)
        audit.record(act, "courier.ordered", subject=shipment.id)
    return shipment


def note_refusal(act: Act, shipment_id: UUID, *, reason: str) -> Shipment:
    """Note that the carrier does not carry this; the agency may ask another way.

    Raises:
        NotFoundError: no such shipment.
    """
    shipment = _take_shipment(act, Shipment.id == shipment_id)
    if shipment.failure is None:
        shipment.failure, shipment.status = reason[:200], ShipmentStatus.CANCELLED
        order = take_order(act, shipment.order_id, Role.SYSTEM)
        write_event(act, order, "shipment_refused", from_state=order.state)
        audit.record(act, "courier.refused", subject=shipment.id)
    return shipment


def apply_events(
    act: Act, carrier: str, events: Sequence[CarrierEvent], *, pace: Pace = OFFICIAL
) -> int:
    """Store what a carrier reports, each step once, and move the order when it is delivered.

    Events of unknown waybills are left out: a carrier may tell more than was asked. Gives the
    number of new steps.
    """
    added = 0
    for waybill_no in sorted({event.waybill_no for event in events}):
        own = [event for event in events if event.waybill_no == waybill_no]
        try:
            match = (Shipment.carrier == carrier) & (Shipment.waybill_no == waybill_no)
            shipment = _take_shipment(act, match)
        except NotFoundError:
            continue
        added += _apply(act, shipment, own, pace)
    return added


def _apply(act: Act, shipment: Shipment, reported: Sequence[CarrierEvent], pace: Pace) -> int:
    known = {(event.at, event.raw_code, event.text_sha256) for event in shipment.events}
    shipment.heard_at = act.at
    added = 0
    for event in reported:
        digest = hashlib.sha256(event.text.encode()).hexdigest()
        key = (event.at, event.raw_code[:40], digest)
        if key in known:
            continue
        known.add(key)
        shipment.events.append(
            ShipmentEvent(
                at=event.at,
                received_at=act.at,
                raw_code=event.raw_code[:40],
                status=event.status,
                text=event.text[:300],
                place=event.place[:120],
                text_sha256=digest,
            )
        )
        added += 1
    if added:
        _follow_status(act, shipment, pace)
    return added


def _follow_status(act: Act, shipment: Shipment, pace: Pace) -> None:
    before, shipment.status = shipment.status, current_status(shipment.events)
    if shipment.status is before:
        return
    platform = Act(act.session, SYSTEM, act.at)
    audit.record(platform, f"courier.{shipment.status.value}", subject=shipment.id)
    order = take_order(platform, shipment.order_id, Role.SYSTEM)
    write_event(
        platform,
        order,
        "shipment_moved",
        from_state=order.state,
        status=shipment.status.value,
        waybill_no=shipment.waybill_no,
    )
    outbox.put(
        platform,
        "courier.moved",
        shipment_id=str(shipment.id),
        order_id=str(order.id),
        status=shipment.status.value,
    )
    if shipment.status is ShipmentStatus.DELIVERED:
        shipment.delivered_at = act.at
        if order.state is OrderState.DELIVERING:
            mark_delivered(platform, order.id, pace=pace)


def _take_shipment(act: Act, *conditions: object) -> Shipment:
    statement = (
        select(Shipment)
        .where(*conditions)  # type: ignore[arg-type]
        .with_for_update()
        .execution_options(populate_existing=True)
        .options(selectinload(Shipment.events))
    )
    shipment = act.session.execute(statement).scalar_one_or_none()
    if shipment is None:
        raise NotFoundError(kind="shipment")
    return shipment
