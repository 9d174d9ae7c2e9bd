"""A direct order from placing to filing away, on both databases."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy import select

from market.act import SYSTEM
from market.audit import AuditRecord
from market.calendar.days import last_day_of
from market.catalogue.models import Commission, Listing, ListingFigures
from market.errors import InvalidInputError, NotAllowedError, NotFoundError
from market.files import FileStore
from market.orders import services as orders
from market.orders.errors import (
    AmountMismatchError,
    FundSourceError,
    KeyReusedError,
    ListingChangedError,
    NotForSaleError,
    PaidOtherwiseError,
)
from market.orders.lights import Light
from market.orders.models import Order, OrderEvent
from market.orders.states import FundSource, OrderState, OrderStateError
from market.outbox import OutboxMessage
from tests.support.shop import PRICE_FEN, make_shop


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


def test_an_order_goes_from_placing_to_the_agencys_money(shop, store, clock, runtime):
    order = shop.delivered(store)
    clock.advance(days=1)
    order = shop.do(shop.applicant, orders.confirm_receipt, order.id)

    assert order.state is OrderState.SETTLED
    detail = shop.read(order.id)
    assert [event.kind for event in detail.events] == [
        "placed",
        "paid",
        "accepted",
        "item_received",
        "item_accepted",
        "item_received",
        "item_accepted",
        "started",
        "submitted",
        "result_recorded",
        "delivered",
        "confirmed",
    ]
    assert detail.events[-1].actor_name == shop.applicant.name
    sent = kinds_of(runtime, OutboxMessage)
    assert {"order.placed", "order.paid", "order.confirmed"} <= set(sent)
    assert set(sent) >= {k for k in kinds_of(runtime, AuditRecord) if k.startswith("order.")}
    with runtime.sessions() as session:
        figures = session.get(ListingFigures, shop.listing_id)
        assert (figures.sold_12m, figures.n, figures.median_days) == (1, 1, 0)


def test_pressing_twice_makes_one_order(shop, runtime):
    first, second = shop.place("same"), shop.place("same")
    assert first.id == second.id
    with runtime.sessions() as session:
        assert session.scalar(select(sa.func.count()).select_from(Order)) == 1


def test_a_key_belongs_to_one_listing(shop, runtime):
    shop.place("same")
    with runtime.sessions() as session, session.begin():
        copied = session.get(Listing, shop.listing_id)
        values = {c.key: getattr(copied, c.key) for c in sa.inspect(Listing).column_attrs}
        other = Listing(**{**values, "id": shop.applicant.user_id})
        session.add(other)
    with pytest.raises(KeyReusedError):
        shop.do(shop.applicant, orders.place_order, other.id, idempotency_key="same")


def test_government_money_cannot_buy(shop):
    with pytest.raises(FundSourceError):
        shop.place(fund_source=FundSource.GOVERNMENT)


def test_an_agency_cannot_buy(shop):
    with pytest.raises(NotAllowedError):
        shop.do(shop.agency, orders.place_order, shop.listing_id, idempotency_key="x")


def test_what_the_department_commissions_is_not_for_sale(runtime):
    shop = make_shop(runtime, commission=Commission.DEPARTMENT)
    with pytest.raises(NotForSaleError):
        shop.place()


def test_a_changed_listing_is_looked_at_again(shop):
    with pytest.raises(ListingChangedError):
        shop.place(shown_version=7)


def test_a_later_price_never_reaches_an_order(shop, runtime):
    order = shop.place()
    with runtime.sessions() as session, session.begin():
        session.get(Listing, shop.listing_id).price_fen = 1
    kept = shop.read(order.id).order
    assert (kept.price_fen, kept.snapshot["price_fen"]) == (PRICE_FEN, PRICE_FEN)


def test_a_payment_told_three_times_is_one_payment(shop, runtime):
    order = shop.place()
    for _ in range(3):
        shop.do(SYSTEM, orders.mark_paid, order.id, amount_fen=PRICE_FEN, trade_no="t1")
    assert kinds_of(runtime, OrderEvent).count("paid") == 1
    with pytest.raises(PaidOtherwiseError):
        shop.do(SYSTEM, orders.mark_paid, order.id, amount_fen=PRICE_FEN, trade_no="t2")


@pytest.mark.parametrize("amount", [0, -1, PRICE_FEN - 1, PRICE_FEN + 1])
def test_another_amount_is_no_payment(shop, amount):
    order = shop.place()
    with pytest.raises(AmountMismatchError):
        shop.do(SYSTEM, orders.mark_paid, order.id, amount_fen=amount, trade_no="t")


def test_only_the_platform_notes_a_payment(shop):
    order = shop.place()
    with pytest.raises(NotAllowedError):
        shop.do(shop.applicant, orders.mark_paid, order.id, amount_fen=PRICE_FEN, trade_no="t")


@pytest.mark.parametrize("who", ["stranger", "other_agency"])
def test_somebody_elses_order_does_not_exist(shop, who):
    order = shop.paid()
    actor = getattr(shop, who)
    with pytest.raises(NotFoundError):
        shop.read(order.id, actor)
    for work, given in (
        (orders.cancel_order, {"reason": "r"}),
        (orders.decline_order, {"reason": "r"}),
        (orders.accept_order, {"handler_name": "h"}),
        (orders.confirm_receipt, {}),
        (orders.open_dispute, {"reason": "r"}),
    ):
        with pytest.raises(NotFoundError):
            shop.do(actor, work, order.id, **given)


def test_cancelling_before_acceptance_asks_for_the_refund(shop, runtime):
    order = shop.paid()
    order = shop.do(shop.applicant, orders.cancel_order, order.id, reason="不需要了")
    assert order.state is OrderState.REFUNDING
    assert "order.refund_due" in kinds_of(runtime, OutboxMessage)
    order = shop.do(SYSTEM, orders.mark_refunded, order.id)
    again = shop.do(SYSTEM, orders.mark_refunded, order.id)
    assert order.state is again.state is OrderState.REFUNDED


def test_cancelling_an_unpaid_order_refunds_nothing(shop, runtime):
    order = shop.do(shop.applicant, orders.cancel_order, shop.place().id, reason="改主意")
    assert order.state is OrderState.CLOSED_UNPAID
    assert "order.refund_due" not in kinds_of(runtime, OutboxMessage)


def test_nobody_cancels_after_acceptance(shop):
    order = shop.collecting()
    with pytest.raises(OrderStateError):
        shop.do(shop.applicant, orders.cancel_order, order.id, reason="太晚")


def test_an_agency_declines_with_a_reason(shop):
    order = shop.paid()
    with pytest.raises(InvalidInputError):
        shop.do(shop.agency, orders.decline_order, order.id, reason="  ")
    order = shop.do(shop.agency, orders.decline_order, order.id, reason="超出资质范围")
    assert order.state is OrderState.REFUNDING


def test_the_timers_close_refund_and_confirm(shop, store, clock, runtime):
    unpaid, silent, kept = shop.place("a"), shop.paid("b"), shop.delivered(store, "c")
    clock.advance(hours=24)
    shop.do(SYSTEM, orders.tick_close_unpaid)
    assert shop.read(unpaid.id).order.state is OrderState.CLOSED_UNPAID
    shop.do(SYSTEM, orders.tick_refund_unaccepted)
    assert shop.read(silent.id).order.state is OrderState.ESCROWED  # until 24:00 of the 25th
    clock.at = silent.accept_by
    shop.do(SYSTEM, orders.tick_refund_unaccepted)
    assert shop.read(silent.id).order.state is OrderState.REFUNDING
    clock.at = kept.confirm_by
    shop.do(SYSTEM, orders.tick_confirm_silent)
    assert shop.read(kept.id).order.state is OrderState.SETTLED
    assert silent.accept_by == datetime(2026, 11, 25, 16, tzinfo=UTC)


def test_the_promise_crosses_the_new_year_as_provisional(shop, store):
    order = shop.in_service(store)
    assert last_day_of(order.due_at).isoformat() == "2026-12-15"
    assert not order.due_is_provisional
    assert shop.read(order.id).light is Light.GREEN


def test_a_promise_into_the_new_year_is_marked(runtime, store):
    shop = make_shop(runtime, promised_days=30)
    order = shop.in_service(store)
    assert (last_day_of(order.due_at).isoformat(), order.due_is_provisional) == ("2027-01-06", True)
    assert shop.read(order.id).step.is_provisional
