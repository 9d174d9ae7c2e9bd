"""What people and programs send that they should not: nothing breaks, nothing typed is lost."""

import html
import re
import uuid

import pytest

from market.files import MAX_BYTES
from tests.support.shop import PDF, make_shop
from tests.support.visitors import PASSWORD, Visitor, give_account, visit

MARKUP = '<script>alert("1")</script><b onmouseover=x>\'"&amp;'
SQL = "Robert'); DROP TABLE orders; -- %_\\"
HOSTILE = (MARKUP, SQL)
ESCAPED = {MARKUP: "&lt;script&gt;alert(&#34;1&#34;)", SQL: "Robert&#39;); DROP TABLE orders; --"}


@pytest.fixture
def shop(runtime):
    return make_shop(runtime)


@pytest.fixture
def buyer(app, world, shop):
    return visit(app, world, shop.applicant)


@pytest.fixture
def seller(app, world, shop):
    return visit(app, world, shop.agency)


def refused(answer, words):
    """Look for an error page of a form: its status, its summary and the sentence."""
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422, page[-600:]
    assert 'id="error-summary"' in page
    assert words in page
    return page


def test_an_empty_form_is_told_field_by_field(buyer, seller, shop, world):
    order = shop.delivered(world.files)
    mine, theirs = f"/applicant/orders/{order.id}", f"/agency/orders/{order.id}"
    refused(buyer.post(f"{mine}/messages"), "请写下要说的话")
    refused(buyer.post(f"{mine}/dispute"), "请写明原因")
    refused(buyer.post(f"{mine}/address"), "请填写收件地址")
    page = refused(buyer.post(f"{mine}/rate"), "请给质量打分")
    assert 'href="#quality"' in page
    assert "请给态度打分" in page
    refused(seller.post(f"{theirs}/suspend"), "请写明依据")
    refused(seller.post(f"{theirs}/returned"), "请逐条写明退回理由")
    refused(seller.post(f"{theirs}/result"), "请填写结果文号")


def test_a_message_of_ten_thousand_characters_is_refused_and_kept(buyer, shop):
    order = shop.collecting()
    text = "很长的留言。" * 1_700
    assert len(text) > 10_000
    page = refused(
        buyer.post(f"/applicant/orders/{order.id}/messages", body=text), "最多 2000 个字"
    )
    assert text in page


def test_a_message_of_exactly_the_limit_is_taken(buyer, shop):
    order = shop.collecting()
    path = f"/applicant/orders/{order.id}"
    assert buyer.post(f"{path}/messages", body="字" * 2_000).status_code == 302
    assert "字" * 2_000 in buyer.text(path)


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "sql"])
def test_markup_and_sql_in_the_applicants_texts_are_shown_as_typed(
    buyer, seller, shop, world, text
):
    order = shop.delivered(world.files)
    mine, theirs = f"/applicant/orders/{order.id}", f"/agency/orders/{order.id}"
    assert buyer.post(f"{mine}/messages", body=text).status_code == 302
    assert buyer.post(f"{mine}/dispute", reason=text).status_code == 302
    for page in (buyer.text(mine), seller.text(theirs)):
        assert page.count(ESCAPED[text]) >= 2
        assert "<script>alert" not in page
    second = shop.delivering(world.files, "key-2")
    fields = {"name": text[:60], "phone": "13800001234", "address": text}
    path = f"/applicant/orders/{second.id}"
    assert buyer.post(f"{path}/address", **fields).status_code == 302
    assert ESCAPED[text] in buyer.text(path)
    third = shop.paid("key-3")
    assert buyer.post(f"/applicant/orders/{third.id}/cancel", reason=text).status_code == 302
    assert ESCAPED[text] in seller.text(f"/agency/orders/{third.id}")


@pytest.mark.parametrize("text", HOSTILE, ids=["markup", "sql"])
def test_markup_and_sql_of_the_agency_are_shown_as_typed(buyer, seller, shop, world, text):
    order = shop.paid()
    mine, theirs = f"/applicant/orders/{order.id}", f"/agency/orders/{order.id}"
    assert seller.post(f"{theirs}/accept", handler_name=text).status_code == 302
    item = shop.items(order.id)[0]
    buyer.post(f"{mine}/items/{item.id}", file=("a.pdf", PDF))
    assert seller.post(f"{theirs}/defects", **{f"item_{item.id}": text}).status_code == 302
    page = buyer.text(mine)
    assert page.count(ESCAPED[text]) >= 2
    assert "<script>alert" not in page
    second = shop.in_service(world.files, "key-2")
    path = f"/agency/orders/{second.id}"
    assert seller.post(f"{path}/suspend", code="S5", note=text).status_code == 302
    assert seller.post(f"{path}/resume").status_code == 302
    assert seller.post(f"{path}/submit", receipt_no=text).status_code == 302
    assert seller.post(f"{path}/returned", fault="agency", reasons=text).status_code == 302
    assert seller.post(f"{path}/resubmit", receipt_no=text).status_code == 302
    assert seller.post(f"{path}/result", document_no=text).status_code == 302
    page = buyer.text(f"/applicant/orders/{second.id}")
    assert page.count(ESCAPED[text]) >= 5
    assert "<script>alert" not in page


def test_markup_in_a_file_name_is_shown_as_typed(buyer, seller, shop):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    name = "<img src=x onerror=alert(1)>.pdf"
    answer = buyer.post(f"/applicant/orders/{order.id}/items/{item.id}", file=(name, PDF))
    assert answer.status_code == 302
    page = seller.text(f"/agency/orders/{order.id}")
    assert "&lt;img src=x onerror=alert(1)&gt;.pdf" in page
    assert "<img src=x" not in page


def test_control_characters_are_refused(buyer, shop):
    order = shop.collecting()
    answer = buyer.post(f"/applicant/orders/{order.id}/messages", body="a\x00b")
    refused(answer, "含有无法识别的字符")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("病毒.pdf", b"MZ\x90\x00" + b"\x00" * 60, "内容与扩展名 pdf 不符"),
        ("程序.exe", b"MZ\x90\x00" + b"\x00" * 60, "不接受这种文件"),
        ("空.pdf", b"", "不能空着"),
        ("假表.xlsx", b"PK\x05\x06" + b"\x00" * 18, "内容与扩展名 xlsx 不符"),
        ("大.pdf", PDF + b"\x00" * MAX_BYTES, "不超过 10 MB"),
    ],
    ids=["exe renamed pdf", "exe", "empty", "zip renamed xlsx", "above 10 MB"],
)
def test_a_wrong_file_is_refused_with_its_reason(buyer, shop, name, data, words):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    path = f"/applicant/orders/{order.id}/items/{item.id}"
    refused(buyer.post(path, file=(name, data)), words)
    refused(buyer.post(path), "请选择要上传的文件")


def test_twenty_megabytes_get_the_page_that_says_so(buyer, shop):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    path = f"/applicant/orders/{order.id}/items/{item.id}"
    answer = buyer.post(path, file=("大.pdf", PDF + b"\x00" * 20 * 1024 * 1024))
    assert answer.status_code == 413
    assert "单个文件不超过 10 MB" in answer.get_data(as_text=True)


def test_other_peoples_ids_are_not_found_in_any_address(app, world, shop):
    order = shop.collecting()
    item = shop.items(order.id)[0]
    stranger = visit(app, world, shop.stranger)
    rival = visit(app, world, shop.other_agency)
    rules = [rule for rule in app.url_map.iter_rules() if "<uuid:order_id>" in rule.rule]
    asked = 0
    for rule in rules:
        area = rule.rule.split("/")[1]
        visitor = {"applicant": stranger, "agency": rival}.get(area)
        if visitor is None:
            continue
        path = rule.rule.replace("<uuid:order_id>", str(order.id))
        path = path.replace("<uuid:item_id>", str(item.id))
        if "POST" in rule.methods:
            fields = {
                "body": "a", "reason": "a", "name": "a", "phone": "13800001234", "address": "a",
                "handler_name": "a", "code": "scope", "note": "a", "receipt_no": "a",
                "fault": "agency", "reasons": "a", "document_no": "a", "quality": "5",
                "speed": "5", "fee": "5", "manner": "5",
            }  # fmt: skip
            answer = visitor.post(path, **fields, file=("a.pdf", PDF))
            assert answer.status_code == 404, (path, answer.status_code)
        if "GET" in rule.methods and not path.endswith("/accept"):
            assert visitor.get(path).status_code == 404, path
        asked += 1
    assert asked >= 20


def test_ids_that_do_not_exist_or_are_no_ids_are_not_found(buyer, seller, shop):
    nobody = uuid.uuid4()
    order = shop.collecting()
    for path in (
        f"/applicant/orders/{nobody}",
        f"/applicant/documents/{nobody}",
        f"/applicant/orders/new?listing={nobody}",
        "/applicant/orders/new?listing=1%27%20OR%201=1",
        "/applicant/orders/new",
        "/applicant/orders/1",
        "/applicant/orders/..%2F..%2Fetc%2Fpasswd",
    ):
        assert buyer.get(path).status_code == 404, path
    path = f"/applicant/orders/{order.id}/items/{nobody}"
    assert buyer.post(path, file=("a.pdf", PDF)).status_code == 404
    assert seller.get(f"/agency/listings/{nobody}/price").status_code == 404


def test_a_listing_of_another_agency_cannot_be_touched(app, world, shop):
    rival = visit(app, world, shop.other_agency)
    for act in ("price", "pause", "publish"):
        path = f"/agency/listings/{shop.listing_id}/{act}"
        assert rival.get(path).status_code == 404
        assert rival.post(path, price="1").status_code == 404


def test_an_act_out_of_turn_says_so_and_changes_nothing(buyer, seller, shop):
    order = shop.collecting()
    path = f"/applicant/orders/{order.id}/cancel"
    assert buyer.get(path).status_code == 409
    page = refused(buyer.post(path, reason="我改主意了"), "订单已进入下一环节")
    assert "我改主意了" in page
    assert seller.post(f"/agency/orders/{order.id}/submit", receipt_no="1").status_code == 422
    assert shop.read(order.id).order.state.value == "collecting"


def test_a_form_without_its_token_is_refused(buyer, shop):
    order = shop.collecting()
    answer = buyer.client.post(f"/applicant/orders/{order.id}/messages", data={"body": "伪造"})
    assert answer.status_code == 400


def test_an_ended_session_keeps_the_message_until_it_is_sent(app, world, shop, buyer, clock):
    login, _ = give_account(world, shop.applicant)
    order = shop.collecting()
    path = f"/applicant/orders/{order.id}"
    typed = "第一行 <b>重要</b>\n第二行：" + "请尽快联系我。" * 20
    buyer.token(path)
    clock.advance(hours=13)
    ended = buyer.post(f"{path}/messages", body=typed)
    assert ended.status_code == 401
    page = ended.get_data(as_text=True)
    assert "内容已为您保留" in page
    resumed = buyer.post(
        "/account/sign-in",
        login=login,
        password=PASSWORD,
        next=f"{path}/messages",
        **{"kept:body": kept_in(page)},
    )
    page = resumed.get_data(as_text=True)
    assert resumed.status_code == 200
    assert f'action="{path}/messages"' in page
    assert "第一行 &lt;b&gt;重要&lt;/b&gt;\n第二行" in page
    sent = buyer.post(f"{path}/messages", body=typed)
    assert sent.status_code == 302
    assert "&lt;b&gt;重要&lt;/b&gt;" in buyer.text(path)


def kept_in(page):
    """Read the kept message out of the page as a browser would send it."""
    return html.unescape(re.search(r'name="kept:body" value="([^"]*)"', page).group(1))


def test_a_stranger_is_led_to_the_sign_in_page(app, shop):
    order = shop.collecting()
    anyone = Visitor(app.test_client())
    answer = anyone.get(f"/applicant/orders/{order.id}")
    assert answer.status_code == 302
    assert answer.location.startswith("/account/sign-in?next=")
    assert anyone.get("/agency/").status_code == 302
    assert anyone.get("/regulator/").status_code == 302


def test_another_role_is_not_let_in(buyer, seller, shop):
    order = shop.collecting()
    assert buyer.get(f"/agency/orders/{order.id}").status_code == 403
    assert seller.get(f"/applicant/orders/{order.id}").status_code == 403
    assert buyer.get("/regulator/").status_code == 403
