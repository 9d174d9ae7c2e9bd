"""The states of a shipment; pure.

The names are the common ones of carrier libraries (karrio), so that an adapter has one vocabulary
to map a carrier's own codes to.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from market.errors import ConflictError


class ShipmentStatus(StrEnum):
    """Where a shipment is."""

    UNKNOWN = "unknown"
    PENDING = "pending"  # 已下单
    PICKED_UP = "picked_up"  # 揽收
    IN_TRANSIT = "in_transit"  # 运输
    ON_HOLD = "on_hold"
    DELAYED = "delivery_delayed"
    OUT_FOR_DELIVERY = "out_for_delivery"  # 派送
    READY_FOR_PICKUP = "ready_for_pickup"  # 入柜
    FAILED = "delivery_failed"  # 派送失败, 异常
    DELIVERED = "delivered"  # 签收
    RETURNED = "return_to_sender"  # 拒收, 退回
    CANCELLED = "cancelled"


RANK = {status: rank for rank, status in enumerate(ShipmentStatus)}
FINAL = frozenset({ShipmentStatus.DELIVERED, ShipmentStatus.RETURNED, ShipmentStatus.CANCELLED})


class HasStatus(Protocol):
    """Anything that reports a status at a time."""

    @property
    def at(self) -> datetime:
        """When it happened, by the carrier's clock."""
        ...

    @property
    def status(self) -> ShipmentStatus:
        """What it means."""
        ...


def current_status(events: Iterable[HasStatus]) -> ShipmentStatus:
    """Give the status that all events together mean, in whatever order they were received.

    A final event outweighs any other; otherwise the latest by the carrier's time, and at the same
    time the one further on the way.
    """
    best = max(
        events,
        key=lambda event: (event.status in FINAL, event.at, RANK[event.status]),
        default=None,
    )
    return best.status if best else ShipmentStatus.PENDING


class NoAddressError(ConflictError):
    """Nobody has said where to send it."""

    code = "courier.address_missing"


class ShipmentStateError(ConflictError):
    """The shipment, or its order, is not where this can be done."""

    code = "courier.wrong_state"
