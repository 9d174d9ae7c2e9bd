import dataclasses
import json
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing import chart
from billing.errors import (
    AlreadyPaidError,
    AmountError,
    EventError,
    NotFoundError,
    ReplayConflictError,
    SignatureError,
    StateError,
    UnknownAccountError,
)
from billing.ledger.queries import balance
from billing.ledger.verification import verify
from billing.money import Money
from billing.payments.events import apply_event, finish_event
from billing.payments.models import WebhookEvent
from billing.payments.queries import (
    find_payment,
    get_attempt,
    list_alarms,
    list_attempts,
    list_due_refunds,
    list_open_attempts,
    list_unprocessed_events,
    lock_payment,
)
from billing.payments.services import (
    Due,
    close_unpaid,
    expire_attempt,
    metadata_of,
    record_checkout,
    record_intent,
    start_payment,
)
from billing.payments.settlement import PaymentOutcome, settle
from billing.payments.states import AttemptState, MoneyState
from billing.providers import signatures
from billing.providers.snapshots import CheckoutSnapshot, IntentSnapshot
from tests.conftest import NOW

DUE = Due("order:1", "agency1", Money(38_000), NOW + timedelta(hours=24))
HELD = chart.escrow("order:1")
SECRET = "whsec_one"
LATER = NOW + timedelta(minutes=5)


def snapshot(status="succeeded", intent="pi_1", attempt=None, **changes):
    paid = status == "succeeded"
    return IntentSnapshot(
        **{
            "id": intent,
            "status": status,
            "amount": 38_000,
            "received": 38_000 if paid else 0,
            "currency": "CNY",
            "metadata": metadata_of("order:1", attempt) if attempt else {},
            "charge": "ch_1" if paid else None,
            "next_url": None,
            "has_error": False,
            **changes,
        }
    )


def started(session, intent="pi_1"):
    attempt = start_payment(session, DUE, at=NOW)
    return record_intent(session, attempt.id, snapshot("requires_action", intent, next_url="u"))


def test_the_key_is_stored_before_anything_is_called(session):
    attempt = start_payment(session, DUE, at=NOW)
    assert (attempt.idem_key, attempt.state) == ("order:1:pay:1", AttemptState.CREATED)
    assert find_payment(session, "order:1").state is MoneyState.UNPAID
    assert [one.id for one in list_open_attempts(session)] == [attempt.id]


def test_a_double_press_gives_one_attempt(session):
    first = start_payment(session, DUE, at=NOW)
    assert start_payment(session, DUE, at=NOW).id == first.id
    assert record_intent(session, first.id, snapshot("requires_action", next_url="u")).pay_url
    assert start_payment(session, DUE, at=LATER).pay_url == "u"


def test_after_its_time_a_new_attempt_has_a_new_key(session):
    first = start_payment(session, DUE, at=NOW)
    due = dataclasses.replace(DUE, expires_at=NOW + timedelta(hours=30))
    second = start_payment(session, due, at=NOW + timedelta(hours=25))
    assert second.idem_key == "order:1:pay:2"
    assert get_attempt(session, first.id).state is AttemptState.EXPIRED
    expire_attempt(session, second.id)
    assert start_payment(session, due, at=NOW + timedelta(hours=26)).n == 3


def test_strange_amounts_are_refused(session):
    for fen in (0, -1, 0.5):
        with pytest.raises(AmountError):
            start_payment(session, Due("order:1", "a", Money(fen), DUE.expires_at), at=NOW)
    assert find_payment(session, "order:1") is None


def test_a_reference_keeps_its_amount_and_payee(session):
    start_payment(session, DUE, at=NOW)
    for change in ({"amount": Money(1)}, {"payee": "agency2"}):
        with pytest.raises(ReplayConflictError):
            start_payment(session, dataclasses.replace(DUE, **change), at=NOW)
    with pytest.raises(UnknownAccountError):
        start_payment(session, dataclasses.replace(DUE, reference="order 2"), at=NOW)


def test_an_attempt_keeps_its_intent(session):
    attempt = started(session)
    with pytest.raises(ReplayConflictError):
        record_intent(session, attempt.id, snapshot("requires_action", "pi_2"))
    with pytest.raises(NotFoundError):
        record_intent(session, UUID(int=1), snapshot("requires_action"))
    checkout = CheckoutSnapshot("cs_1", "open", "unpaid", None, "http://c", {})
    assert record_checkout(session, attempt.id, checkout).pay_url == "http://c"
    with pytest.raises(ReplayConflictError):
        record_checkout(session, attempt.id, dataclasses.replace(checkout, id="cs_2"))


def test_a_checkout_tells_its_intent_when_there_is_one(session):
    attempt = start_payment(session, DUE, at=NOW)
    checkout = CheckoutSnapshot("cs_1", "complete", "paid", "pi_1", None, {})
    assert record_checkout(session, attempt.id, checkout).psp_pi == "pi_1"
    assert settle(session, snapshot(), at=LATER).outcome is PaymentOutcome.HELD


def test_what_expired_lately_is_still_asked_for(session):
    attempt = started(session)
    close_unpaid(session, "order:1", at=LATER)
    assert list_open_attempts(session) == []
    lately = list_open_attempts(session, expired_since=NOW)
    assert [one.id for one in lately] == [attempt.id]
    assert list_open_attempts(session, expired_since=DUE.expires_at) == []


def test_a_paid_intent_is_held_once(session):
    attempt = started(session)
    done = settle(session, snapshot(), at=LATER)
    assert (done.outcome, done.reference) == (PaymentOutcome.HELD, "order:1")
    assert done.attempt_id == attempt.id
    payment = find_payment(session, "order:1")
    assert (payment.state, payment.paid_at, payment.psp_ref) == (MoneyState.HELD, LATER, "pi_1")
    assert balance(session, HELD).available == 38_000
    assert settle(session, snapshot(), at=LATER).outcome is PaymentOutcome.ALREADY
    assert balance(session, chart.PSP_CLEARING).posted == 38_000
    with pytest.raises(AlreadyPaidError):
        start_payment(session, DUE, at=LATER)
    with pytest.raises(AlreadyPaidError):
        close_unpaid(session, "order:1", at=LATER)
    assert verify(session).is_sound


def test_money_finds_its_order_even_if_the_answer_was_lost(session):
    attempt = start_payment(session, DUE, at=NOW)
    done = settle(session, snapshot(attempt=attempt), at=LATER)
    assert done.outcome is PaymentOutcome.HELD
    assert get_attempt(session, attempt.id).psp_pi == "pi_1"


def test_messages_may_come_in_any_order(session):
    started(session)
    outcomes = [
        settle(session, snapshot(status), at=LATER).outcome
        for status in ("processing", "requires_action", "succeeded", "processing", "canceled")
    ]
    assert outcomes == [
        PaymentOutcome.OPEN,
        PaymentOutcome.ALREADY,
        PaymentOutcome.HELD,
        PaymentOutcome.ALREADY,
        PaymentOutcome.ALREADY,
    ]


def test_failure_and_cancelling_leave_the_order_unpaid(session):
    started(session)
    failed = snapshot("requires_payment_method", has_error=True)
    assert settle(session, failed, at=LATER).outcome is PaymentOutcome.FAILED
    assert settle(session, failed, at=LATER).outcome is PaymentOutcome.ALREADY
    second = start_payment(session, DUE, at=LATER)
    assert second.n == 2
    record_intent(session, second.id, snapshot("requires_action", "pi_2"))
    canceled = snapshot("canceled", "pi_2")
    assert settle(session, canceled, at=LATER).outcome is PaymentOutcome.CANCELED
    assert find_payment(session, "order:1").state is MoneyState.UNPAID
    assert settle(session, snapshot(), at=LATER).outcome is PaymentOutcome.HELD


def test_an_open_intent_stays_open(session):
    started(session)
    assert settle(session, snapshot("requires_action"), at=LATER).outcome is PaymentOutcome.OPEN
    new = snapshot("requires_payment_method")
    assert settle(session, new, at=LATER).outcome is PaymentOutcome.ALREADY


def test_paying_twice_puts_the_second_into_suspense(session):
    started(session)
    settle(session, snapshot("requires_payment_method", has_error=True), at=LATER)
    second = start_payment(session, DUE, at=LATER)
    record_intent(session, second.id, snapshot("requires_action", "pi_2"))
    assert settle(session, snapshot("succeeded", "pi_2"), at=LATER).outcome is PaymentOutcome.HELD
    late = settle(session, snapshot("succeeded", "pi_1"), at=LATER)
    assert late.outcome is PaymentOutcome.DUPLICATE
    assert balance(session, chart.SUSPENSE).available == 38_000
    assert balance(session, HELD).available == 38_000
    assert [one.id for one in list_due_refunds(session)] == [late.attempt_id]
    assert [one.kind for one in list_alarms(session)] == ["payment_duplicate"]


def test_money_for_a_closed_order_is_held_and_flagged(session):
    attempt = started(session)
    close_unpaid(session, "order:1", at=LATER)
    assert close_unpaid(session, "order:1", at=LATER).closed_at == LATER
    with pytest.raises(StateError):
        start_payment(session, DUE, at=LATER)
    done = settle(session, snapshot(), at=LATER)
    assert done.outcome is PaymentOutcome.LATE
    assert [one.id for one in list_due_refunds(session)] == [attempt.id]
    assert balance(session, HELD).available == 38_000


@pytest.mark.parametrize(
    ("change", "in_suspense"),
    [({"received": 37_999}, 37_999), ({"received": 38_001}, 38_001), ({"currency": "USD"}, 0)],
)
def test_another_amount_or_currency_raises_an_alarm(session, change, in_suspense):
    started(session)
    wrong = snapshot(**change)
    assert settle(session, wrong, at=LATER).outcome is PaymentOutcome.MISMATCH
    assert settle(session, wrong, at=LATER).outcome is PaymentOutcome.ALREADY
    assert balance(session, chart.SUSPENSE).posted == in_suspense
    assert find_payment(session, "order:1").state is MoneyState.UNPAID
    assert [one.kind for one in list_alarms(session)] == ["payment_mismatch"]
    assert verify(session).is_sound


def test_money_of_strangers_goes_to_suspense_once(session):
    stranger = snapshot(intent="pi_x", metadata={"attempt": "not an id"})
    waiting = snapshot("requires_action", "pi_x")
    assert settle(session, waiting, at=LATER).outcome is PaymentOutcome.FOREIGN
    assert settle(session, stranger, at=LATER).outcome is PaymentOutcome.UNMATCHED
    assert settle(session, stranger, at=LATER).outcome is PaymentOutcome.ALREADY
    assert balance(session, chart.SUSPENSE).posted == 38_000


def event(subject=None, **changes):
    subject = subject or {"object": "payment_intent", "id": "pi_1"}
    body = {"object": "event", "id": "evt_1", "type": "payment_intent.succeeded", **changes}
    return json.dumps({**body, "data": {"object": subject}}).encode()


def receive(session, raw, secret=SECRET, now=NOW):
    header = signatures.sign(raw, secret, at=NOW)
    return apply_event(session, raw, header, [SECRET], now=now)


def test_an_event_is_stored_once_and_only_names_what_to_read(session):
    started(session)
    first = receive(session, event())
    assert (first.is_new, first.intent, first.refund) == (True, "pi_1", None)
    assert not receive(session, event()).is_new
    stored = session.scalars(select(WebhookEvent)).one()
    assert (stored.raw, stored.object_id) == (event(), "pi_1")
    assert balance(session, HELD).posted == 0
    assert [one.id for one in list_unprocessed_events(session, before=LATER)] == ["evt_1"]
    finish_event(session, "evt_1", at=LATER, error="x")
    finish_event(session, "evt_1", at=LATER)
    assert (stored.attempts, stored.processed_at) == (2, LATER)
    with pytest.raises(NotFoundError):
        finish_event(session, "evt_9", at=LATER)


def test_a_second_event_about_the_same_payment_has_no_second_effect(session):
    started(session)
    for number in range(2):
        receipt = receive(session, event(id=f"evt_{number}"))
        assert receipt.is_new
        settle(session, snapshot(intent=receipt.intent), at=LATER)
    assert balance(session, HELD).posted == 38_000


@pytest.mark.parametrize(
    ("subject", "named"),
    [
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_1"}, ("pi_1", None, None)),
        ({"object": "charge", "id": "ch_1", "payment_intent": None}, (None, None, None)),
        (
            {"object": "checkout.session", "id": "cs_1", "payment_intent": {"id": "pi_1"}},
            ("pi_1", None, "cs_1"),
        ),
        ({"object": "refund", "id": "re_1"}, (None, "re_1", None)),
        ({"object": "weather", "id": "w_1"}, (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_every_signed_event_is_stored_even_of_unknown_type(session, subject, named):
    raw = event(subject or {"object": "x"})
    receipt = receive(session, raw)
    assert (receipt.intent, receipt.refund, receipt.checkout) == named


def test_forged_stale_truncated_and_huge_messages_are_refused(session):
    raw = event()
    with pytest.raises(SignatureError):
        receive(session, raw, secret="whsec_other")
    with pytest.raises(SignatureError):
        receive(session, raw, now=NOW + timedelta(days=3))
    with pytest.raises(SignatureError):
        header = signatures.sign(raw, SECRET, at=NOW)
        apply_event(session, raw[:-1], header, [SECRET], now=NOW)
    with pytest.raises(SignatureError):
        receive(session, event(pad="x" * 1024 * 1024))
    assert session.scalar(select(func.count()).select_from(WebhookEvent)) == 0


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        b'{"object": "event", "id": 1, "type": "x", "data": {"object": {}}}',
        b'{"object": "event", "id": "", "type": "x", "data": {"object": {}}}',
        b'{"object": "event", "id": "e", "type": "x", "data": []}',
        (
            b'{"object": "event", "id": "e", "type": "x", "data": {"object":'
            b' {"object": "charge", "payment_intent": 5}}}'
        ),
    ],
)
def test_signed_nonsense_is_refused(raw):
    with pytest.raises(EventError):  # before any database is touched
        receive(None, raw)


def test_parallel_settling_holds_once(engine):
    with Session(engine, expire_on_commit=False) as session:
        started(session)
        session.commit()
    outcomes = []

    def run():
        with Session(engine) as own:
            outcomes.append(settle(own, snapshot(), at=LATER).outcome)
            own.commit()

    together(run, 6)
    assert sorted(outcomes) == ["already"] * 5 + ["held"]
    with Session(engine) as session:
        assert balance(session, HELD).posted == 38_000
        assert verify(session).is_sound


def test_parallel_presses_open_one_attempt(engine):
    keys = []

    def run():
        with Session(engine) as own:
            keys.append(start_payment(own, DUE, at=NOW).idem_key)
            own.commit()

    together(run, 6)
    assert keys == ["order:1:pay:1"] * 6
    with Session(engine) as session:
        assert len(list_attempts(session, lock_payment(session, "order:1").id)) == 1


def together(run, count):
    workers = [threading.Thread(target=run) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
