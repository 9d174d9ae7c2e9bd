"""What every carrier adapter offers; network calls happen here and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from market.courier.states import ShipmentStatus


class CarrierUnavailableError(Exception):
    """The carrier did not answer, or not sensibly: try again with the same key."""


class CarrierRefusedError(Exception):
    """The carrier understood and said no; trying again would not help."""


class CallbackRejectedError(Exception):
    """A callback that did not come from the carrier, or came too late to be trusted."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets a parcel; personal data, sealed wherever it rests."""

    name: str
    phone: str
    address: str

    def masked(self) -> "Recipient":
        """Give what a page may show."""
        phone = f"{self.phone[:3]}****{self.phone[-4:]}" if len(self.phone) >= 11 else "****"
        return Recipient(f"{self.name[:1]}**", phone, f"{self.address[:9]}****")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to be sent."""

    reference: str  # the shipment's id
    recipient: Recipient
    sender_name: str
    contents: str


@dataclass(frozen=True, slots=True)
class Waybill:
    """A carrier's promise to carry."""

    waybill_no: str
    fee_fen: int


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """One step on the way as the carrier reports it."""

    waybill_no: str
    at: datetime  # aware; by the carrier's clock
    raw_code: str
    status: ShipmentStatus
    text: str
    place: str


class CourierAdapter(Protocol):
    """One carrier."""

    name: str

    def quote(self, parcel: Parcel) -> int:
        """Ask for the fee in fen.

        Raises:
            CarrierUnavailableError: no sensible answer.
        """
        ...

    def create(self, parcel: Parcel, *, idempotency_key: str) -> Waybill:
        """Order a waybill; the same key gives the same waybill.

        Raises:
            CarrierUnavailableError: no sensible answer.
            CarrierRefusedError: the carrier does not carry this.
        """
        ...

    def cancel(self, waybill_no: str) -> None:
        """Take an order back that was not picked up yet.

        Raises:
            CarrierUnavailableError: no sensible answer.
            CarrierRefusedError: it is on its way.
        """
        ...

    def track(self, waybill_no: str) -> list[CarrierEvent]:
        """Ask for all steps so far.

        Raises:
            CarrierUnavailableError: no sensible answer.
        """
        ...

    def verify_callback(self, headers: Mapping[str, str], raw: bytes) -> list[CarrierEvent]:
        """Check who sent a callback and read it.

        Raises:
            CallbackRejectedError: forged, stale or not readable.
        """
        ...

    def acknowledge(self) -> bytes:
        """Give the body of the answer that the carrier expects."""
        ...
