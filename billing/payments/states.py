"""Pure state tables: attempts at the provider, and the money of one reference."""

from enum import StrEnum
from typing import Final

from billing.errors import StateError
from billing.providers.snapshots import IntentSnapshot, IntentStatus


class AttemptState(StrEnum):
    """Where one attempt to pay stands."""

    CREATED = "created"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    MISMATCHED = "mismatched"  # paid, but another amount or currency than asked


class MoneyState(StrEnum):
    """Where the money of one reference stands; a dispute is an overlay, not a state."""

    UNPAID = "unpaid"
    CANCELED = "canceled"  # closed before it was paid
    HELD = "held"
    PART_RELEASED = "part_released"
    RELEASED = "released"
    REFUND_PENDING = "refund_pending"
    REFUNDED = "refunded"


_A = AttemptState
OPEN: Final = frozenset({_A.CREATED, _A.REQUIRES_ACTION, _A.PROCESSING})
# Money that has come is a fact: success and mismatch are reachable from every other state.
_PAID: Final = frozenset({_A.SUCCEEDED, _A.MISMATCHED})
ATTEMPT_MOVES: Final[dict[AttemptState, frozenset[AttemptState]]] = {
    _A.CREATED: frozenset(
        {_A.REQUIRES_ACTION, _A.PROCESSING, _A.FAILED, _A.CANCELED, _A.EXPIRED} | _PAID
    ),
    _A.REQUIRES_ACTION: frozenset({_A.PROCESSING, _A.FAILED, _A.CANCELED, _A.EXPIRED} | _PAID),
    _A.PROCESSING: frozenset({_A.FAILED, _A.CANCELED, _A.EXPIRED} | _PAID),
    _A.FAILED: frozenset({_A.CANCELED} | _PAID),
    _A.CANCELED: _PAID,
    _A.EXPIRED: _PAID,
    _A.SUCCEEDED: frozenset(),
    _A.MISMATCHED: frozenset(),
}

_M = MoneyState
_IN_HAND: Final = frozenset(
    {_M.HELD, _M.PART_RELEASED, _M.RELEASED, _M.REFUND_PENDING, _M.REFUNDED}
)
MONEY_MOVES: Final[dict[MoneyState, frozenset[MoneyState]]] = {
    _M.UNPAID: frozenset({_M.HELD, _M.CANCELED}),
    _M.CANCELED: frozenset({_M.HELD}),  # late success: held, then refunded
    _M.HELD: _IN_HAND,
    _M.PART_RELEASED: _IN_HAND - {_M.HELD},
    _M.REFUND_PENDING: _IN_HAND,
    _M.RELEASED: frozenset({_M.RELEASED}),
    _M.REFUNDED: frozenset({_M.REFUNDED}),
}


def can_move(current: AttemptState, target: AttemptState) -> bool:
    """Tell whether an attempt may go there; a late or repeated message often may not."""
    return target in ATTEMPT_MOVES[current]


def require_money_move(current: MoneyState, target: MoneyState) -> None:
    """Refuse a move of the money that the table does not list.

    Raises:
        StateError: with ``current`` and ``target``.
    """
    if target not in MONEY_MOVES[current]:
        raise StateError(current=current.value, target=target.value)


def money_state(paid: int, released: int, refunding: int, refunded: int) -> MoneyState:
    """Name the state of paid money from its parts, all in fen."""
    if refunding:
        return MoneyState.REFUND_PENDING
    if paid > released + refunded:
        return MoneyState.PART_RELEASED if released else MoneyState.HELD
    return MoneyState.RELEASED if released else MoneyState.REFUNDED


def attempt_target(snapshot: IntentSnapshot) -> AttemptState:
    """Translate the provider's status of an intent."""
    status = snapshot.status
    if status == IntentStatus.NEEDS_METHOD and snapshot.has_error:
        return AttemptState.FAILED
    return {
        IntentStatus.NEEDS_METHOD.value: AttemptState.CREATED,
        IntentStatus.NEEDS_CONFIRMATION.value: AttemptState.CREATED,
        IntentStatus.NEEDS_ACTION.value: AttemptState.REQUIRES_ACTION,
        IntentStatus.SUCCEEDED.value: AttemptState.SUCCEEDED,
        IntentStatus.CANCELED.value: AttemptState.CANCELED,
    }.get(status, AttemptState.PROCESSING)
