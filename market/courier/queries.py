"""Reading the parcels of an order."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from market.act import Actor, Role
from market.courier.carriers.base import Recipient
from market.courier.models import DeliveryAddress, Shipment
from market.courier.sealing import AddressSeal
from market.orders.queries import get_own_order


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """What the parties of an order see about its delivery."""

    shipments: Sequence[Shipment]  # the newest first, with their events
    recipient: Recipient | None  # in full for the applicant, masked for everybody else


def get_delivery(session: Session, seal: AddressSeal, actor: Actor, order_id: UUID) -> DeliveryPage:
    """Read address and parcels of an order.

    Raises:
        NotFoundError: there is no such order that this actor may see.
    """
    order = get_own_order(session, actor, order_id)
    statement = (
        select(Shipment)
        .where(Shipment.order_id == order.id)
        .order_by(Shipment.requested_at.desc())
        .options(selectinload(Shipment.events))
    )
    shipments = session.execute(statement).scalars().all()
    address = session.get(DeliveryAddress, order.id)
    recipient = seal.open(address.sealed, order_id=order.id) if address else None
    if recipient is not None and actor.role is not Role.APPLICANT:
        recipient = recipient.masked()
    return DeliveryPage(shipments, recipient)
