"""Signing in and out, slowed guessing, a new password by mail, other people's areas."""

import re

import pytest

from market.accounts.models import Organisation, OrganisationKind, SignInSession
from market.accounts.services import NewPerson, sign_up
from market.accounts.throttle import FREE_FAILURES
from market.act import ANYONE
from market.notices.queries import list_mails

PASSWORD = "今天的阳光 sunlight"


@pytest.fixture
def person(runtime, world):
    """An applicant with an account."""
    new = NewPerson(
        login="li@example.com",
        name="李演示",
        password=PASSWORD,
        kind=OrganisationKind.PERSON,
        organisation_name="",
        region="360700",
    )
    runtime.act(ANYONE, lambda act: sign_up(act, world.passwords, new))
    return new


@pytest.fixture
def browser(app):
    return app.test_client()


def token(browser, path):
    page = browser.get(path).get_data(as_text=True)
    return re.search(r'name="csrf_token" (?:type="hidden" )?value="([^"]+)"', page).group(1)


def sign_in(browser, login="li@example.com", password=PASSWORD, **fields):
    path = "/account/sign-in"
    data = {"login": login, "password": password, "csrf_token": token(browser, path), **fields}
    return browser.post(path, data=data)


def test_the_right_password_opens_the_area(browser, person):
    answer = sign_in(browser)
    assert answer.status_code == 302
    assert answer.location == "/applicant/orders"
    assert browser.get("/account/notices").status_code == 200


def test_a_wrong_password_says_so_without_telling_which_part(browser, person):
    wrong = sign_in(browser, password="wrong password")
    unknown = sign_in(browser, login="nobody@example.com")
    assert wrong.status_code == unknown.status_code == 401
    for answer in (wrong, unknown):
        assert "账户或密码不正确" in answer.get_data(as_text=True)


def test_guessing_is_slowed_down_and_then_forgiven_with_time(browser, person, clock):
    for _ in range(FREE_FAILURES):
        sign_in(browser, password="guess")
    blocked = sign_in(browser)
    assert blocked.status_code == 401
    assert "秒后再试" in blocked.get_data(as_text=True)
    clock.advance(minutes=1)
    assert sign_in(browser).status_code == 302


def test_signing_out_ends_the_session_on_the_server(browser, person, runtime):
    sign_in(browser)
    stolen = browser.get_cookie("sunlit").value
    browser.post("/account/sign-out", data={"csrf_token": token(browser, "/account/notices")})
    assert browser.get("/account/notices").status_code == 302
    browser.set_cookie("sunlit", stolen)
    assert browser.get("/account/notices").status_code == 302
    with runtime.reading() as session:
        assert session.query(SignInSession).filter_by(ended_at=None).count() == 0


def test_a_session_ends_when_idle_and_at_its_absolute_end(browser, person, clock):
    sign_in(browser)
    clock.advance(hours=3)
    assert browser.get("/account/notices").status_code == 302


def test_signing_in_leads_back_only_to_this_site(browser, person):
    assert sign_in(browser, next="//evil.example/").location == "/applicant/orders"
    assert sign_in(browser, next="/services?q=1").location == "/services?q=1"


def test_a_new_password_by_mail_works_once_and_ends_all_sessions(browser, person, runtime, app):
    sign_in(browser)
    other = app.test_client()
    other.post(
        "/account/reset",
        data={"login": person.login, "csrf_token": token(other, "/account/reset")},
    )
    with runtime.reading() as session:
        link = re.search(r"(/account/new-password\?token=\S+)", list_mails(session)[0].body)
    path = link.group(1)
    new = {"password": "全新的密码 2026 abc", "csrf_token": token(other, path)}
    assert other.post(path, data=new).status_code == 302
    assert browser.get("/account/notices").status_code == 302
    again = other.post(path, data={**new, "csrf_token": token(other, path)})
    assert "链接已失效" in again.get_data(as_text=True)
    assert sign_in(other, password=new["password"]).status_code == 302


def test_asking_for_an_unknown_login_looks_the_same_and_mails_nobody(browser, runtime):
    answer = browser.post(
        "/account/reset",
        data={"login": "no@example.com", "csrf_token": token(browser, "/account/reset")},
    )
    assert "请查收邮件" in answer.get_data(as_text=True)
    with runtime.reading() as session:
        assert list_mails(session) == []


def test_an_enterprise_signs_up_and_is_let_in(browser, runtime):
    data = {
        "kind": "enterprise",
        "name": "王演示",
        "organisation_name": "演示企业有限公司",
        "login": "Wang@Example.com",
        "password": PASSWORD,
        "csrf_token": token(browser, "/account/sign-up"),
    }
    assert browser.post("/account/sign-up", data=data).status_code == 302
    with runtime.reading() as session:
        made = session.query(Organisation).one()
    assert (made.name, made.kind) == ("演示企业有限公司", OrganisationKind.ENTERPRISE)


@pytest.mark.parametrize("field", ["name", "login", "password"])
def test_an_empty_field_is_named_and_the_rest_is_kept(browser, field):
    data = {
        "kind": "person",
        "name": "王演示",
        "login": "wang@example.com",
        "password": PASSWORD,
        "csrf_token": token(browser, "/account/sign-up"),
        field: "",
    }
    answer = browser.post("/account/sign-up", data=data)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in page
    if field != "name":
        assert "王演示" in page


def test_only_persons_and_enterprises_sign_up_by_themselves(browser):
    data = {
        "kind": "operator",
        "name": "王演示",
        "login": "wang@example.com",
        "password": PASSWORD,
        "csrf_token": token(browser, "/account/sign-up"),
    }
    assert browser.post("/account/sign-up", data=data).status_code == 422


@pytest.mark.parametrize("area", ["agency", "owner", "operator", "regulator"])
def test_an_applicant_is_refused_in_the_areas_of_others(browser, person, area, app):
    sign_in(browser)
    paths = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{area}.") and not rule.arguments
    ]
    assert paths
    for path in paths:
        assert browser.get(path).status_code in {403, 405}, path


def test_a_form_without_its_token_is_refused(browser, person):
    answer = browser.post("/account/sign-in", data={"login": "x", "password": "y"})
    assert answer.status_code == 400


def test_a_form_from_another_site_is_refused(browser, person):
    answer = browser.post("/preferences", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/account/sign-in", "/healthz"])
def test_every_answer_carries_the_security_headers(browser, path):
    headers = browser.get(path).headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_care_edition_is_remembered(browser):
    data = {"care": "1", "next": "/services", "csrf_token": token(browser, "/account/sign-in")}
    assert browser.post("/preferences", data=data).location == "/services"
    assert 'class="care"' in browser.get("/account/sign-in").get_data(as_text=True)


def test_kept_text_survives_a_wrong_password(browser, person):
    wrong = sign_in(browser, password="wrong", next="/services", **{"kept:body": "写了很久的话"})
    assert 'name="kept:body" value="写了很久的话"' in wrong.get_data(as_text=True)
