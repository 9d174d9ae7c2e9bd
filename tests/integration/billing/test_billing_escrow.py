import threading
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from billing import chart
from billing.errors import (
    AmountError,
    BillingError,
    InsufficientFundsError,
    NotFoundError,
    ReplayConflictError,
    StateError,
)
from billing.escrow.disputes import (
    Decision,
    execute_decision,
    freeze,
    list_disputes,
    move_dispute,
)
from billing.escrow.payouts import (
    fail_payout,
    finish_payout,
    list_payouts,
    mark_payout_unknown,
    reserve_payout,
    send_payout,
)
from billing.escrow.refunds import (
    RefundOrder,
    RefundOutcome,
    apply_refund,
    fail_refund,
    list_open_refunds,
    list_refunds,
    mark_refund_unknown,
    refund_params,
    reserve_due_refund,
    reserve_refund,
    send_refund,
)
from billing.escrow.services import Release, escrow_of, release
from billing.escrow.states import DisputeState, ReservationState
from billing.ledger.queries import balance
from billing.ledger.verification import verify
from billing.money import Money
from billing.payments.queries import find_payment, list_alarms, list_due_refunds
from billing.payments.services import close_unpaid, record_intent, start_payment
from billing.payments.settlement import settle
from billing.payments.states import MoneyState
from billing.providers.snapshots import RefundSnapshot
from tests.conftest import NOW
from tests.integration.billing.test_billing_payments import DUE, LATER, snapshot, started

EARNED = chart.agency_payable("agency1")
ORDER = "order:1"


@pytest.fixture
def held(session):
    started(session)
    settle(session, snapshot(), at=NOW)
    return session


def parts(session):
    view = escrow_of(session, ORDER)
    assert verify(session).is_sound
    total = view.available_fen + view.frozen_fen + view.refunding_fen
    assert total + view.released_fen + view.refunded_fen == view.paid_fen
    return (
        view.state.value,
        view.available_fen,
        view.frozen_fen,
        view.refunding_fen,
        view.released_fen,
        view.refunded_fen,
    )


def told(refund, status="succeeded", psp="re_1", **changes):
    base = {"id": psp, "status": status, "amount": refund.amount_fen, "currency": "CNY"}
    metadata = {"refund": str(refund.id)}
    return RefundSnapshot(**{**base, "intent": refund.psp_pi, "metadata": metadata, **changes})


def ask(session, fen=38_000, key="order:1:refund:1"):
    return reserve_refund(session, RefundOrder(ORDER, Money(fen), "withdrawn", key), at=NOW)


def test_accepted_money_becomes_the_agencys(held):
    release(held, Release(ORDER, Money(38_000), "order:1:accepted"), at=NOW)
    assert parts(held) == ("released", 0, 0, 0, 38_000, 0)
    assert balance(held, EARNED).available == 38_000


def test_a_second_accept_changes_nothing(held):
    order = Release(ORDER, Money(38_000), "order:1:accepted")
    first = release(held, order, at=NOW)
    assert release(held, order, at=LATER).id == first.id
    with pytest.raises(ReplayConflictError):
        release(held, Release(ORDER, Money(1), "order:1:accepted"), at=NOW)
    with pytest.raises(StateError):
        release(held, Release(ORDER, Money(1), "order:1:other"), at=NOW)
    assert parts(held) == ("released", 0, 0, 0, 38_000, 0)


def test_milestones_and_commission(held):
    release(held, Release(ORDER, Money(10_001), "m1", commission_bp=250), at=NOW)
    assert parts(held) == ("part_released", 27_999, 0, 0, 10_001, 0)
    assert balance(held, chart.PLATFORM_FEE_INCOME).posted == 250
    assert balance(held, EARNED).posted == 9_751
    release(held, Release(ORDER, Money(27_999), "m2", commission_bp=10_000), at=NOW)
    assert balance(held, EARNED).posted == 9_751
    with pytest.raises(AmountError):
        release(held, Release(ORDER, Money(1), "m3", commission_bp=10_001), at=NOW)


def test_nothing_moves_before_it_is_paid(session):
    started(session)
    for fen in (0, 1):
        with pytest.raises((StateError, AmountError)):
            release(session, Release(ORDER, Money(fen), "m"), at=NOW)
    with pytest.raises(StateError):
        ask(session)
    with pytest.raises(StateError):
        freeze(session, ORDER, Money(1), key="d", at=NOW)
    with pytest.raises(NotFoundError):
        escrow_of(session, "order:9")
    assert parts(session) == ("unpaid", 0, 0, 0, 0, 0)


def test_a_full_refund(held):
    refund = ask(held)
    assert parts(held) == ("refund_pending", 0, 0, 38_000, 0, 0)
    assert ask(held).id == refund.id
    assert refund_params(refund) == {
        "payment_intent": "pi_1",
        "amount": 38_000,
        "metadata": {"refund": str(refund.id)},
    }
    send_refund(held, refund.id, at=NOW)
    assert [one.id for one in list_open_refunds(held)] == [refund.id]
    assert apply_refund(held, told(refund, "pending"), at=NOW) is RefundOutcome.OPEN
    assert apply_refund(held, told(refund), at=LATER) is RefundOutcome.SUCCEEDED
    assert apply_refund(held, told(refund), at=LATER) is RefundOutcome.ALREADY
    assert parts(held) == ("refunded", 0, 0, 0, 0, 38_000)
    assert balance(held, chart.PSP_CLEARING).posted == 0
    assert list_refunds(held, refund.payment_id)[0].psp_ref == "re_1"
    assert list_open_refunds(held) == []


def test_no_more_than_was_paid_can_be_refunded(held):
    ask(held, 30_000)
    with pytest.raises(InsufficientFundsError):
        ask(held, 8_001, key="order:1:refund:2")
    with pytest.raises(ReplayConflictError):
        ask(held, 1)
    with pytest.raises(AmountError):
        ask(held, 0, key="order:1:refund:3")
    with pytest.raises(InsufficientFundsError):
        release(held, Release(ORDER, Money(8_001), "m"), at=NOW)
    release(held, Release(ORDER, Money(8_000), "m"), at=NOW)
    assert parts(held) == ("refund_pending", 0, 0, 30_000, 8_000, 0)


def test_a_refused_refund_frees_the_money(held):
    refund = send_refund(held, ask(held, 8_000).id, at=NOW)
    mark_refund_unknown(held, refund.id)
    mark_refund_unknown(held, refund.id)
    assert parts(held)[0] == "refund_pending"
    fail_refund(held, refund.id, why="refused", at=LATER)
    fail_refund(held, refund.id, why="refused", at=LATER)
    assert parts(held) == ("held", 38_000, 0, 0, 0, 0)
    with pytest.raises(StateError):
        send_refund(held, refund.id, at=LATER)
    again = ask(held, 8_000, key="order:1:refund:2")
    assert apply_refund(held, told(again, "failed"), at=LATER) is RefundOutcome.FAILED
    assert parts(held) == ("held", 38_000, 0, 0, 0, 0)


def test_a_refund_that_bounces_after_it_was_booked_raises_an_alarm(held):
    refund = ask(held)
    apply_refund(held, told(refund), at=NOW)
    assert apply_refund(held, told(refund, "failed"), at=LATER) is RefundOutcome.ALREADY
    assert [one.kind for one in list_alarms(held)] == ["refund_changed"]


def test_refunds_of_others_and_of_other_amounts_raise_an_alarm(held):
    refund = ask(held)
    stranger = told(refund, psp="re_9", metadata={"refund": "x"})
    assert apply_refund(held, stranger, at=NOW) is RefundOutcome.FOREIGN
    unknown = told(refund, psp="re_8", metadata={"refund": str(UUID(int=1))})
    assert apply_refund(held, unknown, at=NOW) is RefundOutcome.FOREIGN
    assert apply_refund(held, told(refund, amount=1), at=NOW) is RefundOutcome.OPEN
    assert apply_refund(held, told(refund, psp="re_2"), at=NOW) is RefundOutcome.FOREIGN
    assert {one.kind for one in list_alarms(held)} == {"refund_unmatched", "refund_mismatch"}
    assert parts(held)[3] == 38_000


def test_late_money_goes_back(session):
    attempt = started(session)
    close_unpaid(session, ORDER, at=NOW)
    settle(session, snapshot(), at=NOW)
    refund = reserve_due_refund(session, attempt.id, at=NOW)
    assert reserve_due_refund(session, attempt.id, at=NOW).id == refund.id
    assert list_due_refunds(session) == []
    fail_refund(session, refund.id, why="x", at=NOW)
    assert [one.id for one in list_due_refunds(session)] == [attempt.id]
    second = reserve_due_refund(session, attempt.id, at=NOW)
    assert second.idem_key == "order:1:return1:2"
    apply_refund(session, told(second), at=NOW)
    assert parts(session) == ("refunded", 0, 0, 0, 0, 38_000)


def test_double_money_goes_back_from_suspense(session):
    first = started(session)
    settle(session, snapshot("canceled"), at=NOW)
    second = start_payment(session, DUE, at=NOW)
    record_intent(session, second.id, snapshot("requires_action", "pi_2"))
    settle(session, snapshot("succeeded", "pi_2"), at=NOW)
    with pytest.raises(StateError):
        reserve_due_refund(session, first.id, at=NOW)
    settle(session, snapshot(), at=NOW)
    refund = reserve_due_refund(session, first.id, at=NOW)
    assert (refund.psp_pi, refund.source) == ("pi_1", chart.SUSPENSE)
    fail_refund(session, refund.id, why="x", at=NOW)
    again = reserve_due_refund(session, first.id, at=NOW)
    apply_refund(session, told(again), at=NOW)
    assert balance(session, chart.SUSPENSE).posted == 0
    assert parts(session) == ("held", 38_000, 0, 0, 0, 0)
    assert list_due_refunds(session) == []


def test_a_dispute_freezes_exactly_its_amount(held):
    dispute = freeze(held, ORDER, Money(30_000), key="d1", at=NOW)
    assert freeze(held, ORDER, Money(30_000), key="d1", at=NOW).id == dispute.id
    with pytest.raises(ReplayConflictError):
        freeze(held, ORDER, Money(1), key="d1", at=NOW)
    assert parts(held) == ("held", 8_000, 30_000, 0, 0, 0)
    with pytest.raises(InsufficientFundsError):
        release(held, Release(ORDER, Money(8_001), "m"), at=NOW)
    with pytest.raises(InsufficientFundsError):
        ask(held, 8_001)
    release(held, Release(ORDER, Money(8_000), "m"), at=NOW)
    assert parts(held) == ("part_released", 0, 30_000, 0, 8_000, 0)


def test_a_decision_splits_in_one_journal(held):
    dispute = freeze(held, ORDER, Money(30_000), key="d1", at=NOW)
    move_dispute(held, dispute.id, DisputeState.MEDIATION)
    with pytest.raises(StateError):
        move_dispute(held, dispute.id, DisputeState.OPEN)
    with pytest.raises(StateError):
        move_dispute(held, dispute.id, DisputeState.EXECUTED)
    with pytest.raises(AmountError):
        execute_decision(held, Decision(dispute.id, Money(20_000), Money(10_001)), at=NOW)
    decision = Decision(dispute.id, Money(20_000), Money(9_000), commission_bp=100)
    refund = execute_decision(held, decision, at=NOW)
    assert parts(held) == ("refund_pending", 9_000, 0, 9_000, 20_000, 0)
    assert execute_decision(held, decision, at=LATER).id == refund.id
    with pytest.raises(ReplayConflictError):
        execute_decision(held, Decision(dispute.id, Money(1), Money(1)), at=LATER)
    apply_refund(held, told(refund), at=LATER)
    assert parts(held) == ("part_released", 9_000, 0, 0, 20_000, 9_000)
    assert balance(held, chart.PLATFORM_FEE_INCOME).posted == 200
    assert list_disputes(held, dispute.payment_id)[0].state is DisputeState.EXECUTED


def test_a_decision_may_give_all_to_one_side_or_nothing(held):
    dispute = freeze(held, ORDER, Money(8_000), key="d1", at=NOW)
    assert execute_decision(held, Decision(dispute.id, Money(8_000), Money(0)), at=NOW) is None
    other = freeze(held, ORDER, Money(30_000), key="d2", at=NOW)
    assert execute_decision(held, Decision(other.id, Money(0), Money(0)), at=NOW) is None
    assert parts(held) == ("part_released", 30_000, 0, 0, 8_000, 0)
    with pytest.raises(NotFoundError):
        execute_decision(held, Decision(UUID(int=1), Money(0), Money(0)), at=NOW)


def test_an_agency_is_paid_out_what_it_earned(held):
    release(held, Release(ORDER, Money(38_000), "m"), at=NOW)
    with pytest.raises(InsufficientFundsError):
        reserve_payout(held, "agency1", Money(38_001), key="p0", at=NOW)
    payout = reserve_payout(held, "agency1", Money(30_000), key="p1", at=NOW)
    assert reserve_payout(held, "agency1", Money(30_000), key="p1", at=NOW).id == payout.id
    with pytest.raises(ReplayConflictError):
        reserve_payout(held, "agency1", Money(1), key="p1", at=NOW)
    with pytest.raises(InsufficientFundsError):
        reserve_payout(held, "agency1", Money(8_001), key="p2", at=NOW)
    send_payout(held, payout.id, at=NOW)
    mark_payout_unknown(held, payout.id)
    finish_payout(held, payout.id, "tr_1", at=LATER)
    finish_payout(held, payout.id, "tr_1", at=LATER)
    with pytest.raises(ReplayConflictError):
        finish_payout(held, payout.id, "tr_2", at=LATER)
    with pytest.raises(StateError):
        fail_payout(held, payout.id, why="x", at=LATER)
    assert balance(held, EARNED).posted == 8_000
    assert balance(held, chart.PSP_CLEARING).posted == 8_000
    assert verify(held).is_sound


def test_a_refused_payout_frees_the_money(held):
    release(held, Release(ORDER, Money(38_000), "m"), at=NOW)
    payout = reserve_payout(held, "agency1", Money(38_000), key="p1", at=NOW)
    fail_payout(held, payout.id, why="closed account", at=NOW)
    fail_payout(held, payout.id, why="closed account", at=NOW)
    assert balance(held, EARNED).available == 38_000
    assert [one.state for one in list_payouts(held, "agency1")] == [ReservationState.FAILED]
    with pytest.raises(NotFoundError):
        send_payout(held, UUID(int=1), at=NOW)


def test_release_refund_and_dispute_at_once_spend_the_money_once(engine):
    with Session(engine) as session:
        started(session)
        settle(session, snapshot(), at=NOW)
        session.commit()
    whole = Money(38_000)
    acts = [
        lambda own: release(own, Release(ORDER, whole, "m"), at=NOW),
        ask,
        lambda own: freeze(own, ORDER, whole, key="d", at=NOW),
    ]
    done = []

    def run(act):
        with Session(engine) as own:
            try:
                act(own)
                own.commit()
                done.append(1)
            except BillingError:
                own.rollback()

    workers = [threading.Thread(target=run, args=(act,)) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == 1
    with Session(engine) as session:
        parts(session)
        assert find_payment(session, ORDER).state is not MoneyState.UNPAID
