"""Calls to carriers: made without a transaction, their effect committed with the done mark."""

from collections.abc import Callable, Mapping
from uuid import UUID

from sqlalchemy import select

from market.accounts.models import Organisation
from market.act import Act
from market.courier.carriers.base import CarrierRefusedError, CourierAdapter, Parcel
from market.courier.models import Shipment
from market.courier.sealing import AddressSeal
from market.courier.services import apply_events, note_refusal, note_waybill
from market.errors import NotFoundError
from market.orders.models import Order
from market.outbox import Claimed
from market.runtime import Runtime

Carriers = Mapping[str, CourierAdapter]


def order_waybill(
    carriers: Carriers, seal: AddressSeal, runtime: Runtime, message: Claimed
) -> Callable[[Act], None]:
    """Order the waybill of "courier.requested"; a repeated call gives the same waybill.

    Raises:
        CarrierUnavailableError: the worker tries again later.
        NotFoundError: the shipment, or a carrier of that name, does not exist.
    """
    shipment_id = UUID(message.payload["shipment_id"])
    carrier, parcel = _read_parcel(carriers, seal, runtime, shipment_id)
    try:
        waybill = carrier.create(parcel, idempotency_key=str(shipment_id))
    except CarrierRefusedError as error:
        reason = str(error)
        return lambda act: _ignore(note_refusal(act, shipment_id, reason=reason))
    return lambda act: _ignore(note_waybill(act, shipment_id, waybill))


def ask_carrier(carriers: Carriers, runtime: Runtime, message: Claimed) -> Callable[[Act], None]:
    """Ask for the steps of "courier.silent", a shipment the carrier has not reported on.

    Raises:
        CarrierUnavailableError: the worker tries again later.
        NotFoundError: the shipment, or a carrier of that name, does not exist.
    """
    with runtime.reading(fresh=True) as session:
        shipment = session.get(Shipment, UUID(message.payload["shipment_id"]))
    if shipment is None or shipment.carrier not in carriers or shipment.waybill_no is None:
        raise NotFoundError(kind="shipment")
    events = carriers[shipment.carrier].track(shipment.waybill_no)
    name = shipment.carrier
    return lambda act: _ignore(apply_events(act, name, events))


def _read_parcel(
    carriers: Carriers, seal: AddressSeal, runtime: Runtime, shipment_id: UUID
) -> tuple[CourierAdapter, Parcel]:
    statement = (
        select(Shipment, Organisation.name)
        .join(Order, Order.id == Shipment.order_id)
        .join(Organisation, Organisation.id == Order.agency_id)
        .where(Shipment.id == shipment_id)
    )
    with runtime.reading(fresh=True) as session:
        row = session.execute(statement).one_or_none()
    if row is None or row[0].carrier not in carriers:
        raise NotFoundError(kind="shipment")
    shipment, sender_name = row
    parcel = Parcel(
        reference=str(shipment.id),
        recipient=seal.open(shipment.sealed, order_id=shipment.order_id),
        sender_name=sender_name,
        contents=shipment.contents,
    )
    return carriers[shipment.carrier], parcel


def _ignore(_result: object) -> None:
    """Turn a use case that answers into an effect that does not."""
