"""Hosted checkouts of the sandbox."""

from datetime import UTC, datetime, timedelta
from typing import Final

from billing.sandbox import intents
from billing.sandbox.desk import Desk
from billing.sandbox.refusal import Refusal
from billing.wire import Json, mapping, optional_text, text, whole

LIFETIME: Final = timedelta(hours=24)


def create(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/checkout/sessions."""
    lines = _lines(params)
    total = sum(whole(line, "amount_total") for line in lines)
    expires = desk.now + LIFETIME
    asked = params.get("expires_at")
    if isinstance(asked, int):
        if not desk.stamp < asked <= int(expires.timestamp()):
            raise Refusal("expires_at must be within 24 hours.", param="expires_at")
        expires = datetime.fromtimestamp(asked, UTC)
    session_id = desk.new_id("cs_test")
    checkout = desk.put(
        {
            "id": session_id,
            "object": "checkout.session",
            "mode": "payment",
            "status": "open",
            "payment_status": "unpaid",
            "amount_subtotal": total,
            "amount_total": total,
            "currency": "cny",
            "client_reference_id": params.get("client_reference_id"),
            "customer_email": params.get("customer_email"),
            "metadata": params.get("metadata", {}),
            "payment_intent": None,
            "payment_method_types": params.get("payment_method_types", ["alipay"]),
            "success_url": params["success_url"],
            "cancel_url": params.get("cancel_url"),
            "expires_at": int(expires.timestamp()),
            "url": f"{desk.settings.cashier_base}/{session_id}",
            "hidden_lines": lines,
            "hidden_intent_data": params.get("payment_intent_data", {}),
        }
    )
    desk.set_timer("expire", session_id, expires)
    return shown(checkout)


def retrieve(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
    """Answer GET /v1/checkout/sessions/{id}."""
    return shown(desk.get("checkout.session", ids[0], "session"))


def expire(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
    """Answer POST /v1/checkout/sessions/{id}/expire."""
    checkout = desk.get("checkout.session", ids[0], "session")
    if checkout["status"] != "open":
        raise Refusal("Only Checkout Sessions with a status of open can be expired.")
    return expire_open(desk, checkout)


def expire_open(desk: Desk, checkout: Json) -> Json:
    """Close a checkout that nobody has completed."""
    changed = shown(desk.change(checkout, status="expired", url=None))
    desk.emit("checkout.session.expired", changed)
    return changed


def intent_of(desk: Desk, checkout: Json) -> Json:
    """Give the intent behind a checkout; it is made when the payer first acts."""
    known = optional_text(checkout, "payment_intent")
    if known is not None:
        return desk.get("payment_intent", known)
    told = mapping(checkout, "hidden_intent_data")
    intent = intents.open_intent(desk, {**told, "amount": checkout["amount_total"]})
    desk.change(checkout, payment_intent=intent["id"])
    return intent


def complete(desk: Desk, checkout: Json, *, is_paid: bool) -> Json:
    """Close a checkout whose payer is done, paid or still on the way."""
    status = "paid" if is_paid else "unpaid"
    changed = shown(desk.change(checkout, status="complete", payment_status=status, url=None))
    desk.emit("checkout.session.completed", changed)
    return changed


def arrive(desk: Desk, intent: Json) -> None:
    """Tell that the money of a completed checkout came later."""
    for checkout in desk.newest_first("checkout.session"):
        if checkout["payment_intent"] == intent["id"]:
            changed = shown(desk.change(checkout, payment_status="paid"))
            desk.emit("checkout.session.async_payment_succeeded", changed)
            return


def success_url(checkout: Json) -> str:
    """Tell where the payer goes after paying."""
    return text(checkout, "success_url").replace("{CHECKOUT_SESSION_ID}", text(checkout, "id"))


def shown(checkout: Json) -> Json:
    """Leave out what the wire does not show."""
    return {name: value for name, value in checkout.items() if not name.startswith("hidden_")}


def _lines(params: Json) -> list[Json]:
    items = params["line_items"]
    if not isinstance(items, list) or not 0 < len(items) <= 100:
        raise Refusal("1 to 100 line items are needed.", param="line_items")
    lines: list[Json] = []
    for item in items:
        price = mapping(item, "price_data")
        lines.append(
            {
                "name": mapping(price, "product_data")["name"],
                "quantity": item["quantity"],
                "amount_total": whole(price, "unit_amount") * whole(item, "quantity"),
            }
        )
    return lines
