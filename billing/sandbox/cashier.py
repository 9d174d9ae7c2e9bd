"""The cashier: what the page shows, what its buttons do, and what happens by itself later."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select

from billing.errors import NotFoundError
from billing.sandbox import checkout, intents
from billing.sandbox.desk import Desk
from billing.sandbox.refusal import Refusal
from billing.sandbox.tables import Timer
from billing.wire import Json, optional_text, text, whole


class Button(StrEnum):
    """Buttons of the cashier page."""

    SUCCESS = "success"  # 支付成功
    FAIL = "fail"  # 支付失败
    LATER = "later"  # 稍后到账
    CANCEL = "cancel"  # 取消


@dataclass(frozen=True, slots=True)
class CashierView:
    """What the page shows; buttons only while ``is_open``. Amount in fen."""

    id: str
    amount_fen: int
    description: str | None
    status: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PressResult:
    """What a button did: send the payer to ``next_url``, or show the page again if it is null."""

    is_accepted: bool
    status: str
    next_url: str | None


_RETURNED = {"succeeded": "succeeded", "processing": "pending", "canceled": "canceled"}


def view(desk: Desk, target_id: str) -> CashierView:
    """Tell what the cashier page of an intent or checkout shows.

    Raises:
        NotFoundError: neither.
    """
    session = desk.find("checkout.session", target_id)
    if session is not None:
        lines = session["hidden_lines"]
        named = "; ".join(str(line["name"]) for line in lines) if isinstance(lines, list) else None
        status = text(session, "status")
        amount = whole(session, "amount_total")
        return CashierView(target_id, amount, named, status, status == "open")
    intent = _intent(desk, target_id)
    status = text(intent, "status")
    description = optional_text(intent, "description")
    is_open = status == "requires_action"
    return CashierView(target_id, whole(intent, "amount"), description, status, is_open)


def press(desk: Desk, target_id: str, button: Button) -> PressResult:
    """Do what a button says; a second press of a decided payment changes nothing.

    Raises:
        NotFoundError: no such intent or checkout.
    """
    session = desk.find("checkout.session", target_id)
    try:
        if session is not None:
            return _press_checkout(desk, session, button)
        return _press_intent(desk, _intent(desk, target_id), button)
    except Refusal:
        status = view(desk, target_id).status
        return PressResult(is_accepted=False, status=status, next_url=None)


def tick(desk: Desk) -> int:
    """Do what is due by now: late money arrives, open checkouts expire. Tells how many."""
    due = desk.session.scalars(select(Timer).where(Timer.due_at <= desk.now).order_by(Timer.id))
    timers = list(due)
    for timer in timers:
        _run(desk, timer)
        desk.session.delete(timer)
    desk.session.flush()
    return len(timers)


def _run(desk: Desk, timer: Timer) -> None:
    if timer.action == "arrive":
        intent = _intent(desk, timer.subject)
        if intent["status"] == "processing":
            checkout.arrive(desk, intents.succeed(desk, intent))
        return
    session = desk.get("checkout.session", timer.subject)
    if session["status"] == "open":
        checkout.expire_open(desk, session)


def _press_intent(desk: Desk, intent: Json, button: Button) -> PressResult:
    if intent["status"] != "requires_action":
        return PressResult(is_accepted=False, status=text(intent, "status"), next_url=None)
    if button is Button.CANCEL:
        intents.cancel_intent(desk, intent, "abandoned")
    else:
        _decide(desk, intent, button)
    changed = _intent(desk, text(intent, "id"))
    status = text(changed, "status")
    target = intents.return_url(changed, _RETURNED.get(status, "failed"))
    return PressResult(is_accepted=True, status=status, next_url=target)


def _press_checkout(desk: Desk, session: Json, button: Button) -> PressResult:
    if session["status"] != "open":
        return PressResult(is_accepted=False, status=text(session, "status"), next_url=None)
    if button is Button.CANCEL:
        target = optional_text(session, "cancel_url")
        return PressResult(is_accepted=True, status="open", next_url=target)
    _decide(desk, checkout.intent_of(desk, session), button)
    if button is Button.FAIL:
        return PressResult(is_accepted=True, status="open", next_url=None)
    checkout.complete(desk, session, is_paid=button is Button.SUCCESS)
    target = checkout.success_url(session)
    return PressResult(is_accepted=True, status="complete", next_url=target)


def _decide(desk: Desk, intent: Json, button: Button) -> None:
    if button is Button.SUCCESS:
        intents.succeed(desk, intent)
    elif button is Button.FAIL:
        intents.fail(desk, intent)
    else:
        intents.start_processing(desk, intent)
        due_at = desk.now + timedelta(seconds=desk.settings.arrive_after_seconds)
        desk.set_timer("arrive", text(intent, "id"), due_at)


def _intent(desk: Desk, intent_id: str) -> Json:
    intent = desk.find("payment_intent", intent_id)
    if intent is None:
        raise NotFoundError(cashier=intent_id[:80])
    return intent
