"""A draw from the owner's draft to the award, on real databases, files and signatures."""

import subprocess
import sys

import pytest

from market.draws import services
from market.draws.states import AttemptState, CandidateState, DrawStateError, ProjectState
from market.errors import NotAllowedError
from tests.support.draws import make_draw_world

PASS_UNWITNESSED = 3


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock)


def test_a_draw_runs_from_draft_to_award_and_verifies(world, tmp_path):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.drawn(draw_id)
    detail = world.read(draw_id)
    assert detail.recomputes is True
    assert [row.rank for row in detail.ranking] == [1, 2, 3, 4]
    assert [row.state for row in detail.ranking] == [
        CandidateState.PROPOSED,
        CandidateState.RESERVE,
        CandidateState.RESERVE,
        None,
    ]
    world.do(world.winner(draw_id), services.confirm_win, draw_id)
    world.clock.advance(seconds=90)
    world.settle()
    project = world.project(draw_id)
    assert project.row.state is ProjectState.AWARDED
    assert project.is_history_intact
    kinds = [event.kind for event in project.events]
    assert kinds == [
        "route_decided",
        "published",
        "closed",
        "frozen",
        "go",
        "drawn",
        "publicity_begun",
        "confirmed",
        "awarded",
    ]
    assert verify(world.bundle(draw_id), tmp_path) == PASS_UNWITNESSED


def verify(bundle: bytes, folder) -> int:
    """Run the published verifier as anybody would."""
    path = folder / "bundle.zip"
    path.write_bytes(bundle)
    command = [sys.executable, "-m", "lottery.verify", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout + done.stderr)  # shown when the test fails
    return done.returncode


def test_a_silent_winner_is_replaced_by_the_next_reserve(world, tmp_path):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.drawn(draw_id)
    silent, publicity = world.winner(draw_id), world.attempt(draw_id).publicity_ends_at
    world.clock.advance(seconds=1801)
    world.settle()
    second = world.winner(draw_id)
    assert second != silent
    assert world.attempt(draw_id).publicity_ends_at > publicity
    world.do(
        second,
        services.decline_win,
        world.office.setup,
        draw_id,
        ground="force_majeure",
        statement="洪水",
    )
    world.integrate()
    third = world.winner(draw_id)
    world.do(third, services.confirm_win, draw_id)
    world.clock.advance(seconds=90)
    world.settle()
    states = [row.state for row in world.read(draw_id).ranking]
    assert states == [
        CandidateState.DECLINED,
        CandidateState.DECLINED,
        CandidateState.AWARDED,
        None,
    ]
    assert verify(world.bundle(draw_id), tmp_path) == PASS_UNWITNESSED


def test_too_few_entrants_open_a_second_round_once(world, tmp_path):
    draw_id = world.announced()
    for agency in world.agencies[:2]:
        world.enrol(agency, draw_id)
    world.integrate()
    world.to_frozen(draw_id)
    assert world.attempt(draw_id).state is AttemptState.VOID
    world.settle()
    again = draw_id[:-1] + "2"
    assert world.attempt(again).state is AttemptState.ENROLLING
    for agency in world.agencies[:2]:
        world.enrol(agency, again)
    world.integrate()
    world.drawn(again)
    assert len(world.read(again).ranking) == 2
    assert world.project(again).void_count == 1
    assert verify(world.bundle(again), tmp_path) == PASS_UNWITNESSED
    assert world.read(draw_id).entrants == ()


def test_nobody_in_the_second_round_fails_the_project(world):
    draw_id = world.announced()
    world.to_frozen(draw_id)
    world.settle()
    world.to_frozen(draw_id[:-1] + "2")
    world.settle()
    project = world.project(draw_id)
    assert project.row.state is ProjectState.FAILED
    assert project.events[-1].details == {"reason": "too_few"}


@pytest.mark.parametrize(
    ("consents", "state"), [(True, ProjectState.AWARDED), (False, ProjectState.FAILED)]
)
def test_a_sole_entrant_is_awarded_only_with_the_regulators_consent(world, consents, state):
    draw_id = world.announced()
    world.to_frozen(draw_id)
    world.settle()
    again = draw_id[:-1] + "2"
    world.enrol(world.agencies[0], again)
    world.integrate()
    world.to_frozen(again)
    world.settle()
    project_no = draw_id.partition("/")[0]
    decide = services.decide_sole_entrant
    with pytest.raises(NotAllowedError):
        world.do(world.operator, decide, project_no, consents=consents, reason="x")
    with pytest.raises(DrawStateError):
        world.do(world.regulator, decide, project_no, consents=consents, reason="x")
    world.clock.advance(days=30)
    world.settle()
    assert world.project(draw_id).row.state is ProjectState.TOO_FEW
    world.do(world.regulator, decide, project_no, consents=consents, reason="x")
    assert world.project(draw_id).row.state is state


def test_a_missed_freeze_voids_the_attempt_and_a_new_one_may_follow(world):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.clock.at = world.attempt(draw_id).round_at
    world.settle()
    assert world.attempt(draw_id).state is AttemptState.VOID
    assert world.attempt(draw_id).void_code == "no_valid_freeze"
    project_no = draw_id.partition("/")[0]
    setup = world.office.setup
    again = world.do(world.operator, services.publish_notice, setup, project_no)
    assert again.number == 2
    assert again.minimum == 3
