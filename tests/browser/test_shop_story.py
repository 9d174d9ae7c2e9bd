"""The shop as two people live it, from the home page to the rating; no office is visited."""

import re

import pytest

from tests.browser.conftest import PHONE
from tests.support.product import wait_until

pytestmark = pytest.mark.browser

PAPER = {
    "name": "营业执照.pdf",
    "mimeType": "application/pdf",
    "buffer": b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
}


def find_and_order(buyer) -> str:
    """Search, read, check and place; gives the path of the order."""
    buyer.open("/")
    buyer.shoot("01-home")
    buyer.page.get_by_role("searchbox").first.fill("环评")
    buyer.press("搜索")
    buyer.sees("环评报告表·标准版")
    buyer.shoot("02-search")
    buyer.follow("环评报告表·标准版")
    buyer.shoot("03-service")
    buyer.follow("下单")
    buyer.sees("核对并下单")
    buyer.page.get_by_label("收件人").fill("李演示")
    buyer.page.get_by_label("联系电话").fill("13800001234")
    buyer.page.get_by_label("收件地址").fill("赣州市章贡区演示路 1 号")
    buyer.shoot("04-check")
    buyer.press("提交订单")
    buyer.page.wait_for_url(re.compile(r"/applicant/orders/[0-9a-f-]{36}$"))
    buyer.shoot("05-placed")
    return buyer.page.url.removeprefix(buyer.product.url)


def pay(buyer, order: str) -> None:
    """Pay at the cashier and come back to money that is held."""
    buyer.open(order)
    buyer.press("付款")
    buyer.sees("收银台")
    buyer.shoot("06-cashier")
    buyer.press("支付成功")
    buyer.page.wait_for_url(re.compile(f"{order}(/paid)?$"))
    wait_for(buyer, order, "待接单")
    buyer.shoot("07-held")


def wait_for(person, path: str, text: str) -> None:
    """Look at a page again and again until it says ``text``."""

    def says() -> bool:
        person.open(path)
        return person.page.get_by_text(text).count() > 0

    wait_until(says, seconds=40, what=f"“{text}” on {path}")


def accept(seller, theirs: str) -> None:
    """Find the order on the desk, take it and name the handler."""
    seller.open("/agency/")
    seller.shoot("08-desk")
    seller.open(theirs)
    seller.follow("接单", exact=True)
    seller.page.get_by_label("经办人").fill("演示机构经办人1")
    seller.press("接单", exact=True)
    seller.page.wait_for_url(f"**{theirs}")


def hand_in(buyer, seller, mine: str, theirs: str) -> None:
    """Upload every paper, let each be accepted, and talk about it."""
    wait_for(buyer, mine, "材料清单")
    while buyer.page.get_by_role("button", name="上传", exact=True).count():
        buyer.page.locator("#papers input[type=file]").nth(_first_missing(buyer)).set_input_files(
            PAPER
        )
        buyer.press("上传", exact=True)
        buyer.page.wait_for_load_state()
    buyer.shoot("09-papers")
    buyer.page.get_by_role("textbox", name="留言").fill("平面布置图是最新版，请查收。")
    buyer.press("发送留言")
    seller.open(theirs)
    seller.sees("平面布置图是最新版")
    seller.page.get_by_role("textbox", name="留言").fill("收到，今天核对完。")
    seller.press("发送留言")
    while seller.page.get_by_role("button", name="通过").count():
        seller.press("通过")
        seller.page.wait_for_load_state()
    seller.shoot("10-papers-accepted")
    wait_for(buyer, mine, "收到，今天核对完。")
    buyer.shoot("11-in-service")


def _first_missing(buyer) -> int:
    """Each row has one file field; rows not yet handed in have the button “上传”."""
    buttons = buyer.page.locator("#papers form.upload button")
    texts = [text.strip() for text in buttons.all_inner_texts()]
    return texts.index("上传")


def work(seller, theirs: str) -> None:
    """Submit, get the result, send it off by courier."""
    seller.open(theirs)
    seller.follow("提交部门")
    seller.page.get_by_label("部门回执号").fill("演示回执-2026-0001")
    seller.press("已提交部门")
    seller.follow("登记审批结果")
    seller.page.get_by_label("结果文号").fill("演示环审〔2026〕1号")
    seller.page.get_by_label("结果文件").set_input_files(PAPER)
    seller.press("登记结果")
    seller.shoot("12-result")
    seller.follow("送达成果")
    seller.follow("安排取件")
    seller.press("安排取件")
    seller.page.wait_for_url(f"**{theirs}")


def receive(buyer, mine: str) -> None:
    """Wait for the parcel, accept the result, rate the agency."""
    wait_for(buyer, mine, "确认验收")
    buyer.shoot("13-delivered")
    buyer.follow("确认验收")
    buyer.press("确认收到，验收放款")
    buyer.page.wait_for_url(f"**{mine}")
    wait_for(buyer, mine, "评价机构")
    buyer.follow("评价机构")
    for question in ("质量", "时效", "收费", "态度"):
        group = buyer.page.get_by_role("group", name=question)
        group.get_by_role("radio").last.check()
    buyer.page.get_by_label("评价内容").fill("按时办成，沟通清楚。")
    buyer.press("提交评价")
    buyer.page.wait_for_url(f"**{mine}")
    buyer.shoot("14-rated")


def test_buying_a_service(people, product):
    buyer, seller = people(), people()
    buyer.sign_in("applicant@demo")
    mine = find_and_order(buyer)
    theirs = mine.replace("/applicant/", "/agency/")
    pay(buyer, mine)
    seller.sign_in("agency1@demo")
    accept(seller, theirs)
    hand_in(buyer, seller, mine, theirs)
    work(seller, theirs)
    receive(buyer, mine)
    checked = wait_until(lambda: product.run("ledger", "verify"), what="the ledger")
    assert checked.returncode == 0, checked.stderr
    assert re.search(r"3,200,000 fen  agency:[0-9a-f-]+:payable", checked.stdout)

    phone = people(viewport=PHONE)
    phone.sign_in("applicant@demo")
    phone.open(mine)
    phone.shoot("15-phone-order")
    phone.open("/")
    phone.shoot("16-phone-home")
    phone.press("关怀版")
    phone.open(mine)
    phone.shoot("17-phone-care")
