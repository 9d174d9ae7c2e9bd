"""What time alone moves: each due attempt takes its next step, none waits for another."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from market import audit, outbox
from market.act import Act
from market.draws import log
from market.draws.announcing import MINIMUM, MINIMUM_AGAIN, announce
from market.draws.award import award, expire_silent
from market.draws.closing import close_enrolment, screen
from market.draws.freezing import freeze, go, lapse, lapse_deadline, settle_go
from market.draws.history import add_event
from market.draws.models import DrawAttempt, Project
from market.draws.setup import DrawSetup
from market.draws.sole import find_sole_entrant, publish_sole_entrant
from market.draws.states import AttemptState, CandidateState, ProjectState
from market.draws.store import candidates_of, lock_attempt, move
from market.errors import MarketError

AUTO_FREEZE_PART = 4  # the timer freezes when a quarter of the screening time is left
BEACON_PATIENCE = timedelta(minutes=2)
RETRY = timedelta(seconds=1)
BATCH = 200

logger = logging.getLogger(__name__)


def due_draws(session: Session, now: datetime) -> list[str]:
    """Name the attempts that the timers have to look at, the longest waiting first."""
    statement = (
        select(DrawAttempt.draw_id)
        .join(Project, Project.id == DrawAttempt.project_id)
        .where(DrawAttempt.due_at <= now, Project.is_replay.is_(False))
        .order_by(DrawAttempt.due_at)
        .limit(BATCH)
    )
    return list(session.execute(statement).scalars())


def advance_draw(act: Act, setup: DrawSetup, draw_id: str) -> bool:
    """Let one attempt take its next step if it can, and note when to look again."""
    project, attempt = lock_attempt(act, draw_id)
    if attempt.due_at is None or attempt.due_at > act.at:
        return False  # another worker was faster
    try:
        with act.session.begin_nested():
            has_moved = step_draw(act, setup, draw_id)
    except MarketError as error:
        logger.info("draw waits: %s", error)
        project, attempt = lock_attempt(act, draw_id)
        has_moved = False
    attempt.due_at = act.at if has_moved else next_look(act, setup, project, attempt)
    return has_moved


def next_look(
    act: Act, setup: DrawSetup, project: Project, attempt: DrawAttempt
) -> datetime | None:
    """Say when time may have something to do again, None when never."""
    soon = act.at + RETRY
    if attempt.number != project.attempts:
        return None
    if project.state is ProjectState.PUBLICITY:
        return max(soon, _publicity_look(act, setup, attempt))
    if project.state is ProjectState.TOO_FEW:
        return None if attempt.publicity_ends_at else soon  # a sole entrant waits for a person
    looks = {
        AttemptState.ENROLLING: attempt.enroll_close_at,
        AttemptState.CLOSED: auto_freeze_at(attempt) if attempt.screened_at else soon,
        AttemptState.FROZEN: soon,
        AttemptState.GO: max(attempt.round_at, act.at) + BEACON_PATIENCE,
    }
    return max(soon, looks[attempt.state]) if attempt.state in looks else None


def _publicity_look(act: Act, setup: DrawSetup, attempt: DrawAttempt) -> datetime:
    ends = attempt.publicity_ends_at or act.at
    answers = [
        item.answer_by_at
        for item in candidates_of(act.session, attempt.id)
        if item.state is CandidateState.PROPOSED and item.answer_by_at is not None
    ]
    return min([setup.pace.award.after(ends), *answers])


def step_draw(act: Act, setup: DrawSetup, draw_id: str) -> bool:
    """Take the next step of one attempt; False when there is none at this time.

    Raises:
        MarketError: the step is due but cannot be taken yet.
    """
    project, attempt = lock_attempt(act, draw_id)
    after = AFTER_DRAW.get(project.state)
    if after is not None:
        return after(act, setup, project, attempt)
    if _is_lapsed(act, setup, attempt):
        lapse(act, setup, draw_id)
        return True
    step = STEPS.get(attempt.state)
    return step(act, setup, attempt) if step else False


def _is_lapsed(act: Act, setup: DrawSetup, attempt: DrawAttempt) -> bool:
    waits = {AttemptState.ENROLLING, AttemptState.CLOSED, AttemptState.FROZEN}
    if attempt.state not in waits or act.at <= lapse_deadline(setup, attempt):
        return False
    entry = log.find_entry(act.session, attempt.go_entry_id)
    in_time = entry is not None and entry.integrated_at is not None
    return not (in_time and settle_go(act, setup, attempt.draw_id))


def _close(act: Act, _setup: DrawSetup, attempt: DrawAttempt) -> bool:
    if act.at < attempt.enroll_close_at:
        return False
    close_enrolment(act, attempt.draw_id)
    return True


def _screen_or_freeze(act: Act, setup: DrawSetup, attempt: DrawAttempt) -> bool:
    if attempt.screened_at is None:
        screen(act, attempt.draw_id)
        return True
    if act.at < auto_freeze_at(attempt):
        return False
    freeze(act, setup, attempt.draw_id)
    return True


def auto_freeze_at(attempt: DrawAttempt) -> datetime:
    """Return when the timer freezes; until then the operator may still reject with a reason."""
    span = attempt.freeze_by_at - attempt.enroll_close_at
    return attempt.freeze_by_at - span / AUTO_FREEZE_PART


def _clear(act: Act, setup: DrawSetup, attempt: DrawAttempt) -> bool:
    if attempt.go_entry_id is None:
        go(act, setup, attempt.draw_id)
        return True
    return settle_go(act, setup, attempt.draw_id)


def _remind_beacon(act: Act, _setup: DrawSetup, attempt: DrawAttempt) -> bool:
    """Ask for the beacon again, hourly, should the first errand have been given up."""
    if act.at < attempt.round_at + BEACON_PATIENCE:
        return False
    hour = act.at.strftime("%Y%m%d%H")
    outbox.put(
        act,
        "draw.beacon_due",
        dedup=f"draw.beacon_due/{attempt.draw_id}/{hour}",
        draw_id=attempt.draw_id,
    )
    return False


def _publicity(act: Act, setup: DrawSetup, _project: Project, attempt: DrawAttempt) -> bool:
    if expire_silent(act, setup, attempt.draw_id):
        return True
    return award(act, setup, attempt.draw_id)


def _after_too_few(act: Act, setup: DrawSetup, project: Project, attempt: DrawAttempt) -> bool:
    """Open the second round, or end the project: one round more is all there is."""
    log.require_position(act.session, attempt.void_entry_id)
    if attempt.minimum >= MINIMUM:
        announce(act, setup, project, minimum=MINIMUM_AGAIN)
        return True
    entrant = find_sole_entrant(act, attempt)
    if entrant is not None:
        if attempt.publicity_ends_at is None:
            publish_sole_entrant(act, setup, project, attempt, entrant)
            return True
        return False  # only the regulator can go on from here
    move(project, ProjectState.FAILED)
    project.ended_at = act.at
    add_event(act, project, "failed", attempt=attempt.number, reason="too_few")
    audit.record(act, "project.failed", subject=project.id)
    outbox.put(act, "project.failed", project_no=project.project_no)
    return True


STEPS: dict[AttemptState, Callable[[Act, DrawSetup, DrawAttempt], bool]] = {
    AttemptState.ENROLLING: _close,
    AttemptState.CLOSED: _screen_or_freeze,
    AttemptState.FROZEN: _clear,
    AttemptState.GO: _remind_beacon,
}
AFTER_DRAW: dict[ProjectState, Callable[[Act, DrawSetup, Project, DrawAttempt], bool]] = {
    ProjectState.PUBLICITY: _publicity,
    ProjectState.TOO_FEW: _after_too_few,
}
