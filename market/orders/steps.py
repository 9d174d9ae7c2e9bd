"""What has to happen next with an order, by whom and by when; pure."""

from dataclasses import dataclass
from datetime import datetime

from market.act import Role
from market.orders.models import Order
from market.orders.states import Holder, Move, OrderState, can_move

S = OrderState


@dataclass(frozen=True, slots=True)
class NextStep:
    """One line for the page: who must do what by when. ``action`` names the sentence."""

    action: str
    holder: Holder | None
    by: datetime | None
    is_provisional: bool = False  # the date is counted in a year not announced yet


ACTIONS: dict[OrderState, str] = {
    S.AWAIT_PAY: "pay",
    S.ESCROWED: "accept",
    S.COLLECTING: "complete_material",
    S.IN_SERVICE: "do_work",
    S.SUSPENDED: "resume",
    S.AT_DEPT: "decide",
    S.REWORK: "correct",
    S.DELIVERING: "deliver",
    S.IN_ACCEPT: "confirm",
    S.DISPUTE: "decide_dispute",
    S.SETTLED: "rate",
    S.OUTCOME_FAIL: "refund",
    S.REFUNDING: "refund",
}

MOVES_OF_ROLE: dict[Role, tuple[Move, ...]] = {
    Role.APPLICANT: (
        Move.CANCELLED,
        Move.CONFIRMED,
        Move.DISPUTED,
        Move.DISPUTE_WITHDRAWN,
        Move.RESUMED,
    ),
    Role.AGENCY: (
        Move.ACCEPTED,
        Move.DECLINED,
        Move.SUSPENDED,
        Move.RESUMED,
        Move.SUBMITTED,
        Move.RETURNED,
        Move.RESUBMITTED,
        Move.RESULT_RECORDED,
        Move.REFUSED,
        Move.DELIVERED,
        Move.DISPUTED,
        Move.DISPUTE_WITHDRAWN,
    ),
    Role.REGULATOR: (
        Move.RETURNED,
        Move.RESULT_RECORDED,
        Move.REFUSED,
        Move.DISPUTE_RELEASED,
        Move.DISPUTE_REFUNDED,
    ),
    Role.OPERATOR: (Move.DISPUTE_RELEASED, Move.DISPUTE_REFUNDED),
}


def next_step(order: Order) -> NextStep | None:
    """Name what is waited for, or None where the order has ended."""
    action = ACTIONS.get(order.state)
    if action is None:
        return None
    by = {
        S.AWAIT_PAY: order.pay_by,
        S.ESCROWED: order.accept_by,
        S.IN_SERVICE: order.due_at,
        S.REWORK: order.due_at,
        S.IN_ACCEPT: order.confirm_by,
    }.get(order.state)
    provisional = order.due_is_provisional and by is not None and by == order.due_at
    return NextStep(action, order.holder, by, provisional)


def moves_for(order: Order, role: Role) -> tuple[Move, ...]:
    """List the moves that a page may offer to an actor of ``role`` now."""
    return tuple(
        what
        for what in MOVES_OF_ROLE.get(role, ())
        if can_move(order.state, what)
        and not (what is Move.DISPUTE_WITHDRAWN and order.disputed_by is not role)
    )
