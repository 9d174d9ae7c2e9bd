"""Projects before the draw: whose they are, what the gate decides, who may do what."""

import pytest

from market.act import Actor, Role
from market.draws import services
from market.draws.queries import ProjectFilter, get_project, list_projects, owner_projects, worklist
from market.draws.services import RouteClaims
from market.draws.states import DrawStateError, ProjectState
from market.errors import InvalidInputError, NotAllowedError, NotFoundError
from tests.support.draws import make_draft, make_draw_world

ANYONE = Actor(Role.ANONYMOUS)


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock)


def submit(world, project_no, **claims):
    return world.do(world.owner, services.submit_project, project_no, RouteClaims(**claims))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": " "},
        {"title": "a\nb"},
        {"title": "x" * 121},
        {"fee_fen": 0},
        {"fee_fen": -1},
        {"days": 31},
        {"days": 0},
        {"service_code": "XX-99"},
        {"budget_sha256": "no"},
        {"region": "36"},
        {"winners": 0},
        {"avoidance": (services.Avoidance("913607000000000001", "H9", "x"),)},
        {"avoidance": (services.Avoidance("913607000000000001", "H1", " "),)},
    ],
)
def test_a_draft_that_breaks_a_rule_names_its_field(world, changes):
    with pytest.raises(InvalidInputError) as refused:
        world.draft(**changes)
    assert refused.value.params["field"] == next(iter(changes))


def test_the_project_number_holds_region_and_year_and_no_counter(world):
    numbers = {world.draft().project_no for _ in range(5)}
    assert len(numbers) == 5
    assert all(number.startswith("CN-360700-2026-") and len(number) == 23 for number in numbers)


def test_a_draft_is_its_owners_alone(world, runtime):
    project_no = world.draft().project_no
    with runtime.reading() as session:
        for stranger in (ANYONE, world.other_owner, world.agencies[0]):
            with pytest.raises(NotFoundError):
                get_project(session, stranger, project_no)
        assert get_project(session, world.owner, project_no).row.state is ProjectState.DRAFT
        assert not list_projects(session, ANYONE, ProjectFilter()).rows
        assert [row.project_no for row in owner_projects(session, world.owner)] == [project_no]
        assert owner_projects(session, world.other_owner) == []
    for act in (services.submit_project, services.edit_project):
        other = RouteClaims() if act is services.submit_project else make_draft()
        with pytest.raises(NotFoundError):
            world.do(world.other_owner, act, project_no, other)


def test_only_an_owner_drafts_and_only_the_operator_publishes(world):
    with pytest.raises(NotAllowedError):
        world.do(world.agencies[0], services.draft_project, make_draft())
    project_no = world.submitted()
    for actor in (world.owner, world.agencies[0], world.regulator):
        with pytest.raises(NotAllowedError):
            world.do(actor, services.publish_notice, world.office.setup, project_no)


def test_the_operator_returns_with_a_reason_and_the_owner_submits_again(world, runtime):
    project_no = world.submitted()
    with pytest.raises(InvalidInputError):
        world.do(world.operator, services.return_project, project_no, reason=" ")
    world.do(world.operator, services.return_project, project_no, reason="请补充预算书")
    world.do(world.owner, services.edit_project, project_no, make_draft(title="改后的标题"))
    submit(world, project_no)
    with runtime.reading() as session:
        detail = get_project(session, world.owner, project_no)
        assert [row.project_no for row in worklist(session, ProjectState.REVIEW)] == [project_no]
    assert detail.row.title == "改后的标题"
    assert [event.kind for event in detail.events] == [
        "route_decided",
        "returned",
        "route_decided",
    ]


def test_a_submitted_project_cannot_be_edited(world):
    project_no = world.submitted()
    with pytest.raises(DrawStateError):
        world.do(world.owner, services.edit_project, project_no, make_draft())


@pytest.mark.parametrize(
    ("granted", "state"), [(True, ProjectState.EXEMPT), (False, ProjectState.REVIEW)]
)
def test_the_regulator_decides_on_an_exemption(world, runtime, granted, state):
    project_no = world.draft().project_no
    submit(world, project_no, is_emergency=True)
    decide = services.decide_exemption
    with pytest.raises(NotAllowedError):
        world.do(world.operator, decide, project_no, granted=granted, reason="x")
    world.do(world.regulator, decide, project_no, granted=granted, reason="已核定")
    with runtime.reading() as session:
        assert get_project(session, world.owner, project_no).row.state is state


def test_an_exempt_project_is_public_but_not_a_secret_one(world, runtime):
    shown, hidden = (world.draft().project_no for _ in range(2))
    submit(world, shown, is_emergency=True)
    submit(world, hidden, is_secret=True)
    for project_no in (shown, hidden):
        world.do(
            world.regulator, services.decide_exemption, project_no, granted=True, reason="核定"
        )
    with runtime.reading() as session:
        rows = list_projects(session, ANYONE, ProjectFilter()).rows
        assert [row.project_no for row in rows] == [shown]
        with pytest.raises(NotFoundError):
            get_project(session, ANYONE, hidden)


def test_split_purchases_are_stopped_with_the_sum_that_stopped_them(world):
    for _ in range(3):
        world.submitted(fee_fen=30_000_000)
    project_no = world.draft(fee_fen=30_000_000).project_no
    decision = submit(world, project_no)
    assert decision.route == "split_suspected"
    assert decision.inputs.same_service_year_fen == 90_000_000


def test_the_owner_ends_a_project_only_before_its_notice(world, runtime):
    project_no = world.submitted()
    world.do(world.owner, services.cancel_project, project_no, reason="不再需要")
    with runtime.reading() as session:
        assert get_project(session, ANYONE, project_no).row.state is ProjectState.CANCELLED
    draw_id = world.announced()
    with pytest.raises(DrawStateError):
        world.do(world.owner, services.cancel_project, draw_id.partition("/")[0], reason="不喜欢")


def test_lists_find_by_words_state_region_and_service(world, runtime):
    draw_id = world.announced(title="滨江学校环评")
    with runtime.reading() as session:
        for wanted, count in (
            (ProjectFilter(), 1),
            (ProjectFilter(q="滨江 环评"), 1),
            (ProjectFilter(q="100%"), 0),
            (ProjectFilter(q=draw_id.partition("/")[0].lower()), 1),
            (ProjectFilter(state="enrolling"), 1),
            (ProjectFilter(state="draft"), 1),
            (ProjectFilter(state="awarded"), 0),
            (ProjectFilter(region="360000"), 1),
            (ProjectFilter(region="440000"), 0),
            (ProjectFilter(service_code="ZJ-05"), 0),
        ):
            assert list_projects(session, ANYONE, wanted).total == count, wanted
