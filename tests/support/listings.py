"""Agencies and listings for tests, made through the services of the trade."""

from dataclasses import replace
from datetime import date

from market.accounts.models import Organisation, OrganisationKind
from market.act import SYSTEM, Actor, Role
from market.agencies.services import Certificate, Registration, add_certificate, register_agency
from market.catalogue.rules import ListingDraft, Stage
from market.catalogue.services import publish_listing, write_listing
from market.catalogue.sync import sync_catalogue

REGISTRATION = Registration(
    kind="环境影响评价",
    licence_no="测试-1",
    legal_person="测试法人",
    address="测试地址",
    phone="0797-0000000",
    founded_on=date(2010, 1, 1),
    staff_count=10,
    capacity=20,
    intro="测试机构",
)
DRAFT = ListingDraft(
    service_code="HJ-01",
    title="环评报告表",
    summary="十五个工作日交付",
    price_fen=2_000_000,
    price_unit="元/项",
    fee_formula="全包价",
    includes="编制与修改",
    excludes="规费",
    promised_days=15,
    stages=(Stage("踏勘", 5, 30), Stage("编制", 10, 70)),
    materials=("备案文件",),
    refund_text="接单前全额退款",
    regions=("360700",),
)


def make_catalogue(runtime):
    """Sync the data files."""
    with runtime.acting(SYSTEM) as act:
        return sync_catalogue(act)


def make_agency(runtime, *, name="测试机构", region="360702", services=("HJ-01",), until=None):
    """Register an agency that is certified for ``services``; give its actor."""
    with runtime.acting(SYSTEM) as act:
        organisation = Organisation(
            kind=OrganisationKind.AGENCY, name=name, region=region, created_at=act.at
        )
        act.session.add(organisation)
        act.session.flush()
        actor = Actor(Role.AGENCY, None, organisation.id, name)
        own = replace(act, actor=actor)
        register_agency(own, REGISTRATION)
        if services:
            add_certificate(
                own,
                Certificate("登记", "", f"证-{name}", until or date(2030, 12, 31), tuple(services)),
            )
    return actor


def make_listing(runtime, actor, **changes):
    """Write and publish a listing of ``actor``; give its id."""
    with runtime.acting(actor) as act:
        listing = write_listing(act, replace(DRAFT, **changes))
        publish_listing(act, listing.id)
        return listing.id
