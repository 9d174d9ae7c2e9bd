"""A small shop for tests: one applicant, another one, two agencies and a listing."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from market.accounts.models import Organisation, OrganisationKind, User
from market.act import SYSTEM, Actor, Role
from market.agencies.models import Agency
from market.catalogue.models import (
    Category,
    Commission,
    FeeBasis,
    Listing,
    ListingFigures,
    ListingState,
    ServiceKind,
)
from market.catalogue.snapshots import make_version
from market.db import new_id
from market.files import Upload
from market.handling.queries import get_room
from market.handling.services import accept_item, take_on_order, upload_item
from market.orders import services as orders
from market.orders.queries import get_order

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
PRICE_FEN = 2_600_000


@dataclass
class Shop:
    """Actors and the listing of one test."""

    applicant: Actor
    stranger: Actor
    agency: Actor
    other_agency: Actor
    listing_id: UUID
    operator: Actor
    regulator: Actor
    runtime: object = field(repr=False)

    def do(self, actor: Actor, work, *args, **kwargs):
        """Run one use case in one transaction and give what it gives."""
        return self.runtime.act(actor, lambda act: work(act, *args, **kwargs))

    def place(self, key: str = "key-1", **changes):
        return self.do(
            self.applicant, orders.place_order, self.listing_id, idempotency_key=key, **changes
        )

    def paid(self, key: str = "key-1"):
        order = self.place(key)
        return self.do(
            SYSTEM, orders.mark_paid, order.id, amount_fen=PRICE_FEN, trade_no=f"trade-{order.id}"
        )

    def collecting(self, key: str = "key-1"):
        order = self.paid(key)
        return self.do(self.agency, take_on_order, order.id, handler_name="演示经办人")

    def in_service(self, store, key: str = "key-1"):
        order = self.collecting(key)
        for item in self.items(order.id):
            upload = Upload("file.pdf", PDF)
            self.do(self.applicant, upload_item, store, order.id, item.id, upload)
            self.do(self.agency, accept_item, order.id, item.id)
        return self.read(order.id).order

    def at_department(self, store, key: str = "key-1"):
        order = self.in_service(store, key)
        return self.do(self.agency, orders.submit_to_department, order.id, receipt_no="R-1")

    def delivering(self, store, key: str = "key-1"):
        order = self.at_department(store, key)
        return self.do(self.agency, orders.record_result, order.id, document_no="D-1")

    def delivered(self, store, key: str = "key-1"):
        order = self.delivering(store, key)
        return self.do(self.agency, orders.deliver_electronically, order.id, document_id=new_id())

    def items(self, order_id):
        with self.runtime.reading() as session:
            return get_room(session, self.applicant, order_id).items

    def read(self, order_id, actor: Actor | None = None):
        with self.runtime.reading() as session:
            return get_order(session, actor or self.applicant, order_id, at=self.runtime.now())


def make_shop(runtime, **changes) -> Shop:
    """Fill an empty database with what an order needs."""
    with runtime.sessions() as session, session.begin():
        people = {
            name: _member(session, kind, name)
            for name, kind in (
                ("applicant", OrganisationKind.ENTERPRISE),
                ("stranger", OrganisationKind.PERSON),
                ("agency", OrganisationKind.AGENCY),
                ("other_agency", OrganisationKind.AGENCY),
                ("operator", OrganisationKind.OPERATOR),
                ("regulator", OrganisationKind.REGULATOR),
            )
        }
        listing = _listing(session, people["agency"].organisation_id, **changes)
    return Shop(**people, listing_id=listing.id, runtime=runtime)


def _member(session, kind: OrganisationKind, name: str) -> Actor:
    organisation = Organisation(
        kind=kind, name=f"演示{name}", region="360700", is_demo=True, created_at=LONG_AGO
    )
    user = User(login=f"{name}@test", name=f"演示{name}", password_hash="none", created_at=LONG_AGO)
    session.add_all([organisation, user])
    session.flush()
    role = {
        OrganisationKind.AGENCY: Role.AGENCY,
        OrganisationKind.OPERATOR: Role.OPERATOR,
        OrganisationKind.REGULATOR: Role.REGULATOR,
    }.get(kind, Role.APPLICANT)
    return Actor(role, user.id, organisation.id, user.name)


def _listing(session, agency_id: UUID, *, commission=Commission.APPLICANT, **changes) -> Listing:
    session.add(Category(code="env", name="环评", position=1))
    session.add(
        Agency(
            organisation_id=agency_id,
            kind="有限公司",
            licence_no="L1",
            legal_person="演示",
            address="演示路 1 号",
            phone="13900000000",
            founded_on=date(2020, 1, 1),
            staff_count=9,
            capacity=5,
            intro="",
            region="360700",
            registered_at=LONG_AGO,
        )
    )
    session.flush()
    session.add(_service(commission))
    session.flush()
    values = {"price_fen": PRICE_FEN, "promised_days": 15, "materials": ["立项文件", "总平面图"]}
    listing = Listing(
        agency_id=agency_id,
        service_code="HJ-01",
        category_code="env",
        title="环境影响报告表编制",
        summary="",
        price_unit="份",
        fee_basis=FeeBasis.MARKET,
        fee_formula="一口价",
        includes="",
        excludes="",
        stages=[{"name": "编制", "days": 15, "share": 100}],
        refund_text="",
        self_possible=True,
        version=1,
        state=ListingState.PUBLISHED,
        region="360700",
        published_at=LONG_AGO,
        updated_at=LONG_AGO,
        **{**values, **changes},
    )
    session.add(listing)
    session.flush()
    session.add(make_version(listing, announced_at=LONG_AGO, effective_at=LONG_AGO))
    figures = {"listing_id": listing.id, "category_code": "env", "is_shown": True}
    session.add(_row(ListingFigures, figures))
    return listing


def _service(commission: Commission) -> ServiceKind:
    values = {
        "code": "HJ-01",
        "category_code": "env",
        "name": "环境影响报告表编制",
        "short_name": "环评报告表",
        "position": 1,
        "qualification": "",
        "qualification_required": False,
        "regulator": "生态环境",
        "commission": commission,
        "self_possible": True,
        "self_note": "",
        "fee_basis": FeeBasis.MARKET,
        "fee_unit": "份",
        "fee_formula": "",
        "fee_min_fen": 100,
        "fee_max_fen": 9_900_000,
        "typical_days": 15,
        "cap_days": 30,
        "materials": [],
        "stages": [],
        "result_document": "",
        "note": "",
        "data_version": 1,
    }
    return _row(ServiceKind, values)


def _row(model, values):
    """Make a row of those values that the table has a column for."""
    names = {column.name for column in model.__table__.columns}
    return model(**{key: value for key, value in values.items() if key in names})
