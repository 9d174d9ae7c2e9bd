"""Payouts to agencies: reserve, send, then fulfil or void."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import chart
from billing.db import insert_once, new_id
from billing.errors import NotFoundError, PendingError, ReplayConflictError
from billing.escrow.models import Payout
from billing.escrow.states import ReservationState, require_reservation_move
from billing.ledger.postings import fulfil, reserve, void
from billing.ledger.queries import find_pending, transfer_ids
from billing.ledger.services import post
from billing.money import Money, require_positive

_S = ReservationState


def reserve_payout(
    session: Session, payee: str, amount: Money, *, key: str, at: datetime
) -> Payout:
    """Set an agency's earned money aside for a transfer; the same key gives the same payout.

    Raises:
        InsufficientFundsError: the agency has earned less, or it is reserved already.
        ReplayConflictError: the key reserved something else.
    """
    lines = [reserve(chart.agency_payable(payee), chart.PSP_CLEARING, require_positive(amount))]
    journal = post(session, "payout_reserved", payee, f"payout:{key}:reserve", lines, at=at)
    values: dict[str, object] = {
        "id": new_id(),
        "payee": payee,
        "amount_fen": amount.minor,
        "currency": amount.currency,
        "state": _S.RESERVED,
        "idem_key": key,
        "pending_transfer_id": transfer_ids(session, journal.id)[0],
        "created_at": at,
    }
    insert_once(session, Payout, values)
    payout = session.scalars(select(Payout).where(Payout.idem_key == key)).one()
    if (payout.payee, payout.amount_fen) != (payee, amount.minor):
        raise ReplayConflictError(key=key)
    return payout


def send_payout(session: Session, payout_id: UUID, *, at: datetime) -> Payout:
    """Note that the provider is about to be asked; commit before asking."""
    payout = _locked(session, payout_id)
    if payout.state is not _S.SENT:
        require_reservation_move(payout.state, _S.SENT)
        payout.state = _S.SENT
        payout.first_sent_at = payout.first_sent_at or at
        session.flush()
    return payout


def mark_payout_unknown(session: Session, payout_id: UUID) -> Payout:
    """Note that nobody knows whether the provider paid; the money stays reserved."""
    payout = _locked(session, payout_id)
    if payout.state is not _S.UNKNOWN:
        require_reservation_move(payout.state, _S.UNKNOWN)
        payout.state = _S.UNKNOWN
        session.flush()
    return payout


def finish_payout(session: Session, payout_id: UUID, psp_ref: str, *, at: datetime) -> Payout:
    """Note that the transfer was made; repeating changes nothing.

    Raises:
        ReplayConflictError: it was made by another transfer.
        StateError: it had failed.
    """
    payout = _locked(session, payout_id)
    if payout.psp_ref not in {None, psp_ref}:
        raise ReplayConflictError(payout=str(payout_id))
    if payout.state is not _S.SUCCEEDED:
        payout.psp_ref = psp_ref
        _finish(session, payout, _S.SUCCEEDED, at)
    return payout


def fail_payout(session: Session, payout_id: UUID, *, why: str, at: datetime) -> Payout:
    """Give the reservation up after a definite refusal; repeating changes nothing.

    Raises:
        StateError: it has succeeded.
    """
    payout = _locked(session, payout_id)
    if payout.state is not _S.FAILED:
        payout.error = why[:300]
        _finish(session, payout, _S.FAILED, at)
    return payout


def list_payouts(session: Session, payee: str) -> list[Payout]:
    """List the payouts of an agency, oldest first."""
    return list(session.scalars(select(Payout).where(Payout.payee == payee).order_by(Payout.id)))


def _locked(session: Session, payout_id: UUID) -> Payout:
    query = (
        select(Payout)
        .where(Payout.id == payout_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    payout = session.scalar(query)
    if payout is None:
        raise NotFoundError(payout=str(payout_id))
    return payout


def _finish(session: Session, payout: Payout, target: ReservationState, at: datetime) -> None:
    require_reservation_move(payout.state, target)
    pending = find_pending(session, payout.pending_transfer_id)
    if pending is None:
        raise PendingError(payout=str(payout.id), why="resolved")
    line = fulfil(pending) if target is _S.SUCCEEDED else void(pending)
    key = f"payout:{payout.idem_key}:finish"
    post(session, f"payout_{target.value}", payout.payee, key, [line], at=at)
    payout.state, payout.finished_at = target, at
    session.flush()
