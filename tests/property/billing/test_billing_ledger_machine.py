"""Any sequence of postings: balances, guards and the chain hold after every step."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy.orm import Session

from billing import chart
from billing.chart import Guard
from billing.db import Base
from billing.errors import BillingError, PendingError, ReplayConflictError
from billing.ledger import postings
from billing.ledger.models import Account
from billing.ledger.queries import balance, find_pending, head, transfer_ids
from billing.ledger.services import post, reverse, totals_of
from billing.ledger.verification import verify
from billing.money import Money

START = datetime(2026, 11, 24, tzinfo=UTC)
CODES = [
    chart.PSP_CLEARING,
    chart.escrow("o1"),
    chart.escrow("o2"),
    chart.agency_payable("a1"),
    chart.agency_receivable("a1"),
    chart.SUSPENSE,
]
codes = st.sampled_from(CODES)
amounts = st.one_of(st.integers(1, 200), st.sampled_from([1, 10**12]))


class LedgerMachine(RuleBasedStateMachine):
    engine = None

    def __init__(self):
        super().__init__()
        self.session = Session(self.engine)
        self.journals, self.pendings, self.resolved = [], [], []
        self.number = 0

    def teardown(self):
        self.session.rollback()
        self.session.close()

    def write(self, lines):
        self.number += 1
        key, at = f"k{self.number}", START + timedelta(seconds=self.number)
        before = head(self.session)
        try:
            journal = post(self.session, "any", "o1", key, lines, at=at)
        except BillingError:
            assert head(self.session) == before
            return None
        assert head(self.session).seq == before.seq + 1
        self.journals.append((key, lines, journal.id))
        return journal

    @rule(debit=codes, credit=codes, amount=amounts)
    def move(self, debit, credit, amount):
        self.write([postings.move(debit, credit, Money(amount))])

    @rule(parts=st.lists(st.tuples(codes, codes, amounts), min_size=2, max_size=4))
    def move_many(self, parts):
        self.write([postings.move(debit, credit, Money(fen)) for debit, credit, fen in parts])

    @rule(debit=codes, credit=codes, amount=amounts)
    def reserve(self, debit, credit, amount):
        journal = self.write([postings.reserve(debit, credit, Money(amount))])
        if journal is not None:
            self.pendings.append(transfer_ids(self.session, journal.id)[0])

    @rule(data=st.data(), part=st.integers(1, 250), gives_up=st.booleans())
    def resolve(self, data, part, gives_up):
        if not self.pendings:
            return
        chosen = data.draw(st.sampled_from(self.pendings))
        pending = find_pending(self.session, chosen)
        amount = Money(part) if part < pending.amount.minor else None
        line = postings.void(pending) if gives_up else postings.fulfil(pending, amount)
        if self.write([line]) is not None:
            self.pendings.remove(chosen)
            self.resolved.append(line)

    @rule(data=st.data())
    def resolve_again(self, data):
        if not self.resolved:
            return
        line = data.draw(st.sampled_from(self.resolved))
        with pytest.raises(PendingError):
            post(self.session, "any", "o1", "again", [line], at=START)

    @rule(data=st.data())
    def replay(self, data):
        if not self.journals:
            return
        key, lines, journal_id = data.draw(st.sampled_from(self.journals))
        before = head(self.session)
        assert post(self.session, "any", "o1", key, lines, at=START).id == journal_id
        other = [postings.move(chart.PSP_CLEARING, chart.SUSPENSE, Money(7777))]
        with pytest.raises(ReplayConflictError):
            post(self.session, "any", "o1", key, other, at=START)
        assert head(self.session) == before

    @rule(data=st.data())
    def undo(self, data):
        if not self.journals:
            return
        _, _, journal_id = data.draw(st.sampled_from(self.journals))
        self.number += 1
        before = head(self.session)
        try:
            reverse(self.session, journal_id, idem_key=f"u{self.number}", at=START)
        except BillingError:
            assert head(self.session) == before

    @invariant()
    def debits_equal_credits(self):
        rows = [totals_of(one) for one in self.session.scalars(sa.select(Account))]
        assert sum(one.debits_posted for one in rows) == sum(one.credits_posted for one in rows)
        assert sum(one.debits_pending for one in rows) == sum(one.credits_pending for one in rows)

    @invariant()
    def no_guarded_account_is_overdrawn(self):
        for code in CODES:
            if chart.classify(code).guard is not Guard.NONE:
                assert balance(self.session, code).available >= 0

    @invariant()
    def the_book_is_sound(self):
        report = verify(self.session)
        assert report.is_sound, report.first_bad


def test_any_sequence_of_postings_keeps_the_book_sound(engine):
    tables = set(sa.inspect(engine).get_table_names())
    assert set(Base.metadata.tables) <= tables
    machine = type("Machine", (LedgerMachine,), {"engine": engine})
    is_quick = engine.dialect.name == "sqlite"
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60 if is_quick else 12,
            stateful_step_count=25,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
