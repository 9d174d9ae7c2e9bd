"""Connected accounts, transfers to them and reversals."""

from billing.sandbox.desk import Desk
from billing.sandbox.refusal import Refusal
from billing.wire import Json, optional_text, text, whole


def create_account(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/accounts."""
    account = desk.put(
        {
            "id": desk.new_id("acct"),
            "object": "account",
            "type": params.get("type", "custom"),
            "country": params.get("country", "CN"),
            "email": params.get("email"),
            "business_type": params.get("business_type"),
            "metadata": params.get("metadata", {}),
            "charges_enabled": True,
            "payouts_enabled": True,
            "details_submitted": True,
        }
    )
    desk.emit("account.updated", account)
    return account


def retrieve_account(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
    """Answer GET /v1/accounts/{id}."""
    return desk.get("account", ids[0], "account")


def create(desk: Desk, _ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/transfers."""
    destination = desk.get("account", text(params, "destination"), "destination")
    amount = whole(params, "amount")
    source = optional_text(params, "source_transaction")
    if source is not None:
        _require_left(desk, source, amount)
    if amount > desk.balance:
        raise Refusal("You have insufficient available funds.", code="balance_insufficient")
    transfer_id = desk.new_id("tr")
    booked = desk.book("transfer", -amount, 0, transfer_id)
    transfer = desk.put(
        {
            "id": transfer_id,
            "object": "transfer",
            "amount": amount,
            "amount_reversed": 0,
            "balance_transaction": booked["id"],
            "currency": "cny",
            "description": params.get("description"),
            "destination": destination["id"],
            "metadata": params.get("metadata", {}),
            "reversed": False,
            "source_transaction": source,
            "transfer_group": params.get("transfer_group"),
        }
    )
    desk.emit("transfer.created", transfer)
    return transfer


def retrieve(desk: Desk, ids: tuple[str, ...], _params: Json) -> Json:
    """Answer GET /v1/transfers/{id}."""
    return desk.get("transfer", ids[0], "transfer")


def reverse(desk: Desk, ids: tuple[str, ...], params: Json) -> Json:
    """Answer POST /v1/transfers/{id}/reversals."""
    transfer = desk.get("transfer", ids[0], "transfer")
    left = whole(transfer, "amount") - whole(transfer, "amount_reversed")
    amount = whole(params, "amount") if "amount" in params else left
    if left == 0 or amount > left:
        raise Refusal(
            f"Reversal amount ({amount}) is greater than what is left ({left}).",
            code="amount_too_large",
            param="amount",
        )
    reversal_id = desk.new_id("trr")
    booked = desk.book("transfer_reversal", amount, 0, reversal_id)
    reversal = desk.put(
        {
            "id": reversal_id,
            "object": "transfer_reversal",
            "amount": amount,
            "balance_transaction": booked["id"],
            "currency": "cny",
            "metadata": params.get("metadata", {}),
            "transfer": transfer["id"],
        }
    )
    given_back = whole(transfer, "amount_reversed") + amount
    is_full = given_back == whole(transfer, "amount")
    transfer = desk.change(transfer, amount_reversed=given_back, reversed=is_full)
    desk.emit("transfer.reversed", transfer)
    return reversal


def _require_left(desk: Desk, charge_id: str, amount: int) -> None:
    charge = desk.get("charge", charge_id, "source_transaction")
    used = sum(
        whole(one, "amount") - whole(one, "amount_reversed")
        for one in desk.newest_first("transfer")
        if one["source_transaction"] == charge_id
    )
    if used + amount > whole(charge, "amount"):
        raise Refusal(
            "Transfers exceed the amount of the source charge.",
            code="transfer_source_balance_insufficient",
            param="amount",
        )
