"""Load the demo once: people, agencies and their listings, through the services of the trade."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa
from sqlalchemy import select

from market import audit
from market.accounts.models import Duty, Membership, Organisation, OrganisationKind, User
from market.accounts.uscc import complete_uscc
from market.act import Act, Actor, Role
from market.agencies.services import Certificate, Registration, add_certificate, register_agency
from market.catalogue.figures import tick_figures
from market.catalogue.load import CatalogueData, ServiceData, read_catalogue
from market.catalogue.models import ListingFigures
from market.catalogue.rules import ListingDraft, scale_stages
from market.catalogue.services import publish_listing, write_listing
from market.catalogue.sync import sync_catalogue
from market.demo.agencies import AGENCIES, DemoAgency
from market.demo.offers import OFFERS, DemoOffer
from market.demo.people import DEMO_PASSWORD, PARTIES, DemoParty
from market.demo.texts import REFUND, excludes_of, includes_of, summary_of

VALID_UNTIL = date(2035, 12, 31)


@dataclass(frozen=True, slots=True)
class DemoCounts:
    """What ``load_demo`` has made."""

    users: int
    agencies: int
    listings: int


def load_demo(act: Act, hash_password: Callable[[str], str]) -> DemoCounts | None:
    """Make the demo in the transaction of ``act``; None when it is there already.

    The catalogue is synced as well. Every organisation and user made here is marked ``is_demo``.

    Raises:
        NotAllowedError: the actor is neither the system nor the operator.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    if is_loaded(act):
        return None
    data = read_catalogue()
    sync_catalogue(act, data)
    for party in PARTIES:
        _make_party(act, party, hash_password)
    for agency in AGENCIES:
        _make_agency(act, agency, data, hash_password)
    tick_figures(act)
    audit.record(act, "demo.loaded", subject="demo")
    return DemoCounts(len(PARTIES) + len(AGENCIES), len(AGENCIES), len(OFFERS))


def is_loaded(act: Act) -> bool:
    """Tell whether the demo has been loaded into this database."""
    known = select(User.id).where(User.login == PARTIES[0].login)
    return act.session.execute(known).first() is not None


def _make_party(act: Act, party: DemoParty, hash_password: Callable[[str], str]) -> Actor:
    uscc = None
    if party.code is not None:
        kind, body = party.code
        uscc = complete_uscc(kind, party.region, body)
    organisation = Organisation(
        kind=party.kind,
        name=party.organisation,
        uscc=uscc,
        region=party.region,
        is_demo=True,
        created_at=act.at,
    )
    user = User(
        login=party.login,
        name=party.person,
        password_hash=hash_password(DEMO_PASSWORD),
        is_demo=True,
        created_at=act.at,
    )
    act.session.add_all([organisation, user])
    act.session.flush()
    act.session.add(
        Membership(
            user_id=user.id, organisation_id=organisation.id, duty=Duty.ADMIN, created_at=act.at
        )
    )
    act.session.flush()
    return Actor(Role.AGENCY, user.id, organisation.id, user.name)


def _make_agency(
    act: Act, agency: DemoAgency, data: CatalogueData, hash_password: Callable[[str], str]
) -> None:
    party = DemoParty(
        login=f"agency{agency.no}@demo",
        person=f"演示机构经办人{agency.no}",
        organisation=agency.name,
        kind=OrganisationKind.AGENCY,
        region=agency.region,
        code=("91", f"DEM{agency.no:05}"),
    )
    own = replace(act, actor=_make_party(act, party, hash_password))
    profile = register_agency(own, _registration(agency))
    for place, certificate in enumerate(agency.certificates, start=1):
        add_certificate(
            own,
            Certificate(
                name=certificate.name,
                level=certificate.level,
                number=f"演示-{agency.no:02}-{place:02}",
                valid_until=VALID_UNTIL,
                service_codes=certificate.services,
            ),
        )
    profile.credit_score = agency.credit_score
    services = {service.code: service for service in data.services}
    for offer in OFFERS:
        if offer.agency_no == agency.no:
            _make_listing(own, agency, offer, services[offer.service])


def _registration(agency: DemoAgency) -> Registration:
    return Registration(
        kind=agency.kind,
        licence_no=f"演示执照-{agency.no:04}",
        legal_person=agency.legal_person,
        address=f"演示地址·{agency.no} 号",
        phone=f"0797-00000{agency.no:02}",
        founded_on=agency.founded_on,
        staff_count=agency.staff_count,
        capacity=agency.capacity,
        intro=agency.intro,
    )


def _make_listing(own: Act, agency: DemoAgency, offer: DemoOffer, service: ServiceData) -> None:
    listing = write_listing(
        own,
        ListingDraft(
            service_code=service.code,
            title=offer.title,
            summary=summary_of(service, offer.days),
            price_fen=offer.price_yuan * 100,
            price_unit=service.fee_unit,
            fee_formula=service.fee_formula,
            includes=includes_of(service),
            excludes=excludes_of(service),
            promised_days=offer.days,
            stages=scale_stages(service.stages, offer.days),
            materials=service.materials,
            refund_text=REFUND,
            regions=agency.regions,
        ),
    )
    publish_listing(own, listing.id)
    own.session.execute(
        sa.update(ListingFigures)
        .where(ListingFigures.listing_id == listing.id)
        .values(sold_12m=offer.sold_12m, median_days=offer.median_days, n=offer.n)
        .execution_options(synchronize_session=False)
    )
