"""Paying: start an attempt, note the provider's object, close unpaid. No call to the provider."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from billing import chart
from billing.db import insert_once, new_id
from billing.errors import AlreadyPaidError, ReplayConflictError, StateError
from billing.money import Money, require_positive
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.queries import get_attempt, list_attempts, lock_payment, lock_payment_of
from billing.payments.states import (
    OPEN,
    AttemptState,
    MoneyState,
    attempt_target,
    can_move,
)
from billing.providers.snapshots import CheckoutSnapshot, IntentSnapshot


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid: by which name, to whom in the end, how much, until when."""

    reference: str
    payee: str
    amount: Money
    expires_at: datetime


def start_payment(session: Session, due: Due, *, at: datetime) -> PaymentAttempt:
    """Open an attempt, or give back the one that is open: a double press pays once.

    Commit before calling the provider, then call it with ``attempt.idem_key`` and pass the answer
    to ``record_intent`` or ``record_checkout``. Put ``metadata_of(due.reference, attempt)`` into
    the provider's metadata, so that money finds its order even if the answer is lost.

    Raises:
        AlreadyPaidError: nothing is owed any more.
        StateError: the payment was closed.
        ReplayConflictError: the reference is known with another amount or payee.
        AmountError: amount of zero.
    """
    payment = _open_payment(session, due, at)
    if payment.state is MoneyState.CANCELED:
        raise StateError(reference=due.reference, current=payment.state.value)
    if payment.state is not MoneyState.UNPAID:
        raise AlreadyPaidError(reference=due.reference)
    attempts = list_attempts(session, payment.id)
    for attempt in attempts:
        if attempt.state in OPEN and attempt.expires_at > at:
            return attempt
        if attempt.state in OPEN:
            attempt.state = AttemptState.EXPIRED
    number = len(attempts) + 1
    attempt = PaymentAttempt(
        id=new_id(),
        payment_id=payment.id,
        n=number,
        idem_key=f"{due.reference}:pay:{number}",
        created_at=at,
        expires_at=due.expires_at,
    )
    session.add(attempt)
    session.flush()
    return attempt


def metadata_of(reference: str, attempt: PaymentAttempt) -> dict[str, str]:
    """Make the metadata by which money finds its attempt."""
    return {"reference": reference, "attempt": str(attempt.id)}


def record_intent(session: Session, attempt_id: UUID, snapshot: IntentSnapshot) -> PaymentAttempt:
    """Note which payment intent an attempt got; repeating it changes nothing.

    Takes no money: a snapshot that says "succeeded" is for ``settle``.

    Raises:
        ReplayConflictError: the attempt has another intent already.
    """
    attempt = get_attempt(session, attempt_id)
    lock_payment_of(session, attempt)
    session.refresh(attempt)
    if attempt.psp_pi not in {None, snapshot.id}:
        raise ReplayConflictError(attempt=str(attempt_id), intent=snapshot.id)
    attempt.psp_pi = snapshot.id
    attempt.pay_url = snapshot.next_url or attempt.pay_url
    target = attempt_target(snapshot)
    if target is not AttemptState.SUCCEEDED and can_move(attempt.state, target):
        attempt.state = target
    session.flush()
    return attempt


def record_checkout(
    session: Session, attempt_id: UUID, snapshot: CheckoutSnapshot
) -> PaymentAttempt:
    """Note which hosted checkout an attempt got; repeating it changes nothing.

    Raises:
        ReplayConflictError: the attempt has another checkout already.
    """
    attempt = get_attempt(session, attempt_id)
    lock_payment_of(session, attempt)
    session.refresh(attempt)
    if attempt.psp_checkout not in {None, snapshot.id}:
        raise ReplayConflictError(attempt=str(attempt_id), checkout=snapshot.id)
    attempt.psp_checkout = snapshot.id
    attempt.psp_pi = attempt.psp_pi or snapshot.intent
    attempt.pay_url = snapshot.url or attempt.pay_url
    if snapshot.url and can_move(attempt.state, AttemptState.REQUIRES_ACTION):
        attempt.state = AttemptState.REQUIRES_ACTION
    if snapshot.status == "expired" and can_move(attempt.state, AttemptState.EXPIRED):
        attempt.state = AttemptState.EXPIRED
    session.flush()
    return attempt


def expire_attempt(session: Session, attempt_id: UUID) -> PaymentAttempt:
    """Give an attempt up, so that ``start_payment`` opens the next one with a new key.

    For a key that is used up: its time is over, or the provider keeps a failure under it
    (``OutcomeUnknownError`` with ``saved``). Money that comes for it nevertheless still counts.
    """
    attempt = get_attempt(session, attempt_id)
    lock_payment_of(session, attempt)
    session.refresh(attempt)
    if can_move(attempt.state, AttemptState.EXPIRED):
        attempt.state = AttemptState.EXPIRED
        session.flush()
    return attempt


def close_unpaid(session: Session, reference: str, *, at: datetime) -> Payment:
    """Close a payment that nobody made; money that still comes is held and due for refund.

    Closing again changes nothing. Cancel the intents of open attempts at the provider afterwards.

    Raises:
        NotFoundError: nothing was ever asked for this reference.
        AlreadyPaidError: it is paid.
    """
    payment = lock_payment(session, reference)
    if payment.state is MoneyState.CANCELED:
        return payment
    if payment.state is not MoneyState.UNPAID:
        raise AlreadyPaidError(reference=reference)
    payment.state = MoneyState.CANCELED
    payment.closed_at = at
    for attempt in list_attempts(session, payment.id):
        if attempt.state in OPEN:
            attempt.state = AttemptState.EXPIRED
    session.flush()
    return payment


def _open_payment(session: Session, due: Due, at: datetime) -> Payment:
    require_positive(due.amount)
    chart.classify(chart.escrow(due.reference))
    chart.classify(chart.agency_payable(due.payee))
    insert_once(
        session,
        Payment,
        {
            "id": new_id(),
            "reference": due.reference,
            "payee": due.payee,
            "amount_fen": due.amount.minor,
            "currency": due.amount.currency,
            "state": MoneyState.UNPAID,
            "released_fen": 0,
            "refunding_fen": 0,
            "refunded_fen": 0,
            "version": 1,
            "created_at": at,
        },
    )
    payment = lock_payment(session, due.reference)
    known = (payment.payee, payment.amount_fen, payment.currency)
    if known != (due.payee, due.amount.minor, due.amount.currency):
        raise ReplayConflictError(reference=due.reference)
    return payment
