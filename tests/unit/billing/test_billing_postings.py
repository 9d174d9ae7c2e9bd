from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from billing.chart import Guard
from billing.errors import (
    AmountError,
    InsufficientFundsError,
    PendingError,
    PostingError,
    StateError,
)
from billing.escrow.states import (
    DISPUTE_MOVES,
    RESERVATION_MOVES,
    DisputeState,
    ReservationState,
    require_dispute_move,
    require_reservation_move,
)
from billing.ledger import postings
from billing.ledger.postings import Line, Link, Pending, Totals, fulfil, move, reserve, void
from billing.money import Money
from billing.payments.states import (
    ATTEMPT_MOVES,
    MONEY_MOVES,
    AttemptState,
    MoneyState,
    money_state,
    require_money_move,
)

ONE = UUID(int=1)
HELD = Pending(ONE, "escrow:a", "psp:clearing", Money(70))


def test_lines_must_be_well_formed():
    good = move("psp:clearing", "escrow:a", Money(1))
    postings.require_lines([good])
    with pytest.raises(PostingError):
        postings.require_lines([])
    with pytest.raises(PostingError):
        postings.require_lines([good] * 101)
    with pytest.raises(PostingError):
        postings.require_lines([move("escrow:a", "escrow:a", Money(1))])
    with pytest.raises(AmountError):
        postings.require_lines([move("psp:clearing", "escrow:a", Money(0))])
    with pytest.raises(PostingError):
        postings.require_lines([Line(postings.Mode.POSTED, "a", "b", Money(1), ONE)])
    with pytest.raises(PendingError):
        postings.require_lines([void(HELD), fulfil(HELD)])


def test_a_reservation_moves_at_most_what_it_holds():
    postings.require_resolution(fulfil(HELD, Money(60)), HELD)
    with pytest.raises(PendingError):
        postings.require_resolution(fulfil(HELD, Money(71)), HELD)
    with pytest.raises(PendingError):
        postings.require_resolution(
            Line(postings.Mode.VOID, HELD.debit, HELD.credit, Money(60), ONE), HELD
        )
    with pytest.raises(PendingError):
        postings.require_resolution(fulfil(HELD), Pending(ONE, "escrow:b", "x", Money(70)))


def test_fulfilling_a_part_frees_the_rest():
    changes = postings.effects([(reserve(HELD.debit, HELD.credit, Money(70)), None)])
    assert changes[HELD.debit] == Totals(debits_pending=70)
    after = postings.effects([(fulfil(HELD, Money(60)), Money(70))])
    assert changes[HELD.debit] + after[HELD.debit] == Totals(debits_posted=60)


def test_guards_count_reservations():
    assert postings.guard_holds(Guard.CREDIT, Totals(60, 100, 40, 0))
    assert not postings.guard_holds(Guard.CREDIT, Totals(60, 100, 41, 0))
    assert not postings.guard_holds(Guard.DEBIT, Totals(10, 5, 0, 6))
    assert postings.guard_holds(Guard.NONE, Totals(5, 0, 0, 0))
    with pytest.raises(InsufficientFundsError):
        postings.require_guard("escrow:a", Guard.CREDIT, Totals(1, 0, 0, 0))


def test_the_chain_covers_lines_time_number_and_predecessor():
    at = datetime(2026, 11, 24, 2, 0, 0, 5, tzinfo=UTC)
    link = Link(1, "k", "r", at, "0" * 64)
    base = postings.chain_hash(link, ONE, [ONE])
    changed = [
        Link(2, "k", "r", at, "0" * 64),
        Link(1, "j", "r", at, "0" * 64),
        Link(1, "k", "s", at, "0" * 64),
        Link(1, "k", "r", at + timedelta(microseconds=1), "0" * 64),
        Link(1, "k", "r", at, "1" * 64),
    ]
    assert base not in {postings.chain_hash(one, ONE, [ONE]) for one in changed}
    assert base != postings.chain_hash(link, ONE, [])
    same = Link(1, "k", "r", at.astimezone(timezone(timedelta(hours=8))), "0" * 64)
    assert postings.chain_hash(same, ONE, [ONE]) == base


def test_the_request_covers_every_field_of_a_line():
    lines = [move("psp:clearing", "escrow:a", Money(1)), void(HELD)]
    base = postings.request_hash("k", "r", lines, None)
    others = [
        postings.request_hash("j", "r", lines, None),
        postings.request_hash("k", "s", lines, None),
        postings.request_hash("k", "r", lines, ONE),
        postings.request_hash("k", "r", lines[::-1], None),
        postings.request_hash("k", "r", [move("psp:clearing", "escrow:a", Money(2))], None),
    ]
    assert base not in others


def test_every_state_has_its_row_and_ends_stay_ends():
    assert ATTEMPT_MOVES.keys() == set(AttemptState)
    assert MONEY_MOVES.keys() == set(MoneyState)
    assert RESERVATION_MOVES.keys() == set(ReservationState)
    assert DISPUTE_MOVES.keys() == set(DisputeState)
    with pytest.raises(StateError):
        require_money_move(MoneyState.REFUNDED, MoneyState.HELD)
    with pytest.raises(StateError):
        require_reservation_move(ReservationState.FAILED, ReservationState.SENT)
    with pytest.raises(StateError):
        require_dispute_move(DisputeState.EXECUTED, DisputeState.OPEN)


def test_the_state_of_money_follows_from_its_parts():
    assert money_state(100, 0, 0, 0) is MoneyState.HELD
    assert money_state(100, 40, 0, 0) is MoneyState.PART_RELEASED
    assert money_state(100, 40, 10, 0) is MoneyState.REFUND_PENDING
    assert money_state(100, 90, 0, 10) is MoneyState.RELEASED
    assert money_state(100, 0, 0, 100) is MoneyState.REFUNDED
    assert money_state(100, 0, 0, 99) is MoneyState.HELD
