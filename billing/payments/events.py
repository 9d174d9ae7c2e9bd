"""Webhooks: verify, store once, tell what to look up. No effect on money happens here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from billing.db import insert_once
from billing.errors import EventError, NotFoundError
from billing.payments.models import WebhookEvent
from billing.providers import signatures
from billing.wire import Json, WireError, mapping, optional_text, text

# Kind of event -> field of its object that names the intent to read again.
_INTENT_FIELDS: Final = {
    "payment_intent": "id",
    "charge": "payment_intent",
    "checkout.session": "payment_intent",
}


@dataclass(frozen=True, slots=True)
class EventReceipt:
    """What was received; the caller reads the named object again and applies the answer.

    ``is_new`` is false for a repeated delivery. All three ids are null for types of no interest.
    """

    event_id: str
    type: str
    is_new: bool
    intent: str | None = None
    refund: str | None = None
    checkout: str | None = None


def apply_event(
    session: Session, raw: bytes, header: str, secrets: Sequence[str], *, now: datetime
) -> EventReceipt:
    """Check the signature of a webhook and store it; a repeated event id is stored once.

    The body is never believed: it only names what to re-read. Afterwards call ``finish_event``.

    Args:
        session: in a writing transaction; put the follow-up work into the same one.
        raw: the request body as received, before anything parsed it.
        header: value of ``Stripe-Signature``.
        secrets: accepted endpoint secrets.
        now: aware instant of receipt.

    Raises:
        SignatureError: answer 400.
        EventError: signed, but not an event: answer 400.
    """
    signatures.check(raw, header, secrets, now=now)
    event, subject = _read(raw)
    receipt = _receipt(event, subject)
    is_new = insert_once(
        session,
        WebhookEvent,
        {
            "id": receipt.event_id,
            "type": receipt.type[:80],
            "api_version": optional_text(event, "api_version"),
            "object_id": optional_text(subject, "id"),
            "raw": raw,
            "received_at": now,
            "attempts": 0,
        },
    )
    return EventReceipt(
        receipt.event_id, receipt.type, is_new, receipt.intent, receipt.refund, receipt.checkout
    )


def finish_event(
    session: Session, event_id: str, *, at: datetime, error: str | None = None
) -> None:
    """Note that a stored event was worked off, or (with ``error``) that the try failed.

    Raises:
        NotFoundError: no such event.
    """
    event = session.get(WebhookEvent, event_id)
    if event is None:
        raise NotFoundError(event=event_id)
    event.attempts += 1
    event.error = None if error is None else error[:300]
    if error is None and event.processed_at is None:
        event.processed_at = at


def _read(raw: bytes) -> tuple[Json, Json]:
    try:
        event = json.loads(raw.decode("utf-8"))
        if not isinstance(event, dict) or event.get("object") != "event":
            raise EventError(why="not_an_event")
        subject = mapping(mapping(event, "data"), "object")
        if not 0 < len(text(event, "id")) <= 80:
            raise EventError(why="id")
        text(event, "type")
    except (ValueError, RecursionError, WireError) as malformed:
        raise EventError(why="malformed") from malformed
    return event, subject


def _receipt(event: Json, subject: Json) -> EventReceipt:
    kind = subject.get("object")
    try:
        intent_field = _INTENT_FIELDS.get(kind) if isinstance(kind, str) else None
        return EventReceipt(
            event_id=text(event, "id"),
            type=text(event, "type"),
            is_new=True,
            intent=optional_text(subject, intent_field) if intent_field else None,
            refund=optional_text(subject, "id") if kind == "refund" else None,
            checkout=optional_text(subject, "id") if kind == "checkout.session" else None,
        )
    except WireError as malformed:
        raise EventError(why="object") from malformed
