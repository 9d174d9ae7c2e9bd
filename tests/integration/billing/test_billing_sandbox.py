import hashlib
import json

import pytest
import requests

from billing.errors import NotFoundError, OutcomeUnknownError, ProviderRefusedError
from billing.providers import signatures
from billing.providers.stripe import StripeClient
from billing.sandbox.cashier import Button
from billing.sandbox.desk import FaultKind
from tests.integration.billing.conftest import KEY, SECRET

ORDER = {
    "amount": 38_000,
    "currency": "cny",
    "confirm": True,
    "return_url": "http://shop/orders/1",
    "payment_method_types": ["alipay", "wechat_pay"],
    "payment_method_data": {"type": "alipay"},
    "metadata": {"reference": "order:1", "说明": "环评"},
}
CHECKOUT = {
    "mode": "payment",
    "success_url": "http://shop/done?s={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://shop/back",
    "client_reference_id": "order:1",
    "metadata": {"reference": "order:1"},
    "payment_intent_data": {"metadata": {"reference": "order:1"}},
    "line_items": [
        {
            "quantity": 2,
            "price_data": {
                "currency": "cny",
                "unit_amount": 100,
                "product_data": {"name": "环评"},
            },
        }
    ],
}


@pytest.fixture
def http():
    session = requests.Session()
    session.trust_env = False
    yield session
    session.close()


def events(endpoint):
    return [json.loads(body)["type"] for body, _ in endpoint.received]


def refused(call, *args, **kwargs):
    with pytest.raises(ProviderRefusedError) as error:
        call(*args, **kwargs)
    params = error.value.params
    return params["status"], params["error_code"], params["param"]


def test_a_payment_through_the_cashier(client, sandbox, endpoint, http, clock):
    intent = client.create_intent(ORDER, key="k1")
    assert (intent.status, intent.next_url) == ("requires_action", f"http://shop/pay/{intent.id}")
    shown = sandbox.view(intent.id)
    assert (shown.amount_fen, shown.is_open) == (38_000, True)
    done = sandbox.press(intent.id, Button.SUCCESS)
    assert done.is_accepted
    assert done.next_url.startswith(f"http://shop/orders/1?payment_intent={intent.id}&")
    assert done.next_url.endswith("redirect_status=succeeded")
    again = client.retrieve_intent(intent.id)
    assert (again.status, again.received, again.currency) == ("succeeded", 38_000, "CNY")
    assert again.metadata == ORDER["metadata"]
    assert again.charge.startswith("ch_")
    assert sandbox.deliver(http) == 4
    assert events(endpoint) == [
        "payment_intent.created",
        "payment_intent.requires_action",
        "payment_intent.succeeded",
        "charge.succeeded",
    ]
    for body, header in endpoint.received:
        signatures.check(body, header, [SECRET], now=clock())
    assert sandbox.deliver(http) == 0
    assert not sandbox.press(intent.id, Button.CANCEL).is_accepted


def test_the_other_buttons(client, sandbox, clock):
    failed = client.create_intent(ORDER, key="k1")
    assert sandbox.press(failed.id, Button.FAIL).next_url.endswith("redirect_status=failed")
    assert client.retrieve_intent(failed.id).has_error
    gone = client.create_intent(ORDER, key="k2")
    assert sandbox.press(gone.id, Button.CANCEL).status == "canceled"
    late = client.create_intent(ORDER, key="k3")
    assert sandbox.press(late.id, Button.LATER).next_url.endswith("redirect_status=pending")
    assert sandbox.tick() == 0
    clock.advance(seconds=6)
    assert sandbox.tick() == 1
    assert client.retrieve_intent(late.id).status == "succeeded"
    with pytest.raises(NotFoundError):
        sandbox.press("pi_nobody", Button.SUCCESS)


def test_a_failed_intent_can_be_confirmed_again(client, sandbox):
    intent = client.create_intent(ORDER, key="k1")
    sandbox.press(intent.id, Button.FAIL)
    again = client.confirm_intent(
        intent.id, {"payment_method_data": {"type": "wechat_pay"}}, key="k2"
    )
    assert (again.status, again.next_url) == ("requires_action", intent.next_url)
    assert client.cancel_intent(intent.id, key="k3").status == "canceled"
    assert refused(client.cancel_intent, intent.id, key="k4") == (
        400,
        "payment_intent_unexpected_state",
        None,
    )


def test_a_hosted_checkout(client, sandbox, clock, endpoint, http):
    session = client.create_checkout(CHECKOUT, key="k1")
    assert (session.status, session.payment_status, session.intent) == ("open", "unpaid", None)
    assert sandbox.view(session.id).amount_fen == 200
    assert sandbox.press(session.id, Button.CANCEL).next_url == "http://shop/back"
    assert sandbox.press(session.id, Button.FAIL).next_url is None
    assert sandbox.view(session.id).is_open
    done = sandbox.press(session.id, Button.SUCCESS)
    assert done.next_url == f"http://shop/done?s={session.id}"
    paid = client.retrieve_checkout(session.id)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert client.retrieve_intent(paid.intent).metadata == {"reference": "order:1"}
    sandbox.deliver(http)
    assert events(endpoint)[-1] == "checkout.session.completed"
    late = client.create_checkout(CHECKOUT, key="k2")
    sandbox.press(late.id, Button.LATER)
    assert client.retrieve_checkout(late.id).payment_status == "unpaid"
    clock.advance(seconds=6)
    sandbox.tick()
    assert client.retrieve_checkout(late.id).payment_status == "paid"


def test_an_open_checkout_expires(client, sandbox, clock):
    first = client.create_checkout(CHECKOUT, key="k1")
    assert client.expire_checkout(first.id, key="k2").status == "expired"
    second = client.create_checkout(CHECKOUT, key="k3")
    clock.advance(hours=25)
    sandbox.tick()
    assert client.retrieve_checkout(second.id).status == "expired"
    assert not sandbox.press(second.id, Button.SUCCESS).is_accepted


def test_the_same_key_gives_the_same_object_and_another_body_is_refused(client, clock):
    first = client.create_intent(ORDER, key="k1")
    assert client.create_intent(ORDER, key="k1").id == first.id
    with pytest.raises(ProviderRefusedError) as error:
        client.create_intent({**ORDER, "amount": 1}, key="k1")
    assert error.value.params["type"] == "idempotency_error"
    clock.advance(hours=25)
    assert client.create_intent(ORDER, key="k1").id != first.id


@pytest.mark.parametrize(
    ("change", "code", "param"),
    [
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": -1}, "parameter_invalid_integer", "amount"),
        ({"amount": "0.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": None}, "parameter_missing", "amount"),
        ({"currency": "usd"}, None, "currency"),
        ({"colour": "red"}, "parameter_unknown", "colour"),
        (
            {"payment_method_data": {"type": "alipay", "x": "y"}},
            "parameter_unknown",
            "payment_method_data[x]",
        ),
        ({"confirm": "yes"}, None, "confirm"),
        ({"metadata": "x"}, None, "metadata"),
        ({"payment_method_types": ["cash"]}, None, "payment_method_types[0]"),
    ],
)
def test_parameters_are_strict_and_faults_of_them_are_not_saved(client, change, code, param):
    assert refused(client.create_intent, {**ORDER, **change}, key="k") == (400, code, param)
    assert client.create_intent(ORDER, key="k").amount == 38_000


def test_one_fen_and_ten_billion_yuan_are_taken(client):
    for amount in (1, 10**12):
        assert client.create_intent({**ORDER, "amount": amount}, key=f"k{amount}").amount == amount


def test_strangers_and_unknown_things_are_refused(client, sandbox_base, policy):
    other = StripeClient(sandbox_base, "sk_test_other", policy=policy)
    assert refused(other.retrieve_intent, "pi_1")[0] == 401
    assert refused(client.retrieve_intent, "pi_1") == (404, "resource_missing", "intent")
    assert refused(client.get, "/v1/unknown")[0] == 404
    no_type = requests.Session()
    no_type.trust_env = False
    with no_type:
        headers = {"Authorization": f"Bearer {KEY}"}
        answer = no_type.post(f"{sandbox_base}/v1/payment_intents", headers=headers, timeout=5)
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "invalid_request_error"


def paid(client, sandbox, key="k"):
    intent = client.create_intent(ORDER, key=key)
    sandbox.press(intent.id, Button.SUCCESS)
    return client.retrieve_intent(intent.id)


def test_no_more_than_was_paid_goes_back(client, sandbox):
    intent = paid(client, sandbox)
    part = {"payment_intent": intent.id, "amount": 8_000, "metadata": {"refund": "r"}}
    first = client.create_refund(part, key="r1")
    assert (first.status, first.amount, first.intent) == ("succeeded", 8_000, intent.id)
    too_much = {"payment_intent": intent.id, "amount": 30_001}
    assert refused(client.create_refund, too_much, key="r2") == (400, "amount_too_large", "amount")
    client.create_refund({"payment_intent": intent.id}, key="r3")
    assert refused(client.create_refund, {"payment_intent": intent.id}, key="r4")[1] == (
        "charge_already_refunded"
    )
    assert [one.amount for one in client.list_refunds(intent.id)] == [30_000, 8_000]
    assert client.retrieve_refund(first.id).metadata == {"refund": "r"}


def test_what_was_not_paid_cannot_be_refunded(client, sandbox):
    intent = client.create_intent(ORDER, key="k")
    assert refused(client.create_refund, {"payment_intent": intent.id}, key="r")[1] == (
        "payment_intent_unexpected_state"
    )
    assert refused(client.create_refund, {}, key="r2")[1] == "parameter_missing"
    assert refused(client.create_refund, {"charge": "ch_x"}, key="r3")[1] == "resource_missing"


def test_transfers_stay_within_balance_and_source(client, sandbox):
    account = client.create_account({"type": "custom", "country": "CN"}, key="a")["id"]
    give = {"amount": 1, "currency": "cny", "destination": account, "transfer_group": "order:1"}
    assert refused(client.create_transfer, give, key="t0")[1] == "balance_insufficient"
    intent = paid(client, sandbox)
    paid(client, sandbox, key="k2")
    whole = {**give, "amount": 38_000, "source_transaction": intent.charge}
    transfer = client.create_transfer(whole, key="t1")
    over = {**whole, "amount": 1}
    assert refused(client.create_transfer, over, key="t2")[1] == (
        "transfer_source_balance_insufficient"
    )
    stranger = {**give, "destination": "acct_x"}
    assert refused(client.create_transfer, stranger, key="t3")[1] == "resource_missing"
    client.reverse_transfer(transfer.id, {"amount": 8_000}, key="v1")
    assert client.retrieve_transfer(transfer.id).reversed == 8_000
    assert refused(client.reverse_transfer, transfer.id, {"amount": 30_001}, key="v2")[0] == 400
    assert [one.id for one in client.list_transfers("order:1")] == [transfer.id]
    intent = paid(client, sandbox, key="k3")
    client.create_transfer({**give, "amount": 80_000}, key="t4")
    assert refused(client.create_refund, {"payment_intent": intent.id}, key="r")[1] == (
        "balance_insufficient"
    )


def test_lists_page_and_filter(client, sandbox, clock):
    start = int(clock().timestamp())
    intents = [paid(client, sandbox, key=f"k{n}").id for n in range(3)]
    clock.advance(hours=1)
    intents.append(paid(client, sandbox, key="k3").id)
    rows = list(client.list_balance_transactions({"limit": 2, "type": "charge"}))
    assert len(rows) == 4
    assert sum(row["net"] for row in rows) == 4 * 38_000
    later = list(client.list_balance_transactions({"created": {"gt": start}}))
    assert len(later) == 1
    listed = [row["id"] for row in client.pages("/v1/payment_intents", {"limit": 3})]
    assert listed == intents[::-1]
    succeeded = list(client.list_events({"type": "payment_intent.succeeded"}))
    assert client.retrieve_event(succeeded[0]["id"])["data"]["object"]["id"] == intents[-1]
    charge = client.get("/v1/charges", {"payment_intent": intents[0]})["data"][0]
    assert client.get(f"/v1/charges/{charge['id']}")["amount"] == 38_000
    assert refused(client.get, "/v1/events", {"limit": 101})[1] == "parameter_invalid_integer"
    assert refused(client.get, "/v1/events", {"starting_after": "evt_x"})[0] == 404


def test_lost_requests_and_lost_answers_lead_to_one_object(client, sandbox):
    sandbox.set_fault(FaultKind.LOSE_REQUEST, path="/v1/payment_intents")
    sandbox.set_fault(FaultKind.LOSE_RESPONSE, times=2, path="/v1/payment_intents")
    intent = client.create_intent(ORDER, key="k")
    rows = list(client.pages("/v1/payment_intents", {}))
    assert [row["id"] for row in rows] == [intent.id]


def test_busy_answers_are_waited_for(client, sandbox, waits):
    sandbox.set_fault(FaultKind.RATE_LIMIT)
    sandbox.set_fault(FaultKind.CONFLICT)
    assert client.create_intent(ORDER, key="k").amount == 38_000
    assert len(waits) == 2


def test_a_saved_failure_is_kept_under_the_key(client, sandbox):
    sandbox.set_fault(FaultKind.ERROR_500)
    with pytest.raises(OutcomeUnknownError) as unknown:
        client.create_intent(ORDER, key="k1")
    assert unknown.value.params["saved"]
    assert client.create_intent(ORDER, key="k2").amount == 38_000


def test_faults_and_buttons_by_wire(client, sandbox):
    intent = client.create_intent(ORDER, key="k")
    pressed = client.post("/v1/test_helpers/press", {"id": intent.id, "button": "success"}, key="p")
    assert pressed["status"] == "succeeded"
    client.post("/v1/test_helpers/faults", {"kind": "refund_fails", "times": 1}, key="f")
    refund = client.create_refund({"payment_intent": intent.id}, key="r")
    assert refund.status == "pending"
    assert client.retrieve_refund(refund.id).status == "failed"
    assert client.create_refund({"payment_intent": intent.id}, key="r2").status == "succeeded"
    wrong = {"kind": "earthquake"}
    assert refused(client.post, "/v1/test_helpers/faults", wrong, key="x")[2] == "kind"
    sandbox.set_fault(FaultKind.LOSE_REQUEST, times=100)
    sandbox.clear_faults()
    assert client.retrieve_refund(refund.id).status == "failed"


def test_webhooks_are_retried_until_they_are_accepted(client, sandbox, endpoint, http, clock):
    endpoint.status = 500
    client.create_intent({**ORDER, "confirm": None}, key="k")
    assert sandbox.deliver(http) == 0
    assert sandbox.deliver(http) == 0
    assert len(endpoint.received) == 1
    endpoint.status = 200
    clock.advance(seconds=2)
    assert sandbox.deliver(http) == 1
    first, second = endpoint.received
    assert first[0] == second[0]
    signatures.check(*second, [SECRET], now=clock())


def test_events_are_dropped_doubled_delayed_and_swapped(client, sandbox, endpoint, http, clock):
    sandbox.set_fault(FaultKind.DROP_EVENT, path="payment_intent.created")
    sandbox.set_fault(FaultKind.REORDER_EVENT, path="payment_intent.requires_action")
    sandbox.set_fault(FaultKind.DUPLICATE_EVENT, path="payment_intent.succeeded")
    sandbox.set_fault(FaultKind.LATE_EVENT, path="charge.succeeded")
    paid(client, sandbox)
    for _ in range(3):
        sandbox.deliver(http)
        clock.advance(seconds=30)
    assert events(endpoint) == [
        "payment_intent.succeeded",
        "payment_intent.succeeded",
        "payment_intent.requires_action",
        "charge.succeeded",
    ]


def test_a_seed_gives_the_same_ids_again(client):
    first = client.create_intent(ORDER, key="k")
    assert first.id == f"pi_{hashlib.sha256(b's:1').hexdigest()[:24]}"
