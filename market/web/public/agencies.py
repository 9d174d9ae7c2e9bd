"""Agencies: the list, and what is public about each."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from market.agencies.queries import AgencyFilter, get_agency, list_agencies, list_agency_kinds
from market.calendar.days import local_date
from market.catalogue.details import list_services
from market.catalogue.queries import search_listings
from market.catalogue.rows import ListingFilter
from market.web.i18n import _, lazy
from market.web.paging import asked_page
from market.web.public.blueprint import bp
from market.web.regions import regions_within
from market.web.request import reading, world

SORT_NAMES = (("credit", lazy("信用")), ("founded", lazy("成立最早")), ("staff", lazy("人员最多")))


@bp.route("/agencies")
def agencies() -> ResponseReturnValue:
    """List the agencies of the market."""
    args = request.args
    region = args.get("region", "")
    wanted = AgencyFilter(
        q=args.get("q", "").strip(),
        kind=args.get("kind", "")[:40],
        region=region if len(region) == 6 and region.isascii() and region.isdigit() else "",
        sort=args.get("sort", ""),
        page=asked_page(),
    )
    with reading() as session:
        found = list_agencies(session, wanted)
        kinds = list_agency_kinds(session)
    return render_template(
        "public/agencies.html",
        wanted=wanted,
        found=found,
        kinds=kinds,
        sorts=[(key, _(name)) for key, name in SORT_NAMES],
        regions=regions_within(world().runtime.settings.region),
    )


@bp.route("/agencies/<uuid:agency_id>")
def agency(agency_id: UUID) -> ResponseReturnValue:
    """Show an agency: registration, certificates, credit, and what it offers."""
    with reading() as session:
        found = get_agency(session, agency_id)
        offers = search_listings(session, ListingFilter(agency_id=agency_id, page=asked_page()))
        names = {service.code: service.name for service in list_services(session)}
    return render_template(
        "public/agency.html",
        agency=found,
        offers=offers,
        service_names=names,
        today=local_date(world().runtime.now()),
    )
