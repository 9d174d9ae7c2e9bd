"""Walk the whole book and recompute everything; the first row that does not fit is named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from billing.chart import classify
from billing.errors import BillingError, UnknownAccountError
from billing.ledger import postings
from billing.ledger.models import Account, Journal, Mode, Transfer
from billing.ledger.postings import GENESIS, Line, Link, Pending, Totals
from billing.ledger.queries import as_line, head
from billing.ledger.services import totals_of

PAGE = 500


@dataclass(frozen=True, slots=True)
class Report:
    """Outcome of a walk; ``first_bad`` names table, row and reason, or is None."""

    journals: int
    transfers: int
    accounts: int
    posted_fen: int
    first_bad: str | None

    @property
    def is_sound(self) -> bool:
        """Tell whether every row fits."""
        return self.first_bad is None


class _FaultError(Exception):
    """Internal: carries the name of the first bad row."""


@dataclass(slots=True)
class _Walk:
    seq: int = 0
    hash: str = GENESIS
    transfers: int = 0
    totals: dict[str, Totals] = field(default_factory=dict)
    open: dict[UUID, Pending] = field(default_factory=dict)


def verify(session: Session) -> Report:
    """Recompute hashes, numbers, reservations, totals and guards of the whole book.

    Reads all of it; give it a transaction with a steady view (REPEATABLE READ on PostgreSQL).
    """
    walk = _Walk()
    bad: str | None = None
    try:
        for journal, transfers in _journals(session):
            _check_journal(walk, journal, transfers)
        _check_head(session, walk)
        _check_orphans(session, walk)
        _check_accounts(session, walk)
    except _FaultError as fault:
        bad = str(fault)
    except (LookupError, UnknownAccountError) as unreadable:
        bad = f"after billing_journal seq={walk.seq}: {unreadable}"
    posted = sum(totals.debits_posted for totals in walk.totals.values())
    return Report(walk.seq, walk.transfers, len(walk.totals), posted, bad)


_Rows = list[tuple[Transfer, str, str]]


def _journals(session: Session) -> Iterator[tuple[Journal, _Rows]]:
    last = -1
    while True:
        query = select(Journal).where(Journal.seq > last).order_by(Journal.seq).limit(PAGE)
        page = session.scalars(query.execution_options(populate_existing=True)).all()
        if not page:
            return
        rows = _transfers(session, page)
        for journal in page:
            yield journal, rows.get(journal.id, [])
        last = page[-1].seq


def _transfers(session: Session, page: Sequence[Journal]) -> dict[UUID, _Rows]:
    debit, credit = aliased(Account), aliased(Account)
    query = (
        select(Transfer, debit.code, credit.code)
        .join(Journal, Journal.id == Transfer.journal_id)
        .join(debit, debit.id == Transfer.debit_id)
        .join(credit, credit.id == Transfer.credit_id)
        .where(Journal.seq.between(page[0].seq, page[-1].seq))
        .order_by(Journal.seq, Transfer.line)
        .execution_options(populate_existing=True)
    )
    found: dict[UUID, _Rows] = {}
    for transfer, debit_code, credit_code in session.execute(query):
        found.setdefault(transfer.journal_id, []).append((transfer, debit_code, credit_code))
    return found


def _check_journal(walk: _Walk, journal: Journal, rows: _Rows) -> None:
    name = f"billing_journal seq={journal.seq}"
    _require(journal.seq == walk.seq + 1, f"{name}: number after {walk.seq}")
    _require(journal.prev_hash == walk.hash, f"{name}: prev_hash")
    _require([row[0].line for row in rows] == list(range(len(rows))), f"{name}: lines missing")
    try:
        lines = [as_line(*row) for row in rows]
        postings.require_lines(lines)
    except BillingError as refused:
        raise _FaultError(f"{name}: {refused}") from refused
    asked = postings.request_hash(journal.kind, journal.ref, lines, journal.reverses_id)
    _require(journal.request_hash == asked, f"{name}: request_hash does not cover its lines")
    link = Link(journal.seq, journal.idem_key, asked, journal.created_at, walk.hash)
    ids = [row[0].id for row in rows]
    _require(journal.hash == postings.chain_hash(link, journal.id, ids), f"{name}: hash")
    for transfer_id, line in zip(ids, lines, strict=True):
        _take(walk, transfer_id, line)
    walk.seq, walk.hash = journal.seq, journal.hash
    walk.transfers += len(rows)


def _take(walk: _Walk, transfer_id: UUID, line: Line) -> None:
    reserved = None
    if line.pending_id is not None:
        pending = walk.open.pop(line.pending_id, None)
        if pending is None:
            raise _FaultError(f"billing_transfer id={transfer_id}: no such reservation")
        try:
            postings.require_resolution(line, pending)
        except BillingError as refused:
            raise _FaultError(f"billing_transfer id={transfer_id}: {refused}") from refused
        reserved = pending.amount
    if line.mode is Mode.PENDING:
        walk.open[transfer_id] = Pending(transfer_id, line.debit, line.credit, line.amount)
    for code, change in postings.effects([(line, reserved)]).items():
        walk.totals[code] = walk.totals.get(code, Totals()) + change


def _check_head(session: Session, walk: _Walk) -> None:
    found = head(session)
    _require((found.seq, found.hash) == (walk.seq, walk.hash), "billing_chain_head: not the last")


def _check_orphans(session: Session, walk: _Walk) -> None:
    count = session.scalar(select(func.count()).select_from(Transfer))
    _require(count == walk.transfers, "billing_transfer: rows outside of any journal")


def _check_accounts(session: Session, walk: _Walk) -> None:
    query = select(Account).order_by(Account.code)
    seen = set()
    for account in session.scalars(query.execution_options(populate_existing=True)):
        name = f"billing_account code={account.code}"
        totals = totals_of(account)
        meaning = classify(account.code)
        seen.add(account.code)
        _require((account.kind, account.guard) == (meaning.kind, meaning.guard), f"{name}: class")
        _require(totals == walk.totals.get(account.code, Totals()), f"{name}: totals")
        _require(postings.guard_holds(account.guard, totals), f"{name}: overdrawn")
    _require(walk.totals.keys() <= seen, "billing_account: missing")


def _require(holds: bool, name: str) -> None:  # noqa: FBT001 - reads like an assertion
    if not holds:
        raise _FaultError(name)
