"""Refunds: reserve, send, then fulfil or void by what the provider says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import chart
from billing.db import new_id
from billing.errors import NotFoundError, PendingError, ReplayConflictError, StateError
from billing.escrow.models import Refund
from billing.escrow.services import require_available, require_money, restate
from billing.escrow.states import ReservationState, require_reservation_move
from billing.ledger.postings import Pending, fulfil, reserve, void
from billing.ledger.queries import find_pending, transfer_ids
from billing.ledger.services import post
from billing.money import Money, require_positive
from billing.payments.models import Payment, PaymentAttempt
from billing.payments.queries import (
    find_attempt_of_intent,
    get_attempt,
    lock_payment,
    lock_payment_of,
)
from billing.payments.settlement import raise_alarm
from billing.providers.snapshots import RefundSnapshot

_S = ReservationState
_FINISHED = frozenset({_S.SUCCEEDED, _S.FAILED})


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """An order to refund: ``key`` is unique for this refund, such as "order:<id>:refund:1"."""

    reference: str
    amount: Money
    reason: str
    key: str


class RefundOutcome(StrEnum):
    """What a snapshot of a refund meant."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"  # the money is free again; refund anew under a new key
    OPEN = "open"
    ALREADY = "already"
    FOREIGN = "foreign"  # made outside of this book; alarm raised


def reserve_refund(session: Session, order: RefundOrder, *, at: datetime) -> Refund:
    """Set escrow money aside for the payer; the same key gives the same refund.

    Commit, then ``send_refund``, commit, call the provider, then ``apply_refund``.

    Raises:
        InsufficientFundsError: more than is free in escrow.
        StateError: not paid, or nothing left.
        ReplayConflictError: the key reserved something else.
    """
    payment = lock_payment(session, order.reference)
    known = _find_by_key(session, order.key)
    if known is not None:
        if (known.payment_id, known.amount_fen) != (payment.id, order.amount.minor):
            raise ReplayConflictError(key=order.key)
        return known
    require_money(payment)
    require_available(session, payment, require_positive(order.amount))
    attempt = winning_attempt(session, payment)
    source = chart.escrow(payment.reference)
    pending = _reserve(session, source, order, at)
    refund = _row(attempt, source, order, pending, at)
    count_refund(session, payment, refund)
    return refund


def reserve_due_refund(session: Session, attempt_id: UUID, *, at: datetime) -> Refund:
    """Set the money of a late or double payment aside; repeating gives the same refund.

    Raises:
        StateError: nothing is due for this attempt.
        InsufficientFundsError: the money was used otherwise meanwhile.
    """
    attempt = get_attempt(session, attempt_id)
    payment = lock_payment_of(session, attempt)
    session.refresh(attempt)
    query = select(Refund).where(Refund.attempt_id == attempt_id).order_by(Refund.id)
    earlier = list(session.scalars(query))
    if not attempt.refund_due:
        if not earlier:
            raise StateError(attempt=str(attempt_id), why="no_refund_due")
        return earlier[-1]
    attempt.refund_due = False
    key = f"{payment.reference}:return{attempt.n}:{len(earlier) + 1}"
    amount = Money(payment.amount_fen, payment.currency)
    order = RefundOrder(payment.reference, amount, "not_owed", key)
    if payment.psp_ref == attempt.psp_pi:
        return reserve_refund(session, order, at=at)
    pending = _reserve(session, chart.SUSPENSE, order, at)
    refund = _row(attempt, chart.SUSPENSE, order, pending, at)
    session.add(refund)
    session.flush()
    return refund


def send_refund(session: Session, refund_id: UUID, *, at: datetime) -> Refund:
    """Note that the provider is about to be asked; commit before asking.

    Ask with ``refund_params(refund)`` under ``refund.idem_key``.

    Raises:
        NotFoundError: no such refund.
        StateError: it is finished.
    """
    refund = _locked(session, refund_id)
    if refund.state is not _S.SENT:
        require_reservation_move(refund.state, _S.SENT)
        refund.state = _S.SENT
        refund.first_sent_at = refund.first_sent_at or at
        session.flush()
    return refund


def refund_params(refund: Refund) -> dict[str, object]:
    """Make the body of the provider call for a refund."""
    return {
        "payment_intent": refund.psp_pi,
        "amount": refund.amount_fen,
        "metadata": {"refund": str(refund.id)},
    }


def mark_refund_unknown(session: Session, refund_id: UUID) -> Refund:
    """Note that nobody knows whether the provider refunded; the money stays reserved."""
    refund = _locked(session, refund_id)
    if refund.state is not _S.UNKNOWN:
        require_reservation_move(refund.state, _S.UNKNOWN)
        refund.state = _S.UNKNOWN
        session.flush()
    return refund


def fail_refund(session: Session, refund_id: UUID, *, why: str, at: datetime) -> Refund:
    """Give the reservation up after a definite refusal; repeating changes nothing.

    Raises:
        StateError: it has succeeded.
    """
    refund = _locked(session, refund_id)
    if refund.state is not _S.FAILED:
        refund.error = why[:300]
        _finish(session, refund, _S.FAILED, at)
    return refund


def apply_refund(session: Session, snapshot: RefundSnapshot, *, at: datetime) -> RefundOutcome:
    """Apply what the provider says about a refund; safe to repeat and in any order.

    The snapshot must come from the provider just before this transaction.
    """
    found = _find_of(session, snapshot)
    if found is None or found.psp_ref not in {None, snapshot.id}:
        raise_alarm(session, "refund_unmatched", snapshot.id, f"{snapshot.amount} fen", at=at)
        return RefundOutcome.FOREIGN
    refund = _locked(session, found.id)
    refund.psp_ref = snapshot.id
    if refund.state in _FINISHED:
        return _late_news(session, refund, snapshot, at)
    if (snapshot.amount, snapshot.currency) != (refund.amount_fen, refund.currency):
        raise_alarm(session, "refund_mismatch", snapshot.id, f"{snapshot.amount} fen", at=at)
        return RefundOutcome.OPEN
    if snapshot.status == "succeeded":
        _finish(session, refund, _S.SUCCEEDED, at)
        return RefundOutcome.SUCCEEDED
    if snapshot.status in {"failed", "canceled"}:
        _finish(session, refund, _S.FAILED, at)
        return RefundOutcome.FAILED
    session.flush()
    return RefundOutcome.OPEN


def list_open_refunds(session: Session, *, limit: int = 100) -> list[Refund]:
    """List refunds whose end is not known, oldest first."""
    query = select(Refund).where(Refund.state.not_in(_FINISHED)).order_by(Refund.id).limit(limit)
    return list(session.scalars(query))


def list_refunds(session: Session, payment_id: UUID) -> list[Refund]:
    """List the refunds of a payment, oldest first."""
    query = select(Refund).where(Refund.payment_id == payment_id).order_by(Refund.id)
    return list(session.scalars(query))


def winning_attempt(session: Session, payment: Payment) -> PaymentAttempt:
    """Find the attempt whose money is held.

    Raises:
        NotFoundError: there is none.
    """
    attempt = find_attempt_of_intent(session, payment.psp_ref or "")
    if attempt is None:
        raise NotFoundError(payment=payment.reference)
    return attempt


def count_refund(session: Session, payment: Payment, refund: Refund) -> None:
    """Store a refund from escrow and count it in the payment."""
    session.add(refund)
    payment.refunding_fen += refund.amount_fen
    restate(payment)
    session.flush()


def _reserve(session: Session, source: str, order: RefundOrder, at: datetime) -> UUID:
    lines = [reserve(source, chart.PSP_CLEARING, order.amount)]
    key = f"refund:{order.key}:reserve"
    journal = post(session, "refund_reserved", order.reference, key, lines, at=at)
    return transfer_ids(session, journal.id)[0]


def _row(
    attempt: PaymentAttempt, source: str, order: RefundOrder, pending: UUID, at: datetime
) -> Refund:
    return Refund(
        id=new_id(),
        payment_id=attempt.payment_id,
        attempt_id=attempt.id,
        psp_pi=attempt.psp_pi,
        source=source,
        amount_fen=order.amount.minor,
        currency=order.amount.currency,
        reason=order.reason,
        idem_key=order.key,
        pending_transfer_id=pending,
        created_at=at,
    )


def _find_by_key(session: Session, key: str) -> Refund | None:
    return session.scalar(select(Refund).where(Refund.idem_key == key))


def _find_of(session: Session, snapshot: RefundSnapshot) -> Refund | None:
    found = session.scalar(select(Refund).where(Refund.psp_ref == snapshot.id))
    if found is not None:
        return found
    try:
        return session.get(Refund, UUID(snapshot.metadata.get("refund", "")))
    except ValueError:
        return None


def _locked(session: Session, refund_id: UUID) -> Refund:
    query = (
        select(Refund)
        .where(Refund.id == refund_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    refund = session.scalar(query)
    if refund is None:
        raise NotFoundError(refund=str(refund_id))
    return refund


def _finish(session: Session, refund: Refund, target: ReservationState, at: datetime) -> None:
    require_reservation_move(refund.state, target)
    attempt = get_attempt(session, refund.attempt_id)
    payment = lock_payment_of(session, attempt)
    pending: Pending | None = find_pending(session, refund.pending_transfer_id)
    if pending is None:
        raise PendingError(refund=str(refund.id), why="resolved")
    is_paid = target is _S.SUCCEEDED
    line = fulfil(pending) if is_paid else void(pending)
    key = f"refund:{refund.idem_key}:finish"
    post(session, f"refund_{target.value}", payment.reference, key, [line], at=at)
    refund.state, refund.finished_at = target, at
    if refund.source == chart.SUSPENSE:
        attempt.refund_due = not is_paid
    else:
        payment.refunding_fen -= refund.amount_fen
        payment.refunded_fen += refund.amount_fen if is_paid else 0
        restate(payment)
        attempt.refund_due = not is_paid and refund.reason == "not_owed"
    session.flush()


def _late_news(
    session: Session, refund: Refund, snapshot: RefundSnapshot, at: datetime
) -> RefundOutcome:
    agrees = (snapshot.status == "succeeded") == (refund.state is _S.SUCCEEDED)
    if not agrees:
        # A refund that bounced after it was booked, or went through after it was given up.
        details = f"booked {refund.state.value}, provider says {snapshot.status}"
        raise_alarm(session, "refund_changed", snapshot.id, details, at=at)
    return RefundOutcome.ALREADY
