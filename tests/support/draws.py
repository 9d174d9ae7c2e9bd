"""A small world of draws for tests: one owner, an operator, agencies, and hands to move time."""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import select

from market.accounts.models import Organisation, OrganisationKind
from market.act import SYSTEM, Actor, Role
from market.agencies.models import Agency, Qualification
from market.catalogue.models import Category, Commission, FeeBasis, ServiceKind
from market.db import new_id
from market.draws import queries, services
from market.draws.models import DrawAttempt
from market.draws.office import DrawOffice, open_office
from market.draws.pace import demo_pace
from market.draws.reactions import collect_beacon
from market.draws.services import EnrolmentChoice, ProjectDraft, RouteClaims
from market.outbox import Claimed
from market.sandbox.beacon import DEMO_CHAIN

LONG_AGO = datetime(2026, 1, 5, tzinfo=UTC)
BUDGET = hashlib.sha256(b"budget").hexdigest()
SERVICE = "HJ-01"


@dataclass
class DrawWorld:
    """Actors of one test and everything they can do."""

    runtime: object = field(repr=False)
    office: DrawOffice = field(repr=False)
    clock: object
    owner: Actor
    other_owner: Actor
    operator: Actor
    regulator: Actor
    agencies: list[Actor]

    def do(self, actor: Actor, work, *args, **kwargs):
        """Run one use case in one transaction and give what it gives."""
        return self.runtime.act(actor, lambda act: work(act, *args, **kwargs))

    def draft(self, **changes):
        return self.do(self.owner, services.draft_project, make_draft(**changes))

    def submitted(self, **changes):
        project = self.draft(**changes)
        self.do(self.owner, services.submit_project, project.project_no, RouteClaims())
        return project.project_no

    def announced(self, **changes):
        """Publish a project and put its announcement into the log; give the draw id."""
        project_no = self.submitted(**changes)
        setup = self.office.setup
        attempt = self.do(self.operator, services.publish_notice, setup, project_no)
        self.integrate()
        return attempt.draw_id

    def enrol(self, agency: Actor, draw_id: str, **choice):
        chosen = EnrolmentChoice(**choice)
        return self.do(agency, services.enrol, self.office.setup, draw_id, chosen)

    def integrate(self):
        return self.office.integrate(self.runtime)

    def tick(self):
        """One second of the platform: a step for each due draw, then the log."""
        steps = self.office.tick(self.runtime)
        self.integrate()
        return steps

    def settle(self, limit: int = 12):
        """Tick until nothing is due at this time."""
        for _ in range(limit):
            if not self.tick():
                return
        raise AssertionError("the timers never come to rest")

    def attempt(self, draw_id: str) -> DrawAttempt:
        with self.runtime.sessions() as session:
            return session.execute(
                select(DrawAttempt).where(DrawAttempt.draw_id == draw_id)
            ).scalar_one()

    def to_screened(self, draw_id: str):
        self.clock.at = self.attempt(draw_id).enroll_close_at
        self.settle()

    def to_frozen(self, draw_id: str):
        """Pass close and screening and freeze early, as the operator may."""
        self.to_screened(draw_id)
        self.do(self.operator, services.freeze, self.office.setup, draw_id)
        self.integrate()

    def to_go(self, draw_id: str):
        self.to_frozen(draw_id)
        self.settle()

    def drawn(self, draw_id: str):
        """Come to the round and publish what the demo chain says."""
        self.to_go(draw_id)
        attempt = self.attempt(draw_id)
        self.clock.at = attempt.round_at
        signature = DEMO_CHAIN.sign(attempt.round)
        self.do(SYSTEM, services.publish_result, self.office.setup, draw_id, signature)
        self.integrate()

    def fetch_beacon(self, draw_id: str):
        """Run the errand as the worker would."""
        message = Claimed(new_id(), "draw.beacon_due", {"draw_id": draw_id}, "token", 1)
        effect = collect_beacon(self.office, self.runtime, message)
        self.runtime.act(SYSTEM, effect)

    def winner(self, draw_id: str) -> Actor:
        """The agency that is proposed now."""
        detail = self.read(draw_id)
        found = next(row for row in detail.ranking if row.state and row.state.value == "proposed")
        return next(item for item in self.agencies if item.organisation_id == found.agency_id)

    def read(self, draw_id: str, actor: Actor | None = None):
        project_no, _, number = draw_id.rpartition("/")
        with self.runtime.reading() as session:
            reader = actor or Actor(Role.ANONYMOUS)
            return queries.get_attempt(session, reader, project_no, int(number))

    def project(self, draw_id: str, actor: Actor | None = None):
        with self.runtime.reading() as session:
            reader = actor or Actor(Role.ANONYMOUS)
            return queries.get_project(session, reader, draw_id.partition("/")[0])

    def bundle(self, draw_id: str) -> bytes:
        project_no, _, number = draw_id.rpartition("/")
        with self.runtime.reading() as session:
            return queries.bundle_for(session, self.office.files, project_no, int(number))


def make_draft(**changes) -> ProjectDraft:
    values = {
        "title": "演示项目环境影响报告表编制",
        "service_code": SERVICE,
        "fee_fen": 3_000_000,
        "days": 15,
        "budget_sha256": BUDGET,
        "region": "360700",
        "budget_name": "预算书.pdf",
    }
    return ProjectDraft(**{**values, **changes})


def make_draw_world(runtime, clock, *, agencies: int = 4, **pace) -> DrawWorld:
    """Fill an empty database with what a draw needs."""
    office = open_office(
        data=runtime.settings.data,
        secret=runtime.settings.secret_key,
        origin="sunlit.example/log1",
        chain=DEMO_CHAIN.chain,
        pace=demo_pace(**pace),
        relays=(),
    )
    with runtime.sessions() as session, session.begin():
        _catalogue(session)
        named = {
            name: _organisation(session, kind, name)
            for name, kind in (
                ("owner", OrganisationKind.OWNER),
                ("other_owner", OrganisationKind.OWNER),
                ("operator", OrganisationKind.OPERATOR),
                ("regulator", OrganisationKind.REGULATOR),
            )
        }
        firms = [_firm(session, number) for number in range(1, agencies + 1)]
    return DrawWorld(runtime=runtime, office=office, clock=clock, agencies=firms, **named)


def _organisation(session, kind: OrganisationKind, name: str, uscc: str | None = None) -> Actor:
    organisation = Organisation(
        kind=kind,
        name=f"演示{name}",
        uscc=uscc,
        region="360700",
        is_demo=True,
        created_at=LONG_AGO,
    )
    session.add(organisation)
    session.flush()
    return Actor(Role(kind.value), new_id(), organisation.id, f"演示{name}")


def _firm(session, number: int) -> Actor:
    actor = _organisation(
        session, OrganisationKind.AGENCY, f"机构{number}", f"9136070000000000{number:02}"
    )
    session.add(
        Agency(
            organisation_id=actor.organisation_id,
            kind="有限公司",
            licence_no=f"L{number}",
            legal_person=f"演示法人{number}",
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
    session.add(
        Qualification(
            agency_id=actor.organisation_id,
            name="环评信用平台登记",
            level="",
            number=f"Q{number}",
            valid_until=date(2030, 12, 31),
            service_codes=[SERVICE],
        )
    )
    return actor


def _catalogue(session) -> None:
    session.add(Category(code="env", name="环评", position=1))
    session.flush()
    session.add(
        ServiceKind(
            code=SERVICE,
            category_code="env",
            name="环境影响报告表编制",
            short_name="环评报告表",
            position=1,
            qualification="环评信用平台登记单位",
            qualification_required=True,
            regulator="生态环境",
            commission=Commission.APPLICANT,
            self_possible=True,
            self_note="",
            fee_basis=FeeBasis.MARKET,
            fee_unit="份",
            fee_formula="",
            fee_min_fen=100,
            fee_max_fen=9_900_000,
            typical_days=15,
            cap_days=30,
            materials=[],
            stages=[],
            result_document="",
            note="",
            data_version=1,
        )
    )
