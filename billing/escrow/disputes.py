"""Disputes: freeze exactly the disputed money, split it in one journal when decided."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import chart
from billing.db import new_id
from billing.errors import AmountError, NotFoundError, PendingError, ReplayConflictError
from billing.escrow.models import Dispute, Refund
from billing.escrow.refunds import count_refund, winning_attempt
from billing.escrow.services import (
    release_lines,
    require_available,
    require_money,
    restate,
)
from billing.escrow.states import DisputeState, require_dispute_move
from billing.ledger.postings import Line, Pending, reserve, void
from billing.ledger.queries import find_pending, transfer_ids
from billing.ledger.services import post
from billing.money import Money, require_positive
from billing.payments.models import Payment
from billing.payments.queries import lock_payment


@dataclass(frozen=True, slots=True)
class Decision:
    """How frozen money is split; what is left of it stays in escrow, free again."""

    dispute_id: UUID
    release: Money
    refund: Money
    commission_bp: int = 0


def freeze(session: Session, reference: str, amount: Money, *, key: str, at: datetime) -> Dispute:
    """Freeze escrow money: neither release nor refund can touch it. The same key is harmless.

    Raises:
        InsufficientFundsError: more than is free in escrow.
        StateError: not paid, or nothing left.
        ReplayConflictError: the key froze something else.
    """
    payment = lock_payment(session, reference)
    known = session.scalar(select(Dispute).where(Dispute.idem_key == key))
    if known is not None:
        if (known.payment_id, known.frozen_fen) != (payment.id, amount.minor):
            raise ReplayConflictError(key=key)
        return known
    require_money(payment)
    require_available(session, payment, require_positive(amount))
    lines = [reserve(chart.escrow(reference), chart.dispute(reference), amount)]
    journal = post(session, "dispute_opened", reference, f"dispute:{key}:open", lines, at=at)
    dispute = Dispute(
        id=new_id(),
        payment_id=payment.id,
        frozen_fen=amount.minor,
        idem_key=key,
        pending_transfer_id=transfer_ids(session, journal.id)[0],
        opened_at=at,
    )
    session.add(dispute)
    session.flush()
    return dispute


def move_dispute(session: Session, dispute_id: UUID, target: DisputeState) -> Dispute:
    """Note a step of the procedure; moves no money.

    Raises:
        StateError: the table does not list this move; execution is ``execute_decision``.
    """
    dispute = _locked(session, dispute_id)
    if target is DisputeState.EXECUTED:
        target = dispute.state  # refused below: no state leads to itself
    require_dispute_move(dispute.state, target)
    dispute.state = target
    session.flush()
    return dispute


def execute_decision(session: Session, decision: Decision, *, at: datetime) -> Refund | None:
    """Unfreeze, release and reserve the refund in one journal; repeating changes nothing.

    Returns:
        The refund that is to be sent, if the decision grants one.

    Raises:
        AmountError: release and refund exceed what is frozen.
        ReplayConflictError: the dispute was executed with another split.
    """
    dispute = _locked(session, decision.dispute_id)
    payment = lock_payment(session, _reference(session, dispute))
    key = f"{dispute.idem_key}:refund"
    if dispute.state is DisputeState.EXECUTED:
        split = (decision.release.minor, decision.refund.minor)
        if (dispute.released_fen, dispute.refunded_fen) != split:
            raise ReplayConflictError(dispute=str(dispute.id))
        return session.scalar(select(Refund).where(Refund.idem_key == key))
    require_dispute_move(dispute.state, DisputeState.EXECUTED)
    if (decision.release + decision.refund).minor > dispute.frozen_fen:
        raise AmountError(frozen=dispute.frozen_fen, why="more_than_frozen")
    pending = find_pending(session, dispute.pending_transfer_id)
    if pending is None:
        raise PendingError(dispute=str(dispute.id), why="resolved")
    lines = _split(payment, pending, decision)
    opened = f"dispute:{dispute.idem_key}:execute"
    journal = post(session, "dispute_resolved", payment.reference, opened, lines, at=at)
    dispute.state, dispute.executed_at = DisputeState.EXECUTED, at
    dispute.released_fen, dispute.refunded_fen = decision.release.minor, decision.refund.minor
    payment.released_fen += decision.release.minor
    if not decision.refund:
        restate(payment)
        session.flush()
        return None
    refund = _refund(session, payment, decision, key, at)
    refund.pending_transfer_id = transfer_ids(session, journal.id)[-1]
    count_refund(session, payment, refund)
    return refund


def list_disputes(session: Session, payment_id: UUID) -> list[Dispute]:
    """List the disputes of a payment, oldest first."""
    query = select(Dispute).where(Dispute.payment_id == payment_id).order_by(Dispute.id)
    return list(session.scalars(query))


def _split(payment: Payment, pending: Pending, decision: Decision) -> list[Line]:
    lines = [void(pending)]
    if decision.release:
        lines.extend(release_lines(payment, decision.release, decision.commission_bp))
    if decision.refund:  # last line: the refund row points at it
        source = chart.escrow(payment.reference)
        lines.append(reserve(source, chart.PSP_CLEARING, decision.refund))
    return lines


def _refund(
    session: Session, payment: Payment, decision: Decision, key: str, at: datetime
) -> Refund:
    attempt = winning_attempt(session, payment)
    return Refund(
        id=new_id(),
        payment_id=payment.id,
        attempt_id=attempt.id,
        psp_pi=attempt.psp_pi,
        source=chart.escrow(payment.reference),
        amount_fen=decision.refund.minor,
        currency=decision.refund.currency,
        reason="dispute",
        idem_key=key,
        created_at=at,
    )


def _reference(session: Session, dispute: Dispute) -> str:
    query = select(Payment.reference).where(Payment.id == dispute.payment_id)
    return session.scalars(query).one()


def _locked(session: Session, dispute_id: UUID) -> Dispute:
    query = (
        select(Dispute)
        .where(Dispute.id == dispute_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    dispute = session.scalar(query)
    if dispute is None:
        raise NotFoundError(dispute=str(dispute_id))
    return dispute
