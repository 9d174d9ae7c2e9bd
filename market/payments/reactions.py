"""What the money does when an order moves; each effect commits with its message."""

from typing import Any

from billing.errors import NotFoundError
from billing.escrow.disputes import Decision, execute_decision, freeze, list_disputes
from billing.escrow.refunds import RefundOrder, reserve_refund
from billing.escrow.services import Release, escrow_of, release
from billing.escrow.states import DisputeState
from billing.money import Money
from billing.payments.queries import find_payment
from billing.payments.services import close_unpaid
from billing.payments.states import MoneyState
from market import outbox
from market.act import Act
from market.orders.clock import late_compensation_fen
from market.payments.paying import reference_of


def on_order_ended_unpaid(act: Act, payload: dict[str, Any]) -> None:
    """Close the payment of an order that ended unpaid; money that still comes goes back."""
    reference = reference_of(payload["order_id"])
    payment = find_payment(act.session, reference)
    if payment is not None and payment.state is MoneyState.UNPAID:
        close_unpaid(act.session, reference, at=act.at)


def on_order_confirmed(act: Act, payload: dict[str, Any]) -> None:
    """Release the money to the agency, less the compensation for late working days.

    The compensation goes back to the applicant (domain rule: 1 % of the fee a late working day).
    """
    reference = reference_of(payload["order_id"])
    _unfreeze(act, reference)
    late = late_compensation_fen(payload["price_fen"], payload["late_days"])
    if late:
        want_refund(act, reference, late, reason="late", number=1)
    due = payload["price_fen"] - late
    release(act.session, Release(reference, Money(due), f"{reference}:accepted"), at=act.at)


def on_refund_due(act: Act, payload: dict[str, Any]) -> None:
    """Give back what the order says; the rest, if there is one, is the agency's."""
    reference = reference_of(payload["order_id"])
    _unfreeze(act, reference)
    back = payload["refund_fen"]
    want_refund(act, reference, back, reason="order_ended", number=0)
    rest = payload["price_fen"] - back
    if rest > 0:
        release(act.session, Release(reference, Money(rest), f"{reference}:finished"), at=act.at)


def on_order_disputed(act: Act, payload: dict[str, Any]) -> None:
    """Freeze all that is still free of this order's money."""
    reference = reference_of(payload["order_id"])
    view = escrow_of(act.session, reference)
    payment = find_payment(act.session, reference)
    if payment is None or view.available_fen <= 0:
        return
    number = len(list_disputes(act.session, payment.id)) + 1
    freeze(
        act.session,
        reference,
        Money(view.available_fen),
        key=f"{reference}:dispute:{number}",
        at=act.at,
    )


def on_dispute_withdrawn(act: Act, payload: dict[str, Any]) -> None:
    """Free the money again."""
    _unfreeze(act, reference_of(payload["order_id"]))


def _unfreeze(act: Act, reference: str) -> None:
    payment = find_payment(act.session, reference)
    if payment is None:
        raise NotFoundError(payment=reference)
    for dispute in list_disputes(act.session, payment.id):
        if dispute.state is not DisputeState.EXECUTED:
            nothing = Decision(dispute.id, release=Money(0), refund=Money(0))
            execute_decision(act.session, nothing, at=act.at)


def want_refund(act: Act, reference: str, amount_fen: int, *, reason: str, number: int) -> None:
    """Set money aside for the payer and leave the message that sends it."""
    order = RefundOrder(reference, Money(amount_fen), reason, f"{reference}:refund:{number}")
    refund = reserve_refund(act.session, order, at=act.at)
    outbox.put(act, "payment.refund_wanted", dedup=f"refund:{refund.id}", refund_id=str(refund.id))
