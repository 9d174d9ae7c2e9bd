"""A real Chromium against the whole product; screenshots stay under var/screenshots."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.support.product import ROOT, Product

SHOTS = ROOT / "var" / "screenshots"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def product(tmp_path_factory):
    """The product with demo data."""
    running = Product(tmp_path_factory.mktemp("product")).start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
        )
        yield browser
        browser.close()


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, chromium, product, story: str, viewport=DESKTOP, **options):
        self.context = chromium.new_context(viewport=viewport, locale="zh-CN", **options)
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.product = product
        self.story = story
        self.complaints = []

    def _note(self, message) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def open(self, path: str) -> None:
        answer = self.page.goto(self.product.url + path)
        assert answer.ok, f"{path}: {answer.status}"

    def sign_in(self, login: str) -> None:
        self.open("/account/sign-in")
        self.page.get_by_label("邮箱").fill(login)
        self.page.get_by_label("密码").fill("sunlit-demo")
        self.page.get_by_role("button", name="登录", exact=True).click()
        self.page.wait_for_url(lambda url: "sign-in" not in url)

    def press(self, name: str, **options) -> None:
        self.page.get_by_role("button", name=name, **options).first.click()

    def follow(self, name: str, **options) -> None:
        self.page.get_by_role("link", name=name, **options).first.click()

    def sees(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for()

    def shoot(self, name: str) -> Path:
        path = SHOTS / self.story / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=True)
        return path


@pytest.fixture
def people(chromium, product, request):
    """Make people for one story; their browsers close with it, without any console error."""
    made = []

    def make(**options) -> Person:
        story = request.node.name.split("[")[0].removeprefix("test_")
        person = Person(chromium, product, story, **options)
        made.append(person)
        return person

    yield make
    complaints = [text for person in made for text in person.complaints]
    for person in made:
        person.context.close()
    assert complaints == []
