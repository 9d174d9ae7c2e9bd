"""Refunds of the sandbox."""

from billing.sandbox.desk import Desk, FaultKind
from billing.sandbox.refusal import Refusal
from billing.wire import Json, optional_text, whole


def create(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/refunds."""
    charge = _charge(desk, params)
    left = whole(charge, "amount") - whole(charge, "amount_refunded")
    if left == 0:
        raise Refusal(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = whole(params, "amount") if "amount" in params else left
    if amount > left:
        raise Refusal(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            code="amount_too_large",
            param="amount",
        )
    if amount > desk.balance:
        raise Refusal("Insufficient funds in the balance.", code="balance_insufficient")
    return _refund(desk, charge, amount, params)


def retrieve(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
    """Answer GET /v1/refunds/{id}."""
    return desk.get("refund", ids[0], "refund")


def _charge(desk: Desk, params: Json) -> Json:
    named = optional_text(params, "charge")
    intent_id = optional_text(params, "payment_intent")
    if (named is None) == (intent_id is None):
        raise Refusal(
            "One of the following params should be provided: payment_intent or charge.",
            code="parameter_missing",
            param="payment_intent",
        )
    if intent_id is not None:
        intent = desk.get("payment_intent", intent_id, "payment_intent")
        named = optional_text(intent, "latest_charge")
        if named is None:
            raise Refusal(
                f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
                code="payment_intent_unexpected_state",
                param="payment_intent",
            )
    return desk.get("charge", named or "", "charge")


def _refund(desk: Desk, charge: Json, amount: int, params: Json) -> Json:
    refund_id = desk.new_id("re")
    fails = desk.takes_fault(FaultKind.REFUND_FAILS, "")
    booked = desk.book("refund", -amount, 0, refund_id)
    refund = desk.put(
        {
            "id": refund_id,
            "object": "refund",
            "amount": amount,
            "balance_transaction": booked["id"],
            "charge": charge["id"],
            "currency": "cny",
            "metadata": params.get("metadata", {}),
            "payment_intent": charge["payment_intent"],
            "reason": params.get("reason"),
            "status": "pending" if fails else "succeeded",
        }
    )
    refunded = whole(charge, "amount_refunded") + amount
    is_full = refunded == whole(charge, "amount")
    charge = desk.change(charge, amount_refunded=refunded, refunded=is_full)
    desk.emit("refund.created", refund)
    desk.emit("charge.refunded", charge)
    return _bounce(desk, charge, refund) if fails else refund


def _bounce(desk: Desk, charge: Json, refund: Json) -> Json:
    amount = whole(refund, "amount")
    desk.book("refund_failure", amount, 0, str(refund["id"]))
    back = whole(charge, "amount_refunded") - amount
    desk.change(charge, amount_refunded=back, refunded=False)
    failed = desk.change(refund, status="failed", failure_reason="expired_or_canceled_card")
    desk.emit("refund.failed", failed)
    return refund  # the caller is told "pending" and hears of the failure later
