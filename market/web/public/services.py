"""The shop: list with filters, the page of one service, and the comparison."""

from dataclasses import replace
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from market.catalogue.details import get_listing, list_prices, list_services
from market.catalogue.queries import COMPARE_MAX, compare_listings, search_listings
from market.catalogue.rows import ListingFilter
from market.web.i18n import _, lazy
from market.web.paging import asked_page
from market.web.public.blueprint import bp
from market.web.public.chips import Chip, advice_for, chips_of, read_filter
from market.web.public.comparison import compare_rows
from market.web.public.days import example_of, listing_stages
from market.web.regions import regions_within
from market.web.request import reading, world

SORT_NAMES = (
    ("sold", lazy("销量")),
    ("price", lazy("价格从低到高")),
    ("price_desc", lazy("价格从高到低")),
    ("days", lazy("承诺天数")),
    ("credit", lazy("信用")),
    ("newest", lazy("最新上架")),
)


@bp.route("/services")
def services() -> ResponseReturnValue:
    """List what is for sale."""
    wanted = read_filter(page=asked_page())
    with reading() as session:
        found = search_listings(session, wanted)
        kinds = list_services(session, category=wanted.category) if wanted.category else []
        chips = chips_of(wanted, {kind.code: kind.name for kind in list_services(session)})
        advice = [] if found.rows else _advice(session, wanted, chips)
    return render_template(
        "public/services.html",
        wanted=wanted,
        found=found,
        kinds=kinds,
        chips=chips,
        heading=_heading(wanted, chips),
        advice=advice,
        sorts=[(key, _(name)) for key, name in SORT_NAMES],
        regions=regions_within(world().runtime.settings.region),
        max_fee=request.args.get("max_fee", ""),
        max_days=request.args.get("max_days", ""),
        compare_max=COMPARE_MAX,
    )


def _heading(wanted: ListingFilter, chips: list[Chip]) -> str:
    words = {chip.name: chip.text for chip in chips}
    narrow = "service" if wanted.service else "category"
    return words.get(narrow, _("全部服务"))


def _advice(session: Session, wanted: ListingFilter, chips: list[Chip]) -> list[tuple[Chip, int]]:
    """Count what each filter alone hides, most first."""
    counted = [
        (chip, search_listings(session, replace(without, page=1, per_page=1)).total)
        for chip, without in advice_for(wanted, chips)
    ]
    return sorted((pair for pair in counted if pair[1]), key=lambda pair: -pair[1])


@bp.route("/services/<uuid:listing_id>")
def service(listing_id: UUID) -> ResponseReturnValue:
    """Show one service: what one gets, for how much, by when."""
    with reading() as session:
        found = get_listing(session, listing_id)
        prices = list_prices(session, listing_id)
        similar = search_listings(session, ListingFilter(service=found.service_code, per_page=5))
    return render_template(
        "public/service.html",
        listing=found,
        prices=prices,
        stages=listing_stages(found),
        example=example_of(found.promised_days, request.args.get("start", "")),
        similar=[row for row in similar.rows if row.id != found.id][:4],
    )


@bp.route("/compare")
def compare() -> ResponseReturnValue:
    """Show up to four services side by side."""
    ids = [_uuid_or_none(text) for text in request.args.getlist("id")]
    asked = [listing_id for listing_id in ids if listing_id is not None]
    with reading() as session:
        chosen = compare_listings(session, asked)
        details = [get_listing(session, row.id) for row in chosen]
    return render_template(
        "public/compare.html",
        listings=details,
        rows=compare_rows(details),
        asked=len(dict.fromkeys(asked)),
        compare_max=COMPARE_MAX,
    )


def _uuid_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
