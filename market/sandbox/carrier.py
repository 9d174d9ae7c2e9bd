"""A carrier that carries nothing: waybills, a scripted road, signed callbacks with retry.

Its state is in a SQLite file of its own, so that it lives on when the market or itself restarts.
It knows no table of the market and is reached over HTTP only; the HTTP itself is not here.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from market.courier.signature import HEADER, is_signed, sign

FEE_FEN = 1_200
MAX_SENDS = 8
SEND_SECONDS = 5
LONGEST_PAUSE_SECONDS = 1_800

Json = dict[str, Any]
Answer = tuple[int, Json]

ROADS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "normal": (
        ("0", "已接单", "营业网点"),
        ("1", "已揽收", "寄件地"),
        ("2", "已离开分拨中心", "分拨中心"),
        ("5", "正在派送", "派送网点"),
        ("3", "收件人已签收", "收件地址"),
    ),
    "refused": (
        ("0", "已接单", "营业网点"),
        ("1", "已揽收", "寄件地"),
        ("5", "正在派送", "派送网点"),
        ("4", "收件人拒收·退回途中", "派送网点"),
    ),
    "lost": (
        ("0", "已接单", "营业网点"),
        ("1", "已揽收", "寄件地"),
        ("6", "包裹下落不明", "分拨中心"),
    ),
}
"""Roads by name: (code, text, place) for each step. A word like "road:lost" in the contents of a
parcel chooses one; a script of the sandbox, as test card numbers are one of payment sandboxes."""

TABLES = """
CREATE TABLE IF NOT EXISTS waybills (
  waybill_no TEXT PRIMARY KEY, idempotency_key TEXT UNIQUE NOT NULL, reference TEXT NOT NULL,
  road TEXT NOT NULL, callback_url TEXT NOT NULL, created_at TEXT NOT NULL, cancelled_at TEXT);
CREATE TABLE IF NOT EXISTS callbacks (
  waybill_no TEXT NOT NULL, step INTEGER NOT NULL, sends INTEGER NOT NULL DEFAULT 0,
  next_at TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (waybill_no, step));
"""


@dataclass(frozen=True, slots=True)
class Callback:
    """One request that the carrier wants to make; signed at the time of sending."""

    waybill_no: str
    step: int
    url: str
    raw: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class SandboxCourier:
    """The carrier itself; every call opens its file anew, so threads do not share anything."""

    path: Path
    secret: bytes
    now: Callable[[], datetime]
    step_seconds: int = 20

    def handle(self, method: str, path: str, raw: bytes, signature: str) -> Answer:
        """Answer one request; ``path`` is what follows ".../sandbox/courier".

        Gives the HTTP status and the JSON body: 401 for a signature that does not fit, 400 for a
        body that is not an order, 404 for a waybill of nobody, 409 for one that is on its way.
        """
        if not is_signed(self.secret, raw, signature, now_seconds=int(self.now().timestamp())):
            return 401, {"error": "signature"}
        try:
            content = json.loads(raw) if raw else {}
        except ValueError:
            return 400, {"error": "not JSON"}
        if not isinstance(content, dict):
            return 400, {"error": "not an object"}
        return self._route(method, path, content)

    def _route(self, method: str, path: str, content: Json) -> Answer:
        if (method, path) == ("POST", "/quotes"):
            return 200, {"fee_fen": FEE_FEN}
        if (method, path) == ("POST", "/waybills"):
            return self._create(content)
        match = re.fullmatch(r"/waybills/([A-Z0-9]{1,40})(/cancel)?", path)
        if match and method == "GET" and not match[2]:
            return self._track(match[1])
        if match and method == "POST" and match[2]:
            return self._cancel(match[1])
        return 404, {"error": "no such address"}

    def _create(self, order: Json) -> Answer:
        recipient = order.get("recipient")
        key, url = order.get("idempotency_key"), order.get("callback_url")
        is_whole = isinstance(recipient, dict) and all(
            isinstance(recipient.get(part), str) and recipient[part]
            for part in ("name", "phone", "address")
        )
        if not (is_whole and isinstance(key, str) and key and isinstance(url, str)):
            return 400, {"error": "incomplete order"}
        with self._open() as database:
            row = database.execute(
                "SELECT waybill_no FROM waybills WHERE idempotency_key = ?", (key,)
            ).fetchone()
            number = row[0] if row else self._write(database, key, url, order)
        return 200, {"waybill_no": number, "fee_fen": FEE_FEN}

    def _write(self, database: sqlite3.Connection, key: str, url: str, order: Json) -> str:
        count = database.execute("SELECT count(*) FROM waybills").fetchone()[0]
        number, now = f"SB{count + 1:010d}CN", self.now()
        chosen = re.search(r"road:(\w+)", str(order.get("contents", "")))
        road = chosen[1] if chosen and chosen[1] in ROADS else "normal"
        reference = str(order.get("reference", ""))
        database.execute(
            "INSERT INTO waybills VALUES (?, ?, ?, ?, ?, ?, NULL)",
            (number, key, reference, road, url, now.isoformat()),
        )
        for step in range(len(ROADS[road])):
            due = now + timedelta(seconds=step * self.step_seconds)
            database.execute(
                "INSERT INTO callbacks (waybill_no, step, next_at) VALUES (?, ?, ?)",
                (number, step, _stamp(due)),
            )
        return number

    def _track(self, number: str) -> Answer:
        with self._open() as database:
            events = self._events(database, number)
        if events is None:
            return 404, {"error": "no such waybill"}
        return 200, {"waybill_no": number, "events": events}

    def _events(self, database: sqlite3.Connection, number: str) -> list[Json] | None:
        """Give the steps that lie in the past, or None for a waybill of nobody."""
        row = database.execute(
            "SELECT road, created_at, cancelled_at FROM waybills WHERE waybill_no = ?", (number,)
        ).fetchone()
        if row is None:
            return None
        created_at, until = datetime.fromisoformat(row[1]), self.now()
        if row[2]:
            until = datetime.fromisoformat(row[2])
        events = []
        for step, (code, text, place) in enumerate(ROADS[row[0]]):
            at = created_at + timedelta(seconds=step * self.step_seconds)
            if at <= until:
                events.append({"at": at.isoformat(), "code": code, "text": text, "place": place})
        if row[2]:
            end = {"at": row[2], "code": "9", "text": "cancelled", "place": "counter"}
            events.append(end)
        return events

    def _cancel(self, number: str) -> Answer:
        with self._open() as database:
            events = self._events(database, number)
            if events is None:
                return 404, {"error": "no such waybill"}
            if len(events) > 1:
                return 409, {"error": "on its way"}
            database.execute(
                "UPDATE waybills SET cancelled_at = ? WHERE waybill_no = ?",
                (self.now().isoformat(), number),
            )
            database.execute("UPDATE callbacks SET done = 1 WHERE waybill_no = ?", (number,))
        return 200, {"waybill_no": number}

    def due_callbacks(self) -> list[Callback]:
        """Give what should be sent now, each with all steps so far; report back on every one."""
        with self._open() as database:
            rows = database.execute(
                "SELECT c.waybill_no, c.step, w.callback_url FROM callbacks c "
                "JOIN waybills w ON w.waybill_no = c.waybill_no "
                "WHERE c.done = 0 AND c.next_at <= ? ORDER BY c.next_at, c.step LIMIT 20",
                (_stamp(self.now()),),
            ).fetchall()
            return [self._callback(database, *row) for row in rows]

    def _callback(self, database: sqlite3.Connection, number: str, step: int, url: str) -> Callback:
        events = self._events(database, number)
        raw = json.dumps({"waybill_no": number, "events": events}).encode()
        signature = sign(self.secret, raw, at_seconds=int(self.now().timestamp()))
        headers = {"Content-Type": "application/json", HEADER: signature}
        return Callback(number, step, url, raw, headers)

    def report(self, callback: Callback, *, is_taken: bool) -> None:
        """Note whether the receiver answered 200; otherwise try again, each time later."""
        with self._open() as database:
            if is_taken:
                database.execute(
                    "UPDATE callbacks SET done = 1, sends = sends + 1 "
                    "WHERE waybill_no = ? AND step = ?",
                    (callback.waybill_no, callback.step),
                )
                return
            sends = database.execute(
                "SELECT sends FROM callbacks WHERE waybill_no = ? AND step = ?",
                (callback.waybill_no, callback.step),
            ).fetchone()[0]
            pause = min(2**sends, LONGEST_PAUSE_SECONDS)
            database.execute(
                "UPDATE callbacks SET sends = ?, done = ?, next_at = ? "
                "WHERE waybill_no = ? AND step = ?",
                (
                    sends + 1,
                    int(sends + 1 >= MAX_SENDS),
                    _stamp(self.now() + timedelta(seconds=pause)),
                    callback.waybill_no,
                    callback.step,
                ),
            )

    def deliver(self, http: requests.Session) -> int:
        """Send what is due; gives how many were taken."""
        taken = 0
        for callback in self.due_callbacks():
            try:
                answer = http.post(
                    callback.url, data=callback.raw, headers=callback.headers, timeout=SEND_SECONDS
                )
                is_taken = answer.status_code == 200
            except requests.RequestException:
                is_taken = False
            self.report(callback, is_taken=is_taken)
            taken += is_taken
        return taken

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        try:
            database.executescript(TABLES)
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        finally:
            database.close()


def _stamp(at: datetime) -> str:
    """Write an instant so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
