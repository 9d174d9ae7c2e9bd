"""What people see of money: the escrow of an order, the wallet of an agency, the whole book."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from billing import chart
from billing.errors import NotFoundError
from billing.escrow.services import EscrowView, escrow_of
from billing.ledger.queries import Balance, StatementRow, balance, statement, trial_balance
from billing.ledger.verification import Report, verify
from market.payments.paying import order_of, reference_of

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class WalletLine:
    """One movement on the agency's account, in fen; negative: paid out."""

    at: datetime
    kind: str
    order_id: UUID
    change_fen: int
    balance_fen: int


@dataclass(frozen=True, slots=True)
class Wallet:
    """What the platform owes an agency, newest movement first."""

    available_fen: int
    lines: tuple[WalletLine, ...]


def money_of(session: Session, order_id: UUID) -> EscrowView | None:
    """Tell where the money of an order is; None before anybody pressed pay."""
    try:
        return escrow_of(session, reference_of(order_id))
    except NotFoundError:
        return None


def wallet_of(session: Session, agency_id: UUID, *, now: datetime) -> Wallet:
    """Show what the platform owes an agency and how it came to that."""
    code = chart.agency_payable(str(agency_id))
    rows = statement(session, code, start=EPOCH, end=now + timedelta(seconds=1))
    lines = tuple(_line(row) for row in reversed(rows))
    return Wallet(balance(session, code).available, lines)


def _line(row: StatementRow) -> WalletLine:
    return WalletLine(row.at, row.kind, order_of(row.ref), row.change, row.balance)


def list_balances(session: Session) -> Sequence[Balance]:
    """List all accounts of the book."""
    return trial_balance(session)


def check_ledger(session: Session) -> Report:
    """Walk the whole book: sums, counters, guards and chain."""
    return verify(session)
