"""What the catalogue does when something happened elsewhere."""

from typing import Any
from uuid import UUID

from market.act import Act
from market.catalogue.services import restore_listings, suspend_listings


def on_agency_paused(act: Act, payload: dict[str, Any]) -> None:
    """Take the listings of a paused agency out of the shop."""
    suspend_listings(act, UUID(payload["agency_id"]))


def on_agency_resumed(act: Act, payload: dict[str, Any]) -> None:
    """Bring the listings of an agency back after its pause."""
    restore_listings(act, UUID(payload["agency_id"]))
