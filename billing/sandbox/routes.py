"""Which address of the wire leads where."""

import re
from dataclasses import dataclass
from typing import Final

from billing.sandbox import cashier, checkout, intents, refunds, shapes, transfers
from billing.sandbox.cashier import Button
from billing.sandbox.desk import Desk, FaultKind
from billing.sandbox.listings import LISTS, Handler, getter, list_shape, lister
from billing.sandbox.refusal import Refusal
from billing.sandbox.shapes import Shape
from billing.sandbox.tables import Fault
from billing.wire import Json, text, whole


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with the ids found in the address and the shape of its parameters."""

    handler: Handler
    shape: Shape
    ids: tuple[str, ...] = ()


def find_route(method: str, path: str) -> Route:
    """Find what answers a call.

    Raises:
        Refusal: 404 for an unknown address, 405 for an unknown method.
    """
    if method not in {"GET", "POST"}:
        raise Refusal(f"Method {method} is not supported.", status=405)
    for verb, pattern, handler, shape in _ROUTES:
        match = pattern.fullmatch(path)
        if verb == method and match is not None:
            return Route(handler, shape, match.groups())
    raise Refusal(f"Unrecognized request URL ({method}: {path[:200]}).", status=404)


def _set_fault(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    kind = text(params, "kind")
    if kind not in {one.value for one in FaultKind}:
        raise Refusal(f"Unknown fault: {kind}", param="kind")
    left = whole(params, "times") if "times" in params else 1
    path = text(params, "path") if "path" in params else ""
    desk.session.add(Fault(kind=kind, path=path, left=left))
    return {"object": "sandbox.fault", "kind": kind, "times": left, "path": path}


def _press(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    button = text(params, "button")
    if button not in {one.value for one in Button}:
        raise Refusal(f"Unknown button: {button}", param="button")
    target = text(params, "id")
    if desk.find("checkout.session", target) is None:
        desk.get("payment_intent", target)
    done = cashier.press(desk, target, Button(button))
    return {
        "object": "sandbox.press",
        "accepted": done.is_accepted,
        "status": done.status,
        "next_url": done.next_url,
    }


_ID: Final = r"([A-Za-z0-9_]{1,80})"
_NONE: Final[Shape] = {}


def _compiled() -> list[tuple[str, re.Pattern[str], Handler, Shape]]:
    table: list[tuple[str, str, Handler, Shape]] = [
        ("POST", "/v1/payment_intents", intents.create, shapes.INTENT),
        ("GET", f"/v1/payment_intents/{_ID}", intents.retrieve, _NONE),
        ("POST", f"/v1/payment_intents/{_ID}/confirm", intents.confirm, shapes.CONFIRM),
        ("POST", f"/v1/payment_intents/{_ID}/cancel", intents.cancel, shapes.CANCEL),
        ("POST", "/v1/checkout/sessions", checkout.create, shapes.CHECKOUT),
        ("GET", f"/v1/checkout/sessions/{_ID}", checkout.retrieve, _NONE),
        ("POST", f"/v1/checkout/sessions/{_ID}/expire", checkout.expire, _NONE),
        ("POST", "/v1/refunds", refunds.create, shapes.REFUND),
        ("GET", f"/v1/refunds/{_ID}", refunds.retrieve, _NONE),
        ("POST", "/v1/transfers", transfers.create, shapes.TRANSFER),
        ("GET", f"/v1/transfers/{_ID}", transfers.retrieve, _NONE),
        ("POST", f"/v1/transfers/{_ID}/reversals", transfers.reverse, shapes.REVERSAL),
        ("POST", "/v1/accounts", transfers.create_account, shapes.ACCOUNT),
        ("GET", f"/v1/accounts/{_ID}", transfers.retrieve_account, _NONE),
        ("GET", f"/v1/charges/{_ID}", getter("charge"), _NONE),
        ("GET", f"/v1/events/{_ID}", getter("event"), _NONE),
        ("GET", f"/v1/balance_transactions/{_ID}", getter("balance_transaction"), _NONE),
        ("POST", "/v1/test_helpers/faults", _set_fault, shapes.FAULT),
        ("POST", "/v1/test_helpers/press", _press, shapes.PRESS),
    ]
    table.extend(("GET", LISTS[kind][0], lister(kind), list_shape(kind)) for kind in LISTS)
    return [(verb, re.compile(path), handler, shape) for verb, path, handler, shape in table]


_ROUTES: Final = _compiled()
