"""Kill -9 of web and worker at ten points of an order: it goes on, and the money is right."""

import hashlib
import re
import sqlite3
import threading
from itertools import count

import pytest
import requests

from tests.support.product import Product, wait_until

pytestmark = pytest.mark.crash

KILLS = 10
MESSAGES = 12
PAPER = ("paper.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<<>>\n%%EOF\n")
TOKEN = re.compile(r'name="csrf_token"(?: type="hidden")? value="([^"]+)"')
TROUBLE = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class Person:
    """Somebody who reloads and tries again when the site is away."""

    def __init__(self, product, login):
        self.product = product
        self.login = login
        self.http = requests.Session()
        self.http.trust_env = False
        self.post(
            "/account/sign-in", {"login": login, "password": "sunlit-demo"}, at="/account/sign-in"
        )

    def get(self, path):
        def answer():
            try:
                found = self.http.get(self.product.url + path, timeout=10)
            except TROUBLE:
                return None
            return found if found.status_code < 500 else None

        return wait_until(answer, what=path).text

    def post(self, path, fields=None, *, at, files=None):
        """Send a form once; False when the answer was lost, so that one looks before repeating."""
        token = TOKEN.search(self.get(at)).group(1)
        try:
            answer = self.http.post(
                self.product.url + path,
                data={"csrf_token": token, **(fields or {})},
                files=files,
                timeout=10,
                allow_redirects=False,
            )
        except TROUBLE:
            return False
        return answer if answer.status_code < 500 else False


class Killer(threading.Thread):
    """Kills one part after another; pauses follow from a fixed text, so a run can be repeated."""

    def __init__(self, product):
        super().__init__(daemon=True)
        self.product = product
        self.done = 0
        self.halt = threading.Event()

    def run(self):
        for number in count():
            digest = hashlib.sha256(f"shop crash {number}".encode()).digest()
            if self.halt.wait(0.3 + digest[0] / 255 * 2.0) or self.done >= KILLS:
                return
            name = "worker" if digest[1] % 2 else "gunicorn"
            if self.product.kill(name):
                self.done += 1


class Story:
    """One order, driven by looking at its state and doing what comes next."""

    def __init__(self, product):
        self.product = product
        self.buyer = Person(product, "applicant@demo")
        self.seller = Person(product, "agency1@demo")
        self.order = ""

    def rows(self, sql, *values):
        path = f"file:{self.product.data / 'sunlit.sqlite'}?mode=ro"
        database = sqlite3.connect(path, uri=True, timeout=10)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()

    @property
    def state(self):
        return self.rows("SELECT state FROM orders")[0][0]

    @property
    def mine(self):
        return f"/applicant/orders/{self.order}"

    @property
    def theirs(self):
        return f"/agency/orders/{self.order}"

    def place(self):
        page = self.buyer.get("/services?q=环评报告表·标准版")
        listing = re.search(r"/services/([0-9a-f-]{36})", page).group(1)
        form = f"/applicant/orders/new?listing={listing}"
        page = self.buyer.get(form)
        fields = {
            name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page).group(1)
            for name in ("key", "version")
        }
        fields |= {
            "fund_source": "private",
            "name": "李演示",
            "phone": "13800001234",
            "address": "赣州市章贡区演示路 1 号",
        }
        while not self.rows("SELECT id FROM orders"):
            self.buyer.post(form, fields, at=form)
        number = self.rows("SELECT id FROM orders")
        assert len(number) == 1
        raw = number[0][0]
        self.order = f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"

    def step(self):
        """Do what the state asks for; a step whose answer was lost is looked at again."""
        before = self.state
        {
            "await_pay": self.pay,
            "escrowed": lambda: self.seller.post(
                f"{self.theirs}/accept", {"handler_name": "演示经办人"}, at=self.theirs
            ),
            "collecting": self.papers,
            "in_service": lambda: self.seller.post(
                f"{self.theirs}/submit", {"receipt_no": "回执-1"}, at=self.theirs
            ),
            "at_dept": lambda: self.seller.post(
                f"{self.theirs}/result", {"document_no": "批复-1"}, at=self.theirs
            ),
            "delivering": self.send,
            "in_accept": lambda: self.buyer.post(f"{self.mine}/confirm", at=self.mine),
        }[before]()

    def pay(self):
        answer = self.buyer.post(f"{self.mine}/pay", at=self.mine)
        if not answer or "Location" not in answer.headers:
            return
        cashier = answer.headers["Location"]
        try:
            requests.post(cashier, data={"button": "success"}, timeout=10, allow_redirects=False)
        except TROUBLE:
            return
        wait_until(
            lambda: self.state != "await_pay", seconds=120, what="the webhook and its effect"
        )

    def papers(self):
        items = self.rows("SELECT id, state FROM checklist_items")
        for raw, state in items:
            item = f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"
            if state == "waiting":
                self.buyer.post(f"{self.mine}/items/{item}", at=self.mine, files={"file": PAPER})
            elif state == "received":
                self.seller.post(f"{self.theirs}/items/{item}/accept", at=self.theirs)

    def send(self):
        if not self.rows("SELECT id FROM shipments"):
            self.seller.post(f"{self.theirs}/deliver/courier", at=self.theirs)

    def say(self, number):
        """Send one message and make sure by looking that it is there once."""
        text = f"第 {number} 句"
        while not self.rows("SELECT id FROM messages WHERE body = ?", text):
            self.buyer.post(f"{self.mine}/messages", {"body": text}, at=self.mine)


def test_an_order_survives_ten_kills(tmp_path):
    product = Product(tmp_path).start()
    try:
        story = Story(product)
        killer = Killer(product)
        killer.start()
        story.place()
        said = iter(range(MESSAGES))
        while story.state != "settled":
            story.step()
            number = next(said, None)
            if number is not None:
                story.say(number)
        for number in said:
            story.say(number)
        killer.halt.set()
        killer.join()
        while killer.done < KILLS:  # the rest while money moves to the agency
            killer.done += bool(product.kill("worker"))
            wait_until(product.is_ready, what="the restart")
        check_what_is_left(product, story)
    finally:
        product.stop()


def check_what_is_left(product, story):
    wait_until(product.is_ready, what="the product after the last kill")
    payable = "SELECT credits_posted FROM billing_account WHERE code LIKE 'agency:%:payable'"
    wait_until(lambda: story.rows(payable), what="the release")
    wait_until(
        lambda: story.rows("SELECT count(*) FROM outbox_messages WHERE state != 'done'") == [(0,)],
        seconds=120,
        what="the outbox",
    )
    assert story.rows(payable) == [(3_200_000,)]
    paid = "SELECT amount_fen, released_fen, refunded_fen FROM billing_payment"
    assert story.rows(paid) == [(3_200_000, 3_200_000, 0)]
    assert story.rows("SELECT count(*) FROM billing_payment_attempt") == [(1,)]
    for number in range(MESSAGES):
        found = story.rows("SELECT count(*) FROM messages WHERE body = ?", f"第 {number} 句")
        assert found == [(1,)]
    checked = product.run("ledger", "verify")
    assert checked.returncode == 0, checked.stderr
    psp = sqlite3.connect(product.data / "sandbox" / "payment.sqlite")
    charges = psp.execute("SELECT count(*) FROM thing WHERE kind = 'charge'").fetchall()
    psp.close()
    assert charges == [(1,)]
