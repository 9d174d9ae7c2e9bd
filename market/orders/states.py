"""The states of a direct order and the only moves between them; pure.

The table is the domain's machine 2a. A move carries its name in the past participle, which is also
the kind of the timeline event, of the audit record and of the outbox message.
"""

from enum import StrEnum

from market.errors import ConflictError


class OrderState(StrEnum):
    """Where an order stands."""

    AWAIT_PAY = "await_pay"  # 待付款
    CLOSED_UNPAID = "closed_unpaid"  # 未付款关闭
    ESCROWED = "escrowed"  # 已付款待接单
    COLLECTING = "collecting"  # 收集材料
    IN_SERVICE = "in_service"  # 办理中
    SUSPENDED = "suspended"  # 挂起
    AT_DEPT = "at_dept"  # 部门审批中
    REWORK = "rework"  # 整改
    DELIVERING = "delivering"  # 送达中
    IN_ACCEPT = "in_accept"  # 待确认
    DISPUTE = "dispute"  # 争议处理
    SETTLED = "settled"  # 已结算
    CLOSED = "closed"  # 已归档
    OUTCOME_FAIL = "outcome_fail"  # 未获批准
    REFUNDING = "refunding"  # 退款中
    REFUNDED = "refunded"  # 已退款


class Move(StrEnum):
    """What may happen to an order."""

    PAID = "paid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    ACCEPT_MISSED = "accept_missed"
    ACCEPTED = "accepted"
    STARTED = "started"
    SUSPENDED = "suspended"
    RESUMED = "resumed"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    RESULT_RECORDED = "result_recorded"
    REFUSED = "refused"
    FAILED = "failed"
    DELIVERED = "delivered"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    DISPUTE_WITHDRAWN = "dispute_withdrawn"
    DISPUTE_RELEASED = "dispute_released"
    DISPUTE_REFUNDED = "dispute_refunded"
    REFUNDED = "refunded"
    CLOSED = "closed"


class Holder(StrEnum):
    """Who holds the ball: exactly one at any time of a running order."""

    AGENCY = "agency"  # 机构
    APPLICANT = "applicant"  # 申请人
    DEPARTMENT = "department"  # 部门
    EXTERNAL = "external"  # 外部: experts, weather, carriers, payment, mediation


class FundSource(StrEnum):
    """Whose money pays; government money never buys directly."""

    PRIVATE = "private"
    GOVERNMENT = "government"


class Fault(StrEnum):
    """Whose fault a return by the department is."""

    AGENCY = "agency"
    APPLICANT = "applicant"
    DEPARTMENT = "department"


S = OrderState
MOVES: dict[tuple[OrderState, Move], OrderState] = {
    (S.AWAIT_PAY, Move.PAID): S.ESCROWED,
    (S.AWAIT_PAY, Move.EXPIRED): S.CLOSED_UNPAID,
    (S.AWAIT_PAY, Move.CANCELLED): S.CLOSED_UNPAID,
    (S.ESCROWED, Move.CANCELLED): S.REFUNDING,
    (S.ESCROWED, Move.DECLINED): S.REFUNDING,
    (S.ESCROWED, Move.ACCEPT_MISSED): S.REFUNDING,
    (S.ESCROWED, Move.ACCEPTED): S.COLLECTING,
    (S.COLLECTING, Move.STARTED): S.IN_SERVICE,
    (S.IN_SERVICE, Move.SUSPENDED): S.SUSPENDED,
    (S.SUSPENDED, Move.RESUMED): S.IN_SERVICE,
    (S.IN_SERVICE, Move.SUBMITTED): S.AT_DEPT,
    (S.AT_DEPT, Move.RETURNED): S.REWORK,
    (S.REWORK, Move.RESUBMITTED): S.AT_DEPT,
    (S.AT_DEPT, Move.RESULT_RECORDED): S.DELIVERING,
    (S.AT_DEPT, Move.REFUSED): S.OUTCOME_FAIL,
    (S.OUTCOME_FAIL, Move.FAILED): S.REFUNDING,
    (S.DELIVERING, Move.DELIVERED): S.IN_ACCEPT,
    (S.IN_ACCEPT, Move.CONFIRMED): S.SETTLED,
    (S.IN_ACCEPT, Move.DISPUTED): S.DISPUTE,
    (S.IN_SERVICE, Move.DISPUTED): S.DISPUTE,
    (S.REWORK, Move.DISPUTED): S.DISPUTE,
    (S.DISPUTE, Move.DISPUTE_RELEASED): S.SETTLED,
    (S.DISPUTE, Move.DISPUTE_REFUNDED): S.REFUNDING,
    (S.REFUNDING, Move.REFUNDED): S.REFUNDED,
    (S.SETTLED, Move.CLOSED): S.CLOSED,
}
"""DISPUTE_WITHDRAWN is missing on purpose: it leads back to the state the dispute came from."""

DISPUTABLE = frozenset(state for state, move in MOVES if move is Move.DISPUTED)
TERMINAL = frozenset({S.CLOSED_UNPAID, S.SETTLED, S.CLOSED, S.REFUNDED})
"""No clock runs here: nobody owes the other party a step of the service."""

HOLDERS: dict[OrderState, Holder] = {
    S.AWAIT_PAY: Holder.APPLICANT,
    S.ESCROWED: Holder.AGENCY,
    S.COLLECTING: Holder.APPLICANT,
    S.IN_SERVICE: Holder.AGENCY,
    S.SUSPENDED: Holder.EXTERNAL,
    S.AT_DEPT: Holder.DEPARTMENT,
    S.REWORK: Holder.AGENCY,
    S.DELIVERING: Holder.AGENCY,
    S.IN_ACCEPT: Holder.APPLICANT,
    S.DISPUTE: Holder.EXTERNAL,
    S.OUTCOME_FAIL: Holder.EXTERNAL,
    S.REFUNDING: Holder.EXTERNAL,
}
"""Who holds the ball when a state is entered, where the act does not say otherwise."""


class OrderStateError(ConflictError):
    """The order is not in a state in which this move exists."""

    code = "orders.wrong_state"


def require_move(state: OrderState, move: Move, *, came_from: OrderState | None = None) -> S:
    """Name the state that ``move`` leads to; ``came_from`` is where a dispute began.

    Raises:
        OrderStateError: there is no such move from ``state``.
    """
    if state is S.DISPUTE and move is Move.DISPUTE_WITHDRAWN and came_from in DISPUTABLE:
        return came_from
    target = MOVES.get((state, move))
    if target is None:
        raise OrderStateError(state=state.value, move=move.value)
    return target


def can_move(state: OrderState, move: Move) -> bool:
    """Tell whether a page should offer ``move``."""
    return (state, move) in MOVES or (state is S.DISPUTE and move is Move.DISPUTE_WITHDRAWN)
