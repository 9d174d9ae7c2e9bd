"""Tables of shipments."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.courier.states import ShipmentStatus
from market.db import Base, new_id, text_enum


class DeliveryAddress(Base):
    """Where the applicant wants the result of one order; sealed, purged with the order."""

    __tablename__ = "delivery_addresses"

    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime]


class Shipment(Base):
    """One parcel of one order; a lost one is followed by another."""

    __tablename__ = "shipments"
    __table_args__ = (
        UniqueConstraint("carrier", "waybill_no"),
        Index(None, "order_id"),
        Index(None, "status", "heard_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    carrier: Mapped[str] = mapped_column(String(40))
    waybill_no: Mapped[str | None] = mapped_column(String(60))  # None until the carrier answered
    status: Mapped[ShipmentStatus] = mapped_column(text_enum(ShipmentStatus))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    contents: Mapped[str] = mapped_column(String(200))
    fee_fen: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(String(200))  # why the carrier refused
    requested_at: Mapped[datetime]
    ordered_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]  # when the carrier last said anything
    delivered_at: Mapped[datetime | None]

    events: Mapped[list["ShipmentEvent"]] = relationship(
        lazy="raise", order_by="(ShipmentEvent.at, ShipmentEvent.id)"
    )


class ShipmentEvent(Base):
    """One step on the way; append-only, the same step is stored once however often it is told."""

    __tablename__ = "shipment_events"
    __table_args__ = (UniqueConstraint("shipment_id", "at", "raw_code", "text_sha256"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    shipment_id: Mapped[UUID] = mapped_column(ForeignKey("shipments.id"))
    at: Mapped[datetime]  # by the carrier's clock
    received_at: Mapped[datetime]
    raw_code: Mapped[str] = mapped_column(String(40))
    status: Mapped[ShipmentStatus] = mapped_column(text_enum(ShipmentStatus))
    text: Mapped[str] = mapped_column(String(300))
    place: Mapped[str] = mapped_column(String(120))
    text_sha256: Mapped[str] = mapped_column(String(64))
