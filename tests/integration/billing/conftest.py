"""A payment provider on loopback: the sandbox behind a plain server, and a scripted one."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import pytest

from billing.http import Policy
from billing.providers.stripe import StripeClient
from billing.sandbox.desk import SandboxSettings
from billing.sandbox.psp import LOST, open_sandbox

KEY = "sk_test_sandbox"
SECRET = "whsec_sandbox"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, reply, headers = self.server.respond(self, body)
        if status == LOST:
            self.close_connection = True
            return
        raw = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_args):
        pass


@contextmanager
def serving(respond):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.respond = respond
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


class Endpoint:
    """The product's webhook endpoint: keeps what comes, answers what it is told to."""

    def __init__(self):
        self.received = []
        self.status = 200

    def __call__(self, request, body):
        self.received.append((body, request.headers["Stripe-Signature"]))
        return self.status, {}, {}


@pytest.fixture
def endpoint():
    return Endpoint()


@pytest.fixture
def sandbox(tmp_path, endpoint, clock):
    with serving(endpoint) as hook:
        settings = SandboxSettings(KEY, SECRET, f"{hook}/hooks/stripe", "http://shop/pay", seed="s")
        sandbox = open_sandbox(tmp_path / "sandbox.sqlite", settings, clock)
        yield sandbox
        sandbox.close()


@pytest.fixture
def sandbox_base(sandbox):
    def respond(request, body):
        parts = urlsplit(request.path)
        text = parts.query if request.command == "GET" else body.decode()
        pairs = parse_qsl(text, keep_blank_values=True)
        path = parts.path.removeprefix("/sandbox/stripe")
        return sandbox.handle(request.command, path, pairs, dict(request.headers))

    with serving(respond) as base:
        yield f"{base}/sandbox/stripe"


@pytest.fixture
def waits():
    return []


@pytest.fixture
def policy(waits):
    return Policy(timeout=(2, 5), sleep=waits.append)


@pytest.fixture
def client(sandbox_base, policy):
    return StripeClient(sandbox_base, KEY, policy=policy)


class Script:
    """A provider that answers from a list and remembers every request."""

    def __init__(self):
        self.answers = []
        self.requests = []

    def __call__(self, request, body):
        self.requests.append((request.command, request.path, dict(request.headers), body))
        answer = self.answers.pop(0)
        return (*answer, {}) if len(answer) == 2 else answer


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def scripted(script, policy):
    with serving(script) as base:
        yield StripeClient(base, KEY, policy=policy)
