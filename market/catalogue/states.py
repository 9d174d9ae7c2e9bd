"""Moves of a listing, and refusals that belong to its state."""

from market.catalogue.models import ListingState
from market.errors import ConflictError


class ListingStateError(ConflictError):
    """The listing is not in a state in which this can be done."""

    code = "catalogue.listing_state"


class PricePendingError(ConflictError):
    """A price has been announced already and is not yet in force."""

    code = "catalogue.price_pending"


MOVES: dict[ListingState, frozenset[ListingState]] = {
    ListingState.DRAFT: frozenset({ListingState.PUBLISHED}),
    ListingState.PUBLISHED: frozenset({ListingState.PAUSED, ListingState.SUSPENDED}),
    ListingState.PAUSED: frozenset({ListingState.PUBLISHED}),
    ListingState.SUSPENDED: frozenset({ListingState.PUBLISHED, ListingState.PAUSED}),
}


def require_move(current: ListingState, target: ListingState) -> None:
    """Refuse a move that ``MOVES`` does not list.

    Raises:
        ListingStateError: with ``current`` and ``target`` as parameters.
    """
    if target not in MOVES[current]:
        raise ListingStateError(current=current.value, target=target.value)
