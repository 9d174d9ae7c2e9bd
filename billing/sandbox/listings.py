"""Lists and single objects that are only read."""

from collections.abc import Callable, Iterator
from itertools import dropwhile, islice, takewhile
from operator import ge, gt, le, lt
from typing import Final

from billing.sandbox.checkout import shown
from billing.sandbox.desk import Desk
from billing.sandbox.refusal import Refusal, missing
from billing.sandbox.shapes import PAGE, TEXT, Shape
from billing.wire import Json, mapping, optional_text, whole

MAX_PAGE: Final = 100
_BOUNDS: Final = {"gte": ge, "gt": gt, "lte": le, "lt": lt}
# Kind -> address and the fields by which its list may be narrowed.
LISTS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "payment_intent": ("/v1/payment_intents", ()),
    "charge": ("/v1/charges", ("payment_intent", "transfer_group")),
    "refund": ("/v1/refunds", ("payment_intent", "charge")),
    "transfer": ("/v1/transfers", ("destination", "transfer_group")),
    "account": ("/v1/accounts", ()),
    "balance_transaction": ("/v1/balance_transactions", ("type", "source")),
    "event": ("/v1/events", ("type",)),
    "checkout.session": ("/v1/checkout/sessions", ("payment_intent",)),
}

Handler = Callable[[Desk, tuple[str, ...], Json], Json]


def list_shape(kind: str) -> Shape:
    """Tell the parameters of a list."""
    return {**PAGE, **dict.fromkeys(LISTS[kind][1], TEXT)}


def lister(kind: str) -> Handler:
    """Make the handler of a list."""

    def answer(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
        limit = whole(params, "limit") if "limit" in params else 10
        if limit > MAX_PAGE:
            raise Refusal("limit is at most 100", code="parameter_invalid_integer", param="limit")
        rows = list(islice(_selected(desk, kind, params), limit + 1))
        data = [_public(row) for row in rows[:limit]]
        more = len(rows) > limit
        return {"object": "list", "url": LISTS[kind][0], "has_more": more, "data": data}

    return answer


def getter(kind: str) -> Handler:
    """Make the handler that reads one object."""

    def answer(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
        return desk.get(kind, ids[0])

    return answer


def _selected(desk: Desk, kind: str, params: Json) -> Iterator[Json]:
    rows = desk.newest_first(kind)
    after = optional_text(params, "starting_after")
    if after is not None:
        if desk.find(kind, after) is None:
            raise missing(kind, after, "starting_after")
        rows = islice(dropwhile(lambda row: row["id"] != after, rows), 1, None)
    before = optional_text(params, "ending_before")
    if before is not None:
        rows = takewhile(lambda row: row["id"] != before, rows)
    told = mapping(params, "created")
    created = {bound: whole(told, bound) for bound in told}
    wanted = {name: params[name] for name in LISTS[kind][1] if name in params}
    for row in rows:
        stamp = whole(row, "created")
        fits = all(_BOUNDS[bound](stamp, limit) for bound, limit in created.items())
        if fits and all(row.get(name) == value for name, value in wanted.items()):
            yield row


def _public(row: Json) -> Json:
    return {name: value for name, value in shown(row).items() if name != "return_url"}
