"""An agency's own listings, drafts and paused ones included."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from market.catalogue.models import (
    Listing,
    ListingFigures,
    ListingState,
    ListingVersion,
    ServiceKind,
)


@dataclass(frozen=True, slots=True)
class OwnListing:
    """A line of the agency's own list."""

    id: UUID
    title: str
    service_name: str
    state: ListingState
    price_fen: int
    price_unit: str
    promised_days: int
    sold_12m: int
    pending_at: datetime | None
    pending_price_fen: int | None  # announced, not yet in force


def list_own_listings(session: Session, agency_id: UUID) -> list[OwnListing]:
    """List all listings of one agency in the order of the catalogue."""
    statement = (
        select(
            Listing.id,
            Listing.title,
            ServiceKind.name,
            Listing.state,
            Listing.price_fen,
            Listing.price_unit,
            Listing.promised_days,
            ListingFigures.sold_12m,
            Listing.pending_at,
            ListingVersion.price_fen,
        )
        .join(ServiceKind, ServiceKind.code == Listing.service_code)
        .join(ListingFigures, ListingFigures.listing_id == Listing.id)
        .outerjoin(
            ListingVersion,
            and_(
                ListingVersion.listing_id == Listing.id,
                ListingVersion.version == Listing.pending_version,
            ),
        )
        .where(Listing.agency_id == agency_id)
        .order_by(ServiceKind.position, Listing.id)
    )
    rows: list[tuple[Any, ...]] = [tuple(row) for row in session.execute(statement)]
    return [OwnListing(*row) for row in rows]
