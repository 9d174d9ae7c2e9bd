"""The home page: find by matter or category, what happens today, and how promises are kept."""

from dataclasses import dataclass, field

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from market.catalogue.details import list_services
from market.catalogue.guides import list_matters
from market.catalogue.queries import search_listings
from market.catalogue.rows import CategoryCount, ListingFilter, ListingRow, ServiceRow
from market.web.public.blueprint import bp
from market.web.public.draw_strip import strip_draws
from market.web.public.navigation import navigation
from market.web.request import reading

NEWEST = 8
BEST_KEPT = 5
MATTERS = 8


@dataclass(frozen=True, slots=True)
class RailEntry:
    """A category of the rail with what its panel lists."""

    category: CategoryCount
    services: list[ServiceRow] = field(default_factory=list)


@bp.route("/")
def home() -> ResponseReturnValue:
    """Show the home page."""
    with reading() as session:
        newest = search_listings(session, ListingFilter(sort="newest", per_page=NEWEST))
        context = {
            "rail": _rail(list_services(session)),
            "matters": list_matters(session)[:MATTERS],
            "newest": newest,
            "promises": _best_kept(session),
            "draws": strip_draws(session),
        }
    return render_template("public/home.html", **context)


def _rail(services: list[ServiceRow]) -> list[RailEntry]:
    entries = {row.code: RailEntry(row) for row in navigation().categories}
    for service in services:
        if service.category_code in entries:
            entries[service.category_code].services.append(service)
    return list(entries.values())


def _best_kept(session: Session) -> list[ListingRow]:
    """Choose well-sold services whose real days are measured and not above the promise."""
    sold = search_listings(session, ListingFilter(sort="sold", per_page=48))
    kept = [row for row in sold.rows if row.median_days and row.median_days <= row.promised_days]
    return sorted(kept, key=_kept_share)[:BEST_KEPT]


def _kept_share(row: ListingRow) -> float:
    return (row.median_days or 0) / row.promised_days
