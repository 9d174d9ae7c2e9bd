import io
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from lottery.entropy.demo_chain import DemoChain
from lottery.errors import BeaconError
from lottery.fetch.drand import BeaconUnavailableError, fetch_chain, fetch_round, make_session

DEMO = DemoChain(b"a secret of a test chain", 1_700_000_000)
GOOD = json.dumps(DEMO.round_json(9)).encode()


class Raw(io.BytesIO):
    def read(self, amount=-1, *, decode_content=False):
        assert decode_content
        return super().read(amount)

    def release_conn(self):
        """Nothing to give back."""


class FakeRelays:
    """Answers by relay name."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def get(self, url, *, timeout, allow_redirects, stream):
        assert timeout == (3.05, 5)
        assert stream
        assert not allow_redirects
        self.asked.append(url)
        answer = self.answers[url.split("/")[2]]
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, body = answer if isinstance(answer, tuple) else (200, answer)
        response.raw = Raw(body)
        return response


@contextmanager
def relay(pages):
    """A relay on loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            page = pages.get(self.path)
            self.send_response(200 if page else 404)
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, *_):
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_round_comes_from_a_real_relay_over_http():
    pages = {
        f"/{DEMO.chain.hash}/public/9": GOOD,
        f"/{DEMO.chain.hash}/info": json.dumps(DEMO.info()).encode(),
    }
    with relay(pages) as address:
        found = fetch_round(DEMO.chain, 9, [address])
        assert found.signature == DEMO.sign(9)
        assert found.relay == address
        assert fetch_chain(DEMO.chain.hash, [address + "/"]) == DEMO.chain
        with pytest.raises(BeaconUnavailableError):
            fetch_round(DEMO.chain, 10, [address])


def test_relays_that_lie_fail_or_redirect_are_passed_over():
    other = json.dumps(DEMO.round_json(8)).encode()
    forged = json.dumps({**DEMO.round_json(9), "signature": DEMO.sign(8).hex()}).encode()
    relays = FakeRelays(
        down=requests.ConnectionError(),
        redirects=(302, b""),
        garbage=b"<html>",
        huge=b'"' + b"a" * 20_000 + b'"',
        list=b"[]",
        unsigned=b'{"round":9}',
        early=other,
        forged=forged,
        good=GOOD,
        later=GOOD,
    )
    found = fetch_round(
        DEMO.chain, 9, [f"https://{name}" for name in relays.answers], session=relays
    )
    assert found.relay == "https://good"
    assert found.randomness.hex() == DEMO.round_json(9)["randomness"]
    assert len(relays.asked) == 9


def test_all_failures_are_reported_in_order():
    relays = FakeRelays(a=(500, b""), b=requests.Timeout())
    with pytest.raises(BeaconUnavailableError) as refused:
        fetch_round(DEMO.chain, 9, ["https://a", "https://b"], session=relays)
    assert refused.value.attempts == (("https://a", "BeaconError"), ("https://b", "Timeout"))
    assert isinstance(refused.value, BeaconError)


def test_a_chain_of_another_hash_is_not_taken():
    relays = FakeRelays(a=json.dumps(DEMO.info()).encode(), b=b"{}")
    with pytest.raises(BeaconUnavailableError) as refused:
        fetch_chain("00" * 32, ["https://a", "https://b"], session=relays)
    assert [outcome for _, outcome in refused.value.attempts] == ["other chain", "BeaconError"]


def test_the_session_ignores_the_environment():
    with make_session() as session:
        assert session.trust_env is False
