"""Reading the book: balances, statements, reservations, head."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, aliased

from billing.chart import Kind, classify
from billing.ledger.models import Account, ChainHead, Journal, Mode, Transfer
from billing.ledger.postings import GENESIS, Line, Pending
from billing.money import Money

DEBIT_SIDE = frozenset({Kind.ASSET, Kind.EXPENSE})


@dataclass(frozen=True, slots=True)
class Balance:
    """Figures in fen on the side on which the account grows; ``posted`` may be negative.

    ``pending_out`` is reserved to leave, ``available`` = posted - pending_out.
    """

    code: str
    posted: int
    pending_in: int
    pending_out: int

    @property
    def available(self) -> int:
        """What can still be spent or reserved, in fen."""
        return self.posted - self.pending_out


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One posted change of an account; ``change`` and ``balance`` in fen, signed."""

    at: datetime
    seq: int
    kind: str
    ref: str
    change: int
    balance: int


@dataclass(frozen=True, slots=True)
class Head:
    """Number and hash of the last journal: the fingerprint of the whole book."""

    seq: int
    hash: str


def balance(session: Session, code: str) -> Balance:
    """Tell the balance of an account; one that was never used stands at zero.

    Raises:
        UnknownAccountError: the chart has no such code.
    """
    kind = classify(code).kind
    query = select(Account).where(Account.code == code)
    row = session.scalar(query.execution_options(populate_existing=True))
    return Balance(code, 0, 0, 0) if row is None else _balance(row, kind)


def trial_balance(session: Session) -> list[Balance]:
    """List all accounts by code."""
    rows = session.scalars(select(Account).order_by(Account.code))
    return [_balance(row, row.kind) for row in rows]


def _balance(row: Account, kind: Kind) -> Balance:
    if kind in DEBIT_SIDE:
        posted = row.debits_posted - row.credits_posted
        return Balance(row.code, posted, row.debits_pending, row.credits_pending)
    posted = row.credits_posted - row.debits_posted
    return Balance(row.code, posted, row.credits_pending, row.debits_pending)


def statement(session: Session, code: str, *, start: datetime, end: datetime) -> list[StatementRow]:
    """List the posted changes of an account with ``start <= time < end``, oldest first.

    Balances count everything before ``start`` too.
    """
    sign = 1 if classify(code).kind in DEBIT_SIDE else -1
    query = (
        select(Journal, Transfer.amount_fen, Account.id == Transfer.debit_id)
        .join(Transfer, Transfer.journal_id == Journal.id)
        .join(Account, or_(Account.id == Transfer.debit_id, Account.id == Transfer.credit_id))
        .where(Account.code == code, Transfer.mode.in_([Mode.POSTED, Mode.POST]))
        .where(Journal.created_at < end)
        .order_by(Journal.seq, Transfer.line)
    )
    running = 0
    rows: list[StatementRow] = []
    for journal, amount_fen, is_debit in session.execute(query):
        change = sign * (amount_fen if is_debit else -amount_fen)
        running += change
        if journal.created_at >= start:
            found = (journal.created_at, journal.seq, journal.kind, journal.ref)
            rows.append(StatementRow(*found, change, running))
    return rows


def head(session: Session) -> Head:
    """Tell number and hash of the last journal; zero and zeros for an empty book."""
    row = session.scalar(select(ChainHead).execution_options(populate_existing=True))
    return Head(0, GENESIS) if row is None else Head(row.seq, row.hash)


def find_pending(session: Session, transfer_id: UUID) -> Pending | None:
    """Find a reservation that is not resolved."""
    resolved = aliased(Transfer)
    query = (
        _lines()
        .outerjoin(resolved, resolved.pending_id == Transfer.id)
        .where(Transfer.id == transfer_id, Transfer.mode == Mode.PENDING, resolved.id.is_(None))
    )
    row = session.execute(query).first()
    if row is None:
        return None
    transfer, debit, credit = row
    return Pending(transfer.id, debit, credit, Money(transfer.amount_fen, transfer.currency))


def list_lines(session: Session, journal_id: UUID) -> list[Line]:
    """List the lines of a journal in their order."""
    query = _lines().where(Transfer.journal_id == journal_id).order_by(Transfer.line)
    return [as_line(transfer, debit, credit) for transfer, debit, credit in session.execute(query)]


def transfer_ids(session: Session, journal_id: UUID) -> list[UUID]:
    """List the ids of the transfers of a journal in the order of its lines."""
    query = select(Transfer.id).where(Transfer.journal_id == journal_id).order_by(Transfer.line)
    return list(session.scalars(query))


def find_journal(session: Session, idem_key: str) -> Journal | None:
    """Find what a key wrote."""
    return session.scalar(select(Journal).where(Journal.idem_key == idem_key))


def list_journals(session: Session, ref: str) -> Iterable[Journal]:
    """List the journals about one thing, oldest first."""
    return session.scalars(select(Journal).where(Journal.ref == ref).order_by(Journal.seq)).all()


def as_line(transfer: Transfer, debit: str, credit: str) -> Line:
    """Turn a stored transfer into a line."""
    amount = Money(transfer.amount_fen, transfer.currency)
    return Line(transfer.mode, debit, credit, amount, transfer.pending_id)


def _lines() -> Select[Transfer, str, str]:
    debit, credit = aliased(Account), aliased(Account)
    return (
        select(Transfer, debit.code, credit.code)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
    )
