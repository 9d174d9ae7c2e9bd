"""The sandbox carrier over HTTP: the same conversation as with a real one, with a scripted road."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import requests
from typing_extensions import override

from market.courier.carriers.base import (
    CallbackRejectedError,
    CarrierEvent,
    CarrierRefusedError,
    CarrierUnavailableError,
    CourierAdapter,
    Parcel,
    Waybill,
)
from market.courier.signature import HEADER, is_signed, sign
from market.courier.states import ShipmentStatus

TIMEOUT_SECONDS = (3, 10)
MAX_CALLBACK_BYTES = 100_000
CODES: dict[str, ShipmentStatus] = {
    "0": ShipmentStatus.PENDING,
    "1": ShipmentStatus.PICKED_UP,
    "2": ShipmentStatus.IN_TRANSIT,
    "5": ShipmentStatus.OUT_FOR_DELIVERY,
    "3": ShipmentStatus.DELIVERED,
    "4": ShipmentStatus.RETURNED,
    "6": ShipmentStatus.FAILED,
    "9": ShipmentStatus.CANCELLED,
}
"""The carrier's codes; an unknown one is kept as it is and means "unknown"."""


class SandboxCarrier(CourierAdapter):
    """Speaks to ``base_url`` (".../sandbox/courier") and signs with a shared secret."""

    name = "sandbox"

    def __init__(
        self, base_url: str, secret: bytes, *, callback_url: str, now: Callable[[], datetime]
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._secret = secret
        self._callback_url = callback_url
        self._now = now

    @override
    def quote(self, parcel: Parcel) -> int:
        return int(self._post("/quotes", _order_of(parcel))["fee_fen"])

    @override
    def create(self, parcel: Parcel, *, idempotency_key: str) -> Waybill:
        order = _order_of(parcel)
        order |= {"idempotency_key": idempotency_key, "callback_url": self._callback_url}
        answer = self._post("/waybills", order)
        return Waybill(str(answer["waybill_no"]), int(answer["fee_fen"]))

    @override
    def cancel(self, waybill_no: str) -> None:
        self._post(f"/waybills/{waybill_no}/cancel", {})

    @override
    def track(self, waybill_no: str) -> list[CarrierEvent]:
        return _read_events(self._call("GET", f"/waybills/{waybill_no}", b""))

    @override
    def verify_callback(self, headers: Mapping[str, str], raw: bytes) -> list[CarrierEvent]:
        value = next((v for k, v in headers.items() if k.lower() == HEADER.lower()), "")
        now_seconds = int(self._now().timestamp())
        if len(raw) > MAX_CALLBACK_BYTES:
            raise CallbackRejectedError("too long")
        if not is_signed(self._secret, raw, value, now_seconds=now_seconds):
            raise CallbackRejectedError("the signature does not fit")
        try:
            return _read_events(json.loads(raw))
        except (ValueError, CarrierUnavailableError) as error:
            raise CallbackRejectedError("not readable") from error

    @override
    def acknowledge(self) -> bytes:
        return b'{"result":true,"returnCode":"200","message":"ok"}'

    def _post(self, path: str, content: dict[str, Any]) -> dict[str, Any]:
        return self._call("POST", path, json.dumps(content, ensure_ascii=False).encode())

    def _call(self, method: str, path: str, raw: bytes) -> dict[str, Any]:
        at_seconds = int(self._now().timestamp())
        headers = {
            "Content-Type": "application/json",
            HEADER: sign(self._secret, raw, at_seconds=at_seconds),
        }
        try:
            with requests.Session() as http:
                http.trust_env = False  # a proxy of the machine has no way to loopback
                answer = http.request(
                    method,
                    self._base_url + path,
                    data=raw,
                    headers=headers,
                    timeout=TIMEOUT_SECONDS,
                    allow_redirects=False,
                )
            content = answer.json()
        except (requests.RequestException, ValueError) as error:
            raise CarrierUnavailableError(type(error).__name__) from error
        if 400 <= answer.status_code < 500:
            raise CarrierRefusedError(str(content.get("error", answer.status_code)))
        if answer.status_code >= 300 or not isinstance(content, dict):
            raise CarrierUnavailableError(str(answer.status_code))
        return content


def _order_of(parcel: Parcel) -> dict[str, Any]:
    return {
        "reference": parcel.reference,
        "sender": parcel.sender_name,
        "recipient": {
            "name": parcel.recipient.name,
            "phone": parcel.recipient.phone,
            "address": parcel.recipient.address,
        },
        "contents": parcel.contents,
    }


def _read_events(content: Any) -> list[CarrierEvent]:  # noqa: ANN401 - whatever was sent
    try:
        return [_read_event(str(content["waybill_no"]), entry) for entry in content["events"]]
    except (KeyError, TypeError, ValueError) as error:
        raise CarrierUnavailableError("events are not readable") from error


def _read_event(waybill_no: str, entry: dict[str, Any]) -> CarrierEvent:
    at = datetime.fromisoformat(str(entry["at"]))
    if at.tzinfo is None:
        raise ValueError("an event without a zone")
    code = str(entry["code"])
    return CarrierEvent(
        waybill_no=waybill_no,
        at=at,
        raw_code=code,
        status=CODES.get(code, ShipmentStatus.UNKNOWN),
        text=str(entry["text"]),
        place=str(entry["place"]),
    )
