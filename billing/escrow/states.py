"""Pure state tables of refunds, payouts and disputes."""

from enum import StrEnum
from typing import Final

from billing.errors import StateError


class ReservationState(StrEnum):
    """Where a refund or payout stands; money is reserved until succeeded or failed."""

    RESERVED = "reserved"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"  # never guess: look it up at the provider


class DisputeState(StrEnum):
    """Where a dispute stands; money is frozen until executed."""

    OPEN = "open"
    EVIDENCE = "evidence"
    MEDIATION = "mediation"
    DECIDED = "decided"
    EXECUTED = "executed"


_R = ReservationState
_FINAL: Final = frozenset({_R.SUCCEEDED, _R.FAILED})
RESERVATION_MOVES: Final[dict[ReservationState, frozenset[ReservationState]]] = {
    _R.RESERVED: frozenset({_R.SENT}) | _FINAL,
    _R.SENT: frozenset({_R.UNKNOWN}) | _FINAL,
    _R.UNKNOWN: frozenset({_R.SENT}) | _FINAL,
    _R.SUCCEEDED: frozenset(),
    _R.FAILED: frozenset(),  # try again under a new row
}

_D = DisputeState
DISPUTE_MOVES: Final[dict[DisputeState, frozenset[DisputeState]]] = {
    _D.OPEN: frozenset({_D.EVIDENCE, _D.MEDIATION, _D.DECIDED, _D.EXECUTED}),
    _D.EVIDENCE: frozenset({_D.MEDIATION, _D.DECIDED, _D.EXECUTED}),
    _D.MEDIATION: frozenset({_D.DECIDED, _D.EXECUTED}),
    _D.DECIDED: frozenset({_D.EXECUTED}),
    _D.EXECUTED: frozenset(),
}


def require_reservation_move(current: ReservationState, target: ReservationState) -> None:
    """Refuse a move of a refund or payout that the table does not list.

    Raises:
        StateError: with ``current`` and ``target``.
    """
    if target not in RESERVATION_MOVES[current]:
        raise StateError(current=current.value, target=target.value)


def require_dispute_move(current: DisputeState, target: DisputeState) -> None:
    """Refuse a move of a dispute that the table does not list.

    Raises:
        StateError: with ``current`` and ``target``.
    """
    if target not in DISPUTE_MOVES[current]:
        raise StateError(current=current.value, target=target.value)
