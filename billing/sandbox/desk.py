"""The working surface of one sandbox transaction: objects, ids, balance, events, faults."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing.providers.stripe import API_VERSION
from billing.sandbox.refusal import missing
from billing.sandbox.tables import Delivery, Fault, Setting, Thing, Timer
from billing.wire import Json, text, whole

REORDER_SECONDS: Final = 3
LATE_SECONDS: Final = 60


class FaultKind(StrEnum):
    """What can go wrong on demand."""

    LOSE_REQUEST = "lose_request"  # no effect, no answer
    LOSE_RESPONSE = "lose_response"  # effect, but no answer
    ERROR_500 = "error_500"  # no effect; saved under the key
    RATE_LIMIT = "rate_limit"  # 429, no effect
    CONFLICT = "conflict"  # 409, no effect
    DROP_EVENT = "drop_event"
    DUPLICATE_EVENT = "duplicate_event"
    REORDER_EVENT = "reorder_event"
    LATE_EVENT = "late_event"
    REFUND_FAILS = "refund_fails"


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How this sandbox is set up.

    ``cashier_base`` is the address before "/<id>" of the cashier page, ``webhook_url`` the
    endpoint of the product. The same non-empty ``seed`` gives the same ids again.
    """

    key: str
    webhook_secret: str
    webhook_url: str
    cashier_base: str
    fee_bp: int = 0
    arrive_after_seconds: int = 5
    seed: str = ""


class Desk:
    """One transaction at the sandbox; the owner commits."""

    def __init__(self, session: Session, settings: SandboxSettings, now: datetime) -> None:
        self.session = session
        self.settings = settings
        self.now = now
        self.stamp = int(now.timestamp())

    def new_id(self, prefix: str) -> str:
        """Make the next id of a kind, such as "pi_..."."""
        seed = self._setting("seed", self.settings.seed or secrets.token_hex(16))
        number = self._count("ids")
        digest = hashlib.sha256(f"{seed.value}:{number}".encode()).hexdigest()
        return f"{prefix}_{digest[:24]}"

    def put(self, body: Json) -> Json:
        """Store a new object under its kind and id."""
        body = {**body, "created": self.stamp, "livemode": False}
        kind, thing_id = text(body, "object"), text(body, "id")
        self.session.add(Thing(id=thing_id, kind=kind, seq=self._count("things"), body=body))
        self.session.flush()
        return body

    def find(self, kind: str, thing_id: str) -> Json | None:
        """Find an object."""
        thing = self.session.get(Thing, thing_id)
        return dict(thing.body) if thing is not None and thing.kind == kind else None

    def get(self, kind: str, thing_id: str, param: str = "id") -> Json:
        """Get an object.

        Raises:
            Refusal: 404 resource_missing.
        """
        found = self.find(kind, thing_id)
        if found is None:
            raise missing(kind, thing_id, param)
        return found

    def change(self, body: Json, **changes: object) -> Json:
        """Store changed fields of an object and give the new body."""
        thing = self.session.get_one(Thing, text(body, "id"))
        thing.body = {**thing.body, **changes}
        self.session.flush()
        return dict(thing.body)

    def newest_first(self, kind: str) -> Iterator[Json]:
        """Go through all objects of a kind."""
        query = select(Thing).where(Thing.kind == kind).order_by(Thing.seq.desc())
        for thing in self.session.scalars(query.execution_options(yield_per=100)):
            yield dict(thing.body)

    def book(self, kind: str, amount: int, fee: int, source: str) -> Json:
        """Move the balance and leave a balance transaction."""
        balance = self._setting("balance", "0")
        balance.value = str(int(balance.value) + amount - fee)
        return self.put(
            {
                "id": self.new_id("txn"),
                "object": "balance_transaction",
                "type": kind,
                "amount": amount,
                "fee": fee,
                "net": amount - fee,
                "currency": "cny",
                "source": source,
                "status": "available",
                "available_on": self.stamp,
            }
        )

    @property
    def balance(self) -> int:
        """What the platform has at the sandbox, in fen."""
        return int(self._setting("balance", "0").value)

    def emit(self, kind: str, subject: Json) -> None:
        """Record an event and queue it for the endpoint."""
        event = self.put(
            {
                "id": self.new_id("evt"),
                "object": "event",
                "api_version": API_VERSION,
                "type": kind,
                "data": {"object": subject},
                "pending_webhooks": 1,
                "request": {"id": None, "idempotency_key": None},
            }
        )
        delay = 0
        if self.takes_fault(FaultKind.REORDER_EVENT, kind):
            delay = REORDER_SECONDS
        if self.takes_fault(FaultKind.LATE_EVENT, kind):
            delay = LATE_SECONDS
        state = "dropped" if self.takes_fault(FaultKind.DROP_EVENT, kind) else "waiting"
        copies = 2 if self.takes_fault(FaultKind.DUPLICATE_EVENT, kind) else 1
        due_at = self.now + timedelta(seconds=delay)
        for _ in range(copies):
            self.session.add(Delivery(event_id=text(event, "id"), state=state, due_at=due_at))

    def set_timer(self, action: str, subject: str, due_at: datetime) -> None:
        """Let something happen later; see ``cashier.tick``."""
        self.session.add(Timer(action=action, subject=subject, due_at=due_at))

    def takes_fault(self, kind: FaultKind, path: str) -> bool:
        """Use up one fault of a kind that was ordered for this path or event type."""
        query = select(Fault).where(Fault.kind == kind.value, Fault.left > 0).order_by(Fault.id)
        for fault in self.session.scalars(query):
            if path.startswith(fault.path):
                fault.left -= 1
                self.session.flush()
                return True
        return False

    def _count(self, name: str) -> int:
        counter = self._setting(name, "0")
        counter.value = str(int(counter.value) + 1)
        return int(counter.value)

    def _setting(self, name: str, default: str) -> Setting:
        found = self.session.get(Setting, name)
        if found is None:
            found = Setting(name=name, value=default)
            self.session.add(found)
            self.session.flush()
        return found


def amount_of(body: Json, name: str = "amount") -> int:
    """Read a stored amount."""
    return whole(body, name)
