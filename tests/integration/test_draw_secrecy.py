"""Before the freeze nobody learns who enrolled or how many; after it nobody can change the list."""

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from market.act import Actor, Role
from market.draws import services
from market.draws.models import DrawAttempt, Enrolment, RosterEntry
from market.draws.queries import screening_rows
from market.draws.states import EnrolmentClosedError
from market.errors import NotFoundError
from tests.support.draws import make_draw_world


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock)


@pytest.fixture
def enrolled(world):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    return draw_id


def everything_shown(world, draw_id, actor) -> str:
    return repr((world.read(draw_id, actor), world.project(draw_id, actor)))


@pytest.mark.parametrize("who", ["anyone", "owner", "operator", "regulator"])
def test_no_page_names_or_counts_entrants_before_the_freeze(world, enrolled, who):
    actor = Actor(Role.ANONYMOUS) if who == "anyone" else getattr(world, who)
    before = everything_shown(world, enrolled, actor)
    world.to_screened(enrolled)
    for text in (before, everything_shown(world, enrolled, actor)):
        assert "演示机构" not in text
        assert not re.search("9136070000000000", text)
        assert "roster_size=None" in text


def test_the_page_is_the_same_whether_none_or_four_have_enrolled(world):
    draw_id = world.announced()
    empty = world.read(draw_id)
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    assert world.read(draw_id) == empty


def test_the_bundle_before_the_freeze_tells_nothing_of_entrants(world, enrolled):
    text = world.bundle(enrolled)
    for agency_no in range(1, 5):
        assert f"9136070000000000{agency_no:02}".encode() not in text


def test_the_operator_sees_entrants_only_after_the_close(world, enrolled, runtime):
    with runtime.reading() as session, pytest.raises(NotFoundError):
        screening_rows(session, world.operator, enrolled)
    world.to_screened(enrolled)
    with runtime.reading() as session:
        assert len(screening_rows(session, world.operator, enrolled)) == 4
        with pytest.raises(NotFoundError):
            screening_rows(session, world.owner, enrolled)


@pytest.fixture
def frozen(world, enrolled):
    world.to_frozen(enrolled)
    return enrolled


@pytest.mark.parametrize(
    "statement",
    [
        sa.delete(RosterEntry),
        sa.update(RosterEntry).values(name="another"),
        sa.delete(Enrolment),
        sa.update(Enrolment).values(uscc="913607000000000099"),
        sa.update(DrawAttempt).values(roster_root="0" * 64),
        sa.update(DrawAttempt).values(frozen_at=None, roster_root=None),
        sa.update(DrawAttempt).values(round=1),
        sa.update(DrawAttempt).values(operator_commit="0" * 64),
        sa.delete(DrawAttempt),
    ],
    ids=str,
)
def test_the_database_refuses_every_change_of_a_frozen_list(frozen, runtime, statement):
    with runtime.sessions() as session, pytest.raises(DBAPIError):
        session.execute(statement)
        session.commit()


def test_the_database_refuses_a_late_entrant(world, frozen, runtime):
    attempt = world.attempt(frozen)
    late = RosterEntry(
        attempt_id=attempt.id,
        uscc="913607000000000099",
        agency_id=world.agencies[0].organisation_id,
        name="late",
        weight=1,
        log_index=1,
        nonce="00" * 16,
    )
    with runtime.sessions() as session:
        session.add(late)
        with pytest.raises(DBAPIError):
            session.commit()


def test_names_appear_with_the_freeze(world, frozen):
    detail = world.read(frozen)
    assert [row.name for row in detail.entrants] == [f"演示机构{n}" for n in range(1, 5)]
    assert detail.operator_secret
    assert not detail.ranking


def test_a_drawn_result_cannot_be_changed(world, enrolled, runtime):
    world.drawn(enrolled)
    for statement in (
        "UPDATE ranked_entries SET rank = 9",
        "DELETE FROM ranked_entries",
        "UPDATE draw_attempts SET seed = 'x'",
        "UPDATE project_events SET kind = 'x'",
        "DELETE FROM project_events",
        "UPDATE log_entries SET leaf_sha256 = 'x'",
        "DELETE FROM log_entries",
    ):
        with runtime.sessions() as session, pytest.raises(DBAPIError):
            session.execute(sa.text(statement))
            session.commit()


def test_nobody_can_enrol_or_withdraw_after_the_close(world, enrolled):
    world.to_screened(enrolled)
    with pytest.raises(EnrolmentClosedError):
        world.do(world.agencies[0], services.withdraw, enrolled)
    with pytest.raises(EnrolmentClosedError):
        world.enrol(world.agencies[0], enrolled)
