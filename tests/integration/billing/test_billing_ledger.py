import threading
from datetime import timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from billing import chart
from billing.errors import (
    AmountError,
    InsufficientFundsError,
    NotFoundError,
    PendingError,
    PostingError,
    ReplayConflictError,
    UnknownAccountError,
)
from billing.ledger.postings import fulfil, move, reserve, void
from billing.ledger.queries import (
    balance,
    find_pending,
    head,
    list_journals,
    statement,
    transfer_ids,
    trial_balance,
)
from billing.ledger.services import post, reverse
from billing.ledger.verification import verify
from billing.money import Money
from tests.conftest import NOW

HELD = chart.escrow("order:1")
EARNED = chart.agency_payable("a1")


def pay(session, fen=100, key="paid:1", at=NOW):
    lines = [move(chart.PSP_CLEARING, HELD, Money(fen))]
    return post(session, "payment_succeeded", "order:1", key, lines, at=at)


def hold(session, fen=70, key="refund:1"):
    lines = [reserve(HELD, chart.PSP_CLEARING, Money(fen))]
    journal = post(session, "refund_reserved", "order:1", key, lines, at=NOW)
    return find_pending(session, transfer_ids(session, journal.id)[0])


def test_money_in_escrow_goes_to_the_agency(session):
    pay(session)
    lines = [move(HELD, EARNED, Money(95)), move(HELD, chart.PLATFORM_FEE_INCOME, Money(5))]
    post(session, "milestone_accepted", "order:1", "rel:1", lines, at=NOW)
    assert balance(session, HELD).available == 0
    assert balance(session, EARNED).posted == 95
    assert balance(session, chart.PSP_CLEARING).posted == 100
    assert balance(session, chart.PLATFORM_FEE_INCOME).posted == 5
    assert [one.kind for one in list_journals(session, "order:1")] == [
        "payment_succeeded",
        "milestone_accepted",
    ]
    report = verify(session)
    assert (report.is_sound, report.journals, report.transfers) == (True, 2, 3)
    assert {one.code for one in trial_balance(session)} >= {HELD, EARNED}


def test_a_replay_returns_the_first_journal_and_another_body_is_refused(session):
    first = pay(session)
    again = pay(session, at=NOW + timedelta(days=1))
    assert (again.id, balance(session, HELD).posted) == (first.id, 100)
    with pytest.raises(ReplayConflictError):
        pay(session, fen=101)
    assert balance(session, HELD).posted == 100


def test_escrow_cannot_be_overspent_not_even_by_a_reservation(session):
    pay(session)
    hold(session, 70)
    with pytest.raises(InsufficientFundsError):
        post(session, "x", "order:1", "rel", [move(HELD, EARNED, Money(31))], at=NOW)
    with pytest.raises(InsufficientFundsError):
        hold(session, 31, key="refund:2")
    post(session, "x", "order:1", "rel", [move(HELD, EARNED, Money(30))], at=NOW)
    assert verify(session).is_sound


def test_a_reservation_is_resolved_once(session):
    pay(session)
    pending = hold(session, 70)
    post(session, "x", "order:1", "f", [fulfil(pending, Money(60))], at=NOW)
    assert balance(session, HELD).available == 40
    with pytest.raises(PendingError):
        post(session, "x", "order:1", "g", [void(pending)], at=NOW)
    with pytest.raises(PendingError):
        post(session, "x", "order:1", "h", [fulfil(pending, Money(1))], at=NOW)
    other = hold(session, 40, key="refund:2")
    post(session, "x", "order:1", "v", [void(other)], at=NOW)
    assert balance(session, HELD).available == 40
    assert verify(session).is_sound


def test_refused_postings_leave_the_transaction_usable(session):
    pay(session)
    with pytest.raises(AmountError):
        pay(session, fen=0, key="zero")
    with pytest.raises(UnknownAccountError):
        post(session, "x", "r", "u", [move("psp:clearing", "nobody", Money(1))], at=NOW)
    session.commit()
    assert head(session).seq == 1
    assert verify(session).is_sound


def test_one_fen_and_ten_billion_yuan_fit(session):
    pay(session, fen=1, key="small")
    pay(session, fen=10**12, key="large")
    assert balance(session, HELD).posted == 10**12 + 1
    assert verify(session).is_sound


def test_a_reversal_mirrors_and_happens_once(session):
    journal = pay(session)
    mirrored = reverse(session, journal.id, idem_key="undo:1", at=NOW)
    assert balance(session, HELD).posted == 0
    assert reverse(session, journal.id, idem_key="undo:1", at=NOW).id == mirrored.id
    with pytest.raises(PostingError):
        reverse(session, journal.id, idem_key="undo:2", at=NOW)
    with pytest.raises(NotFoundError):
        reverse(session, mirrored.id.__class__(int=1), idem_key="undo:3", at=NOW)
    pay(session, key="paid:2")
    held = list_journals(session, "order:1")
    hold(session, 1)
    reservation = list_journals(session, "order:1")[len(held)]
    with pytest.raises(PostingError):
        reverse(session, reservation.id, idem_key="undo:4", at=NOW)
    assert verify(session).is_sound


def test_a_statement_carries_the_balance_forward(session):
    pay(session, at=NOW)
    pay(session, fen=50, key="paid:2", at=NOW + timedelta(days=1))
    lines = [move(HELD, EARNED, Money(30))]
    post(session, "rel", "order:1", "rel", lines, at=NOW + timedelta(days=2))
    day = NOW + timedelta(days=1)
    rows = statement(session, HELD, start=day, end=day + timedelta(days=5))
    assert [(row.change, row.balance) for row in rows] == [(50, 150), (-30, 120)]
    assert statement(session, HELD, start=NOW, end=NOW) == []


def test_times_come_back_in_utc_wherever_the_database_stands(session):
    pay(session, at=NOW.astimezone(timezone(timedelta(hours=8))))
    session.commit()
    session.expunge_all()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SET TIME ZONE 'Asia/Shanghai'"))
    journal = list_journals(session, "order:1")[0]
    assert (journal.created_at, journal.created_at.utcoffset()) == (NOW, timedelta(0))
    assert verify(session).is_sound


def test_a_naive_time_is_refused(session):
    with pytest.raises(sa.exc.StatementError):
        pay(session, at=NOW.replace(tzinfo=None))


CHANGES = [
    "UPDATE billing_journal SET kind = 'x'",
    "DELETE FROM billing_journal",
    "UPDATE billing_transfer SET amount_fen = 1",
    "DELETE FROM billing_transfer",
    "TRUNCATE billing_transfer CASCADE",
    "TRUNCATE billing_journal CASCADE",
]


def test_the_book_is_append_only(session):
    pay(session)
    session.commit()
    has_truncate = session.get_bind().dialect.name == "postgresql"
    for change in CHANGES:
        if change.startswith("TRUNCATE") and not has_truncate:
            continue
        with pytest.raises(IntegrityError, match="append-only"):
            session.execute(sa.text(change))
        session.rollback()
    assert verify(session).is_sound


TAMPERS = [
    ("UPDATE billing_transfer SET amount_fen = 99", "billing_journal seq=1"),
    ("UPDATE billing_journal SET created_at = '2020-01-01 00:00:00' WHERE seq = 2", "seq=2: hash"),
    ("UPDATE billing_journal SET kind = 'gift' WHERE seq = 2", "seq=2: request_hash"),
    ("UPDATE billing_journal SET idem_key = 'other' WHERE seq = 1", "seq=1: hash"),
    ("UPDATE billing_journal SET seq = 9 WHERE seq = 2", "seq=9: number"),
    ("UPDATE billing_account SET credits_posted = 5000 WHERE guard = 'credit'", "totals"),
    ("UPDATE billing_account SET guard = 'none' WHERE guard = 'credit'", "class"),
    ("UPDATE billing_chain_head SET seq = 1", "billing_chain_head"),
    ("DELETE FROM billing_chain_head", "billing_chain_head"),
]


@pytest.mark.parametrize(("statement", "named"), TAMPERS)
def test_what_a_superuser_changes_is_found_and_named(session, statement, named):
    pay(session)
    pay(session, fen=50, key="paid:2")
    session.commit()
    drop_triggers(session)
    session.execute(sa.text(statement))
    session.commit()
    session.expunge_all()
    report = verify(session)
    assert not report.is_sound
    assert named in report.first_bad


def test_a_journal_without_its_lines_is_found(session):
    pay(session)
    session.commit()
    drop_triggers(session)
    session.execute(sa.text("DELETE FROM billing_transfer"))
    session.commit()
    assert "seq=1" in verify(session).first_bad


def drop_triggers(session):
    if session.get_bind().dialect.name == "postgresql":
        for table in ("billing_journal", "billing_transfer"):
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'billing_%'"
    names = session.scalars(sa.text(query)).all()
    assert len(names) == 4
    for name in names:
        session.execute(sa.text(f"DROP TRIGGER {name}"))


def test_parallel_posts_spend_exactly_what_there_is(engine):
    with Session(engine) as session:
        pay(session, fen=20)
        session.commit()
    outcomes = []

    def spend(worker):
        for number in range(6):
            with Session(engine) as own:
                lines = [move(HELD, chart.agency_payable(f"a{worker}"), Money(1))]
                try:
                    post(own, "x", "order:1", f"w{worker}:{number}", lines, at=NOW)
                    own.commit()
                    outcomes.append(1)
                except InsufficientFundsError:
                    own.rollback()

    workers = [threading.Thread(target=spend, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with Session(engine) as session:
        assert sum(outcomes) == 20
        assert balance(session, HELD).available == 0
        assert verify(session).is_sound


def test_parallel_replays_of_one_key_write_one_journal(engine):
    ids = []

    def replay():
        with Session(engine) as own:
            ids.append(pay(own).id)
            own.commit()

    workers = [threading.Thread(target=replay) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert (len(ids), len(set(ids))) == (4, 1)
