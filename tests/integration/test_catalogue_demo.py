"""The catalogue tables and the demo: complete, repeatable, marked as a demo."""

import pytest
import sqlalchemy as sa
from sqlalchemy import func, select

from market.accounts.models import Membership, Organisation, OrganisationKind, User
from market.accounts.uscc import is_valid_uscc
from market.act import SYSTEM
from market.agencies.queries import (
    AgencyFilter,
    get_agency,
    is_qualified,
    list_agencies,
    list_agency_kinds,
)
from market.catalogue.details import fee_band, get_service, list_services
from market.catalogue.guides import get_matter, list_matters
from market.catalogue.models import Listing, MatterService, ServiceKind
from market.catalogue.queries import list_categories, search_listings
from market.catalogue.rows import ListingFilter
from market.catalogue.sync import sync_catalogue
from market.demo.load import DemoCounts, load_demo
from market.demo.offers import OFFERS
from market.errors import NotFoundError
from tests.support.listings import make_agency, make_catalogue, make_listing


def fake_hash(password):
    return f"hashed {password}"


@pytest.fixture
def demo(runtime):
    with runtime.acting(SYSTEM) as act:
        return load_demo(act, fake_hash)


def test_syncing_twice_changes_nothing_and_keeps_figures(runtime):
    counts = make_catalogue(runtime)
    make_listing(runtime, make_agency(runtime))
    with runtime.acting(SYSTEM) as act:
        assert sync_catalogue(act) == counts
    with runtime.reading() as session:
        assert session.execute(select(func.count()).select_from(ServiceKind)).scalar_one() == 34
        assert fee_band(session, "HJ-01").n == 1
        assert sum(row.count for row in list_categories(session)) == 1


def test_matters_lead_to_services_and_services_to_their_terms(runtime):
    make_catalogue(runtime)
    with runtime.reading() as session:
        rows = list_matters(session)
        links = session.execute(select(func.count()).select_from(MatterService)).scalar_one()
        assert sum(row.service_count for row in rows) == links
        assert [s.code for s in get_matter(session, "SP-HJ-01").services] == ["HJ-01", "HJ-02"]
        assert {row.department for row in list_matters(session, department="水利部门")} == {
            "水利部门"
        }
        assert get_service(session, "DB-01").self_possible
        assert len(list_services(session)) == 34
        assert {row.code for row in list_services(session, category="cost")} == {"ZJ-04"}
        for read in (get_matter, get_service, fee_band):
            with pytest.raises(NotFoundError):
                read(session, "XX-99")


def test_the_demo_loads_once(runtime, demo):
    assert demo == DemoCounts(users=18, agencies=12, listings=len(OFFERS))
    with runtime.acting(SYSTEM) as act:
        assert load_demo(act, fake_hash) is None
        assert act.session.execute(select(func.count()).select_from(User)).scalar_one() == 18


def test_the_demo_covers_every_service_and_has_competition(runtime, demo):
    with runtime.reading() as session:
        assert search_listings(session, ListingFilter()).total == demo.listings >= 40
        offered = select(Listing.service_code).distinct()
        assert len(session.execute(offered).all()) == 34
        rows = search_listings(session, ListingFilter(service="HJ-01")).rows
        assert len({row.agency_id for row in rows}) >= 4
        assert len({(row.price_fen, row.promised_days) for row in rows}) == len(rows)
        found = search_listings(session, ListingFilter(q="环评", sort="price"))
        assert {row.id for row in rows} <= {row.id for row in found.rows}


def test_every_demo_name_says_so_and_every_code_is_valid(runtime, demo):
    with runtime.reading() as session:
        organisations = session.execute(select(Organisation)).scalars().all()
        users = session.execute(select(User)).scalars().all()
    assert len(organisations) == 18
    assert all("演示" in row.name and row.is_demo for row in [*organisations, *users])
    assert all(row.password_hash == "hashed sunlit-demo" for row in users)
    for row in organisations:
        assert (row.uscc is None) == (row.kind is OrganisationKind.PERSON)
        assert row.uscc is None or is_valid_uscc(row.uscc)


def test_every_demo_login_leads_to_its_kind_of_organisation(runtime, demo):
    kinds = {
        "applicant": "person",
        "owner": "owner",
        "owner2": "owner",
        "regulator": "regulator",
        "supervisor": "supervisor",
        "operator": "operator",
        **{f"agency{no}": "agency" for no in range(1, 13)},
    }
    statement = (
        select(User.login, Organisation.kind)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
    )
    with runtime.reading() as session:
        found = {login: kind.value for login, kind in session.execute(statement)}
    assert found == {f"{name}@demo": kind for name, kind in kinds.items()}


def test_demo_agencies_can_be_listed_and_read(runtime, demo, clock):
    with runtime.reading() as session:
        page = list_agencies(session, AgencyFilter(per_page=5))
        assert (page.total, page.page_count, len(page.rows)) == (12, 3, 5)
        scores = [row.credit_score for row in page.rows]
        assert scores == sorted(scores, reverse=True)
        found = list_agencies(session, AgencyFilter(q="赣江", kind="环境影响评价", region="360700"))
        assert [row.name for row in found.rows] == ["演示·赣江环境咨询有限公司"]
        assert list_agencies(session, AgencyFilter(q="%")).total == 0
        assert "环境影响评价" in list_agency_kinds(session)
        detail = get_agency(session, found.rows[0].id)
        assert {q.name for q in detail.qualifications} >= {"检验检测机构资质认定（CMA）"}
        assert is_qualified(session, detail.id, "HJ-02", on=clock.at.date())
        assert not is_qualified(session, detail.id, "ZJ-02", on=clock.at.date())


def test_pages_need_few_queries(runtime, demo, engine):
    seen = []
    sa.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    with runtime.reading() as session:
        row = search_listings(session, ListingFilter(q="环评", category="environment")).rows[0]
        list_categories(session)
    assert len([text for text in seen if text.startswith("SELECT")]) == 3
    assert row.agency_name
