"""Money in hand: look at it, release it to the agency.

Every function locks the payment row first and then the ledger; call at most one per payment and
transaction, and lock rows of your own before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from billing import chart
from billing.errors import InsufficientFundsError, NotFoundError, StateError
from billing.ledger.models import Journal
from billing.ledger.postings import Line, move
from billing.ledger.queries import balance, find_journal
from billing.ledger.services import post
from billing.money import Money, require_positive
from billing.payments.models import Payment
from billing.payments.queries import find_payment, lock_payment
from billing.payments.states import MoneyState, money_state, require_money_move

_WITH_MONEY = frozenset({MoneyState.HELD, MoneyState.PART_RELEASED, MoneyState.REFUND_PENDING})


@dataclass(frozen=True, slots=True)
class EscrowView:
    """Where the money of one reference is, in fen; the parts add up to ``paid_fen``.

    ``available_fen`` can be released or refunded, ``frozen_fen`` is disputed.
    """

    reference: str
    payee: str
    state: MoneyState
    amount_fen: int
    paid_fen: int
    available_fen: int
    frozen_fen: int
    refunding_fen: int
    released_fen: int
    refunded_fen: int


@dataclass(frozen=True, slots=True)
class Release:
    """An order to release: ``key`` is unique for this effect, such as "order:<id>:accepted"."""

    reference: str
    amount: Money
    key: str
    commission_bp: int = 0  # basis points that the platform keeps, rounded down to a fen


def escrow_of(session: Session, reference: str) -> EscrowView:
    """Tell where the money of a reference is.

    Raises:
        NotFoundError: nothing was ever asked for this reference.
    """
    payment = find_payment(session, reference)
    if payment is None:
        raise NotFoundError(payment=reference)
    held = balance(session, chart.escrow(reference))
    return EscrowView(
        reference=reference,
        payee=payment.payee,
        state=payment.state,
        amount_fen=payment.amount_fen,
        paid_fen=0 if payment.paid_at is None else payment.amount_fen,
        available_fen=held.available,
        frozen_fen=held.pending_out - payment.refunding_fen,
        refunding_fen=payment.refunding_fen,
        released_fen=payment.released_fen,
        refunded_fen=payment.refunded_fen,
    )


def release(session: Session, order: Release, *, at: datetime) -> Journal:
    """Give held money to the agency's payable account, less commission; repeating is harmless.

    Raises:
        InsufficientFundsError: more than is free: frozen and refunding money does not count.
        StateError: not paid, or nothing left.
        ReplayConflictError: the key released something else.
    """
    payment = lock_payment(session, order.reference)
    key = f"release:{order.key}"
    lines = release_lines(payment, order.amount, order.commission_bp)
    if find_journal(session, key) is not None:
        return post(session, "milestone_accepted", order.reference, key, lines, at=at)
    require_money(payment)
    require_available(session, payment, order.amount)
    journal = post(session, "milestone_accepted", order.reference, key, lines, at=at)
    payment.released_fen += order.amount.minor
    restate(payment)
    session.flush()
    return journal


def release_lines(payment: Payment, amount: Money, commission_bp: int) -> Sequence[Line]:
    """Split an amount between agency and platform."""
    fee = require_positive(amount).portion(commission_bp)
    held = chart.escrow(payment.reference)
    lines = []
    if amount > fee:
        lines.append(move(held, chart.agency_payable(payment.payee), amount - fee))
    if fee:
        lines.append(move(held, chart.PLATFORM_FEE_INCOME, fee))
    return lines


def require_money(payment: Payment) -> None:
    """Refuse to move money that is not there.

    Raises:
        StateError: not paid, or nothing left.
    """
    if payment.state not in _WITH_MONEY:
        raise StateError(reference=payment.reference, current=payment.state.value)


def require_available(session: Session, payment: Payment, amount: Money) -> None:
    """Refuse more than is free in escrow, before anything of the row is changed.

    Raises:
        InsufficientFundsError: it is less.
    """
    free = balance(session, chart.escrow(payment.reference)).available
    if amount.minor > free:
        raise InsufficientFundsError(reference=payment.reference, available=free)


def restate(payment: Payment) -> None:
    """Set the state that follows from the parts.

    Raises:
        StateError: the table does not list this move.
    """
    parts = (payment.released_fen, payment.refunding_fen, payment.refunded_fen)
    target = money_state(payment.amount_fen, *parts)
    require_money_move(payment.state, target)
    payment.state = target
