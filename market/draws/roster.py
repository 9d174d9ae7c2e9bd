"""The frozen lists of an attempt, as the lottery library wants them."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.roster import Entrant, Opening
from market.draws.models import RosterEntry


def roster_entries(session: Session, attempt_id: UUID) -> list[RosterEntry]:
    """Return the lines of a frozen roster by code; empty before the freeze."""
    statement = select(RosterEntry).where(RosterEntry.attempt_id == attempt_id)
    return sorted(session.execute(statement).scalars(), key=lambda item: item.uscc)


def frozen_roster(session: Session, attempt_id: UUID) -> list[Entrant]:
    """Return the roster, ids ascending by bytes whatever the database's collation."""
    return [
        Entrant(item.uscc, item.weight, item.name) for item in roster_entries(session, attempt_id)
    ]


def openings_of(session: Session, attempt_id: UUID) -> list[Opening]:
    """Return the openings of a roster by log index."""
    return sorted(
        Opening(item.log_index, item.uscc, item.weight, item.nonce)
        for item in roster_entries(session, attempt_id)
    )
