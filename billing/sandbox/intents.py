"""Payment intents and charges of the sandbox."""

from typing import Final
from urllib.parse import urlencode

from billing.sandbox.desk import Desk
from billing.sandbox.refusal import Refusal
from billing.wire import Json, mapping, optional_text, text, whole

UNDECIDED: Final = frozenset(
    {"requires_payment_method", "requires_confirmation", "requires_action"}
)


def create(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/payment_intents."""
    if params.get("confirm") and not params.get("payment_method_data"):
        raise Refusal(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    intent = open_intent(desk, params)
    return _confirm(desk, intent, params) if params.get("confirm") else _shown(intent)


def open_intent(desk: Desk, params: Json) -> Json:
    """Make an intent that nobody has confirmed."""
    intent_id = desk.new_id("pi")
    method = mapping(params, "payment_method_data")
    intent = desk.put(
        {
            "id": intent_id,
            "object": "payment_intent",
            "amount": params["amount"],
            "amount_received": 0,
            "amount_capturable": 0,
            "currency": "cny",
            "status": "requires_confirmation" if method else "requires_payment_method",
            "client_secret": f"{intent_id}_secret_{desk.new_id('x')[2:]}",
            "capture_method": params.get("capture_method", "automatic"),
            "confirmation_method": "automatic",
            "description": params.get("description"),
            "metadata": params.get("metadata", {}),
            "payment_method_types": params.get("payment_method_types", ["alipay"]),
            "transfer_group": params.get("transfer_group"),
            "latest_charge": None,
            "last_payment_error": None,
            "next_action": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "return_url": params.get("return_url"),
        }
    )
    desk.emit("payment_intent.created", _shown(intent))
    return intent


def retrieve(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
    """Answer GET /v1/payment_intents/{id}."""
    return _shown(desk.get("payment_intent", ids[0], "intent"))


def confirm(desk: Desk, ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/payment_intents/{id}/confirm."""
    return _confirm(desk, desk.get("payment_intent", ids[0], "intent"), params)


def cancel(desk: Desk, ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/payment_intents/{id}/cancel."""
    intent = desk.get("payment_intent", ids[0], "intent")
    return cancel_intent(desk, intent, optional_text(params, "cancellation_reason"))


def cancel_intent(desk: Desk, intent: Json, reason: str | None) -> Json:
    """Cancel an intent that has not been paid and is not on its way."""
    _require(intent, UNDECIDED, "cancel")
    changed = desk.change(
        intent,
        status="canceled",
        canceled_at=desk.stamp,
        cancellation_reason=reason,
        next_action=None,
    )
    desk.emit("payment_intent.canceled", _shown(changed))
    return _shown(changed)


def succeed(desk: Desk, intent: Json) -> Json:
    """Let the money arrive: charge, balance, events."""
    _require(intent, UNDECIDED | {"processing"}, "pay")
    amount = whole(intent, "amount")
    fee = amount * desk.settings.fee_bp // 10_000
    charge_id = desk.new_id("ch")
    booked = desk.book("charge", amount, fee, charge_id)
    charge = desk.put(
        {
            "id": charge_id,
            "object": "charge",
            "amount": amount,
            "amount_captured": amount,
            "amount_refunded": 0,
            "balance_transaction": booked["id"],
            "captured": True,
            "currency": "cny",
            "description": intent.get("description"),
            "metadata": intent.get("metadata"),
            "paid": True,
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
            "transfer_group": intent.get("transfer_group"),
        }
    )
    changed = desk.change(
        intent,
        status="succeeded",
        amount_received=amount,
        latest_charge=charge_id,
        next_action=None,
        last_payment_error=None,
    )
    desk.emit("payment_intent.succeeded", _shown(changed))
    desk.emit("charge.succeeded", charge)
    return changed


def fail(desk: Desk, intent: Json) -> Json:
    """Let the payment fail; the intent may be confirmed again."""
    _require(intent, UNDECIDED | {"processing"}, "fail")
    changed = desk.change(
        intent,
        status="requires_payment_method",
        next_action=None,
        last_payment_error={
            "type": "card_error",
            "code": "payment_intent_payment_attempt_failed",
            "message": "The payment failed.",
        },
    )
    desk.emit("payment_intent.payment_failed", _shown(changed))
    return changed


def start_processing(desk: Desk, intent: Json) -> Json:
    """Leave the outcome open for a while."""
    _require(intent, UNDECIDED, "pay")
    changed = desk.change(intent, status="processing", next_action=None)
    desk.emit("payment_intent.processing", _shown(changed))
    return changed


def return_url(intent: Json, outcome: str) -> str | None:
    """Tell where the payer goes after the cashier."""
    target = optional_text(intent, "return_url")
    if target is None:
        return None
    told = {
        "payment_intent": text(intent, "id"),
        "payment_intent_client_secret": text(intent, "client_secret"),
        "redirect_status": outcome,
    }
    return f"{target}{'&' if '?' in target else '?'}{urlencode(told)}"


def _confirm(desk: Desk, intent: Json, params: Json) -> Json:
    _require(intent, UNDECIDED - {"requires_action"}, "confirm")
    method = optional_text(mapping(params, "payment_method_data"), "type")
    if method is None and intent["status"] == "requires_payment_method":
        raise Refusal(
            "You cannot confirm this PaymentIntent because it's missing a payment method.",
            code="payment_intent_unexpected_state",
        )
    types = intent.get("payment_method_types")
    method = method or (str(types[0]) if isinstance(types, list) and types else "alipay")
    target = optional_text(params, "return_url") or optional_text(intent, "return_url")
    if target is None:
        raise Refusal("A return_url is needed.", code="parameter_missing", param="return_url")
    changed = desk.change(
        intent,
        status="requires_action",
        return_url=target,
        last_payment_error=None,
        next_action=_next_action(f"{desk.settings.cashier_base}/{intent['id']}", method, target),
    )
    desk.emit("payment_intent.requires_action", _shown(changed))
    return _shown(changed)


def _next_action(cashier: str, method: str, target: str) -> Json:
    if method == "alipay":
        kind, told = "alipay_handle_redirect", {"url": cashier, "return_url": target}
    elif method == "wechat_pay":
        kind = "wechat_pay_display_qr_code"
        told = {"data": cashier, "hosted_instructions_url": cashier}
    else:
        kind, told = "redirect_to_url", {"url": cashier, "return_url": target}
    return {"type": kind, kind: told}


def _shown(intent: Json) -> Json:
    # Only the cashier needs the address to return to; the wire does not show it.
    return {name: value for name, value in intent.items() if name != "return_url"}


def _require(intent: Json, allowed: frozenset[str], act: str) -> None:
    status = text(intent, "status")
    if status not in allowed:
        raise Refusal(
            f"You cannot {act} this PaymentIntent because it has a status of {status}.",
            code="payment_intent_unexpected_state",
        )
