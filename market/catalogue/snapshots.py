"""Versions of a listing: what an order freezes, and what the price history shows."""

from datetime import datetime
from typing import Any

from market.catalogue.models import Listing, ListingVersion

FROZEN = (
    "service_code",
    "category_code",
    "title",
    "summary",
    "price_fen",
    "price_unit",
    "fee_formula",
    "includes",
    "excludes",
    "promised_days",
    "stages",
    "materials",
    "refund_text",
    "self_possible",
    "region",
)


def snapshot_of(listing: Listing) -> dict[str, Any]:
    """Copy what was offered at the present version, as JSON values; ids as text."""
    return {
        "listing_id": str(listing.id),
        "agency_id": str(listing.agency_id),
        "version": listing.version,
        "fee_basis": listing.fee_basis.value,
        **{name: _copy(getattr(listing, name)) for name in FROZEN},
    }


def make_version(
    listing: Listing, *, announced_at: datetime, effective_at: datetime
) -> ListingVersion:
    """Make the row that keeps the present version of ``listing``."""
    return ListingVersion(
        listing_id=listing.id,
        version=listing.version,
        price_fen=listing.price_fen,
        announced_at=announced_at,
        effective_at=effective_at,
        snapshot=snapshot_of(listing),
    )


def is_same_offer(listing: Listing, snapshot: dict[str, Any]) -> bool:
    """Tell whether ``listing`` still offers what ``snapshot`` says, whatever their versions."""
    present = snapshot_of(listing)
    return {**present, "version": 0} == {**snapshot, "version": 0}


def _copy(value: Any) -> Any:  # noqa: ANN401 - a column value
    if isinstance(value, list):
        return [dict(item) if isinstance(item, dict) else item for item in value]
    return value
