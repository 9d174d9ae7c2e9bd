"""Money that has come: from a fresh snapshot of the provider to one journal, exactly once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from billing import chart
from billing.db import insert_once, new_id
from billing.errors import NotFoundError
from billing.ledger.postings import move
from billing.ledger.services import post
from billing.money import CNY, MAX_MINOR, Money
from billing.payments.models import Alarm, Payment, PaymentAttempt
from billing.payments.queries import find_attempt_of_intent, get_attempt, lock_payment_of
from billing.payments.states import (
    OPEN,
    AttemptState,
    MoneyState,
    attempt_target,
    can_move,
    require_money_move,
)
from billing.providers.snapshots import IntentSnapshot


class PaymentOutcome(StrEnum):
    """What a snapshot meant."""

    HELD = "held"  # paid just now; the money is in escrow: the order may go on
    ALREADY = "already"  # known before; nothing changed
    OPEN = "open"  # not decided yet
    FAILED = "failed"
    CANCELED = "canceled"
    LATE = "late"  # paid after closing; held, and due for refund
    DUPLICATE = "duplicate"  # paid a second time; in suspense, and due for refund
    MISMATCH = "mismatch"  # another amount or currency; in suspense, alarm raised
    UNMATCHED = "unmatched"  # nobody asked for it; in suspense, alarm raised
    FOREIGN = "foreign"  # an intent of somebody else that has not paid; ignored


@dataclass(frozen=True, slots=True)
class Settlement:
    """Outcome for the caller; ids are null if no attempt of ours is behind it."""

    outcome: PaymentOutcome
    reference: str | None = None
    payment_id: UUID | None = None
    attempt_id: UUID | None = None


def settle(session: Session, snapshot: IntentSnapshot, *, at: datetime) -> Settlement:
    """Apply what the provider says about an intent; safe to repeat and in any order.

    The snapshot must come from ``StripeClient.retrieve_intent`` just before this transaction,
    never from a webhook body.
    """
    attempt = _find_attempt(session, snapshot)
    if attempt is None:
        return _settle_stranger(session, snapshot, at)
    payment = lock_payment_of(session, attempt)
    session.refresh(attempt)
    outcome = _outcome(session, _Case(payment, attempt, snapshot, at))
    session.flush()
    return Settlement(outcome, payment.reference, payment.id, attempt.id)


@dataclass(frozen=True, slots=True)
class _Case:
    payment: Payment
    attempt: PaymentAttempt
    snapshot: IntentSnapshot
    at: datetime


def _find_attempt(session: Session, snapshot: IntentSnapshot) -> PaymentAttempt | None:
    attempt = find_attempt_of_intent(session, snapshot.id)
    if attempt is not None:
        return attempt
    try:
        named = get_attempt(session, UUID(snapshot.metadata.get("attempt", "")))
    except (ValueError, NotFoundError):
        return None
    return named if named.psp_pi is None else None


def _outcome(session: Session, case: _Case) -> PaymentOutcome:
    attempt, snapshot = case.attempt, case.snapshot
    attempt.psp_pi = snapshot.id
    target = attempt_target(snapshot)
    if target is AttemptState.SUCCEEDED:
        return _take(session, case)
    if not can_move(attempt.state, target):
        waits = attempt.state is target and target in OPEN
        return PaymentOutcome.OPEN if waits else PaymentOutcome.ALREADY
    attempt.state = target
    if target is AttemptState.FAILED:
        return PaymentOutcome.FAILED
    if target is AttemptState.CANCELED:
        return PaymentOutcome.CANCELED
    return PaymentOutcome.OPEN


def _take(session: Session, case: _Case) -> PaymentOutcome:
    payment, attempt, snapshot = case.payment, case.attempt, case.snapshot
    if attempt.state in {AttemptState.SUCCEEDED, AttemptState.MISMATCHED}:
        return PaymentOutcome.ALREADY
    if (snapshot.received, snapshot.currency) != (payment.amount_fen, payment.currency):
        attempt.state = AttemptState.MISMATCHED
        _to_suspense(session, snapshot, "mismatch", case.at)
        return PaymentOutcome.MISMATCH
    attempt.state = AttemptState.SUCCEEDED
    if payment.state not in {MoneyState.UNPAID, MoneyState.CANCELED}:
        attempt.refund_due = True
        _to_suspense(session, snapshot, "duplicate", case.at)
        return PaymentOutcome.DUPLICATE
    is_late = payment.state is MoneyState.CANCELED
    _hold(session, case)
    attempt.refund_due = is_late
    return PaymentOutcome.LATE if is_late else PaymentOutcome.HELD


def _hold(session: Session, case: _Case) -> None:
    payment = case.payment
    require_money_move(payment.state, MoneyState.HELD)
    payment.state = MoneyState.HELD
    payment.psp_ref = case.snapshot.id
    payment.paid_at = case.at
    post(
        session,
        "payment_succeeded",
        payment.reference,
        f"paid:{case.snapshot.id}",
        [
            move(
                chart.PSP_CLEARING,
                chart.escrow(payment.reference),
                Money(payment.amount_fen, payment.currency),
            )
        ],
        at=case.at,
    )


def _settle_stranger(session: Session, snapshot: IntentSnapshot, at: datetime) -> Settlement:
    if attempt_target(snapshot) is not AttemptState.SUCCEEDED:
        return Settlement(PaymentOutcome.FOREIGN)
    is_new = _to_suspense(session, snapshot, "unmatched", at)
    return Settlement(PaymentOutcome.UNMATCHED if is_new else PaymentOutcome.ALREADY)


def _to_suspense(session: Session, snapshot: IntentSnapshot, kind: str, at: datetime) -> bool:
    """Book unexplained money and raise an alarm once; tell whether it was new."""
    # Another currency has no place in this book: the alarm alone must do.
    if snapshot.currency == CNY and 0 < snapshot.received <= MAX_MINOR:
        lines = [move(chart.PSP_CLEARING, chart.SUSPENSE, Money(snapshot.received))]
        ref = snapshot.id[:80]
        post(session, f"payment_{kind}", ref, f"suspense:{snapshot.id}", lines, at=at)
    details = f"received {snapshot.received} {snapshot.currency}, asked {snapshot.amount}"
    return raise_alarm(session, f"payment_{kind}", snapshot.id, details, at=at)


def raise_alarm(session: Session, kind: str, subject: str, details: str, *, at: datetime) -> bool:
    """Raise an alarm about a subject unless there is one; tell whether it is new."""
    values: dict[str, object] = {
        "id": new_id(),
        "kind": kind,
        "subject": f"{kind}:{subject}"[:160],
        "details": details[:500],
        "raised_at": at,
    }
    return insert_once(session, Alarm, values)
