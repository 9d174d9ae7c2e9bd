"""The sandbox itself: authentication, routing, idempotency, faults, webhook delivery."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import requests
from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from billing.providers import signatures
from billing.sandbox import cashier
from billing.sandbox.cashier import Button, CashierView, PressResult
from billing.sandbox.desk import Desk, FaultKind, SandboxSettings
from billing.sandbox.refusal import Refusal
from billing.sandbox.routes import Route, find_route
from billing.sandbox.shapes import read
from billing.sandbox.tables import Delivery, Fault, SavedReply, Thing, open_engine
from billing.wire import Json, WireError, decode_form

Answer = tuple[int, Json, dict[str, str]]
Pairs = Sequence[tuple[str, str]]

LOST: Final = 599  # the server must close the connection without an answer
KEY_LIFETIME: Final = timedelta(hours=24)
CLAIM_SECONDS: Final = 30
MAX_TRIES: Final = 16
LONGEST_WAIT_SECONDS: Final = 3600
_BROKEN: Final[Json] = {"error": {"type": "api_error", "message": "An error occurred."}}
_FORM: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class DueDelivery:
    """One webhook that is to be sent now."""

    id: int
    event_id: str
    body: bytes
    tries: int


@dataclass(frozen=True, slots=True)
class _Asked:
    method: str
    path: str
    pairs: Pairs
    headers: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        told = json.dumps([self.method, self.path, sorted(self.pairs)])
        return hashlib.sha256(told.encode()).hexdigest()


class Sandbox:
    """A payment provider in a file. Thread-safe; several processes may share the file."""

    def __init__(
        self, engine: Engine, settings: SandboxSettings, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._settings = settings
        self._now = now

    def close(self) -> None:
        """Close the database file."""
        self._engine.dispose()

    def handle(self, method: str, path: str, pairs: Pairs, headers: Mapping[str, str]) -> Answer:
        """Answer one call of the wire.

        Args:
            method: "GET" or "POST".
            path: from "/v1/" on.
            pairs: decoded query of a GET, decoded form of a POST, in order.
            headers: of the request, names in any case.

        Returns:
            Status, JSON body, headers. Status ``LOST`` (599) is a fault that was ordered: close
            the connection without answering (or answer 599 where that is impossible).
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        with self._desk() as desk:
            reply = _answer(desk, _Asked(method, path, pairs, lowered))
            status, body, more = reply
            request_id = desk.new_id("req")
        common = {"Content-Type": "application/json", "Request-Id": request_id}
        version = lowered.get("stripe-version")
        if version is not None:
            common["Stripe-Version"] = version
        return status, body, {**common, **more}

    def view(self, target_id: str) -> CashierView:
        """Tell what the cashier page shows; raises ``NotFoundError``."""
        with self._desk() as desk:
            return cashier.view(desk, target_id)

    def press(self, target_id: str, button: Button) -> PressResult:
        """Press a button of the cashier page; raises ``NotFoundError``."""
        with self._desk() as desk:
            return cashier.press(desk, target_id, button)

    def tick(self) -> int:
        """Let happen what is due: late money arrives, open checkouts expire."""
        with self._desk() as desk:
            return cashier.tick(desk)

    def set_fault(self, kind: FaultKind, *, times: int = 1, path: str = "") -> None:
        """Order a fault for calls (or event types) that begin with ``path``."""
        with self._desk() as desk:
            desk.session.add(Fault(kind=kind.value, path=path, left=times))

    def clear_faults(self) -> None:
        """Take back all orders of faults."""
        with self._desk() as desk:
            desk.session.execute(delete(Fault))

    def due_deliveries(self, *, limit: int = 50) -> list[DueDelivery]:
        """Claim the webhooks that are due; a claim ends by itself after half a minute."""
        with self._desk() as desk:
            query = (
                select(Delivery, Thing.body)
                .join(Thing, Thing.id == Delivery.event_id)
                .where(Delivery.state == "waiting", Delivery.due_at <= desk.now)
                .order_by(Delivery.due_at, Delivery.id)
                .limit(limit)
            )
            claimed: list[DueDelivery] = []
            for row, event in desk.session.execute(query).all():
                row.tries += 1
                row.due_at = desk.now + timedelta(seconds=CLAIM_SECONDS)
                body = json.dumps(event, ensure_ascii=False, indent=2).encode()
                claimed.append(DueDelivery(row.id, row.event_id, body, row.tries))
            return claimed

    def deliver(self, http: requests.Session) -> int:
        """Do what is due, send due webhooks, tell how many were accepted.

        Give it a session with ``trust_env = False``.
        """
        self.tick()
        accepted = 0
        for due in self.due_deliveries():
            status = self._send(http, due)
            self._note(due, status)
            accepted += status is not None and 200 <= status < 300
        return accepted

    def _send(self, http: requests.Session, due: DueDelivery) -> int | None:
        signed = signatures.sign(due.body, self._settings.webhook_secret, at=self._now())
        headers = {"Content-Type": "application/json", "Stripe-Signature": signed}
        try:
            answer = http.post(
                self._settings.webhook_url,
                data=due.body,
                headers=headers,
                timeout=(3.05, 10),
                allow_redirects=False,
            )
        except requests.RequestException:
            return None
        return answer.status_code

    def _note(self, due: DueDelivery, status: int | None) -> None:
        with self._desk() as desk:
            row = desk.session.get_one(Delivery, due.id)
            row.last_status = status
            if status is not None and 200 <= status < 300:
                row.state = "delivered"
            elif row.tries >= MAX_TRIES:
                row.state = "given_up"
            else:
                wait = min(1 << (row.tries - 1), LONGEST_WAIT_SECONDS)
                row.due_at = desk.now + timedelta(seconds=wait)

    @contextmanager
    def _desk(self) -> Iterator[Desk]:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield Desk(session, self._settings, self._now())


def open_sandbox(
    file: Path, settings: SandboxSettings, now: Callable[[], datetime] | None = None
) -> Sandbox:
    """Open a sandbox on its database file; ``now`` gives an aware instant."""
    return Sandbox(open_engine(file), settings, now or _utc_now)


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _answer(desk: Desk, asked: _Asked) -> Answer:
    try:
        _require_key(desk, asked)
        route = find_route(asked.method, asked.path)
        lost = _fault_before(desk, asked.path)
        if lost is not None:
            return lost
        params = _params(asked, route)
        return _answer_once(desk, asked, route, params)
    except Refusal as refused:
        return refused.status, refused.body, {}


def _answer_once(desk: Desk, asked: _Asked, route: Route, params: Json) -> Answer:
    key = asked.headers.get("idempotency-key") if asked.method == "POST" else None
    saved = _saved(desk, key, asked)
    if saved is not None:
        return saved.status, dict(saved.body), {"Idempotent-Replayed": "true"}
    if desk.takes_fault(FaultKind.ERROR_500, asked.path):
        status, body = 500, dict(_BROKEN)
    else:
        status, body = _run(desk, route, params)
    if key is not None:
        reply = SavedReply(
            key=key, fingerprint=asked.fingerprint, status=status, body=body, saved_at=desk.now
        )
        desk.session.merge(reply)
    if desk.takes_fault(FaultKind.LOSE_RESPONSE, asked.path):
        return LOST, {}, {}
    return status, body, {}


def _run(desk: Desk, route: Route, params: Json) -> tuple[int, Json]:
    try:
        with desk.session.begin_nested():
            return 200, route.handler(desk, route.ids, params)
    except Refusal as refused:
        return refused.status, refused.body


def _require_key(desk: Desk, asked: _Asked) -> None:
    given = asked.headers.get("authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), desk.settings.key.encode()):
        raise Refusal("Invalid API Key provided.", status=401)


def _fault_before(desk: Desk, path: str) -> Answer | None:
    if desk.takes_fault(FaultKind.LOSE_REQUEST, path):
        return LOST, {}, {}
    if desk.takes_fault(FaultKind.RATE_LIMIT, path):
        raise Refusal("Too many requests.", code="rate_limit", status=429)
    if desk.takes_fault(FaultKind.CONFLICT, path):
        raise Refusal("Key in use by another request.", status=409, kind="idempotency_error")
    return None


def _params(asked: _Asked, route: Route) -> Json:
    kind = asked.headers.get("content-type", "").split(";")[0].strip().lower()
    if asked.method == "POST" and kind != _FORM:
        raise Refusal("Content-Type must be application/x-www-form-urlencoded.")
    try:
        nested = decode_form(asked.pairs)
    except WireError as malformed:
        raise Refusal("Invalid form.", param=str(malformed.params.get("name"))) from malformed
    return read(route.shape, nested)


def _saved(desk: Desk, key: str | None, asked: _Asked) -> SavedReply | None:
    if key is None:
        return None
    if not re.fullmatch(r"[\x20-\x7e]{1,255}", key):
        raise Refusal("Invalid Idempotency-Key.", kind="idempotency_error")
    saved = desk.session.get(SavedReply, key)
    if saved is None or saved.saved_at + KEY_LIFETIME <= desk.now:
        return None
    if saved.fingerprint != asked.fingerprint:
        raise Refusal(
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}'.",
            kind="idempotency_error",
        )
    return saved
