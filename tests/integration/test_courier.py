"""Shipments: from the agency's request over a carrier on HTTP to the delivered order."""

import json
import threading
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import sqlalchemy as sa
from sqlalchemy import select

from market.act import SYSTEM
from market.courier import services as courier
from market.courier.carriers.base import (
    CallbackRejectedError,
    CarrierRefusedError,
    CarrierUnavailableError,
    Parcel,
    Recipient,
)
from market.courier.carriers.sandbox import SandboxCarrier
from market.courier.models import DeliveryAddress, Shipment, ShipmentEvent
from market.courier.queries import get_delivery
from market.courier.reactions import ask_carrier, order_waybill
from market.courier.sealing import AddressSeal, derive_key
from market.courier.signature import HEADER
from market.courier.states import NoAddressError, ShipmentStateError, ShipmentStatus
from market.courier.timers import tick_ask_silent
from market.errors import InvalidInputError, NotFoundError
from market.files import FileStore
from market.orders.states import Holder, OrderState
from market.outbox import Claimed, OutboxMessage
from market.sandbox.carrier import SandboxCourier
from tests.support.shop import make_shop

SECRET = derive_key("s" * 40, "courier/sandbox")
SEAL = AddressSeal.from_secret("s" * 40)
HOME = Recipient("演示申请人", "13800001234", "江西省赣州市章贡区演示路 1 号")


@pytest.fixture
def shop(runtime):
    return make_shop(runtime)


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files")


@pytest.fixture
def sandbox(tmp_path, clock):
    return SandboxCourier(tmp_path / "carrier.sqlite", SECRET, clock, step_seconds=10)


@pytest.fixture
def received():
    """What the market's side of the callbacks saw, and how it answers."""
    return {"calls": [], "status": 200}


@pytest.fixture
def base(sandbox, received):
    """The sandbox carrier and a receiver of callbacks on one loopback server."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == "/hooks/courier/sandbox":
                received["calls"].append((dict(self.headers), raw))
                status, body = received["status"], {}
            else:
                path = self.path.removeprefix("/sandbox/courier")
                signature = self.headers.get(HEADER, "")
                status, body = sandbox.handle(self.command, path, raw, signature)
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer  # noqa: N815 - the names of the base class

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def carrier(base, clock):
    return SandboxCarrier(
        f"{base}/sandbox/courier",
        SECRET,
        callback_url=f"{base}/hooks/courier/sandbox",
        now=clock,
    )


def message_of(runtime, kind):
    with runtime.sessions() as session:
        row = session.execute(
            select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
        ).scalars()
        return [Claimed(m.id, m.kind, m.payload, "t", 1) for m in row][-1]


def ship(shop, store, carrier, contents="批文正本 2 份"):
    order = shop.delivering(store)
    shop.do(shop.applicant, courier.set_address, SEAL, order.id, HOME)
    shop.do(shop.agency, courier.request_shipment, order.id, carrier="sandbox", contents=contents)
    for _ in range(2):  # a repeated errand orders nothing twice
        message = message_of(shop.runtime, "courier.requested")
        effect = order_waybill({"sandbox": carrier}, SEAL, shop.runtime, message)
        shop.do(SYSTEM, effect)
    return shop.read(order.id).order


def deliver_callbacks(shop, sandbox, carrier, received):
    with requests.Session() as http:
        http.trust_env = False
        sandbox.deliver(http)
    calls, received["calls"] = received["calls"], []
    for headers, raw in calls:
        events = carrier.verify_callback(headers, raw)
        shop.do(SYSTEM, courier.apply_events, "sandbox", events)
    return calls


def delivery_of(shop, order_id, actor=None):
    with shop.runtime.reading() as session:
        return get_delivery(session, SEAL, actor or shop.applicant, order_id)


def test_a_parcel_travels_until_the_order_waits_for_confirmation(
    shop, store, sandbox, carrier, received, clock
):
    order = ship(shop, store, carrier)
    assert (order.waybill_no, order.holder) == ("SB0000000001CN", Holder.EXTERNAL)
    seen = []
    for _ in range(5):
        deliver_callbacks(shop, sandbox, carrier, received)
        seen.append(delivery_of(shop, order.id).shipments[0].status)
        clock.advance(seconds=10)
    assert seen == [
        ShipmentStatus.PENDING,
        ShipmentStatus.PICKED_UP,
        ShipmentStatus.IN_TRANSIT,
        ShipmentStatus.OUT_FOR_DELIVERY,
        ShipmentStatus.DELIVERED,
    ]
    assert shop.read(order.id).order.state is OrderState.IN_ACCEPT
    assert len(delivery_of(shop, order.id).shipments[0].events) == 5


def test_repeated_and_disordered_callbacks_change_nothing(
    shop, store, sandbox, carrier, received, clock, runtime
):
    order = ship(shop, store, carrier)
    calls = []
    for _ in range(5):
        calls += deliver_callbacks(shop, sandbox, carrier, received)
        clock.advance(seconds=10)
    for headers, raw in reversed(calls):
        shop.do(SYSTEM, courier.apply_events, "sandbox", carrier.verify_callback(headers, raw))
    with runtime.sessions() as session:
        assert session.scalar(select(sa.func.count()).select_from(ShipmentEvent)) == 5
    assert shop.read(order.id).order.state is OrderState.IN_ACCEPT
    kinds = [event.kind for event in shop.read(order.id).events]
    assert kinds.count("delivered") == kinds.count("shipped") == 1


def test_forged_changed_and_stale_callbacks_are_refused(
    shop, store, sandbox, carrier, received, clock
):
    ship(shop, store, carrier)
    headers, raw = deliver_callbacks(shop, sandbox, carrier, received)[0]
    for bad_headers, bad_raw in (
        ({}, raw),
        ({HEADER: "t=1,v1=00"}, raw),
        ({HEADER: "nonsense"}, raw),
        (headers, raw.replace(b"SB", b"XX")),
        (headers, b""),
    ):
        with pytest.raises(CallbackRejectedError):
            carrier.verify_callback(bad_headers, bad_raw)
    clock.advance(minutes=6)
    with pytest.raises(CallbackRejectedError):
        carrier.verify_callback(headers, raw)


def test_a_callback_that_is_not_taken_is_sent_again_later(
    shop, store, sandbox, carrier, received, clock
):
    ship(shop, store, carrier)
    received["status"] = 500
    assert len(deliver_callbacks(shop, sandbox, carrier, received)) == 1
    assert deliver_callbacks(shop, sandbox, carrier, received) == []
    received["status"] = 200
    clock.advance(seconds=1)
    assert len(deliver_callbacks(shop, sandbox, carrier, received)) == 1


def test_a_refused_parcel_may_be_sent_again(shop, store, sandbox, carrier, received, clock):
    order = ship(shop, store, carrier, contents="road:refused")
    with pytest.raises(ShipmentStateError):
        shop.do(shop.agency, courier.request_shipment, order.id, carrier="sandbox", contents="x")
    clock.advance(seconds=40)
    deliver_callbacks(shop, sandbox, carrier, received)
    assert delivery_of(shop, order.id).shipments[0].status is ShipmentStatus.RETURNED
    assert shop.read(order.id).order.state is OrderState.DELIVERING
    shop.do(shop.agency, courier.request_shipment, order.id, carrier="sandbox", contents="x")
    assert len(delivery_of(shop, order.id).shipments) == 2


def test_a_silent_carrier_is_asked(shop, store, sandbox, carrier, clock, runtime):
    order = ship(shop, store, carrier)
    clock.advance(hours=25)
    shop.do(SYSTEM, tick_ask_silent)
    effect = ask_carrier({"sandbox": carrier}, runtime, message_of(runtime, "courier.silent"))
    shop.do(SYSTEM, effect)
    assert shop.read(order.id).order.state is OrderState.IN_ACCEPT


def test_nothing_is_sent_without_an_address(shop, store):
    order = shop.delivering(store)
    with pytest.raises(NoAddressError):
        shop.do(shop.agency, courier.request_shipment, order.id, carrier="sandbox", contents="x")


@pytest.mark.parametrize(
    ("changed", "field"),
    [({"name": " "}, "name"), ({"phone": "call me"}, "phone"), ({"address": "x" * 201}, "address")],
)
def test_an_address_is_whole(shop, changed, field):
    order = shop.paid()
    parts = {"name": HOME.name, "phone": HOME.phone, "address": HOME.address, **changed}
    with pytest.raises(InvalidInputError) as refused:
        shop.do(shop.applicant, courier.set_address, SEAL, order.id, Recipient(**parts))
    assert refused.value.params["field"] == field


def test_addresses_rest_encrypted_and_show_masked(shop, runtime):
    order = shop.paid()
    for _ in range(2):
        shop.do(shop.applicant, courier.set_address, SEAL, order.id, HOME)
    with runtime.sessions() as session:
        sealed = session.get(DeliveryAddress, order.id).sealed
    assert b"1380000" not in sealed
    assert delivery_of(shop, order.id).recipient == HOME
    shown = delivery_of(shop, order.id, shop.agency).recipient
    assert (shown.name, shown.phone) == ("演**", "138****1234")
    with pytest.raises(NotFoundError):
        delivery_of(shop, order.id, shop.stranger)


def test_the_carrier_answers_one_key_with_one_waybill_and_no_stranger(carrier, sandbox, clock):
    parcel = Parcel("ref", HOME, "演示机构", "文件")
    assert carrier.quote(parcel) == 1200
    first = carrier.create(parcel, idempotency_key="k")
    assert carrier.create(parcel, idempotency_key="k") == first
    assert carrier.create(parcel, idempotency_key="k2") != first
    assert [e.status for e in carrier.track(first.waybill_no)] == [ShipmentStatus.PENDING]
    assert sandbox.handle("GET", f"/waybills/{first.waybill_no}", b"", "t=1,v1=0")[0] == 401
    with pytest.raises(CarrierRefusedError):
        carrier.track("SB404")
    carrier.cancel(first.waybill_no)
    assert carrier.track(first.waybill_no)[-1].status is ShipmentStatus.CANCELLED
    second = carrier.create(parcel, idempotency_key="k3")
    clock.advance(seconds=30)
    with pytest.raises(CarrierRefusedError):
        carrier.cancel(second.waybill_no)


def test_a_carrier_out_of_reach_is_unavailable(clock):
    lost = SandboxCarrier("http://127.0.0.1:9", SECRET, callback_url="http://x", now=clock)
    with pytest.raises(CarrierUnavailableError):
        lost.track("SB1")


def test_a_refusal_of_the_carrier_lets_the_agency_try_another_way(shop, store, runtime, clock):
    class Refusing:
        name = "sandbox"

        def create(self, parcel, *, idempotency_key):  # noqa: ARG002 - the names of the protocol
            raise CarrierRefusedError("no service there")

    order = shop.delivering(store)
    shop.do(shop.applicant, courier.set_address, SEAL, order.id, HOME)
    ask = partial(courier.request_shipment, carrier="sandbox", contents="x")
    shop.do(shop.agency, ask, order.id)
    message = message_of(runtime, "courier.requested")
    shop.do(SYSTEM, order_waybill({"sandbox": Refusing()}, SEAL, runtime, message))
    with runtime.sessions() as session:
        assert session.execute(select(Shipment.failure)).scalar_one() == "no service there"
    shop.do(shop.agency, ask, order.id)
    assert timedelta() == clock.at - runtime.now()
