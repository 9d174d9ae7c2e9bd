"""Speaking to a payment provider over HTTP: safe addresses, retries with one key, redaction."""

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from typing_extensions import override

from billing.errors import (
    OutcomeUnknownError,
    ProviderConfigError,
    ProviderRefusedError,
    ProviderUnavailableError,
)
from billing.wire import Json, Params, encode_form, optional_text

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
RETRIED = frozenset({409, 429})
MAX_WAIT_SECONDS = 8.0
_SECRET = re.compile(r"\b(sk|rk|pk|whsec)_[A-Za-z0-9_]+")
_PATH = re.compile(r"/v1(/[A-Za-z0-9_\-]+)+")


def redact(text: str) -> str:
    """Blank out everything in a text that looks like a key of the provider."""
    return _SECRET.sub(r"\1_***", text)


def require_safe(base: str, key: str) -> None:
    """Refuse an address to which this key must not travel.

    Plain HTTP is for loopback only, and never for a live key.

    Raises:
        ProviderConfigError: not such an address, or not a secret key.
    """
    parts = urlsplit(base)
    if not re.fullmatch(r"[sr]k_(test|live)_[A-Za-z0-9_]+", key):
        raise ProviderConfigError(why="key_format")
    if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
        raise ProviderConfigError(why="base_format")
    if parts.scheme == "https":
        return
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise ProviderConfigError(why="needs_https")
    if "_live_" in key:
        raise ProviderConfigError(why="live_key_over_http")


@dataclass(frozen=True, slots=True)
class Call:
    """One call; ``key`` is the idempotency key that every money POST carries."""

    method: str
    path: str
    params: Params = field(default_factory=dict)
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, read completely."""

    status: int
    body: Json
    request_id: str | None
    is_replay: bool
    is_mock: bool
    should_retry: bool | None
    wait_seconds: float | None


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait and how often to try; ``sleep`` takes seconds."""

    timeout: tuple[float, float] = (3.05, 20.0)
    tries: int = 4
    first_wait_seconds: float = 0.5
    sleep: Callable[[float], None] = time.sleep


class Transport:
    """Sends calls; safe to share between threads."""

    def __init__(self, base: str, key: str, version: str, policy: Policy) -> None:
        require_safe(base, key)
        self._base = base.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {key}",
            "Stripe-Version": version,
            "Accept": "application/json",
            "User-Agent": "sunlit-billing/1",
        }
        self._policy = policy
        self._local = threading.local()

    @override
    def __repr__(self) -> str:
        return f"Transport({self._base!r})"

    def send(self, call: Call) -> Reply:
        """Send a call until it is answered, with the same key and the same body.

        Raises:
            ProviderRefusedError: the provider said no; the call had no effect.
            OutcomeUnknownError: a POST without usable answer.
            ProviderUnavailableError: a GET without usable answer.
        """
        if not _PATH.fullmatch(call.path):
            raise ProviderConfigError(why="path", path=call.path[:80])
        body = encode_form(call.params)
        why, reply = "no_try", None
        for attempt in range(self._policy.tries):
            if attempt:
                self._policy.sleep(self._wait_seconds(attempt, reply))
            why, reply = self._try(call, body)
            log.info("provider %s %s: %s", call.method, call.path, why)
            if reply is not None and reply.status < 300:
                return reply
            if reply is not None and not _is_retried(reply):
                break
        raise _failure(call, why, reply)

    def _try(self, call: Call, body: bytes) -> tuple[str, Reply | None]:
        headers = dict(self._headers)
        url = self._base + call.path
        if call.method == "GET":
            url = f"{url}?{body.decode('ascii')}" if body else url
        else:
            headers["Content-Type"] = FORM  # also with an empty body, or the provider says 400
            if call.key is not None:
                headers["Idempotency-Key"] = call.key
        try:
            answer = self._session().request(
                call.method,
                url,
                data=None if call.method == "GET" else body,
                headers=headers,
                timeout=self._policy.timeout,
                allow_redirects=False,
            )
            return str(answer.status_code), _read(answer)
        except requests.RequestException as error:
            return type(error).__name__, None

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.trust_env = False  # no proxy, no .netrc that could see the key
            self._local.session = session
        return session

    def _wait_seconds(self, attempt: int, reply: Reply | None) -> float:
        asked = reply.wait_seconds if reply is not None else None
        longest = min(self._policy.first_wait_seconds * float(1 << (attempt - 1)), MAX_WAIT_SECONDS)
        jittered = longest * (0.5 + secrets.randbelow(1001) / 2000)
        return min(max(jittered, asked or 0.0), MAX_WAIT_SECONDS)


def _read(answer: requests.Response) -> Reply:
    try:
        body = answer.json()
    except requests.exceptions.JSONDecodeError:
        body = None
    usable = isinstance(body, dict)
    should_retry = answer.headers.get("Stripe-Should-Retry")
    wait = answer.headers.get("Retry-After", "")
    return Reply(
        # A success that cannot be read is no success: treat it like a broken gateway.
        status=answer.status_code if usable or answer.status_code >= 300 else 502,
        body=body if usable else {},
        request_id=answer.headers.get("Request-Id"),
        is_replay=answer.headers.get("Idempotent-Replayed") == "true",
        is_mock="Stripe-Mock-Version" in answer.headers,
        should_retry=None if should_retry is None else should_retry == "true",
        wait_seconds=float(wait) if wait.isascii() and wait.isdigit() else None,
    )


def _is_retried(reply: Reply) -> bool:
    if reply.status >= 500 and reply.is_replay:
        return False  # the failure is saved under the key; asking again gives the same
    if reply.should_retry is not None:
        return reply.should_retry
    return reply.status in RETRIED or reply.status >= 500


def _failure(call: Call, why: str, reply: Reply | None) -> Exception:
    if reply is not None and 400 <= reply.status < 500 and reply.status not in RETRIED:
        return _refusal(reply)
    facts = {"method": call.method, "path": call.path, "why": why}
    if call.method == "GET":
        return ProviderUnavailableError(**facts)
    saved = reply is not None and reply.status >= 500 and reply.is_replay
    return OutcomeUnknownError(**facts, key=call.key, saved=saved)


def _refusal(reply: Reply) -> ProviderRefusedError:
    error = reply.body.get("error")
    told: Json = error if isinstance(error, dict) else {}
    message = told.get("message")
    return ProviderRefusedError(
        status=reply.status,
        type=optional_text(told, "type"),
        error_code=optional_text(told, "code"),
        param=optional_text(told, "param"),
        request_id=reply.request_id,
        message=redact(message)[:300] if isinstance(message, str) else None,
    )
