"""Figures that pages read and the writing side keeps: counts, fee bands, search rows."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.act import Act
from market.catalogue.models import (
    Category,
    Listing,
    ListingFigures,
    ListingState,
    Matter,
    MatterService,
    ServiceKind,
)
from market.catalogue.rules import percentile
from market.catalogue.search_index import drop_search_row, put_search_row


def refresh_figures(session: Session, service_code: str) -> None:
    """Recompute the band of a kind of service and the count of its category."""
    session.flush()
    service = session.get_one(ServiceKind, service_code)
    published = (Listing.service_code == service_code, Listing.state == ListingState.PUBLISHED)
    prices = list(
        session.execute(
            select(Listing.price_fen).where(*published).order_by(Listing.price_fen)
        ).scalars()
    )
    service.band_count = len(prices)
    service.band_p25_fen = percentile(prices, 25) if prices else None
    service.band_median_fen = percentile(prices, 50) if prices else None
    service.band_p75_fen = percentile(prices, 75) if prices else None
    sold = select(func.coalesce(func.sum(ListingFigures.sold_12m), 0)).join(
        Listing, Listing.id == ListingFigures.listing_id
    )
    service.sold_12m = int(session.execute(sold.where(*published)).scalar_one())
    _refresh_category(session, service.category_code)


def _refresh_category(session: Session, category_code: str) -> None:
    counted = (
        select(func.count())
        .select_from(Listing)
        .where(Listing.category_code == category_code, Listing.state == ListingState.PUBLISHED)
        .scalar_subquery()
    )
    session.execute(
        sa.update(Category)
        .where(Category.code == category_code)
        .values(listing_count=counted)
        .execution_options(synchronize_session=False)
    )


def refresh_search(session: Session, listing: Listing) -> None:
    """Make a published listing findable by its texts and in lists, any other unfindable."""
    session.flush()
    is_shown = listing.state is ListingState.PUBLISHED
    session.get_one(ListingFigures, listing.id).is_shown = is_shown
    if is_shown:
        put_search_row(session, listing.id, _texts(session, listing))
    else:
        drop_search_row(session, listing.id)


def _texts(session: Session, listing: Listing) -> list[str]:
    service = session.get_one(ServiceKind, listing.service_code)
    category = session.get_one(Category, listing.category_code)
    agency = session.get_one(Organisation, listing.agency_id)
    matters = session.execute(
        select(Matter.name)
        .join(MatterService, MatterService.matter_code == Matter.code)
        .where(MatterService.service_code == service.code)
        .order_by(Matter.position)
    ).scalars()
    return [
        listing.title,
        listing.summary,
        service.name,
        service.short_name,
        service.code,
        category.name,
        agency.name,
        *matters,
    ]


def record_sale(act: Act, listing_id: UUID) -> None:
    """Count one more order of a listing; the figures of its kind follow at the next refresh."""
    act.session.execute(
        sa.update(ListingFigures)
        .where(ListingFigures.listing_id == listing_id)
        .values(sold_12m=ListingFigures.sold_12m + 1)
        .execution_options(synchronize_session=False)
    )


def tick_figures(act: Act) -> None:
    """Recompute the figures of all kinds of service."""
    for code in act.session.execute(select(ServiceKind.code)).scalars().all():
        refresh_figures(act.session, code)
