"""The errand to the beacon, over HTTP, from a relay that the product does not trust."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lottery.errors import BeaconError
from lottery.fetch.drand import BeaconUnavailableError
from market import outbox
from market.act import SYSTEM
from market.draws import services
from market.draws.states import AttemptState, DrawStateError
from market.sandbox.beacon import DEMO_CHAIN, SandboxBeacon
from tests.support.draws import make_draw_world


@pytest.fixture
def relay(clock):
    """A relay on loopback that reads the test's clock."""
    beacon = SandboxBeacon(lambda: clock().timestamp())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = beacon.handle(self.path)
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock)


@pytest.fixture
def cleared(world):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.to_go(draw_id)
    assert world.attempt(draw_id).state is AttemptState.GO
    return draw_id


def with_relays(world, *relays):
    office = world.office
    world.office = type(office)(office.setup, office.writer, office.files, relays)


def test_the_worker_fetches_the_announced_round_and_the_result_follows(
    world, cleared, relay, runtime
):
    with_relays(world, "http://127.0.0.1:9", relay)
    world.clock.at = world.attempt(cleared).round_at
    world.fetch_beacon(cleared)
    attempt = world.attempt(cleared)
    assert attempt.state is AttemptState.DRAWN
    assert attempt.signature == DEMO_CHAIN.sign(attempt.round).hex()
    world.fetch_beacon(cleared)  # a second message changes nothing


def test_the_errand_waits_for_its_round(world, cleared, relay):
    with_relays(world, relay)
    with pytest.raises(BeaconUnavailableError):
        world.fetch_beacon(cleared)
    assert world.attempt(cleared).state is AttemptState.GO


def test_the_message_is_due_when_the_round_is(world, cleared, runtime):
    round_at = world.attempt(cleared).round_at
    with runtime.sessions() as session:
        message = (
            session.query(outbox.OutboxMessage)
            .filter(outbox.OutboxMessage.kind == "draw.beacon_due")
            .one()
        )
    assert message.run_at > round_at
    assert message.payload == {"draw_id": cleared}


def test_another_rounds_signature_is_refused(world, cleared):
    attempt = world.attempt(cleared)
    world.clock.at = attempt.round_at
    with pytest.raises(BeaconError):
        world.do(
            SYSTEM,
            services.publish_result,
            world.office.setup,
            cleared,
            DEMO_CHAIN.sign(attempt.round + 1),
        )
    assert world.attempt(cleared).state is AttemptState.GO


def test_a_result_is_published_once(world, cleared):
    attempt = world.attempt(cleared)
    world.clock.at = attempt.round_at
    signature = DEMO_CHAIN.sign(attempt.round)
    world.do(SYSTEM, services.publish_result, world.office.setup, cleared, signature)
    with pytest.raises(DrawStateError):
        world.do(SYSTEM, services.publish_result, world.office.setup, cleared, signature)


def test_nothing_voids_a_draw_after_the_go(world, cleared):
    world.clock.at = world.attempt(cleared).round_at
    world.clock.advance(hours=30)
    world.settle()
    assert world.attempt(cleared).state is AttemptState.GO
    with pytest.raises(DrawStateError):
        world.do(SYSTEM, services.lapse, world.office.setup, cleared)
