"""The state table of orders, the closed list of suspensions and the lights."""

from datetime import UTC, datetime, timedelta

import pytest

from market.calendar.cn import CN
from market.orders.lights import Light, light_of
from market.orders.states import (
    DISPUTABLE,
    HOLDERS,
    MOVES,
    TERMINAL,
    Move,
    OrderState,
    OrderStateError,
    can_move,
    require_move,
)
from market.orders.steps import ACTIONS
from market.orders.suspensions import RULES, SuspensionCode

START = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.mark.parametrize("state", list(OrderState))
@pytest.mark.parametrize("what", list(Move))
def test_every_move_is_in_the_table_or_refused(state, what):
    if (state, what) in MOVES:
        assert require_move(state, what) is MOVES[state, what]
        return
    with pytest.raises(OrderStateError):
        require_move(state, what)


def test_a_withdrawn_dispute_leads_back_to_where_it_began():
    for state in DISPUTABLE:
        back = require_move(OrderState.DISPUTE, Move.DISPUTE_WITHDRAWN, came_from=state)
        assert back is state
    assert can_move(OrderState.DISPUTE, Move.DISPUTE_WITHDRAWN)
    with pytest.raises(OrderStateError):
        require_move(OrderState.DISPUTE, Move.DISPUTE_WITHDRAWN, came_from=OrderState.SETTLED)


def test_every_state_is_reached_from_the_first():
    reached, todo = {OrderState.AWAIT_PAY}, [OrderState.AWAIT_PAY]
    while todo:
        here = todo.pop()
        new = {to for (start, _), to in MOVES.items() if start is here} - reached
        reached |= new
        todo += new
    assert reached == set(OrderState)


def test_every_running_state_has_a_holder_and_a_next_step():
    for state in OrderState:
        assert (state in HOLDERS) is (state not in TERMINAL)
        assert (state in ACTIONS) or state in TERMINAL


def test_money_is_never_released_but_by_confirmation_or_decision():
    into = {what for (_, what), to in MOVES.items() if to is OrderState.SETTLED}
    assert into == {Move.CONFIRMED, Move.DISPUTE_RELEASED}


def test_every_suspension_has_a_cap():
    assert set(RULES) == set(SuspensionCode)
    assert all(0 < rule.cap_workdays <= 60 for rule in RULES.values())


def light(at, *, limit=15):
    due = CN.deadline(START, limit).at
    return light_of(CN, at=at, due_at=due, limit_workdays=limit)


def test_the_lights_change_with_the_working_days_that_are_left():
    due = CN.deadline(START, 15).at  # the end of Tuesday 2026-12-15
    assert light(START) is Light.GREEN
    assert light(due - timedelta(days=4)) is Light.YELLOW  # two left, the limit is three
    assert light(due - timedelta(days=7)) is Light.GREEN  # four left
    assert light(due - timedelta(seconds=1)) is Light.YELLOW
    assert light(due) is Light.RED
    assert light(due + timedelta(days=7)) is Light.RED
    assert light(due + timedelta(days=14)) is Light.DEEP_RED


def test_a_short_limit_is_deep_red_when_half_over():
    due = CN.deadline(START, 2).at
    assert light(due, limit=2) is Light.RED
    assert light(due + timedelta(days=6), limit=2) is Light.DEEP_RED


def test_no_limit_no_light():
    assert light_of(CN, at=START, due_at=None, limit_workdays=1) is Light.OFF
