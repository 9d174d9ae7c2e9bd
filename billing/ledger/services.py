"""Writing the book: post, reserve, fulfil, void, reverse.

The caller owns the transaction. Order of locks, always the same: chain head first, then accounts
by id. So one journal is written at a time, numbers have no gaps, and a replay sees its original.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.chart import classify
from billing.db import insert_once, new_id
from billing.errors import NotFoundError, PendingError, PostingError, ReplayConflictError
from billing.ledger import postings
from billing.ledger.models import Account, ChainHead, Journal, Mode, Transfer
from billing.ledger.postings import GENESIS, Line, Link, Pending, Totals
from billing.ledger.queries import find_pending, list_lines
from billing.money import CNY, Money

HEAD_ID = 1


@dataclass(frozen=True, slots=True)
class _Entry:
    kind: str
    ref: str
    idem_key: str
    lines: tuple[Line, ...]
    reverses_id: UUID | None = None


def post(
    session: Session, kind: str, ref: str, idem_key: str, lines: Sequence[Line], *, at: datetime
) -> Journal:
    """Write one journal, or give back the one that this key wrote before.

    Accounts of the chart are opened on first use. Commits nothing. Nothing was written when this
    raises, and the caller's transaction stays usable.

    Args:
        session: in a writing transaction.
        kind: what happened, such as "payment_succeeded".
        ref: what it happened to, such as "order:<uuid>".
        idem_key: unique for this effect; a replay with the same lines changes nothing.
        lines: from ``postings.move``, ``reserve``, ``fulfil``, ``void``.
        at: aware instant.

    Raises:
        ReplayConflictError: the key wrote something else before.
        InsufficientFundsError: a guarded account would be overdrawn.
        PendingError: a reservation is unknown, resolved already or too small.
        PostingError: the lines are malformed.
    """
    return _append(session, _Entry(kind, ref, idem_key, tuple(lines)), at)


def reverse(session: Session, journal_id: UUID, *, idem_key: str, at: datetime) -> Journal:
    """Write the mirror of a journal; the original stays.

    Raises:
        NotFoundError: no such journal.
        PostingError: it holds reservations (void those instead) or was reversed already.
    """
    original = session.get(Journal, journal_id)
    if original is None:
        raise NotFoundError(journal=str(journal_id))
    lines = list_lines(session, journal_id)
    if any(line.mode is not Mode.POSTED and line.mode is not Mode.POST for line in lines):
        raise PostingError(journal=str(journal_id), why="holds_reservations")
    earlier = session.scalar(select(Journal).where(Journal.reverses_id == journal_id))
    if earlier is not None and earlier.idem_key != idem_key:
        raise PostingError(journal=str(journal_id), why="reversed_already")
    mirrored = tuple(postings.move(line.credit, line.debit, line.amount) for line in lines)
    return _append(session, _Entry("correction", original.ref, idem_key, mirrored, journal_id), at)


def _append(session: Session, entry: _Entry, at: datetime) -> Journal:
    postings.require_lines(entry.lines)
    head = _lock_head(session)
    asked = postings.request_hash(entry.kind, entry.ref, entry.lines, entry.reverses_id)
    written = session.scalar(select(Journal).where(Journal.idem_key == entry.idem_key))
    if written is not None:
        if written.request_hash != asked:
            raise ReplayConflictError(idem_key=entry.idem_key)
        return written
    accounts = _lock_accounts(session, entry.lines)
    reserved = [_reserved(session, line) for line in entry.lines]
    _apply(accounts, postings.effects(zip(entry.lines, reserved, strict=True)))
    return _write(session, head, entry, _Stamp(asked, at, accounts))


@dataclass(frozen=True, slots=True)
class _Stamp:
    request_hash: str
    at: datetime
    accounts: dict[str, Account]


def _write(session: Session, head: ChainHead, entry: _Entry, stamp: _Stamp) -> Journal:
    journal_id = new_id()
    transfer_ids = [new_id() for _ in entry.lines]
    link = Link(head.seq + 1, entry.idem_key, stamp.request_hash, stamp.at, head.hash)
    journal = Journal(
        id=journal_id,
        seq=link.seq,
        kind=entry.kind,
        ref=entry.ref,
        idem_key=link.idem_key,
        request_hash=link.request_hash,
        created_at=link.created_at,
        prev_hash=link.prev_hash,
        hash=postings.chain_hash(link, journal_id, transfer_ids),
        reverses_id=entry.reverses_id,
    )
    session.add(journal)
    session.flush()
    for number, line in enumerate(entry.lines):
        session.add(_transfer(transfer_ids[number], journal_id, number, line, stamp.accounts))
    head.seq, head.hash = journal.seq, journal.hash
    session.flush()
    return journal


def _transfer(
    transfer_id: UUID, journal_id: UUID, number: int, line: Line, accounts: dict[str, Account]
) -> Transfer:
    return Transfer(
        id=transfer_id,
        journal_id=journal_id,
        line=number,
        debit_id=accounts[line.debit].id,
        credit_id=accounts[line.credit].id,
        amount_fen=line.amount.minor,
        currency=line.amount.currency,
        mode=line.mode,
        pending_id=line.pending_id,
    )


def _lock_head(session: Session) -> ChainHead:
    query = (
        select(ChainHead)
        .where(ChainHead.id == HEAD_ID)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    head = session.scalar(query)
    if head is None:
        insert_once(session, ChainHead, {"id": HEAD_ID, "seq": 0, "hash": GENESIS})
        head = session.scalars(query).one()
    return head


def _lock_accounts(session: Session, lines: Sequence[Line]) -> dict[str, Account]:
    codes = {code for line in lines for code in (line.debit, line.credit)}
    query = (
        select(Account)
        .where(Account.code.in_(codes))
        .order_by(Account.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = {account.code: account for account in session.scalars(query)}
    for code in sorted(codes - found.keys()):
        meaning = classify(code)
        account = Account(code=code, kind=meaning.kind, guard=meaning.guard, currency=CNY)
        session.add(account)
        found[code] = account
    session.flush()
    return found


def _reserved(session: Session, line: Line) -> Money | None:
    if line.pending_id is None:
        return None
    pending: Pending | None = find_pending(session, line.pending_id)
    if pending is None:
        raise PendingError(pending=str(line.pending_id), why="unknown_or_resolved")
    postings.require_resolution(line, pending)
    return pending.amount


def _apply(accounts: dict[str, Account], changes: dict[str, Totals]) -> None:
    after = {code: totals_of(accounts[code]) + change for code, change in changes.items()}
    for code, totals in after.items():
        postings.require_guard(code, accounts[code].guard, totals)
    for code, totals in after.items():
        account = accounts[code]
        account.debits_posted = totals.debits_posted
        account.credits_posted = totals.credits_posted
        account.debits_pending = totals.debits_pending
        account.credits_pending = totals.credits_pending


def totals_of(account: Account) -> Totals:
    """Read the four figures of an account row."""
    return Totals(
        account.debits_posted,
        account.credits_posted,
        account.debits_pending,
        account.credits_pending,
    )
