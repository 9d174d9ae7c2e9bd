"""What agencies do with listings: publish, revise, price, pause; and what nobody else may."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from market.act import SYSTEM, Actor, Role
from market.catalogue.details import fee_band, get_listing, get_version, list_prices
from market.catalogue.models import ListingState
from market.catalogue.services import (
    change_price,
    pause_listing,
    publish_listing,
    require_orderable,
    revise_listing,
    tick_certificates,
    tick_prices,
    write_listing,
)
from market.catalogue.snapshots import snapshot_of
from market.catalogue.states import ListingStateError, PricePendingError
from market.db import new_id
from market.errors import InvalidInputError, NotAllowedError, NotFoundError
from tests.support.listings import DRAFT, make_agency, make_catalogue, make_listing


@pytest.fixture
def agency(runtime):
    make_catalogue(runtime)
    return make_agency(runtime)


def read(runtime, listing_id, **options):
    with runtime.reading(fresh=True) as session:
        return get_listing(session, listing_id, **options)


def test_a_draft_is_seen_by_its_agency_only(runtime, agency):
    with runtime.acting(agency) as act:
        draft_id = write_listing(act, DRAFT).id
    with pytest.raises(NotFoundError):
        read(runtime, draft_id)
    assert read(runtime, draft_id, agency_id=agency.organisation_id).version == 0


def test_a_published_listing_shows_terms_agency_matters_and_band(runtime, agency):
    detail = read(runtime, make_listing(runtime, agency))
    assert (detail.version, detail.state) == (1, ListingState.PUBLISHED)
    assert detail.is_orderable
    assert detail.agency_name == "测试机构"
    assert [matter.code for matter in detail.matters] == ["SP-HJ-01"]
    assert detail.band.median_fen == DRAFT.price_fen
    assert detail.regions == ("360700",)


def test_listings_of_others_look_absent(runtime, agency):
    listing_id = make_listing(runtime, agency)
    other = make_agency(runtime, name="他人")
    for work in (
        lambda act: pause_listing(act, listing_id),
        lambda act: publish_listing(act, listing_id),
        lambda act: revise_listing(act, listing_id, DRAFT),
        lambda act: change_price(act, listing_id, price_fen=1, effective_at=act.at),
    ):
        with pytest.raises(NotFoundError), runtime.acting(other) as act:
            work(act)


@pytest.mark.parametrize("role", [Role.APPLICANT, Role.OPERATOR, Role.ANONYMOUS])
def test_only_agencies_offer(runtime, agency, role):
    intruder = Actor(role, None, agency.organisation_id)
    with pytest.raises(NotAllowedError), runtime.acting(intruder) as act:
        write_listing(act, DRAFT)


def test_a_missing_certificate_is_refused(runtime, agency):
    with pytest.raises(InvalidInputError) as refused, runtime.acting(agency) as act:
        write_listing(act, replace(DRAFT, service_code="HJ-02"))
    assert refused.value.params["reason"] == "qualification_missing"


def test_an_unknown_service_is_refused(runtime, agency):
    with pytest.raises(NotFoundError), runtime.acting(agency) as act:
        write_listing(act, replace(DRAFT, service_code="XX-99"))


def test_an_announced_price_takes_effect_at_its_time_and_orders_keep_theirs(runtime, agency, clock):
    listing_id = make_listing(runtime, agency)
    with runtime.acting(SYSTEM) as act:
        frozen = snapshot_of(require_orderable(act, listing_id))
    later = clock.at + timedelta(days=7)
    with runtime.acting(agency) as act:
        change_price(act, listing_id, price_fen=2_500_000, effective_at=later)
    with pytest.raises(PricePendingError), runtime.acting(agency) as act:
        change_price(act, listing_id, price_fen=2_600_000, effective_at=later)
    with runtime.acting(SYSTEM) as act:
        tick_prices(act)
    assert (read(runtime, listing_id).price_fen, read(runtime, listing_id).pending_at) == (
        2_000_000,
        later,
    )
    clock.advance(days=7)
    with runtime.acting(SYSTEM) as act:
        tick_prices(act)
        tick_prices(act)
    detail = read(runtime, listing_id)
    assert (detail.price_fen, detail.version, detail.pending_at) == (2_500_000, 2, None)
    with runtime.reading() as session:
        assert [row.price_fen for row in list_prices(session, listing_id)] == [2_500_000, 2_000_000]
        assert get_version(session, listing_id, 1) == frozen
        assert get_version(session, listing_id, 2)["price_fen"] == 2_500_000
        assert fee_band(session, "HJ-01").median_fen == 2_500_000


def test_a_price_may_change_at_once(runtime, agency, clock):
    listing_id = make_listing(runtime, agency)
    with runtime.acting(agency) as act:
        change_price(act, listing_id, price_fen=1_500_000, effective_at=clock.at)
    assert read(runtime, listing_id).price_fen == 1_500_000


@pytest.mark.parametrize("price_fen", [0, -1, 2_000_000, 10**12])
def test_a_senseless_price_is_refused(runtime, agency, clock, price_fen):
    listing_id = make_listing(runtime, agency)
    with pytest.raises(InvalidInputError), runtime.acting(agency) as act:
        change_price(act, listing_id, price_fen=price_fen, effective_at=clock.at)


def test_a_revision_makes_a_version_only_when_something_changed(runtime, agency):
    listing_id = make_listing(runtime, agency)
    for draft, version in ((DRAFT, 1), (replace(DRAFT, title="新名"), 2)):
        with runtime.acting(agency) as act:
            revise_listing(act, listing_id, draft)
        assert read(runtime, listing_id).version == version
    with pytest.raises(InvalidInputError), runtime.acting(agency) as act:
        revise_listing(act, listing_id, replace(DRAFT, price_fen=1))
    with pytest.raises(InvalidInputError), runtime.acting(agency) as act:
        revise_listing(act, listing_id, replace(DRAFT, service_code="FG-05"))


def test_a_paused_listing_keeps_its_page_but_cannot_be_ordered(runtime, agency):
    listing_id = make_listing(runtime, agency)
    with runtime.acting(agency) as act:
        pause_listing(act, listing_id)
    assert not read(runtime, listing_id).is_orderable
    with pytest.raises(ListingStateError), runtime.acting(SYSTEM) as act:
        require_orderable(act, listing_id)
    with pytest.raises(ListingStateError), runtime.acting(agency) as act:
        pause_listing(act, listing_id)
    with pytest.raises(NotFoundError), runtime.acting(SYSTEM) as act:
        require_orderable(act, new_id())


def test_an_expired_certificate_takes_the_listing_down(runtime, clock):
    make_catalogue(runtime)
    actor = make_agency(runtime, until=date(2026, 11, 25))
    listing_id = make_listing(runtime, actor)
    for days, state in ((1, ListingState.PUBLISHED), (1, ListingState.SUSPENDED)):
        clock.advance(days=days)
        with runtime.acting(SYSTEM) as act:
            tick_certificates(act)
        assert read(runtime, listing_id).state is state
    with pytest.raises(InvalidInputError), runtime.acting(actor) as act:
        publish_listing(act, listing_id)


@pytest.mark.parametrize(
    "statement", ["UPDATE listing_versions SET price_fen = 1", "DELETE FROM listing_versions"]
)
def test_versions_cannot_be_rewritten(runtime, agency, statement):
    make_listing(runtime, agency)
    with pytest.raises(DBAPIError, match="append-only"), runtime.acting(SYSTEM) as act:
        act.session.execute(sa.text(statement))
