"""From the pay button to the cashier, and from the callback to the order."""

from dataclasses import dataclass
from uuid import UUID

from billing.errors import (
    AlreadyPaidError,
    EventError,
    OutcomeUnknownError,
    ProviderRefusedError,
    ProviderUnavailableError,
    SignatureError,
    StateError,
)
from billing.money import Money
from billing.payments.events import apply_event
from billing.payments.services import Due, metadata_of, record_intent, start_payment
from billing.providers.snapshots import IntentSnapshot
from market import audit, outbox
from market.act import Act, Actor, Role
from market.orders.models import Order
from market.orders.moving import take_order
from market.orders.states import OrderState
from market.payments.errors import NothingDueError, PaymentUnavailableError, WebhookError
from market.payments.gateway import Gateway
from market.runtime import Runtime

METHODS = ("alipay",)


@dataclass(frozen=True, slots=True)
class Beginning:
    """An attempt whose key is stored; the provider may now be asked."""

    attempt_id: UUID
    key: str
    body: dict[str, object]
    pay_url: str | None  # known already: the button was pressed before


def reference_of(order_id: UUID | str) -> str:
    """Name an order towards billing."""
    return f"order:{order_id}"


def order_of(reference: str) -> UUID:
    """Find the order behind a reference of ours."""
    return UUID(reference.removeprefix("order:"))


def begin_payment(act: Act, order_id: UUID, *, return_url: str) -> Beginning:
    """Open an attempt for an order of the actor, or give back the open one.

    Raises:
        NotFoundError: not the actor's order.
        NothingDueError: the order does not wait for money.
    """
    order = take_order(act, order_id, Role.APPLICANT)
    if order.state is not OrderState.AWAIT_PAY or order.pay_by <= act.at:
        raise NothingDueError(state=order.state.value)
    due = Due(reference_of(order.id), str(order.agency_id), Money(order.price_fen), order.pay_by)
    try:
        attempt = start_payment(act.session, due, at=act.at)
    except (AlreadyPaidError, StateError) as error:
        raise NothingDueError(state=order.state.value) from error
    audit.record(act, "payment.begun", subject=order.id, attempt=attempt.n)
    body = _intent_body(order, metadata_of(due.reference, attempt), return_url)
    return Beginning(attempt.id, attempt.idem_key, body, attempt.pay_url)


def _intent_body(order: Order, metadata: dict[str, str], return_url: str) -> dict[str, object]:
    return {
        "amount": order.price_fen,
        "currency": "cny",
        "confirm": True,
        "return_url": return_url,
        "payment_method_types": list(METHODS),
        "payment_method_data": {"type": METHODS[0]},
        "metadata": metadata,
    }


def note_intent(act: Act, attempt_id: UUID, snapshot: IntentSnapshot) -> str:
    """Keep what the provider answered; gives the cashier's address."""
    attempt = record_intent(act.session, attempt_id, snapshot)
    return attempt.pay_url or ""


def pay(runtime: Runtime, gateway: Gateway, actor: Actor, order_id: UUID) -> str:
    """Lead the actor to the cashier: store the key, ask the provider, keep the answer.

    Three steps, no transaction open while the provider is asked. A crash between them is mended
    by pressing again: the same key gives the same intent.

    Returns:
        The address of the cashier.

    Raises:
        NotFoundError: not the actor's order.
        NothingDueError: the order does not wait for money.
        PaymentUnavailableError: the provider does not answer, or refuses.
    """
    return_url = f"{gateway.return_base}/applicant/orders/{order_id}/paid"
    beginning = runtime.act(actor, lambda act: begin_payment(act, order_id, return_url=return_url))
    if beginning.pay_url:
        return beginning.pay_url
    try:
        snapshot = gateway.client.create_intent(beginning.body, key=beginning.key)
    except (ProviderUnavailableError, OutcomeUnknownError, ProviderRefusedError) as error:
        raise PaymentUnavailableError from error
    url = runtime.act(actor, lambda act: note_intent(act, beginning.attempt_id, snapshot))
    if not url:
        raise PaymentUnavailableError
    return url


def receive_event(act: Act, raw: bytes, header: str, secrets: tuple[str, ...]) -> bool:
    """Store a callback once and leave the message that re-reads what it names.

    Returns:
        Whether it was new.

    Raises:
        WebhookError: no valid signature, too old, or no event.
    """
    try:
        receipt = apply_event(act.session, raw, header, secrets, now=act.at)
    except (SignatureError, EventError) as error:
        raise WebhookError from error
    if receipt.is_new:
        outbox.put(
            act,
            "payment.reported",
            event_id=receipt.event_id,
            intent=receipt.intent,
            refund=receipt.refund,
        )
    return receipt.is_new
