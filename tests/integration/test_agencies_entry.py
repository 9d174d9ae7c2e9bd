"""Entry of agencies, certificates, pause and return."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from market.accounts.models import Organisation, OrganisationKind
from market.act import SYSTEM, Actor, Role
from market.agencies.models import Agency, AgencyState
from market.agencies.queries import get_agency
from market.agencies.services import (
    Certificate,
    add_certificate,
    pause_agency,
    register_agency,
    resume_agency,
    tick_pauses,
)
from market.agencies.states import AgencyStateError, AlreadyRegisteredError
from market.catalogue.queries import search_listings
from market.catalogue.reactions import on_agency_paused, on_agency_resumed
from market.catalogue.rows import ListingFilter
from market.catalogue.services import require_orderable, write_listing
from market.db import new_id
from market.errors import InvalidInputError, NotAllowedError, NotFoundError
from market.outbox import OutboxMessage
from tests.support.listings import DRAFT, REGISTRATION, make_agency, make_catalogue, make_listing

OPERATOR = Actor(Role.OPERATOR, name="运营")
CERTIFICATE = Certificate("登记", "", "证-1", date(2030, 1, 1), ("HJ-01",))


def deliver(runtime):
    """Run what the acts have left for the catalogue, as the worker does."""
    reactions = {"agency.paused": on_agency_paused, "agency.resumed": on_agency_resumed}
    with runtime.acting(SYSTEM) as act:
        for message in act.session.execute(select(OutboxMessage)).scalars().all():
            reactions[message.kind](act, message.payload)
            act.session.delete(message)


def shop_size(runtime):
    with runtime.reading(fresh=True) as session:
        return search_listings(session, ListingFilter(q="环评")).total


def test_a_newcomer_is_active_with_the_initial_credit(runtime):
    actor = make_agency(runtime)
    with runtime.reading() as session:
        agency = get_agency(session, actor.organisation_id)
    assert (agency.state, agency.credit_score, agency.region) == (AgencyState.ACTIVE, 75, "360702")


def test_an_organisation_registers_once(runtime):
    actor = make_agency(runtime)
    with pytest.raises(AlreadyRegisteredError), runtime.acting(actor) as act:
        register_agency(act, REGISTRATION)


def test_only_an_agency_registers(runtime):
    with runtime.acting(SYSTEM) as act:
        owner = Organisation(
            kind=OrganisationKind.OWNER, name="业主", region="360702", created_at=act.at
        )
        act.session.add(owner)
        act.session.flush()
        owner_id = owner.id
    for actor, error in (
        (Actor(Role.OWNER, None, owner_id), NotAllowedError),
        (Actor(Role.AGENCY, None, owner_id), NotFoundError),
        (Actor(Role.AGENCY, None, new_id()), NotFoundError),
    ):
        with pytest.raises(error), runtime.acting(actor) as act:
            register_agency(act, REGISTRATION)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", ""),
        ("phone", "1" * 31),
        ("staff_count", 0),
        ("capacity", 0),
        ("capacity", 10_001),
        ("founded_on", date(2030, 1, 1)),
    ],
)
def test_a_senseless_registration_is_refused(runtime, field, value):
    actor = Actor(Role.AGENCY, None, new_id())
    with pytest.raises(InvalidInputError) as refused, runtime.acting(actor) as act:
        register_agency(act, replace(REGISTRATION, **{field: value}))
    assert refused.value.params["field"] == field


@pytest.mark.parametrize(
    "certificate",
    [
        replace(CERTIFICATE, valid_until=date(2026, 11, 23)),
        replace(CERTIFICATE, service_codes=()),
        replace(CERTIFICATE, number="证-测试机构"),
    ],
)
def test_a_worthless_certificate_is_refused(runtime, certificate):
    actor = make_agency(runtime)
    with pytest.raises(InvalidInputError), runtime.acting(actor) as act:
        add_certificate(act, certificate)


def test_a_certificate_is_good_on_its_last_day_in_china(runtime, clock):
    clock.at = clock.at.replace(hour=15, minute=59)
    actor = make_agency(runtime)
    with runtime.acting(actor) as act:
        add_certificate(act, replace(CERTIFICATE, valid_until=date(2026, 11, 24)))
    clock.advance(minutes=1)
    with pytest.raises(InvalidInputError), runtime.acting(actor) as act:
        add_certificate(act, replace(CERTIFICATE, number="2", valid_until=date(2026, 11, 24)))


def test_a_pause_takes_the_listings_away_and_its_end_brings_them_back(runtime, clock):
    make_catalogue(runtime)
    actor = make_agency(runtime)
    listing_id = make_listing(runtime, actor)
    assert shop_size(runtime) == 1
    with runtime.acting(OPERATOR) as act:
        until = act.at + timedelta(days=30)
        pause_agency(act, actor.organisation_id, until=until, reason="c_grade")
    with pytest.raises(AgencyStateError), runtime.acting(SYSTEM) as act:
        require_orderable(act, listing_id)
    deliver(runtime)
    assert shop_size(runtime) == 0
    with pytest.raises(AgencyStateError), runtime.acting(actor) as act:
        write_listing(act, DRAFT)
    with runtime.acting(SYSTEM) as act:
        tick_pauses(act)
    clock.advance(days=30)
    with runtime.acting(SYSTEM) as act:
        tick_pauses(act)
        assert act.session.get_one(Agency, actor.organisation_id).state is AgencyState.ACTIVE
    deliver(runtime)
    assert shop_size(runtime) == 1


def test_pauses_are_for_the_operator_and_in_order(runtime):
    actor = make_agency(runtime)
    agency_id = actor.organisation_id
    with pytest.raises(NotAllowedError), runtime.acting(actor) as act:
        pause_agency(act, agency_id, until=None, reason="x")
    with pytest.raises(AgencyStateError), runtime.acting(OPERATOR) as act:
        resume_agency(act, agency_id, reason="x")
    with pytest.raises(NotFoundError), runtime.acting(OPERATOR) as act:
        pause_agency(act, new_id(), until=None, reason="x")
    with pytest.raises(InvalidInputError), runtime.acting(OPERATOR) as act:
        pause_agency(act, agency_id, until=act.at, reason="x")
