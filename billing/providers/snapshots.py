"""What a provider says about its objects at one moment, as values the rest can rely on."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from billing.wire import Json, mapping, optional_text, text, whole

# Where each kind of next action keeps the address to which the payer is sent.
_NEXT_URLS = (
    ("redirect_to_url", "url"),
    ("alipay_handle_redirect", "url"),
    ("wechat_pay_display_qr_code", "hosted_instructions_url"),
)


class IntentStatus(StrEnum):
    """States of a payment intent on the wire."""

    NEEDS_METHOD = "requires_payment_method"
    NEEDS_CONFIRMATION = "requires_confirmation"
    NEEDS_ACTION = "requires_action"
    PROCESSING = "processing"
    NEEDS_CAPTURE = "requires_capture"
    CANCELED = "canceled"
    SUCCEEDED = "succeeded"


@dataclass(frozen=True, slots=True)
class IntentSnapshot:
    """A payment intent; amounts in minor units, currency in capitals."""

    id: str
    status: str
    amount: int
    received: int
    currency: str
    metadata: Mapping[str, str]
    charge: str | None
    next_url: str | None
    has_error: bool

    @classmethod
    def parse(cls, body: Json) -> "IntentSnapshot":
        """Read an answer of ``/v1/payment_intents``.

        Raises:
            WireError: not such an answer.
        """
        received = body.get("amount_received")
        return cls(
            id=text(body, "id"),
            status=text(body, "status"),
            amount=whole(body, "amount"),
            received=0 if received is None else whole(body, "amount_received"),
            currency=text(body, "currency").upper(),
            metadata=_metadata(body),
            charge=optional_text(body, "latest_charge"),
            next_url=_next_url(mapping(body, "next_action")),
            has_error=body.get("last_payment_error") is not None,
        )


@dataclass(frozen=True, slots=True)
class CheckoutSnapshot:
    """A hosted checkout; ``intent`` is null until the payer has acted."""

    id: str
    status: str
    payment_status: str
    intent: str | None
    url: str | None
    metadata: Mapping[str, str]

    @classmethod
    def parse(cls, body: Json) -> "CheckoutSnapshot":
        """Read an answer of ``/v1/checkout/sessions``.

        Raises:
            WireError: not such an answer.
        """
        return cls(
            id=text(body, "id"),
            status=text(body, "status"),
            payment_status=text(body, "payment_status"),
            intent=optional_text(body, "payment_intent"),
            url=optional_text(body, "url"),
            metadata=_metadata(body),
        )


@dataclass(frozen=True, slots=True)
class RefundSnapshot:
    """A refund; status is pending, requires_action, succeeded, failed or canceled."""

    id: str
    status: str
    amount: int
    currency: str
    intent: str | None
    metadata: Mapping[str, str]

    @classmethod
    def parse(cls, body: Json) -> "RefundSnapshot":
        """Read an answer of ``/v1/refunds``.

        Raises:
            WireError: not such an answer.
        """
        return cls(
            id=text(body, "id"),
            status=text(body, "status"),
            amount=whole(body, "amount"),
            currency=text(body, "currency").upper(),
            intent=optional_text(body, "payment_intent"),
            metadata=_metadata(body),
        )


@dataclass(frozen=True, slots=True)
class TransferSnapshot:
    """A transfer to a connected account, with what was taken back of it."""

    id: str
    amount: int
    reversed: int
    currency: str
    destination: str | None
    metadata: Mapping[str, str]

    @classmethod
    def parse(cls, body: Json) -> "TransferSnapshot":
        """Read an answer of ``/v1/transfers``.

        Raises:
            WireError: not such an answer.
        """
        return cls(
            id=text(body, "id"),
            amount=whole(body, "amount"),
            reversed=whole(body, "amount_reversed"),
            currency=text(body, "currency").upper(),
            destination=optional_text(body, "destination"),
            metadata=_metadata(body),
        )


def _metadata(body: Json) -> dict[str, str]:
    return {name: str(value) for name, value in mapping(body, "metadata").items()}


def _next_url(action: Json) -> str | None:
    for kind, name in _NEXT_URLS:
        found = optional_text(mapping(action, kind), name)
        if found:
            return found
    return None
