"""From the first press to the agency's wallet, over real HTTP, on both databases."""

import json
from datetime import timedelta

import pytest
import requests

from billing import chart
from billing.errors import OutcomeUnknownError
from billing.escrow.payouts import finish_payout, reserve_payout, send_payout
from billing.escrow.refunds import (
    RefundOrder,
    RefundOutcome,
    apply_refund,
    refund_params,
    reserve_refund,
    send_refund,
)
from billing.escrow.services import Release, escrow_of, release
from billing.ledger.queries import balance
from billing.ledger.verification import verify
from billing.money import Money
from billing.payments.events import apply_event, finish_event
from billing.payments.services import (
    Due,
    expire_attempt,
    metadata_of,
    record_checkout,
    record_intent,
    start_payment,
)
from billing.payments.settlement import PaymentOutcome, settle
from billing.providers import signatures
from billing.sandbox.cashier import Button
from billing.sandbox.desk import FaultKind
from tests.integration.billing.conftest import SECRET

PRICE = Money(38_000)


class Shop:
    """What the product does around the library."""

    def __init__(self, session, client, sandbox, endpoint, clock):
        self.session, self.client = session, client
        self.sandbox, self.endpoint, self.now = sandbox, endpoint, clock
        self.outcomes = []

    def press_pay(self):
        due = Due("order:1", "agency1", PRICE, self.now() + timedelta(hours=24))
        attempt = start_payment(self.session, due, at=self.now())
        self.session.commit()
        intent = self.client.create_intent(
            {
                "amount": PRICE.minor,
                "currency": "cny",
                "confirm": True,
                "return_url": "http://shop/orders/1",
                "payment_method_types": ["alipay"],
                "payment_method_data": {"type": "alipay"},
                "metadata": metadata_of("order:1", attempt),
            },
            key=attempt.idem_key,
        )
        attempt = record_intent(self.session, attempt.id, intent)
        self.session.commit()
        return attempt

    def work(self):
        with requests.Session() as http:
            http.trust_env = False
            self.sandbox.deliver(http)
        for raw, header in self.endpoint.received:
            receipt = apply_event(self.session, raw, header, [SECRET], now=self.now())
            self.session.commit()
            if receipt.intent:
                self.settle(receipt.intent)
            if receipt.refund:
                snapshot = self.client.retrieve_refund(receipt.refund)
                self.outcomes.append(apply_refund(self.session, snapshot, at=self.now()))
            finish_event(self.session, receipt.event_id, at=self.now())
            self.session.commit()
        self.endpoint.received.clear()

    def settle(self, intent):
        snapshot = self.client.retrieve_intent(intent)
        outcome = settle(self.session, snapshot, at=self.now()).outcome
        self.session.commit()
        self.outcomes.append(outcome)


@pytest.fixture
def shop(session, client, sandbox, endpoint, clock):
    return Shop(session, client, sandbox, endpoint, clock)


def test_paid_held_accepted_and_paid_out(shop, session, client, clock):
    attempt = shop.press_pay()
    assert attempt.pay_url == f"http://shop/pay/{attempt.psp_pi}"
    shop.sandbox.press(attempt.psp_pi, Button.SUCCESS)
    shop.work()
    assert shop.outcomes.count(PaymentOutcome.HELD) == 1
    release(session, Release("order:1", PRICE, "order:1:accepted"), at=clock())
    payout = reserve_payout(session, "agency1", PRICE, key="payout:1", at=clock())
    send_payout(session, payout.id, at=clock())
    session.commit()
    account = client.create_account({"type": "custom"}, key="acct")["id"]
    transfer = client.create_transfer(
        {"amount": PRICE.minor, "currency": "cny", "destination": account}, key=payout.idem_key
    )
    finish_payout(session, payout.id, transfer.id, at=clock())
    session.commit()
    assert balance(session, chart.PSP_CLEARING).posted == 0
    assert verify(session).is_sound
    rows = list(client.list_balance_transactions({}))
    assert sum(row["net"] for row in rows) == 0


@pytest.mark.parametrize(
    "faults",
    [
        [FaultKind.LOSE_REQUEST],
        [FaultKind.LOSE_RESPONSE, FaultKind.DUPLICATE_EVENT],
        [FaultKind.RATE_LIMIT, FaultKind.REORDER_EVENT],
    ],
)
def test_faults_change_nothing(shop, session, clock, faults):
    for fault in faults:
        shop.sandbox.set_fault(fault)
    attempt = shop.press_pay()
    shop.sandbox.press(attempt.psp_pi, Button.SUCCESS)
    for _ in range(3):
        shop.work()
        clock.advance(seconds=30)
    assert shop.outcomes.count(PaymentOutcome.HELD) == 1
    assert balance(session, chart.escrow("order:1")).posted == PRICE.minor


def test_a_dropped_webhook_is_found_by_asking(shop, session):
    shop.sandbox.set_fault(FaultKind.DROP_EVENT, times=9)
    attempt = shop.press_pay()
    shop.sandbox.press(attempt.psp_pi, Button.SUCCESS)
    shop.work()
    assert escrow_of(session, "order:1").paid_fen == 0
    shop.settle(attempt.psp_pi)
    assert shop.outcomes[-1] is PaymentOutcome.HELD


def test_a_saved_failure_leads_to_the_next_attempt(shop, session, clock):
    shop.sandbox.set_fault(FaultKind.ERROR_500)
    with pytest.raises(OutcomeUnknownError):
        shop.press_pay()
    due = Due("order:1", "agency1", PRICE, clock() + timedelta(hours=24))
    expire_attempt(session, start_payment(session, due, at=clock()).id)
    session.commit()
    assert shop.press_pay().idem_key == "order:1:pay:2"


def test_a_hosted_checkout_finds_its_order_by_metadata(shop, session, client, clock):
    due = Due("order:1", "agency1", PRICE, clock() + timedelta(hours=24))
    attempt = start_payment(session, due, at=clock())
    metadata = metadata_of("order:1", attempt)
    session.commit()
    price = {"currency": "cny", "unit_amount": PRICE.minor, "product_data": {"name": "环评"}}
    checkout = client.create_checkout(
        {
            "mode": "payment",
            "success_url": "http://shop/ok",
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "line_items": [{"quantity": 1, "price_data": price}],
        },
        key=attempt.idem_key,
    )
    assert record_checkout(session, attempt.id, checkout).pay_url == checkout.url
    session.commit()
    shop.sandbox.press(checkout.id, Button.SUCCESS)
    shop.work()
    assert shop.outcomes.count(PaymentOutcome.HELD) == 1


def test_a_refund_by_wire_and_webhook(shop, session, client, clock):
    attempt = shop.press_pay()
    shop.sandbox.press(attempt.psp_pi, Button.SUCCESS)
    shop.work()
    order = RefundOrder("order:1", Money(8_000), "withdrawn", "order:1:refund:1")
    refund = send_refund(session, reserve_refund(session, order, at=clock()).id, at=clock())
    session.commit()
    shop.sandbox.set_fault(FaultKind.LOSE_RESPONSE, path="/v1/refunds")
    client.create_refund(refund_params(refund), key=refund.idem_key)
    shop.work()
    assert shop.outcomes.count(RefundOutcome.SUCCEEDED) == 1
    assert escrow_of(session, "order:1").refunded_fen == 8_000
    assert len(client.list_refunds(attempt.psp_pi)) == 1


def test_a_webhook_body_is_not_believed(shop, session, clock):
    attempt = shop.press_pay()
    shop.work()
    lie = json.dumps(
        {
            "object": "event",
            "id": "evt_lie",
            "type": "payment_intent.succeeded",
            "data": {
                "object": {
                    "object": "payment_intent",
                    "id": attempt.psp_pi,
                    "status": "succeeded",
                    "amount_received": PRICE.minor,
                }
            },
        }
    ).encode()
    shop.endpoint.received.append((lie, signatures.sign(lie, SECRET, at=clock())))
    shop.work()
    assert PaymentOutcome.HELD not in shop.outcomes
    assert balance(session, chart.escrow("order:1")).posted == 0
