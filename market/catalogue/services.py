"""What agencies do with their listings, and how the tables follow the data files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from market import audit
from market.act import Act, Role
from market.agencies.models import Agency, AgencyState
from market.agencies.queries import beijing_date, is_qualified
from market.agencies.states import AgencyStateError
from market.catalogue.figures import refresh_figures, refresh_search
from market.catalogue.models import (
    Listing,
    ListingFigures,
    ListingRegion,
    ListingState,
    ListingVersion,
    ServiceKind,
)
from market.catalogue.rules import (
    ListingDraft,
    ServiceTerms,
    parse_stages,
    require_listing,
    require_notice,
    require_price,
)
from market.catalogue.snapshots import is_same_offer, make_version
from market.catalogue.states import ListingStateError, PricePendingError, require_move
from market.errors import InvalidInputError, NotFoundError


def write_listing(act: Act, draft: ListingDraft) -> Listing:
    """Write a new listing; nobody else sees it before ``publish_listing``.

    Raises:
        NotAllowedError: the actor does not act for an agency.
        NotFoundError: the agency is not registered, or no such kind of service.
        AgencyStateError: the agency is paused or removed.
        InvalidInputError: the draft breaks a rule.
    """
    agency = _own_agency(act)
    service = _require_draft(act, agency, draft)
    listing = Listing(
        agency_id=agency.organisation_id,
        service_code=service.code,
        category_code=service.category_code,
        state=ListingState.DRAFT,
        version=0,
        region=agency.region,
        updated_at=act.at,
    )
    _fill(listing, service, draft)
    act.session.add(listing)
    act.session.flush()
    act.session.add(ListingFigures(listing_id=listing.id, category_code=service.category_code))
    _set_regions(act, listing, draft)
    audit.record(act, "listing.written", subject=listing.id, service=service.code)
    return listing


def revise_listing(act: Act, listing_id: UUID, draft: ListingDraft) -> Listing:
    """Change the wording of a listing; a published one gets a new version at once.

    Raises:
        NotFoundError: no such listing, or not the actor's.
        PricePendingError: an announced price is not yet in force.
        InvalidInputError: the draft breaks a rule, changes the kind of service, or changes the
            price of a listing that has been published (``change_price`` does that).
    """
    agency = _own_agency(act)
    listing = _own_listing(act, listing_id)
    if listing.pending_version is not None:
        raise PricePendingError
    if draft.service_code != listing.service_code:
        raise InvalidInputError(field="service_code", reason="fixed")
    if listing.version > 0 and draft.price_fen != listing.price_fen:
        raise InvalidInputError(field="price_fen", reason="announce_first")
    service = _require_draft(act, agency, draft)
    _fill(listing, service, draft)
    listing.updated_at = act.at
    _set_regions(act, listing, draft)
    if listing.state is ListingState.PUBLISHED:
        _keep_version(act, listing)
        refresh_search(act.session, listing)
    audit.record(act, "listing.revised", subject=listing.id, version=listing.version)
    return listing


def publish_listing(act: Act, listing_id: UUID) -> Listing:
    """Offer a listing in the shop; rules and certificates are checked again.

    A listing that the platform suspended may return when the reason is gone: the agency is active
    and its certificate is valid.

    Raises:
        NotFoundError: no such listing, or not the actor's.
        ListingStateError: it is published.
        AgencyStateError: the agency is paused or removed.
        InvalidInputError: it breaks a rule, for instance a certificate has expired.
    """
    agency = _own_agency(act)
    listing = _own_listing(act, listing_id)
    require_move(listing.state, ListingState.PUBLISHED)
    _require_draft(act, agency, _draft_of(act, listing))
    _show(act, listing)
    audit.record(act, "listing.published", subject=listing.id, version=listing.version)
    return listing


def pause_listing(act: Act, listing_id: UUID) -> Listing:
    """Take the actor's own listing out of the shop; orders of it go on.

    Raises:
        NotFoundError: no such listing, or not the actor's.
        ListingStateError: it is not in the shop.
    """
    act.require_role(Role.AGENCY)
    listing = _own_listing(act, listing_id)
    require_move(listing.state, ListingState.PAUSED)
    _hide(act, listing, ListingState.PAUSED)
    audit.record(act, "listing.paused", subject=listing.id)
    return listing


def change_price(
    act: Act, listing_id: UUID, *, price_fen: int, effective_at: datetime
) -> ListingVersion:
    """Announce a new price; it is in force from ``effective_at``, at once when that is now.

    The caller adds the working days of notice. Orders keep the version that they froze.

    Raises:
        NotFoundError: no such listing, or not the actor's.
        ListingStateError: it has never been published: revise the draft instead.
        PricePendingError: another price is announced already.
        InvalidInputError: the price is not allowed, not new, or in force before announced.
    """
    act.require_role(Role.AGENCY)
    listing = _own_listing(act, listing_id)
    if listing.version == 0:
        raise ListingStateError(current=listing.state.value, target="price_changed")
    if listing.pending_version is not None:
        raise PricePendingError
    require_notice(act.at, effective_at)
    require_price(price_fen, _terms(act.session.get_one(ServiceKind, listing.service_code)))
    if price_fen == listing.price_fen:
        raise InvalidInputError(field="price_fen", reason="not_new")
    present = (listing.price_fen, listing.version)
    listing.price_fen, listing.version = price_fen, listing.version + 1
    version = make_version(listing, announced_at=act.at, effective_at=effective_at)
    act.session.add(version)
    if effective_at > act.at:
        listing.pending_version, listing.pending_at = version.version, effective_at
        listing.price_fen, listing.version = present
    listing.updated_at = act.at
    refresh_figures(act.session, listing.service_code)
    audit.record(act, "listing.price_announced", subject=listing.id, price_fen=price_fen)
    return version


def tick_prices(act: Act) -> None:
    """Put announced prices into force whose time has come."""
    due = select(Listing).where(Listing.pending_at <= act.at).with_for_update(skip_locked=True)
    for listing in act.session.execute(due).scalars().all():
        version = act.session.execute(
            select(ListingVersion).where(
                ListingVersion.listing_id == listing.id,
                ListingVersion.version == listing.pending_version,
            )
        ).scalar_one()
        listing.price_fen, listing.version = version.price_fen, version.version
        listing.pending_version = listing.pending_at = None
        refresh_figures(act.session, listing.service_code)
        audit.record(act, "listing.price_changed", subject=listing.id, price_fen=version.price_fen)


def require_orderable(act: Act, listing_id: UUID) -> Listing:
    """Give a listing that may be ordered now; freeze it with ``snapshot_of``.

    Raises:
        NotFoundError: no such listing, or a draft.
        ListingStateError: it is not in the shop.
        AgencyStateError: the agency is paused or removed.
    """
    listing = act.session.get(Listing, listing_id)
    if listing is None or listing.state is ListingState.DRAFT:
        raise NotFoundError(kind="listing")
    if listing.state is not ListingState.PUBLISHED:
        raise ListingStateError(current=listing.state.value, target="ordered")
    _require_active(act.session.get_one(Agency, listing.agency_id))
    return listing


def suspend_listings(act: Act, agency_id: UUID) -> int:
    """Take all listings of an agency out of the shop, by the platform; tell how many."""
    listings = _listings_of(act, agency_id, ListingState.PUBLISHED)
    for listing in listings:
        _hide(act, listing, ListingState.SUSPENDED)
        audit.record(act, "listing.suspended", subject=listing.id, reason="agency_paused")
    return len(listings)


def restore_listings(act: Act, agency_id: UUID) -> int:
    """Bring back what the platform took away and a valid certificate covers; tell how many."""
    listings = [
        listing
        for listing in _listings_of(act, agency_id, ListingState.SUSPENDED)
        if _is_certified(act, agency_id, act.session.get_one(ServiceKind, listing.service_code))
    ]
    for listing in listings:
        _show(act, listing)
        audit.record(act, "listing.restored", subject=listing.id)
    return len(listings)


def tick_certificates(act: Act) -> None:
    """Take listings out of the shop whose certificate has expired."""
    published = (
        select(Listing, ServiceKind)
        .join(ServiceKind, ServiceKind.code == Listing.service_code)
        .where(Listing.state == ListingState.PUBLISHED, ServiceKind.qualification_required)
    )
    for listing, service in act.session.execute(published).all():
        if not _is_certified(act, listing.agency_id, service):
            _hide(act, listing, ListingState.SUSPENDED)
            audit.record(act, "listing.suspended", subject=listing.id, reason="certificate_expired")


def _listings_of(act: Act, agency_id: UUID, state: ListingState) -> Sequence[Listing]:
    found = select(Listing).where(Listing.agency_id == agency_id, Listing.state == state)
    return act.session.execute(found.with_for_update()).scalars().all()


def _is_certified(act: Act, agency_id: UUID, service: ServiceKind) -> bool:
    today = beijing_date(act.at)
    return not service.qualification_required or is_qualified(
        act.session, agency_id, service.code, on=today
    )


def _show(act: Act, listing: Listing) -> None:
    listing.state = ListingState.PUBLISHED
    listing.published_at = listing.published_at or act.at
    listing.updated_at = act.at
    _keep_version(act, listing)
    refresh_search(act.session, listing)
    refresh_figures(act.session, listing.service_code)


def _hide(act: Act, listing: Listing, state: ListingState) -> None:
    listing.state = state
    listing.updated_at = act.at
    refresh_search(act.session, listing)
    refresh_figures(act.session, listing.service_code)


def _keep_version(act: Act, listing: Listing) -> None:
    """Write a new version unless the last one says the same."""
    last = act.session.execute(
        select(ListingVersion.snapshot).where(
            ListingVersion.listing_id == listing.id, ListingVersion.version == listing.version
        )
    ).scalar_one_or_none()
    if last is not None and is_same_offer(listing, last):
        return
    listing.version += 1
    act.session.add(make_version(listing, announced_at=act.at, effective_at=act.at))


def _own_agency(act: Act) -> Agency:
    act.require_role(Role.AGENCY)
    agency = act.session.get(Agency, act.actor.organisation_id)
    if agency is None:
        raise NotFoundError(kind="agency")
    _require_active(agency)
    return agency


def _require_active(agency: Agency) -> None:
    if agency.state is not AgencyState.ACTIVE:
        raise AgencyStateError(current=agency.state.value)


def _own_listing(act: Act, listing_id: UUID) -> Listing:
    listing = act.session.get(Listing, listing_id, with_for_update=True)
    if listing is None or listing.agency_id != act.actor.organisation_id:
        raise NotFoundError(kind="listing")
    return listing


def _require_draft(act: Act, agency: Agency, draft: ListingDraft) -> ServiceKind:
    service = act.session.get(ServiceKind, draft.service_code)
    if service is None:
        raise NotFoundError(kind="service")
    held = _is_certified(act, agency.organisation_id, service)
    require_listing(draft, _terms(service), is_qualified=held)
    return service


def _terms(service: ServiceKind) -> ServiceTerms:
    return ServiceTerms(
        fee_basis=service.fee_basis,
        fee_min_fen=service.fee_min_fen,
        fee_max_fen=service.fee_max_fen,
        cap_days=service.cap_days,
        qualification_required=service.qualification_required,
    )


def _fill(listing: Listing, service: ServiceKind, draft: ListingDraft) -> None:
    listing.title = draft.title.strip()
    listing.summary = draft.summary.strip()
    listing.price_fen = draft.price_fen
    listing.price_unit = draft.price_unit.strip()
    listing.fee_basis = service.fee_basis
    listing.fee_formula = draft.fee_formula.strip()
    listing.includes = draft.includes.strip()
    listing.excludes = draft.excludes.strip()
    listing.promised_days = draft.promised_days
    listing.stages = [stage.as_json() for stage in draft.stages]
    listing.materials = list(draft.materials)
    listing.refund_text = draft.refund_text.strip()
    listing.self_possible = service.self_possible


def _set_regions(act: Act, listing: Listing, draft: ListingDraft) -> None:
    act.session.execute(delete(ListingRegion).where(ListingRegion.listing_id == listing.id))
    for region in sorted(set(draft.regions)):
        act.session.add(ListingRegion(listing_id=listing.id, region=region))
    act.session.flush()


def _draft_of(act: Act, listing: Listing) -> ListingDraft:
    regions = act.session.execute(
        select(ListingRegion.region).where(ListingRegion.listing_id == listing.id)
    ).scalars()
    return ListingDraft(
        service_code=listing.service_code,
        title=listing.title,
        summary=listing.summary,
        price_fen=listing.price_fen,
        price_unit=listing.price_unit,
        fee_formula=listing.fee_formula,
        includes=listing.includes,
        excludes=listing.excludes,
        promised_days=listing.promised_days,
        stages=parse_stages(listing.stages),
        materials=tuple(listing.materials),
        refund_text=listing.refund_text,
        regions=tuple(regions),
    )
