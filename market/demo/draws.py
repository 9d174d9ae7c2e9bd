"""Demo draws: one finished on a real public beacon of the past, some for visitors to go on with.

The finished one is a *replay*: its beacon, drand quicknet round 1000000, was public long before, so
it shows how checking works and proves nothing about chance. Pages mark it 历史信标核验演示.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, select

from market.accounts.models import Membership, Organisation, User
from market.act import SYSTEM, Act, Actor, Role
from market.draws import sequencer, services
from market.draws.models import Candidate, DrawAttempt, Enrolment, Project
from market.draws.office import QUICKNET, DrawOffice
from market.draws.pace import OFFICIAL, Span
from market.draws.services import EnrolmentChoice, ProjectDraft, RouteClaims
from market.draws.setup import DrawSetup
from market.draws.states import AttemptState, CandidateState, ProjectState
from market.runtime import Runtime

T = TypeVar("T")

BEACON = Path(__file__).parent / "data" / "quicknet-1000000.v1.json"
OWNER, OPERATOR = "owner@demo", "operator@demo"
ENTRANTS = tuple(f"agency{number}@demo" for number in (1, 2, 7, 10, 12))  # may do HJ-01
SERVICE = "HJ-01"
REPLAY_TITLE = "历史信标核验演示·城北小学扩建工程环境影响报告表编制"
REPLAY_SUMMARY = (
    "本项目用 2023 年 9 月 27 日已经公开的公共信标（drand quicknet 第 1000000 轮）演示核验方法。"
    "信标在演示之前就已公开，因此只说明怎样核验，不说明结果是随机产生的。"
)
ANNOUNCED = datetime(2023, 9, 20, 1, 0, tzinfo=UTC)
ENROLLED = datetime(2023, 9, 21, 2, 0, tzinfo=UTC)
CLOSED = datetime(2023, 9, 25, 9, 30, tzinfo=UTC)
FREEZE_BY = datetime(2023, 9, 26, 9, 30, tzinfo=UTC)
DRAWN = datetime(2023, 9, 27, 8, 29, 24, tzinfo=UTC)  # round 1000000
CONFIRMED = datetime(2023, 9, 28, 2, 0, tzinfo=UTC)
AWARDED = datetime(2023, 10, 12, 2, 0, tzinfo=UTC)
VISITORS_DAYS = 7  # how long the open demo project takes enrolments
MAX_STEPS = 20


@dataclass(frozen=True, slots=True)
class _LiveDemo:
    """A project that visitors may go on with, and how far it is taken."""

    title: str
    summary: str
    fee_fen: int
    is_submitted: bool
    is_published: bool


LIVE = (
    _LiveDemo(
        "演示·滨江学校新建工程环境影响报告表编制",
        "演示项目，报名进行中：符合条件的演示机构可以报名，报名凭据当场可得。",
        4_200_000,
        is_submitted=True,
        is_published=True,
    ),
    _LiveDemo(
        "演示·社区卫生服务中心改造环境影响报告表编制",
        "演示项目，等待运营方审核：由 operator@demo 发布后，可以走完整个摇号。",
        3_600_000,
        is_submitted=True,
        is_published=False,
    ),
    _LiveDemo(
        "演示·污水管网提升工程环境影响报告表编制",
        "演示项目，草稿：由 owner@demo 修改并提交。",
        2_800_000,
        is_submitted=False,
        is_published=False,
    ),
)


def load_demo_draws(runtime: Runtime, office: DrawOffice) -> bool:
    """Make the demo draws, after ``load_demo``; safe to repeat, also after a stop half way.

    Returns whether anything was made.
    """
    replayed = _Replay(runtime, office).run()
    made = [_make_live(runtime, office, demo) for demo in LIVE]
    office.integrate(runtime)
    return replayed or any(made)


def read_signature() -> bytes:
    """Read the stored signature of round 1000000, 48 bytes."""
    return bytes.fromhex(json.loads(BEACON.read_text("utf-8"))["signature"])


def _actor(act: Act, login: str, role: Role) -> Actor:
    user, organisation_id = act.session.execute(
        select(User, Membership.organisation_id)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(User.login == login)
    ).one()
    return Actor(role, user.id, organisation_id, user.name)


def _as(act: Act, login: str, role: Role) -> Act:
    return replace(act, actor=_actor(act, login, role))


def _draft(title: str, summary: str, fee_fen: int) -> ProjectDraft:
    return ProjectDraft(
        title=title,
        summary=summary,
        service_code=SERVICE,
        fee_fen=fee_fen,
        days=15,
        budget_name="演示预算书.pdf",
        budget_sha256=hashlib.sha256(title.encode()).hexdigest(),
        requirement_note="",
        region="360702",
    )


def _make_live(runtime: Runtime, office: DrawOffice, demo: _LiveDemo) -> bool:
    """Make one open project in one act, unless it is there."""

    def work(act: Act) -> bool:
        if _has_project(act, demo.title):
            return False
        own = _as(act, OWNER, Role.OWNER)
        project = services.draft_project(own, _draft(demo.title, demo.summary, demo.fee_fen))
        project.is_demo = True
        if demo.is_submitted:
            services.submit_project(own, project.project_no, RouteClaims())
        if demo.is_published:
            operator = _as(act, OPERATOR, Role.OPERATOR)
            services.publish_notice(operator, _patient(office.setup), project.project_no)
        return True

    return runtime.act(SYSTEM, work)


def _has_project(act: Act, title: str) -> bool:
    return act.session.execute(select(Project.id).where(Project.title == title)).first() is not None


def _patient(setup: DrawSetup) -> DrawSetup:
    """Keep enrolment open for days at any pace, so that there is something to enrol in."""
    enrol = Span(seconds=VISITORS_DAYS * 86_400)
    return replace(setup, pace=replace(setup.pace, enrol=enrol, enrol_large=enrol))


class _Replay:
    """Takes the finished demo draw through the ordinary services, at times of the past.

    Each step is one act, followed by the log; a stop between two steps is no harm.
    """

    def __init__(self, runtime: Runtime, office: DrawOffice) -> None:
        self._runtime = runtime
        self._office = office
        seconds = int((CLOSED - ANNOUNCED).total_seconds())
        screening = int((FREEZE_BY - CLOSED).total_seconds())
        to_draw = int((DRAWN - FREEZE_BY).total_seconds())
        pace = replace(
            OFFICIAL,
            enrol=Span(seconds=seconds),
            screening=Span(seconds=screening),
            freeze_to_draw=Span(seconds=to_draw),
            confirm=Span(seconds=2 * 86_400),
            publicity=Span(seconds=3 * 86_400),
            award=Span(seconds=3600),
        )
        self._setup = replace(office.setup, chain=QUICKNET, pace=pace)

    def run(self) -> bool:
        """Go on from wherever the replay stands; return whether there was anything to do."""
        for count in range(MAX_STEPS):
            if not self._step():
                return count > 0
        raise AssertionError("the replay never ends")

    def _act(self, at: datetime, work: Callable[[Act], T]) -> T:
        with self._runtime.sessions() as session, session.begin():
            return work(Act(session, SYSTEM, at))

    def _step(self) -> bool:
        at, work = self._act(self._runtime.now(), self._next)
        if work is None:
            return False
        self._act(at, work)
        sequencer.integrate(lambda inner: self._act(at, inner), self._office.writer)
        return True

    def _next(self, act: Act) -> tuple[datetime, Callable[[Act], object] | None]:
        """Say what comes next and when."""
        project = act.session.execute(
            select(Project).where(Project.is_replay.is_(True))
        ).scalar_one_or_none()
        if project is None:
            return ANNOUNCED, self._announce
        attempt = act.session.execute(
            select(DrawAttempt).where(DrawAttempt.project_id == project.id)
        ).scalar_one()
        return self._next_of(act, project, attempt)

    def _next_of(
        self, act: Act, project: Project, attempt: DrawAttempt
    ) -> tuple[datetime, Callable[[Act], object] | None]:
        draw_id, setup = attempt.draw_id, self._setup
        if project.state is ProjectState.PUBLICITY:
            return self._after_draw(act, attempt)
        steps: dict[AttemptState, tuple[datetime, Callable[[Act], object]]] = {
            AttemptState.ENROLLING: (CLOSED, lambda a: services.close_enrolment(a, draw_id)),
            AttemptState.CLOSED: (FREEZE_BY, lambda a: services.freeze(a, setup, draw_id)),
            AttemptState.FROZEN: (FREEZE_BY, lambda a: services.settle_go(a, setup, draw_id)),
            AttemptState.GO: (
                DRAWN + timedelta(seconds=3),
                lambda a: services.publish_result(a, setup, draw_id, read_signature()),
            ),
        }
        first: dict[AttemptState, tuple[bool, datetime, Callable[[Act], object]]] = {
            AttemptState.ENROLLING: (
                not _enrolled(act, attempt),
                ENROLLED,
                lambda a: self._enrol(a, draw_id),
            ),
            AttemptState.CLOSED: (
                attempt.screened_at is None,
                CLOSED,
                lambda a: services.screen(a, draw_id),
            ),
            AttemptState.FROZEN: (
                attempt.go_entry_id is None,
                FREEZE_BY,
                lambda a: services.go(a, setup, draw_id),
            ),
        }
        if attempt.state in first and first[attempt.state][0]:
            return first[attempt.state][1:]
        return steps.get(attempt.state, (DRAWN, None))

    def _announce(self, act: Act) -> None:
        own = _as(act, OWNER, Role.OWNER)
        project = services.draft_project(own, _draft(REPLAY_TITLE, REPLAY_SUMMARY, 3_200_000))
        project.is_demo = project.is_replay = True
        services.submit_project(own, project.project_no, RouteClaims())
        operator = _as(act, OPERATOR, Role.OPERATOR)
        services.publish_notice(operator, self._setup, project.project_no)

    def _enrol(self, act: Act, draw_id: str) -> None:
        for login in ENTRANTS:
            agency = _as(act, login, Role.AGENCY)
            services.enrol(agency, self._setup, draw_id, EnrolmentChoice())

    def _after_draw(
        self, act: Act, attempt: DrawAttempt
    ) -> tuple[datetime, Callable[[Act], object] | None]:
        draw_id, setup = attempt.draw_id, self._setup
        proposed = act.session.execute(
            select(Candidate).where(
                Candidate.attempt_id == attempt.id, Candidate.state == CandidateState.PROPOSED
            )
        ).scalar_one_or_none()
        if proposed is None:
            return AWARDED, lambda a: services.award(a, setup, draw_id)
        winner = Actor(Role.AGENCY, None, proposed.agency_id, "演示机构")
        return CONFIRMED, lambda a: services.confirm_win(replace(a, actor=winner), draw_id)


def _enrolled(act: Act, attempt: DrawAttempt) -> int:
    statement = select(func.count()).where(Enrolment.attempt_id == attempt.id)
    return act.session.execute(statement).scalar_one()
