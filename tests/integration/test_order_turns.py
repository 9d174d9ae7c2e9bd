"""Clocks, suspensions, returns and disputes of an order, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from market.act import SYSTEM
from market.calendar.cn import CN
from market.calendar.days import WorkCalendar, last_day_of
from market.errors import InvalidInputError, NotAllowedError
from market.files import FileStore
from market.orders import services as orders
from market.orders.errors import (
    SuspensionRefusedError,
)
from market.orders.lights import Light
from market.orders.models import ClockSegment, Order, OrderEvent
from market.orders.queries import Tab, list_orders_for
from market.orders.states import Fault, Holder, OrderState, OrderStateError
from market.orders.suspensions import SuspensionCode
from market.outbox import OutboxMessage
from tests.support.shop import make_shop


@pytest.fixture
def shop(runtime):
    return make_shop(runtime)


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files")


def kinds_of(runtime, model, **conditions):
    with runtime.sessions() as session:
        order = model.put_at if model is OutboxMessage else model.at
        return list(session.execute(select(model.kind).order_by(order, model.id)).scalars())


def test_a_suspension_moves_the_deadline_by_its_working_days(shop, store, clock):
    order = shop.in_service(store)
    before = order.due_at
    order = shop.do(
        shop.agency, orders.suspend_service, order.id, code=SuspensionCode.S1, note="补红线图"
    )
    assert order.holder is Holder.APPLICANT
    clock.advance(days=7)
    order = shop.do(shop.applicant, orders.resume_service, order.id)
    assert (order.due_at - before).days == 7
    detail = shop.read(order.id)
    assert sum(share.workdays for share in detail.clock.shares) == detail.clock.span_workdays == 5
    assert detail.clock.net_workdays == 0


def test_a_suspension_ends_by_itself_at_its_cap(shop, store, clock):
    order = shop.in_service(store)
    shop.do(shop.agency, orders.suspend_service, order.id, code=SuspensionCode.S3, note="踏勘")
    clock.advance(days=15)
    shop.do(SYSTEM, orders.tick_resume_at_cap)
    assert shop.read(order.id).order.state is OrderState.IN_SERVICE
    assert shop.read(order.id).events[-1].params["by_cap"] is True


def test_suspensions_are_refused_too_often_too_late_or_for_the_platforms_reason(shop, store, clock):
    order = shop.in_service(store)

    def suspend(code):
        return shop.do(shop.agency, orders.suspend_service, order.id, code=code, note="n")

    with pytest.raises(SuspensionRefusedError) as refused:
        suspend(SuspensionCode.S6)
    assert refused.value.params["reason"] == "platform_only"
    for _ in range(2):
        suspend(SuspensionCode.S4)
        shop.do(shop.agency, orders.resume_service, order.id)
    with pytest.raises(SuspensionRefusedError) as refused:
        suspend(SuspensionCode.S4)
    assert refused.value.params["reason"] == "too_often"
    clock.at = shop.read(order.id).order.due_at
    with pytest.raises(SuspensionRefusedError) as refused:
        suspend(SuspensionCode.S5)
    assert refused.value.params["reason"] == "after_deadline"
    assert shop.read(order.id).light is Light.RED


def test_a_return_for_the_agencys_fault_lets_its_clock_go_on(shop, store, clock):
    order = shop.at_department(store)
    clock.advance(days=7)
    order = shop.do(
        shop.agency, orders.record_return, order.id, reasons=["缺监测数据"], fault=Fault.AGENCY
    )
    assert (order.state, order.holder) == (OrderState.REWORK, Holder.AGENCY)
    assert last_day_of(order.due_at).isoformat() == "2026-12-22"  # moved by the department's 5
    clock.at = order.due_at
    order = shop.do(shop.agency, orders.resubmit_to_department, order.id, receipt_no="R-2")
    assert (order.return_count, order.late_days) == (1, 1)
    assert [r.reasons for r in shop.read(order.id).returns] == [["缺监测数据"]]


def test_a_return_needs_reasons(shop, store):
    order = shop.at_department(store)
    for reasons in ([], [""]):
        with pytest.raises(InvalidInputError):
            shop.do(
                shop.agency, orders.record_return, order.id, reasons=reasons, fault=Fault.AGENCY
            )


def test_a_final_refusal_gives_the_money_back(shop, store, runtime):
    order = shop.at_department(store)
    order = shop.do(shop.regulator, orders.record_refusal, order.id, reason="选址不符")
    assert order.state is OrderState.REFUNDING
    assert "order.refund_due" in kinds_of(runtime, OutboxMessage)


def test_a_dispute_freezes_and_its_opener_may_withdraw(shop, store, clock):
    order = shop.delivered(store)
    order = shop.do(shop.applicant, orders.open_dispute, order.id, reason="结果有误")
    assert order.state is OrderState.DISPUTE
    clock.at = order.confirm_by
    shop.do(SYSTEM, orders.tick_confirm_silent)
    assert shop.read(order.id).order.state is OrderState.DISPUTE
    with pytest.raises(NotAllowedError):
        shop.do(shop.agency, orders.withdraw_dispute, order.id)
    order = shop.do(shop.applicant, orders.withdraw_dispute, order.id)
    assert order.state is OrderState.IN_ACCEPT
    assert order.confirm_by > clock.at


@pytest.mark.parametrize(
    ("outcome", "state", "message"),
    [
        (orders.DisputeOutcome.RELEASE, OrderState.SETTLED, "order.confirmed"),
        (orders.DisputeOutcome.REFUND, OrderState.REFUNDING, "order.refund_due"),
    ],
)
def test_a_decided_dispute_moves_the_money(shop, store, runtime, outcome, state, message):
    order = shop.delivered(store)
    shop.do(shop.agency, orders.open_dispute, order.id, reason="拒不确认")
    order = shop.do(
        shop.operator, orders.decide_dispute, order.id, outcome=outcome, reason="已查明"
    )
    assert order.state is state
    assert message in kinds_of(runtime, OutboxMessage)


def test_lists_show_only_own_orders_with_counts_for_each_tab(shop, store, runtime):
    shop.place("a")
    shop.paid("b")
    shop.in_service(store, "c")
    with runtime.reading() as session:
        mine = list_orders_for(session, shop.applicant, at=runtime.now())
        theirs = list_orders_for(session, shop.stranger, at=runtime.now())
        work = list_orders_for(session, shop.agency, at=runtime.now(), tab=Tab.WORKING)
        all_of_them = list_orders_for(session, shop.operator, at=runtime.now())
    assert mine.counts[Tab.ALL] == mine.page.total == all_of_them.page.total == 3
    assert theirs.page.rows == ()
    assert [row.state for row in work.page.rows] == [OrderState.IN_SERVICE]
    assert work.page.rows[0].light is Light.GREEN
    assert work.counts[Tab.TO_PAY] == work.counts[Tab.TO_ACCEPT] == 1


def test_segments_adjoin_without_a_gap(shop, store, clock, runtime):
    order = shop.paid()
    for _ in range(3):
        clock.advance(hours=7)
        order = shop.read(order.id).order
    shop.do(shop.agency, orders.accept_order, order.id, handler_name="演示")
    with runtime.sessions() as session:
        chain = (
            session.execute(select(ClockSegment).order_by(ClockSegment.position)).scalars().all()
        )
    assert [s.ended_at for s in chain[:-1]] == [s.started_at for s in chain[1:]]


def test_the_timeline_cannot_be_rewritten(shop, runtime):
    shop.place()
    for statement in ("UPDATE order_events SET kind = 'x'", "DELETE FROM order_events"):
        with runtime.sessions() as session, pytest.raises(sa.exc.DBAPIError):
            session.execute(sa.text(statement))


def test_pressing_at_the_same_time_makes_one_order(shop, runtime):
    with ThreadPoolExecutor(4) as pool:
        placed = list(pool.map(lambda _: shop.place("same").id, range(8)))
    assert len(set(placed)) == 1
    with runtime.sessions() as session:
        assert session.scalar(select(sa.func.count()).select_from(Order)) == 1
    assert kinds_of(runtime, OrderEvent) == ["placed"]


def test_of_two_hands_on_one_order_one_wins(shop, runtime):
    order = shop.paid()

    def attempt(work):
        try:
            return work()
        except OrderStateError:
            return None

    works = [
        lambda: shop.do(shop.applicant, orders.cancel_order, order.id, reason="r"),
        lambda: shop.do(shop.agency, orders.accept_order, order.id, handler_name="h"),
        lambda: shop.do(shop.agency, orders.decline_order, order.id, reason="r"),
        lambda: shop.do(SYSTEM, orders.refund_unaccepted, order.id),
    ]
    with ThreadPoolExecutor(4) as pool:
        won = [result for result in pool.map(attempt, works) if result is not None]
    assert len(won) == 1
    assert len(shop.read(order.id).events) == 3


def test_an_order_that_a_timer_cannot_move_does_not_hold_up_the_others(shop, runtime, store, clock):
    stuck, free = shop.in_service(store, "a"), shop.in_service(store, "b")
    for order in (stuck, free):
        shop.do(shop.agency, orders.suspend_service, order.id, code=SuspensionCode.S3, note="n")
    with runtime.sessions() as session, session.begin():
        session.get(Order, stuck.id).promised_days = 400  # ends in a year without a calendar
    clock.advance(days=20)
    shop.do(SYSTEM, orders.tick_resume_at_cap)
    states = [shop.read(order.id).order.state for order in (stuck, free)]
    assert states == [OrderState.SUSPENDED, OrderState.IN_SERVICE]


def test_a_new_calendar_recounts_what_was_provisional(runtime, store, clock, monkeypatch):
    shop = make_shop(runtime, promised_days=30)
    order = shop.in_service(store)
    shop.do(SYSTEM, orders.tick_recount_provisional)
    assert shop.read(order.id).events[-1].kind == "started"
    announced = [
        replace(year, off=year.off | {date(2027, 1, 4), date(2027, 1, 5)}, is_provisional=False)
        if year.year == 2027
        else year
        for year in CN.years
    ]
    monkeypatch.setattr("market.orders.moving.CN", WorkCalendar(tuple(announced)))
    shop.do(SYSTEM, orders.tick_recount_provisional)
    detail = shop.read(order.id)
    assert last_day_of(detail.order.due_at).isoformat() == "2027-01-08"
    assert not detail.order.due_is_provisional
    assert detail.events[-1].kind == "due_recounted"


def test_a_withdrawn_dispute_gives_the_ball_back_to_who_held_it(shop, store):
    order = shop.at_department(store)
    shop.do(
        shop.regulator,
        orders.record_return,
        order.id,
        reasons=["申请表未签字"],
        fault=Fault.APPLICANT,
    )
    shop.do(shop.agency, orders.open_dispute, order.id, reason="不是机构原因")
    order = shop.do(shop.agency, orders.withdraw_dispute, order.id)
    assert (order.state, order.holder) == (OrderState.REWORK, Holder.APPLICANT)


def test_texts_lose_control_characters(shop):
    order = shop.do(
        shop.applicant, orders.cancel_order, shop.place().id, reason="a\x00b\ud800\n c "
    )
    assert order.cancel_reason == "ab\n c"
