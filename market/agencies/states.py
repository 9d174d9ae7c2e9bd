"""Refusals that belong to the state of an agency."""

from market.agencies.models import AgencyState
from market.errors import ConflictError


class AgencyStateError(ConflictError):
    """The agency is not in a state in which this can be done."""

    code = "agencies.agency_state"


class AlreadyRegisteredError(ConflictError):
    """The organisation has its agency profile already."""

    code = "agencies.already_registered"


MOVES: dict[AgencyState, frozenset[AgencyState]] = {
    AgencyState.ACTIVE: frozenset({AgencyState.PAUSED, AgencyState.REMOVED}),
    AgencyState.PAUSED: frozenset({AgencyState.ACTIVE, AgencyState.REMOVED}),
    AgencyState.REMOVED: frozenset(),
}


def require_move(current: AgencyState, target: AgencyState) -> None:
    """Refuse a move that ``MOVES`` does not list.

    Raises:
        AgencyStateError: with ``current`` and ``target`` as parameters.
    """
    if target not in MOVES[current]:
        raise AgencyStateError(current=current.value, target=target.value)
