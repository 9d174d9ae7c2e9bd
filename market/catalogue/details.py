"""One listing in full, its price history, and the figures of its kind of service."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.agencies.models import Agency
from market.catalogue.models import (
    Category,
    Listing,
    ListingFigures,
    ListingRegion,
    ListingState,
    ListingVersion,
    Matter,
    MatterService,
    ServiceKind,
)
from market.catalogue.rows import FeeBand, ListingDetail, MatterLink, PriceRow, ServiceRow
from market.errors import NotFoundError

LISTING_COLUMNS = (
    Listing.id,
    Listing.state,
    Listing.version,
    Listing.title,
    Listing.summary,
    Listing.price_fen,
    Listing.price_unit,
    Listing.fee_basis,
    Listing.fee_formula,
    Listing.includes,
    Listing.excludes,
    Listing.promised_days,
    Listing.stages,
    Listing.materials,
    Listing.refund_text,
    Listing.self_possible,
    Listing.region,
    Listing.published_at,
    Listing.pending_at,
    Listing.service_code,
    ServiceKind.name.label("service_name"),
    ServiceKind.qualification.label("service_qualification"),
    ServiceKind.self_note.label("service_self_note"),
    ServiceKind.regulator,
    ServiceKind.commission,
    ServiceKind.result_document,
    ServiceKind.cap_days,
    ServiceKind.fee_min_fen,
    ServiceKind.fee_max_fen,
    Listing.category_code,
    Category.name.label("category_name"),
    Listing.agency_id,
    Organisation.name.label("agency_name"),
    Organisation.uscc.label("agency_uscc"),
    Agency.state.label("agency_state"),
    Organisation.is_demo.label("agency_is_demo"),
    Agency.credit_score,
    Agency.staff_count.label("agency_staff_count"),
    Agency.capacity.label("agency_capacity"),
    ListingFigures.sold_12m,
    ListingFigures.median_days,
    ListingFigures.n.label("figures_n"),
)

BAND_COLUMNS = (
    ServiceKind.band_p25_fen,
    ServiceKind.band_median_fen,
    ServiceKind.band_p75_fen,
    ServiceKind.band_count,
)

SERVICE_COLUMNS = (
    ServiceKind.code,
    ServiceKind.name,
    ServiceKind.category_code,
    ServiceKind.qualification,
    ServiceKind.regulator,
    ServiceKind.commission,
    ServiceKind.self_possible,
    ServiceKind.self_note,
    ServiceKind.fee_basis,
    ServiceKind.fee_unit,
    ServiceKind.fee_formula,
    ServiceKind.fee_min_fen,
    ServiceKind.fee_max_fen,
    ServiceKind.typical_days,
    ServiceKind.cap_days,
    ServiceKind.result_document,
)


def get_listing(
    session: Session, listing_id: UUID, *, agency_id: UUID | None = None
) -> ListingDetail:
    """Read a listing in three queries; a paused one too, since orders link to it.

    Raises:
        NotFoundError: no such listing, or a draft of an agency other than ``agency_id``.
    """
    statement = (
        select(*LISTING_COLUMNS, *BAND_COLUMNS)
        .select_from(Listing)
        .join(ServiceKind, ServiceKind.code == Listing.service_code)
        .join(Category, Category.code == Listing.category_code)
        .join(Organisation, Organisation.id == Listing.agency_id)
        .join(Agency, Agency.organisation_id == Listing.agency_id)
        .join(ListingFigures, ListingFigures.listing_id == Listing.id)
        .where(Listing.id == listing_id)
    )
    row = session.execute(statement).one_or_none()
    if row is None or (row.state is ListingState.DRAFT and row.agency_id != agency_id):
        raise NotFoundError(kind="listing")
    values: tuple[Any, ...] = tuple(row)
    own, band = values[: len(LISTING_COLUMNS)], values[len(LISTING_COLUMNS) :]
    matters = _matters_of(session, row.service_code)
    regions = session.execute(
        select(ListingRegion.region)
        .where(ListingRegion.listing_id == listing_id)
        .order_by(ListingRegion.region)
    ).scalars()
    fields: tuple[Any, ...] = (*own, FeeBand(*band), matters, tuple(regions))
    return ListingDetail(*fields)


def _matters_of(session: Session, service_code: str) -> tuple[MatterLink, ...]:
    statement = (
        select(Matter.code, Matter.name, Matter.department, Matter.self_possible, Matter.self_note)
        .join(MatterService, MatterService.matter_code == Matter.code)
        .where(MatterService.service_code == service_code)
        .order_by(Matter.position)
    )
    return tuple(MatterLink(*row) for row in session.execute(statement))


def fee_band(session: Session, service_code: str) -> FeeBand:
    """Read the spread of published prices of a kind of service.

    Raises:
        NotFoundError: no such kind of service.
    """
    row = session.execute(
        select(*BAND_COLUMNS).where(ServiceKind.code == service_code)
    ).one_or_none()
    if row is None:
        raise NotFoundError(kind="service")
    return FeeBand(*row)


def list_services(session: Session, *, category: str = "") -> list[ServiceRow]:
    """List the kinds of service in the order of the catalogue."""
    statement = service_rows().order_by(ServiceKind.position)
    if category:
        statement = statement.where(ServiceKind.category_code == category)
    return [service_row(row) for row in session.execute(statement)]


def get_service(session: Session, service_code: str) -> ServiceRow:
    """Read one kind of service.

    Raises:
        NotFoundError: no such kind of service.
    """
    row = session.execute(service_rows().where(ServiceKind.code == service_code)).one_or_none()
    if row is None:
        raise NotFoundError(kind="service")
    return service_row(row)


def service_rows() -> sa.Select[*tuple[Any, ...]]:
    """Select what ``service_row`` reads."""
    return select(*SERVICE_COLUMNS, *BAND_COLUMNS).select_from(ServiceKind)


def service_row(row: sa.Row[*tuple[Any, ...]]) -> ServiceRow:
    """Shape one row of ``service_rows``."""
    values: tuple[Any, ...] = tuple(row)
    cut = len(SERVICE_COLUMNS)
    fields: tuple[Any, ...] = (*values[:cut], FeeBand(*values[cut:]))
    return ServiceRow(*fields)


def list_prices(session: Session, listing_id: UUID) -> list[PriceRow]:
    """List the price history of a listing, newest first; versions of one price are one entry."""
    statement = (
        select(
            ListingVersion.version,
            ListingVersion.price_fen,
            ListingVersion.announced_at,
            ListingVersion.effective_at,
        )
        .where(ListingVersion.listing_id == listing_id)
        .order_by(ListingVersion.version)
    )
    history: list[PriceRow] = []
    for row in session.execute(statement):
        if not history or history[-1].price_fen != row.price_fen:
            history.append(PriceRow(*row))
    return history[::-1]


def get_version(session: Session, listing_id: UUID, version: int) -> dict[str, Any]:
    """Read the snapshot of one version.

    Raises:
        NotFoundError: no such listing or version.
    """
    snapshot: dict[str, Any] | None = session.execute(
        select(ListingVersion.snapshot).where(
            ListingVersion.listing_id == listing_id, ListingVersion.version == version
        )
    ).scalar_one_or_none()
    if snapshot is None:
        raise NotFoundError(kind="listing_version")
    return snapshot
