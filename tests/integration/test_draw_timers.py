"""Timers: each draw at its time, none starved by another, and nothing done twice."""

from datetime import timedelta

import pytest

from market.act import SYSTEM
from market.draws import services
from market.draws.states import AttemptState, DrawStateError, NotYetLoggedError
from tests.support.draws import make_draw_world


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock)


def test_a_draw_is_looked_at_only_when_it_is_due(world, runtime):
    draw_id = world.announced()
    close = world.attempt(draw_id).enroll_close_at
    with runtime.reading() as session:
        assert services.due_draws(session, close - timedelta(seconds=1)) == []
        assert services.due_draws(session, close) == [draw_id]


def test_time_moves_all_due_draws_and_leaves_the_others(world):
    first, second = world.announced(), world.announced()
    world.clock.advance(seconds=30)
    later = world.announced()
    world.clock.at = world.attempt(first).enroll_close_at
    assert world.tick() == 2
    states = [world.attempt(draw_id).state for draw_id in (first, second, later)]
    assert states == [AttemptState.CLOSED, AttemptState.CLOSED, AttemptState.ENROLLING]


def test_a_step_waits_for_the_log_and_is_tried_again(world):
    draw_id = world.announced()
    world.enrol(world.agencies[0], draw_id)  # not integrated yet
    world.clock.at = world.attempt(draw_id).enroll_close_at
    with pytest.raises(NotYetLoggedError):
        world.do(SYSTEM, services.close_enrolment, draw_id)
    assert world.office.tick(world.runtime) == 0
    assert world.attempt(draw_id).state is AttemptState.ENROLLING
    world.integrate()
    world.clock.advance(seconds=1)
    assert world.office.tick(world.runtime) == 1
    assert world.attempt(draw_id).state is AttemptState.CLOSED


def test_no_step_can_be_taken_early_or_twice(world):
    draw_id, setup = world.announced(), world.office.setup
    with pytest.raises(DrawStateError):
        world.do(SYSTEM, services.close_enrolment, draw_id)
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.to_screened(draw_id)
    for work, args in (
        (services.close_enrolment, (draw_id,)),
        (services.screen, (draw_id,)),
        (services.go, (setup, draw_id)),
        (services.lapse, (setup, draw_id)),
    ):
        with pytest.raises(DrawStateError):
            world.do(SYSTEM, work, *args)
    world.to_frozen(draw_id)
    with pytest.raises(DrawStateError):
        world.do(SYSTEM, services.freeze, setup, draw_id)


def test_the_operator_may_freeze_early_and_the_timer_does_it_in_time(world):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.to_screened(draw_id)
    assert world.attempt(draw_id).state is AttemptState.CLOSED
    world.clock.at = world.attempt(draw_id).freeze_by_at
    world.settle()
    attempt = world.attempt(draw_id)
    assert attempt.state is AttemptState.GO
    assert attempt.frozen_at <= attempt.freeze_by_at


def test_a_late_go_voids_the_attempt_blindly(world):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.to_frozen(draw_id)
    world.clock.at = world.attempt(draw_id).round_at
    world.settle()
    attempt = world.attempt(draw_id)
    assert (attempt.state, attempt.void_code) == (AttemptState.VOID, "no_valid_freeze")
    assert len(world.read(draw_id).entrants) == 4  # a frozen list stays public
