"""The demo draws: one checked against the real public beacon, some for visitors."""

import io
import zipfile

import pytest

from market.act import SYSTEM, Actor, Role
from market.demo.draws import load_demo_draws
from market.demo.load import load_demo
from market.draws.models import Project
from market.draws.office import open_office
from market.draws.pace import DEMO
from market.draws.queries import bundle_for, get_attempt, list_draws
from market.draws.states import ProjectState
from market.draws.verifying import BundleVerifier, Outcome
from market.sandbox.beacon import DEMO_CHAIN

ANYONE = Actor(Role.ANONYMOUS)


@pytest.fixture
def office(runtime):
    runtime.act(SYSTEM, lambda act: load_demo(act, lambda _: "no sign-in in this test"))
    office = open_office(
        data=runtime.settings.data,
        secret=runtime.settings.secret_key,
        origin="sunlit.example/log1",
        chain=DEMO_CHAIN.chain,
        pace=DEMO,
        relays=(),
    )
    load_demo_draws(runtime, office)
    return office


def test_the_replay_verifies_against_the_key_of_the_league_of_entropy(runtime, office):
    with runtime.reading() as session:
        replay = next(row for row in list_draws(session).rows if row.is_replay)
        bundle = bundle_for(session, office.files, replay.project_no, 1)
        detail = get_attempt(session, ANYONE, replay.project_no, 1)
    report = BundleVerifier().verify(bundle)
    assert report.outcome is Outcome.UNWITNESSED
    assert not report.is_demo_beacon
    assert detail.beacon.is_public
    assert detail.beacon.round == 1_000_000
    assert detail.draw.project_state is ProjectState.AWARDED
    assert len(detail.ranking) == 5
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        assert b"83ad29e4c409f947" in archive.read("beacon.json")


def test_visitors_find_one_project_open_one_in_review_and_one_draft(runtime, office):
    with runtime.reading() as session:
        states = [
            item.state for item in session.query(Project).filter(Project.is_replay.is_(False))
        ]
    assert sorted(states) == [ProjectState.DRAFT, ProjectState.ENROLLING, ProjectState.REVIEW]


def test_loading_again_changes_nothing(runtime, office):
    assert load_demo_draws(runtime, office) is False


def test_timers_leave_the_replay_alone_and_the_live_policy_returns(runtime, office):
    assert office.tick(runtime) == 0
    office.integrate(runtime)
    with runtime.reading() as session:
        replay = next(row for row in list_draws(session).rows if row.is_replay)
        bundle = bundle_for(session, office.files, replay.project_no, 1)
    assert BundleVerifier().verify(bundle).outcome is Outcome.UNWITNESSED
