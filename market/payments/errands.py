"""What the worker asks the provider: how a payment stands, and to give money back."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from sqlalchemy import select

from billing.errors import OutcomeUnknownError, ProviderRefusedError
from billing.escrow.models import Refund
from billing.escrow.refunds import (
    RefundOutcome,
    apply_refund,
    fail_refund,
    mark_refund_unknown,
    refund_params,
    reserve_due_refund,
    send_refund,
)
from billing.payments.events import finish_event
from billing.payments.models import Payment
from billing.payments.queries import list_open_attempts
from billing.payments.settlement import PaymentOutcome, Settlement, raise_alarm, settle
from billing.providers.snapshots import IntentSnapshot, RefundSnapshot
from market import outbox
from market.act import SYSTEM, Act
from market.orders.models import Order
from market.orders.placing import mark_paid, mark_refunded
from market.orders.states import OrderState
from market.outbox import Claimed
from market.payments.gateway import Gateway
from market.payments.paying import order_of
from market.payments.reactions import want_refund
from market.runtime import Runtime

Effect = Callable[[Act], None]


def reread(gateway: Gateway, message: Claimed) -> Effect:
    """Answer ``payment.reported``: read again what the callback named, then apply the answer.

    The body of a callback is never believed.
    """
    intent, refund = message.payload.get("intent"), message.payload.get("refund")
    snapshot = gateway.client.retrieve_intent(intent) if intent else None
    refunded = gateway.client.retrieve_refund(refund) if refund else None
    return partial(_apply, message.payload.get("event_id"), snapshot, refunded)


def _apply(
    event_id: str | None,
    intent: IntentSnapshot | None,
    refund: RefundSnapshot | None,
    act: Act,
) -> None:
    if intent is not None:
        _follow(act, settle(act.session, intent, at=act.at), intent)
    if refund is not None:
        note_refund(act, refund)
    if event_id is not None:
        finish_event(act.session, event_id, at=act.at)


def _follow(act: Act, settlement: Settlement, intent: IntentSnapshot) -> None:
    """Let the order go on, or let money that nobody owes go back."""
    if settlement.outcome is PaymentOutcome.HELD and settlement.reference:
        order = act.session.get_one(Order, order_of(settlement.reference), with_for_update=True)
        if order.state is OrderState.AWAIT_PAY:
            mark_paid(act, order.id, amount_fen=intent.received, trade_no=intent.id)
        else:  # closed a moment before the money came
            want_refund(act, settlement.reference, intent.received, reason="not_owed", number=0)
    if settlement.outcome in {PaymentOutcome.LATE, PaymentOutcome.DUPLICATE}:
        refund = reserve_due_refund(act.session, settlement.attempt_id or UUID(int=0), at=act.at)
        outbox.put(
            act, "payment.refund_wanted", dedup=f"refund:{refund.id}", refund_id=str(refund.id)
        )


def return_money(gateway: Gateway, runtime: Runtime, message: Claimed) -> Effect:
    """Answer ``payment.refund_wanted``: mark as sent, ask the provider, apply its answer."""
    refund_id = UUID(message.payload["refund_id"])
    refund = runtime.act(SYSTEM, lambda act: _mark_sent(act, refund_id))
    if refund is None:
        return _nothing
    try:
        snapshot = gateway.client.create_refund(refund_params(refund), key=refund.idem_key)
    except ProviderRefusedError as error:
        return partial(_give_up, refund_id, str(error))
    except OutcomeUnknownError:
        runtime.act(SYSTEM, lambda act: _note_unknown(act, refund_id))
        raise
    return partial(note_refund, snapshot=snapshot)


def _mark_sent(act: Act, refund_id: UUID) -> Refund | None:
    refund = act.session.get_one(Refund, refund_id)
    if refund.finished_at is not None:
        return None
    return send_refund(act.session, refund_id, at=act.at)


def _note_unknown(act: Act, refund_id: UUID) -> None:
    mark_refund_unknown(act.session, refund_id)


def _nothing(_act: Act) -> None:
    """Leave all as it is: the refund has ended already."""


def _give_up(refund_id: UUID, why: str, act: Act) -> None:
    refund = fail_refund(act.session, refund_id, why=why, at=act.at)
    raise_alarm(act.session, "refund_refused", str(refund.id), why, at=act.at)


def note_refund(act: Act, snapshot: RefundSnapshot) -> None:
    """Apply how a refund stands; an order that waits for it is then refunded."""
    outcome = apply_refund(act.session, snapshot, at=act.at)
    if outcome is not RefundOutcome.SUCCEEDED:
        return
    refund = act.session.execute(select(Refund).where(Refund.psp_ref == snapshot.id)).scalar_one()
    payment = act.session.get_one(Payment, refund.payment_id)
    order = act.session.get(Order, order_of(payment.reference), with_for_update=True)
    if order is not None and order.state is OrderState.REFUNDING:
        mark_refunded(act, order.id)


def tick_look_up_open(act: Act) -> None:
    """Read again what is still open at the provider: a callback may have been lost."""
    minute = int(act.at.timestamp()) // 60
    for attempt in list_open_attempts(act.session):
        if attempt.psp_pi is not None:
            outbox.put(
                act,
                "payment.reported",
                dedup=f"lookup:{attempt.psp_pi}:{minute}",
                intent=attempt.psp_pi,
            )
