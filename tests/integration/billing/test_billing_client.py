import logging

import pytest

from billing.errors import (
    OutcomeUnknownError,
    ProviderConfigError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from billing.http import Policy, redact
from billing.providers.snapshots import IntentSnapshot
from billing.providers.stripe import API_VERSION, StripeClient
from billing.sandbox.psp import LOST
from billing.wire import WireError, encode_form
from tests.integration.billing.conftest import KEY

INTENT = {"id": "pi_1", "status": "requires_action", "amount": 5, "currency": "cny"}


def test_every_post_is_a_form_with_key_and_version(scripted, script):
    script.answers = [(200, INTENT)]
    params = {"amount": 5, "currency": "cny", "confirm": True, "a": None, "m": {"订单": "1&2"}}
    scripted.create_intent(params, key="order:1:pay:1")
    method, path, headers, body = script.requests[0]
    assert (method, path) == ("POST", "/v1/payment_intents")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert headers["Idempotency-Key"] == "order:1:pay:1"
    assert headers["Stripe-Version"] == API_VERSION
    assert headers["Authorization"] == f"Bearer {KEY}"
    assert body == b"amount=5&currency=cny&confirm=true&m%5B%E8%AE%A2%E5%8D%95%5D=1%262"


def test_an_empty_post_has_its_content_type_too(scripted, script):
    script.answers = [(200, INTENT)]
    scripted.cancel_intent("pi_1", key="k")
    _, _, headers, body = script.requests[0]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert body == b""


def test_lists_and_maps_are_encoded_with_brackets():
    form = {"a": [1, {"b": False}], "c": {"d": {"e": "f"}}}
    assert encode_form(form) == b"a%5B0%5D=1&a%5B1%5D%5Bb%5D=false&c%5Bd%5D%5Be%5D=f"
    for inexact in (0.5, object()):
        with pytest.raises(WireError):
            encode_form({"amount": inexact})


def test_retries_repeat_key_and_body_and_wait_in_between(scripted, script, waits):
    script.answers = [
        (500, {}),
        (429, {}, {"Retry-After": "7"}),
        (LOST, {}),
        (200, INTENT),
    ]
    assert scripted.create_intent({"amount": 5}, key="k").id == "pi_1"
    sent = {(headers["Idempotency-Key"], body) for _, _, headers, body in script.requests}
    assert (len(script.requests), sent) == (4, {("k", b"amount=5")})
    assert len(waits) == 3
    assert waits[1] == 7
    assert all(0.25 <= wait <= 8 for wait in waits)


def test_a_post_that_stays_unanswered_has_an_unknown_outcome(scripted, script):
    for answers in ([(502, {})] * 4, [(LOST, {})] * 4, [(409, {})] * 4, [(200, b"<html>")] * 4):
        script.answers = list(answers)
        with pytest.raises(OutcomeUnknownError) as unknown:
            scripted.create_refund({"amount": 5}, key="k")
        assert unknown.value.params["key"] == "k"
        assert not unknown.value.params["saved"]
        assert script.answers == []


def test_a_failure_saved_under_the_key_is_not_asked_for_again(scripted, script):
    script.answers = [(500, {}), (500, {}, {"Idempotent-Replayed": "true"}), (200, INTENT)]
    with pytest.raises(OutcomeUnknownError) as unknown:
        scripted.create_intent({"amount": 5}, key="k")
    assert unknown.value.params["saved"]
    assert len(script.requests) == 2


def test_the_provider_may_forbid_or_order_a_retry(scripted, script):
    script.answers = [(500, {}, {"Stripe-Should-Retry": "false"})]
    with pytest.raises(OutcomeUnknownError):
        scripted.create_intent({"amount": 5}, key="k")
    script.answers = [(400, {}, {"Stripe-Should-Retry": "true"}), (200, INTENT)]
    assert scripted.create_intent({"amount": 5}, key="k").id == "pi_1"


def test_a_question_without_answer_is_unavailable_not_unknown(scripted, script):
    script.answers = [(503, {})] * 4
    with pytest.raises(ProviderUnavailableError) as failed:
        scripted.retrieve_intent("pi_1")
    assert not isinstance(failed.value, OutcomeUnknownError)


def test_a_refusal_is_told_once_and_without_keys(scripted, script):
    error = {"type": "card_error", "code": "c", "param": "amount", "message": "no sk_test_abc"}
    script.answers = [(402, {"error": error}, {"Request-Id": "req_9"})]
    with pytest.raises(ProviderRefusedError) as refused:
        scripted.create_intent({"amount": 5}, key="k")
    told = refused.value.params
    assert (told["status"], told["type"], told["error_code"]) == (402, "card_error", "c")
    assert (told["param"], told["request_id"]) == ("amount", "req_9")
    assert "sk_test_abc" not in str(refused.value)


def test_redirects_are_not_followed(scripted, script):
    script.answers = [(302, {}, {"Location": "/v1/elsewhere"})]
    with pytest.raises(OutcomeUnknownError):
        scripted.create_intent({"amount": 5}, key="k")
    assert len(script.requests) == 1


def test_proxies_of_the_environment_are_ignored(scripted, script, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    script.answers = [(200, INTENT)]
    assert scripted.retrieve_intent("pi_1").amount == 5


def test_keys_appear_neither_in_logs_nor_in_texts(scripted, script, caplog):
    script.answers = [(200, INTENT)]
    with caplog.at_level(logging.DEBUG, logger="billing"):
        scripted.create_intent({"amount": 5}, key="k")
    assert caplog.records
    assert KEY not in caplog.text
    assert KEY not in repr(scripted)
    assert redact("a whsec_abc b rk_live_1") == "a whsec_*** b rk_***"


@pytest.mark.parametrize(
    ("base", "key"),
    [
        ("http://127.0.0.1:1", "sk_live_abc"),
        ("http://example.org", "sk_test_abc"),
        ("https://user:pw@example.org", "sk_test_abc"),
        ("ftp://127.0.0.1", "sk_test_abc"),
        ("https://example.org?x=1", "sk_test_abc"),
        ("https://", "sk_test_abc"),
        ("https://example.org", "pk_test_abc"),
        ("https://example.org", "sk_test_abc\r\nX: y"),
        ("https://example.org", ""),
    ],
)
def test_a_key_never_travels_where_it_should_not(base, key):
    with pytest.raises(ProviderConfigError):
        StripeClient(base, key)


def test_a_live_key_may_travel_over_https():
    assert "sk_live" not in repr(StripeClient("https://api.example.org", "sk_live_abc"))


@pytest.mark.parametrize("key", ["", "x" * 256, "订单", "a\nb"])
def test_a_money_call_needs_a_proper_idempotency_key(scripted, script, key):
    with pytest.raises(ProviderConfigError):
        scripted.create_intent({"amount": 5}, key=key)
    assert script.requests == []


@pytest.mark.parametrize("intent", ["", "../refunds", "pi_1?x=1", "pi 1", "pi_1/../x"])
def test_ids_cannot_lead_to_another_address(scripted, script, intent):
    with pytest.raises(ProviderConfigError):
        scripted.retrieve_intent(intent)
    assert script.requests == []


def test_pages_are_followed_to_the_end(scripted, script):
    script.answers = [
        (200, {"data": [{"id": "a"}, {"id": "b"}], "has_more": True}),
        (200, {"data": [{"id": "c"}], "has_more": False}),
    ]
    rows = list(scripted.list_events({"type": "x"}))
    assert [row["id"] for row in rows] == ["a", "b", "c"]
    assert script.requests[1][1] == "/v1/events?limit=100&type=x&starting_after=b"


def test_pages_that_do_not_end_are_refused(scripted, script):
    script.answers = [(200, {"data": [], "has_more": True})]
    with pytest.raises(WireError):
        list(scripted.list_events({}))


def test_the_mark_of_the_mock_is_noticed(scripted, script):
    script.answers = [(200, INTENT), (200, INTENT, {"Stripe-Mock-Version": "master"})]
    scripted.retrieve_intent("pi_1")
    assert not scripted.is_mock
    scripted.retrieve_intent("pi_1")
    assert scripted.is_mock


def test_a_closed_port_is_unavailable(policy):
    client = StripeClient("http://127.0.0.1:9", KEY, policy=policy)
    with pytest.raises(OutcomeUnknownError):
        client.create_intent({"amount": 5}, key="k")


def test_snapshots_refuse_what_is_not_theirs():
    for wrong in ({}, {**INTENT, "amount": 5.0}, {**INTENT, "metadata": "x"}, {**INTENT, "id": 1}):
        with pytest.raises(WireError):
            IntentSnapshot.parse(wrong)
    action = {"type": "wechat_pay_display_qr_code"}
    action["wechat_pay_display_qr_code"] = {"hosted_instructions_url": "http://q"}
    assert IntentSnapshot.parse({**INTENT, "next_action": action}).next_url == "http://q"


def test_a_default_policy_waits_for_real():
    assert Policy().sleep.__name__ == "sleep"
