"""Moves of projects, attempts and candidates."""

import pytest

from market.draws.states import (
    ATTEMPT_MOVES,
    CANDIDATE_MOVES,
    MOVES,
    AttemptState,
    CandidateState,
    DrawStateError,
    ProjectState,
    require_attempt_move,
    require_candidate_move,
    require_move,
)

TABLES = (
    (ProjectState, MOVES, require_move),
    (AttemptState, ATTEMPT_MOVES, require_attempt_move),
    (CandidateState, CANDIDATE_MOVES, require_candidate_move),
)
CASES = [
    (table, require, current, target)
    for states, table, require in TABLES
    for current in states
    for target in states
]


@pytest.mark.parametrize(("table", "require", "current", "target"), CASES)
def test_only_listed_moves_are_possible(table, require, current, target):
    if target in table[current]:
        require(current, target)
        return
    with pytest.raises(DrawStateError) as refused:
        require(current, target)
    assert refused.value.params == {"current": current.value, "target": target.value}


@pytest.mark.parametrize("table", [table for _, table, _ in TABLES])
def test_every_state_has_its_row(table):
    states = type(next(iter(table)))
    assert set(table) == set(states)


def reachable(start, table):
    seen, open_states = {start}, [start]
    while open_states:
        for target in table[open_states.pop()] - seen:
            seen.add(target)
            open_states.append(target)
    return seen


def test_every_project_state_can_be_reached_and_every_end_is_an_end():
    assert reachable(ProjectState.DRAFT, MOVES) == set(ProjectState)
    ends = {state for state, targets in MOVES.items() if not targets}
    assert ends == {
        ProjectState.EXEMPT,
        ProjectState.AWARDED,
        ProjectState.FAILED,
        ProjectState.CANCELLED,
    }


def test_after_the_go_there_is_only_the_result():
    assert MOVES[ProjectState.GO] == {ProjectState.DRAWN}
    assert ATTEMPT_MOVES[AttemptState.GO] == {AttemptState.DRAWN}
