"""An order through its pages: placed, taken, worked on, delivered, confirmed, rated."""

import re
import threading

import pytest

from market.act import SYSTEM
from market.catalogue.models import Commission
from market.handling.queries import get_room
from market.orders.models import Order
from market.orders.queries import Tab, list_orders_for
from market.orders.states import Move, OrderState
from market.reviews.queries import get_order_reviews
from market.web.orders.story import SENTENCES
from tests.support.shop import PDF, make_shop
from tests.support.visitors import visit

PDF_FILE = ("立项文件.pdf", PDF)


@pytest.fixture
def shop(runtime):
    return make_shop(runtime)


@pytest.fixture
def buyer(app, world, shop):
    return visit(app, world, shop.applicant)


@pytest.fixture
def seller(app, world, shop):
    return visit(app, world, shop.agency)


def new_order_path(shop):
    return f"/applicant/orders/new?listing={shop.listing_id}"


def wish(buyer, shop, **changes):
    page = new_order_path(shop)
    key, version = buyer.hidden(page, "key"), buyer.hidden(page, "version")
    return {"key": key, "version": version, "fund_source": "private", **changes}


def state_of(shop, order_id):
    return shop.read(order_id).order.state


def own_orders(shop, runtime):
    with runtime.reading() as session:
        return list_orders_for(session, shop.applicant, at=runtime.now()).page.rows


def test_the_check_page_shows_what_is_bought_and_when_it_would_be_done(buyer, shop):
    page = buyer.text(new_order_path(shop))
    for words in ("环境影响报告表编制", "26,000", "15 个工作日", "2026年12月15日", "立项文件"):
        assert words in page
    assert "政府投资项目的资金不能直接购买" in page


def test_placing_leads_to_the_order_that_waits_for_payment(buyer, shop, runtime):
    answer = buyer.post(new_order_path(shop), **wish(buyer, shop))
    assert answer.status_code == 302
    page = buyer.text(answer.location)
    assert "待付款" in page
    assert f'action="{answer.location}/pay"' in page
    assert [row.state for row in own_orders(shop, runtime)] == [OrderState.AWAIT_PAY]


def test_a_double_press_makes_one_order(buyer, shop, runtime):
    fields = wish(buyer, shop)
    first = buyer.post(new_order_path(shop), **fields)
    second = buyer.post(new_order_path(shop), **fields)
    assert first.location == second.location
    assert len(own_orders(shop, runtime)) == 1


def test_two_presses_at_the_same_moment_make_one_order(app, world, shop, runtime, buyer):
    fields = wish(buyer, shop)
    browsers = [visit(app, world, shop.applicant) for _ in range(4)]
    answers = []
    gate = threading.Barrier(len(browsers))

    def press(browser):
        gate.wait()
        answers.append(browser.post(new_order_path(shop), **fields))

    threads = [threading.Thread(target=press, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert len(own_orders(shop, runtime)) == 1


def test_government_money_is_led_to_the_draw(buyer, shop, runtime):
    answer = buyer.post(new_order_path(shop), **wish(buyer, shop, fund_source="government"))
    assert answer.status_code == 422
    assert "公开摇号" in answer.get_data(as_text=True)
    assert own_orders(shop, runtime) == ()


def test_a_changed_price_has_to_be_read_again(buyer, shop, runtime):
    answer = buyer.post(new_order_path(shop), **wish(buyer, shop, version="7"))
    assert answer.status_code == 422
    assert "刚刚更新" in answer.get_data(as_text=True)
    assert re.search(r'name="version"[^>]* value="1"', answer.get_data(as_text=True))
    assert own_orders(shop, runtime) == ()


def test_what_a_department_pays_is_not_sold(app, world, runtime):
    shop = make_shop(runtime, commission=Commission.DEPARTMENT)
    buyer = visit(app, world, shop.applicant)
    page = buyer.text(new_order_path(shop))
    assert "由审批部门委托并付费" in page
    assert "提交订单" not in page


def test_the_lists_have_tabs_with_counts_and_teach_when_empty(buyer, shop):
    assert "还没有订单" in buyer.text("/applicant/orders")
    shop.paid()
    page = buyer.text("/applicant/orders?tab=to_accept")
    assert "演示agency" in page
    assert re.search(r'tab=to_accept" aria-current="page">待接单<span class="tabs__count">1', page)
    assert "这一类里没有订单" in buyer.text("/applicant/orders?tab=done")


def test_from_taking_to_rating_through_the_pages(buyer, seller, shop, runtime, world):
    order = shop.paid()
    mine, theirs = f"/applicant/orders/{order.id}", f"/agency/orders/{order.id}"
    assert "等您接单" in seller.text("/agency/")
    assert seller.post(f"{theirs}/accept", handler_name="演示经办人").status_code == 302
    hand_in_all(buyer, seller, shop, order.id)
    assert state_of(shop, order.id) is OrderState.IN_SERVICE
    assert "开始计时" in buyer.text(mine)

    assert buyer.post(f"{mine}/messages", body="请问还需要什么？").status_code == 302
    assert "1 条新留言" in seller.text("/agency/")
    assert "请问还需要什么？" in seller.text(theirs)
    assert "已读" in buyer.text(mine)

    assert seller.post(f"{theirs}/submit", receipt_no="回执-1").status_code == 302
    result = seller.post(
        f"{theirs}/result", document_no="赣市环审〔2026〕1号", file=("批复.pdf", PDF)
    )
    assert result.status_code == 302
    assert seller.post(f"{theirs}/deliver/file").status_code == 302
    page = buyer.text(mine)
    assert "赣市环审〔2026〕1号" in page
    assert "批复.pdf" in page
    assert buyer.post(f"{mine}/confirm").status_code == 302
    assert state_of(shop, order.id) is OrderState.SETTLED
    marks = {"quality": "5", "speed": "4", "fee": "5", "manner": "5"}
    assert buyer.post(f"{mine}/rate", **marks, body="办得快").status_code == 302
    assert "对方已评价" in seller.text(theirs)
    assert seller.post(f"{theirs}/rate", **marks).status_code == 302
    assert "办得快" in seller.text(theirs)
    with runtime.reading() as session:
        assert get_order_reviews(session, shop.applicant, order.id).own.speed == 4


def hand_in_all(buyer, seller, shop, order_id):
    for item in shop.items(order_id):
        path = f"/applicant/orders/{order_id}/items/{item.id}"
        assert buyer.post(path, file=PDF_FILE).status_code == 302
        accept = f"/agency/orders/{order_id}/items/{item.id}/accept"
        assert seller.post(accept).status_code == 302


def test_all_defects_are_told_in_one_list(buyer, seller, shop):
    order = shop.collecting()
    items = shop.items(order.id)
    for item in items:
        buyer.post(f"/applicant/orders/{order.id}/items/{item.id}", file=PDF_FILE)
    path = f"/agency/orders/{order.id}/defects"
    empty = seller.post(path)
    assert empty.status_code == 422
    assert "至少写明一项" in empty.get_data(as_text=True)
    reasons = {f"item_{items[0].id}": "缺公章", f"item_{items[1].id}": "比例尺不对"}
    assert seller.post(path, **reasons).status_code == 302
    page = buyer.text(f"/applicant/orders/{order.id}")
    assert "缺公章" in page
    assert "比例尺不对" in page
    assert "2 项材料需要补正" in page


def test_a_suspension_needs_a_reason_of_the_closed_list(seller, shop, world):
    order = shop.in_service(world.files)
    path = f"/agency/orders/{order.id}/suspend"
    assert "S6" not in seller.text(path)
    assert seller.post(path, code="queue", note="人手不足").status_code == 422
    assert seller.post(path, code="S3", note="12 月 1 日踏勘").status_code == 302
    assert "专家评审、踏勘" in seller.text(f"/agency/orders/{order.id}")
    assert seller.post(f"/agency/orders/{order.id}/resume").status_code == 302
    assert state_of(shop, order.id) is OrderState.IN_SERVICE


def test_a_return_is_told_point_by_point_and_reworked(buyer, seller, shop, world):
    order = shop.at_department(world.files)
    path = f"/agency/orders/{order.id}"
    answer = seller.post(f"{path}/returned", fault="agency", reasons="补充监测点位\n更正附图 3")
    assert answer.status_code == 302
    page = buyer.text(f"/applicant/orders/{order.id}")
    assert "补充监测点位" in page
    assert "机构的责任" in page
    assert seller.post(f"{path}/resubmit", receipt_no="回执-2").status_code == 302
    assert state_of(shop, order.id) is OrderState.AT_DEPT


def test_declining_and_cancelling_give_the_money_back(buyer, seller, shop):
    first, second = shop.paid("key-1"), shop.paid("key-2")
    declined = seller.post(f"/agency/orders/{first.id}/decline", code="conflict", note="")
    assert declined.status_code == 302
    cancelled = buyer.post(f"/applicant/orders/{second.id}/cancel", reason="不办了")
    assert cancelled.status_code == 302
    assert state_of(shop, first.id) is state_of(shop, second.id) is OrderState.REFUNDING
    assert "应当回避" in buyer.text(f"/applicant/orders/{first.id}")


def test_a_dispute_freezes_and_only_its_party_withdraws_it(buyer, seller, shop, world):
    order = shop.delivered(world.files)
    mine, theirs = f"/applicant/orders/{order.id}", f"/agency/orders/{order.id}"
    assert buyer.post(f"{mine}/dispute", reason="缺附件 2").status_code == 302
    assert state_of(shop, order.id) is OrderState.DISPUTE
    assert "争议期间冻结" in seller.text(theirs)
    assert seller.get(f"{theirs}/withdraw").status_code == 409
    assert buyer.post(f"{mine}/withdraw").status_code == 302
    assert state_of(shop, order.id) is OrderState.IN_ACCEPT


def test_an_address_is_masked_for_the_agency_and_used_for_the_parcel(buyer, seller, shop, world):
    order = shop.delivering(world.files)
    mine, theirs = f"/applicant/orders/{order.id}", f"/agency/orders/{order.id}"
    assert "还没有填写收件地址" in seller.text(f"{theirs}/deliver")
    early = seller.post(f"{theirs}/deliver/courier")
    assert early.status_code == 422
    bad = buyer.post(
        f"{mine}/address", name="李演示", phone="abc", address="赣州市章贡区演示路 1 号"
    )
    assert bad.status_code == 422
    assert "电话号码不正确" in bad.get_data(as_text=True)
    good = {"name": "李演示", "phone": "13800001234", "address": "江西省赣州市章贡区演示路 1 号"}
    assert buyer.post(f"{mine}/address", **good).status_code == 302
    assert "13800001234" in buyer.text(mine)
    page = seller.text(f"{theirs}/deliver")
    assert "138****1234" in page
    assert "13800001234" not in page
    assert seller.post(f"{theirs}/deliver/courier").status_code == 302
    assert "正在取运单号" in buyer.text(mine)


def test_a_document_comes_as_an_attachment_to_both_sides_only(
    app, world, buyer, seller, shop, runtime
):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    buyer.post(f"/applicant/orders/{order.id}/items/{item.id}", file=PDF_FILE)
    with runtime.reading() as session:
        document_id = next(iter(get_room(session, shop.applicant, order.id).documents))
    for visitor, area in ((buyer, "applicant"), (seller, "agency")):
        answer = visitor.get(f"/{area}/documents/{document_id}")
        assert answer.status_code == 200
        assert answer.data == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    stranger = visit(app, world, shop.stranger)
    rival = visit(app, world, shop.other_agency)
    assert stranger.get(f"/applicant/documents/{document_id}").status_code == 404
    assert rival.get(f"/agency/documents/{document_id}").status_code == 404


def test_an_agency_changes_its_price_with_notice_and_pauses_its_listing(seller, shop, app):
    assert "环境影响报告表编制" in seller.text("/agency/listings")
    path = f"/agency/listings/{shop.listing_id}"
    for wrong in ("0", "-1", "abc", ""):
        assert seller.post(f"{path}/price", price=wrong).status_code == 422
    assert seller.post(f"{path}/price", price="25800.50").status_code == 302
    page = seller.text("/agency/listings")
    assert "2026年12月1日 24:00 起 ¥25,800.50" in page
    assert seller.post(f"{path}/pause").status_code == 302
    assert "已下架" in seller.text("/agency/listings")


def test_regulators_read_orders_without_the_room(app, world, shop, buyer):
    order = shop.in_service(world.files)
    buyer.post(f"/applicant/orders/{order.id}/messages", body="只有双方看得到")
    regulator = visit(app, world, shop.regulator)
    assert "正常" in regulator.text("/regulator/")
    page = regulator.text(f"/regulator/orders/{order.id}")
    assert "开始计时" in page
    assert "只有双方看得到" not in page
    assert "立项文件.pdf" not in page


def test_every_state_has_a_page_for_every_reader(app, world, shop, buyer, seller, runtime):
    regulator = visit(app, world, shop.regulator)
    order = shop.place()

    def work(act, state):
        row = act.session.get_one(Order, order.id)
        row.state, row.disputed_from = state, OrderState.IN_ACCEPT

    for state in OrderState:
        runtime.act(SYSTEM, lambda act, state=state: work(act, state))
        for visitor, area in ((buyer, "applicant"), (seller, "agency"), (regulator, "regulator")):
            assert "全部经过" in visitor.text(f"/{area}/orders/{order.id}")


def test_every_move_has_its_sentence_on_the_timeline():
    assert {move.value for move in Move} - SENTENCES.keys() == set()


def test_every_tab_opens(buyer, seller):
    for tab in Tab:
        assert buyer.get(f"/applicant/orders?tab={tab.value}").status_code == 200
        assert seller.get(f"/agency/orders?tab={tab.value}&page=9").status_code == 200


def test_a_carrier_that_is_not_known_or_not_signed_is_turned_away(app):
    client = app.test_client()
    assert client.post("/hooks/courier/nobody", data=b"{}").status_code == 404
    assert client.post("/hooks/courier/sandbox", data=b"{}").status_code == 401


def test_late_service_shows_its_compensation(app, shop, world, clock):
    order = shop.in_service(world.files)
    clock.advance(days=30)
    agency = visit(app, world, shop.agency)
    assert "超时" in agency.text("/agency/")
    assert (
        agency.post(f"/agency/orders/{order.id}/suspend", code="S3", note="迟").status_code == 422
    )
    assert agency.post(f"/agency/orders/{order.id}/submit", receipt_no="R").status_code == 302
    late = shop.read(order.id).order.late_days
    buyer = visit(app, world, shop.applicant)
    page = buyer.text(f"/applicant/orders/{order.id}")
    assert f"机构逾期 {late} 个工作日" in page
