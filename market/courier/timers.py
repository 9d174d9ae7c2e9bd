"""Asking after parcels that a carrier has gone silent about."""

from datetime import timedelta

from sqlalchemy import select

from market import outbox
from market.act import Act
from market.courier.models import Shipment
from market.courier.states import FINAL

SILENT = timedelta(hours=24)
BATCH = 50


def tick_ask_silent(act: Act) -> None:
    """Leave a question for each parcel that was last heard of a day ago."""
    statement = (
        select(Shipment)
        .where(
            Shipment.status.not_in(FINAL),
            Shipment.waybill_no.is_not(None),
            Shipment.heard_at <= act.at - SILENT,
        )
        .order_by(Shipment.heard_at)
        .limit(BATCH)
    )
    for shipment in act.session.execute(statement).scalars():
        shipment.heard_at = act.at  # the next question a day later, whatever the answer
        outbox.put(act, "courier.silent", shipment_id=str(shipment.id))
