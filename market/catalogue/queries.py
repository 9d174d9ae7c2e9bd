"""Search and lists of the shop: Core rows, two queries for a list page."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.agencies.models import Agency
from market.catalogue.models import (
    Category,
    Listing,
    ListingFigures,
    ListingRegion,
    ListingState,
    ServiceKind,
)
from market.catalogue.rows import CategoryCount, ListingFilter, ListingRow
from market.catalogue.search_index import ListingSearch, hits
from market.catalogue.search_terms import (
    LIKE_ESCAPE,
    is_decided_by_terms,
    like_pattern,
    query_terms,
    query_words,
)
from market.paging import COUNT_CAP, Page, clamp_page, make_page

COMPARE_MAX = 4
PROVINCE_DIGITS = 2
CITY_DIGITS = 4

SORTS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "sold": (ListingFigures.sold_12m.desc(), ListingFigures.listing_id.desc()),
    "price": (Listing.price_fen.asc(), Listing.id.asc()),
    "price_desc": (Listing.price_fen.desc(), Listing.id.desc()),
    "days": (Listing.promised_days.asc(), Listing.price_fen.asc(), Listing.id.asc()),
    "newest": (Listing.published_at.desc(), Listing.id.desc()),
    "credit": (Agency.credit_score.desc(), Listing.id.asc()),
}
"""Orders of a list; each ends with the id, so that pages never overlap."""

HOT_WORDS = 8

ROW_COLUMNS = (
    Listing.id,
    Listing.title,
    Listing.summary,
    Listing.price_fen,
    Listing.price_unit,
    Listing.fee_basis,
    Listing.promised_days,
    Listing.self_possible,
    Listing.region,
    Listing.service_code,
    ServiceKind.name.label("service_name"),
    Listing.category_code,
    Listing.agency_id,
    Organisation.name.label("agency_name"),
    Agency.credit_score,
    ListingFigures.sold_12m,
    ListingFigures.median_days,
)


def search_listings(session: Session, wanted: ListingFilter) -> Page[ListingRow]:
    """Find published listings, in two queries.

    Every word of ``q`` must occur in a listing as a substring, and every substring of one or more
    letters or digits is found. Where more than ``COUNT_CAP`` listings answer to ``q``, the best of
    the first ``COUNT_CAP`` + 1 are shown, since sorting all of them would cost more than they tell.
    """
    page = clamp_page(wanted.page, wanted.per_page)
    offset = (page - 1) * wanted.per_page
    find = _search if wanted.q.strip() else _browse
    rows, counted = find(session, wanted, offset)
    return make_page(rows, counted=counted, page=page, per_page=wanted.per_page)


def _browse(session: Session, wanted: ListingFilter, offset: int) -> tuple[list[ListingRow], int]:
    """Read a page in the order of an index, without visiting the rest."""
    conditions = [Listing.state == ListingState.PUBLISHED, *_conditions(wanted)]
    counted = _count(session, select(sa.literal(1)).select_from(Listing).where(*conditions))
    sort = _sort_of(wanted)
    if sort == "sold":
        picked = _most_sold(wanted)
    else:
        picked = _joined(select(Listing.id.label("id")), sort).where(*conditions)
    picked = picked.order_by(*SORTS[sort]).limit(wanted.per_page).offset(offset)
    chosen = picked.subquery()
    statement = _rows().join(chosen, chosen.c.id == Listing.id).order_by(*SORTS[sort])
    return [ListingRow(*row) for row in session.execute(statement)], counted


def _most_sold(wanted: ListingFilter) -> sa.Select[*tuple[Any, ...]]:
    """Choose from the figures alone, which carry what the default list is filtered by."""
    figures = select(ListingFigures.listing_id.label("id")).where(
        ListingFigures.is_shown == sa.true()
    )
    if wanted.category:
        figures = figures.where(ListingFigures.category_code == wanted.category)
    conditions = _conditions(replace(wanted, category=""))
    if conditions:
        figures = figures.join(Listing, Listing.id == ListingFigures.listing_id)
    return figures.where(*conditions)


def _search(session: Session, wanted: ListingFilter, offset: int) -> tuple[list[ListingRow], int]:
    """Collect up to ``COUNT_CAP`` + 1 hits, sort them, read the page; a hit is published."""
    terms = query_terms(wanted.q)
    if not terms:
        return [], 0
    source, condition = hits(session.connection(), terms)
    conditions = _conditions(wanted)
    found = select(ListingSearch.listing_id.label("id")).select_from(source)
    if conditions:
        found = found.join(Listing, Listing.id == ListingSearch.listing_id)
    capped = found.where(condition, *_substrings(wanted.q), *conditions).limit(COUNT_CAP + 1)
    hit = capped.subquery()
    sort = _sort_of(wanted)
    listed = select(hit.c.id, func.count().over()).select_from(hit)
    if sort == "sold":
        listed = listed.join(ListingFigures, ListingFigures.listing_id == hit.c.id)
    else:
        listed = _joined(listed.join(Listing, Listing.id == hit.c.id), sort)
    listed = listed.order_by(*SORTS[sort]).limit(wanted.per_page).offset(offset)
    chosen = session.execute(listed).all()
    if not chosen:
        return [], (_count(session, capped) if offset else 0)
    rows = _rows_in_order(session, [row[0] for row in chosen])
    return rows, int(chosen[0][1])


def _substrings(query: str) -> list[sa.ColumnElement[bool]]:
    return [
        ListingSearch.content.like(like_pattern(word), escape=LIKE_ESCAPE)
        for word in query_words(query)
        if not is_decided_by_terms(word)
    ]


def _sort_of(wanted: ListingFilter) -> str:
    return wanted.sort if wanted.sort in SORTS else "sold"


def _joined(statement: sa.Select[*tuple[Any, ...]], sort: str) -> sa.Select[*tuple[Any, ...]]:
    """Join what a sort other than "sold" reads, besides the listing itself."""
    if sort == "credit":
        return statement.join(Agency, Agency.organisation_id == Listing.agency_id)
    return statement


def _count(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> int:
    capped = statement.limit(COUNT_CAP + 1).subquery()
    return session.execute(select(func.count()).select_from(capped)).scalar_one()


def _rows_in_order(session: Session, ids: Sequence[UUID]) -> list[ListingRow]:
    statement = _rows().where(Listing.id.in_(ids))
    found = {row.id: ListingRow(*row) for row in session.execute(statement)}
    return [found[listing_id] for listing_id in ids if listing_id in found]


def _rows() -> sa.Select[*tuple[Any, ...]]:
    return (
        select(*ROW_COLUMNS)
        .select_from(Listing)
        .join(ServiceKind, ServiceKind.code == Listing.service_code)
        .join(Organisation, Organisation.id == Listing.agency_id)
        .join(Agency, Agency.organisation_id == Listing.agency_id)
        .join(ListingFigures, ListingFigures.listing_id == Listing.id)
    )


def _conditions(wanted: ListingFilter) -> list[sa.ColumnElement[bool]]:
    """Make the conditions of a filter but for ``q``."""
    optional: tuple[tuple[object, sa.ColumnElement[bool]], ...] = (
        (wanted.category, Listing.category_code == wanted.category),
        (wanted.service, Listing.service_code == wanted.service),
        (wanted.agency_id, Listing.agency_id == wanted.agency_id),
        (wanted.max_fee_fen is not None, Listing.price_fen <= (wanted.max_fee_fen or 0)),
        (wanted.max_days is not None, Listing.promised_days <= (wanted.max_days or 0)),
        (wanted.region, _serves(wanted.region)),
    )
    return [condition for given, condition in optional if given]


def _serves(region: str) -> sa.ColumnElement[bool]:
    """A listing serves a region when it serves it, one above it, or one within it."""
    above = {region, region[:CITY_DIGITS] + "00", region[:PROVINCE_DIGITS] + "0000"}
    covers: sa.ColumnElement[bool] = ListingRegion.region.in_(sorted(above))
    stem = region.removesuffix("00").removesuffix("00")
    if stem != region and stem.isdigit():
        below = ListingRegion.region.between(stem.ljust(6, "0"), stem.ljust(6, "9"))
        covers = sa.or_(covers, below)
    return sa.exists().where(ListingRegion.listing_id == Listing.id, covers)


def list_categories(session: Session) -> list[CategoryCount]:
    """List the category rail in its order, each with its number of published listings."""
    statement = select(Category.code, Category.name, Category.listing_count)
    return [CategoryCount(*row) for row in session.execute(statement.order_by(Category.position))]


def compare_listings(session: Session, ids: Sequence[UUID]) -> list[ListingRow]:
    """Give up to ``COMPARE_MAX`` published listings in the order asked, without unknown ones."""
    asked = list(dict.fromkeys(ids))[:COMPARE_MAX]
    shown = select(Listing.id).where(Listing.id.in_(asked), Listing.state == ListingState.PUBLISHED)
    published = set(session.execute(shown).scalars())
    return _rows_in_order(session, [listing_id for listing_id in asked if listing_id in published])


def hot_words(session: Session) -> list[str]:
    """Name the services that sell best, as suggestions below the search bar."""
    statement = (
        select(ServiceKind.short_name)
        .where(ServiceKind.band_count > 0)
        .order_by(ServiceKind.sold_12m.desc(), ServiceKind.position)
        .limit(HOT_WORDS)
    )
    return list(session.execute(statement).scalars())
