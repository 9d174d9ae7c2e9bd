"""Pure rules of posting: lines, their effect on totals, guards, canonical hashes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from billing.chart import Guard
from billing.errors import InsufficientFundsError, PendingError, PostingError
from billing.ledger.models import Mode
from billing.money import Money, require_positive

GENESIS: Final = "0" * 64
MAX_LINES: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One transfer to be written; ``pending_id`` names the reservation it resolves."""

    mode: Mode
    debit: str
    credit: str
    amount: Money
    pending_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """A reservation as it stands in the book."""

    id: UUID
    debit: str
    credit: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Totals:
    """The four running figures of an account, or a change of them."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.debits_posted + other.debits_posted,
            self.credits_posted + other.credits_posted,
            self.debits_pending + other.debits_pending,
            self.credits_pending + other.credits_pending,
        )


def move(debit: str, credit: str, amount: Money) -> Line:
    """Move money at once."""
    return Line(Mode.POSTED, debit, credit, amount)


def reserve(debit: str, credit: str, amount: Money) -> Line:
    """Reserve money; nothing else can spend it until the reservation is resolved."""
    return Line(Mode.PENDING, debit, credit, amount)


def fulfil(pending: Pending, amount: Money | None = None) -> Line:
    """Turn a reservation into a move of at most its amount; what is left is free again."""
    return Line(Mode.POST, pending.debit, pending.credit, amount or pending.amount, pending.id)


def void(pending: Pending) -> Line:
    """Give a reservation up."""
    return Line(Mode.VOID, pending.debit, pending.credit, pending.amount, pending.id)


def require_lines(lines: Sequence[Line]) -> None:
    """Refuse lines that no book may hold.

    Raises:
        PostingError: none or too many lines, one account on both sides, a resolving line without
            reservation (or the other way round), or one reservation resolved twice.
        AmountError: an amount of zero.
    """
    if not 0 < len(lines) <= MAX_LINES:
        raise PostingError(lines=len(lines))
    for number, line in enumerate(lines):
        require_positive(line.amount)
        if line.debit == line.credit:
            raise PostingError(line=number, why="one_account")
        if (line.mode in {Mode.POST, Mode.VOID}) != (line.pending_id is not None):
            raise PostingError(line=number, why="pending_id")
    resolved = [line.pending_id for line in lines if line.pending_id]
    if len(resolved) != len(set(resolved)):
        raise PendingError(why="twice_in_journal")


def require_resolution(line: Line, pending: Pending) -> None:
    """Refuse a line that resolves another reservation than it says, or more than it holds.

    Raises:
        PendingError: accounts differ, or the amount does not fit.
    """
    if (line.debit, line.credit) != (pending.debit, pending.credit):
        raise PendingError(pending=str(pending.id), why="other_accounts")
    exact = line.mode is Mode.VOID
    if line.amount > pending.amount or (exact and line.amount != pending.amount):
        raise PendingError(pending=str(pending.id), why="amount")


def effect(line: Line, reserved: Money | None) -> tuple[Totals, Totals]:
    """Tell the change on the debit and on the credit account.

    Args:
        line: what is written.
        reserved: whole amount of the reservation that ``line`` resolves, if it does.
    """
    moved = line.amount.minor if line.mode in {Mode.POSTED, Mode.POST} else 0
    held = line.amount.minor if line.mode is Mode.PENDING else 0
    freed = reserved.minor if reserved else 0
    return (
        Totals(debits_posted=moved, debits_pending=held - freed),
        Totals(credits_posted=moved, credits_pending=held - freed),
    )


def effects(pairs: Iterable[tuple[Line, Money | None]]) -> dict[str, Totals]:
    """Add up the changes per account code; see ``effect`` for the pairs."""
    changes: dict[str, Totals] = {}
    for line, reserved in pairs:
        debit, credit = effect(line, reserved)
        changes[line.debit] = changes.get(line.debit, Totals()) + debit
        changes[line.credit] = changes.get(line.credit, Totals()) + credit
    return changes


def guard_holds(guard: Guard, totals: Totals) -> bool:
    """Tell whether an account with this guard may stand like this."""
    if guard is Guard.CREDIT:
        return totals.debits_posted + totals.debits_pending <= totals.credits_posted
    if guard is Guard.DEBIT:
        return totals.credits_posted + totals.credits_pending <= totals.debits_posted
    return True


def require_guard(code: str, guard: Guard, totals: Totals) -> None:
    """Refuse totals that overdraw a guarded account.

    Raises:
        InsufficientFundsError: the guard does not hold.
    """
    if not guard_holds(guard, totals):
        raise InsufficientFundsError(account=code)


def request_hash(kind: str, ref: str, lines: Sequence[Line], reverses_id: UUID | None) -> str:
    """Hash what was asked, without time and number: a replay must ask the same."""
    return _digest([kind, ref, _text(reverses_id), [_plain(line) for line in lines]])


@dataclass(frozen=True, slots=True)
class Link:
    """What the hash of a journal covers besides its request."""

    seq: int
    idem_key: str
    request_hash: str
    created_at: datetime
    prev_hash: str


def chain_hash(link: Link, journal_id: UUID, transfer_ids: Sequence[UUID]) -> str:
    """Hash a journal: number, key, lines (through the request hash), time, predecessor."""
    return _digest(
        [
            "billing-journal-v1",
            link.seq,
            str(journal_id),
            link.idem_key,
            link.request_hash,
            link.created_at.astimezone(UTC).isoformat(timespec="microseconds"),
            [str(one) for one in transfer_ids],
            link.prev_hash,
        ]
    )


def _plain(line: Line) -> list[object]:
    amount = [line.amount.minor, line.amount.currency]
    return [line.mode.value, line.debit, line.credit, *amount, _text(line.pending_id)]


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _digest(value: list[object]) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
