"""Publish a notice: fix times, beacon round and seed commitment, and write them to the log."""

import secrets
from datetime import UTC, datetime

from sqlalchemy import select

from lottery.commitments import SECRET_BYTES, make_draw_id, operator_commit
from lottery.encoding import format_time
from lottery.entropy.drand import round_for, round_time
from lottery.records import Announce, BeaconChoice, Lot
from market import audit, outbox
from market.act import Act, Role
from market.draws import log
from market.draws.history import add_event
from market.draws.log_models import LogEntry
from market.draws.models import DrawAttempt, Project
from market.draws.setup import DrawSetup
from market.draws.states import AttemptState, ProjectState
from market.draws.store import lock_attempt_of, lock_project, move

LOT = 1  # a notice of today has one lot
MINIMUM = 3  # valid entrants; public money
MINIMUM_AGAIN = 2  # in the round after too few


def publish_notice(act: Act, setup: DrawSetup, project_no: str) -> DrawAttempt:
    """Announce the first attempt, or the next one after a void; enrolment is open from now on.

    The operator chooses nothing here: times come from the pace, the round from the time, and the
    secret from the machine.

    Raises:
        NotAllowedError: not the operator.
        NotFoundError: no such project.
        DrawStateError: the project does not wait for a notice.
        CalendarMissingError: the working days of the time are not known.
    """
    act.require_role(Role.OPERATOR)
    project = lock_project(act, project_no)
    return announce(act, setup, project)


def announce(
    act: Act, setup: DrawSetup, project: Project, *, minimum: int = MINIMUM
) -> DrawAttempt:
    """Announce the next attempt of a locked project; also the timer's way into round two."""
    move(project, ProjectState.ENROLLING)
    log.ensure_policy(act, setup.policy)
    number = project.attempts + 1
    secret = secrets.token_bytes(SECRET_BYTES)
    attempt = _new_attempt(act, setup, project, secret)
    attempt.minimum = minimum
    entry = log.append(act, _announcement(act, project, attempt))
    attempt.announce_entry_id = entry.id
    act.session.add(attempt)
    act.session.flush()
    project.attempts = number
    project.published_at = project.published_at or act.at
    _tell(act, project, attempt, entry)
    return attempt


def _tell(act: Act, project: Project, attempt: DrawAttempt, entry: LogEntry) -> None:
    add_event(
        act,
        project,
        "published",
        attempt=attempt.number,
        entry=entry,
        enroll_close_at=format_time(attempt.enroll_close_at),
        draw_at=format_time(attempt.draw_at),
        beacon=f"drand/{attempt.chain_hash}/{attempt.round}",
        operator_commit=attempt.operator_commit,
    )
    audit.record(act, "project.published", subject=project.id, attempt=attempt.number)
    outbox.put(act, "project.published", draw_id=attempt.draw_id)


def _new_attempt(act: Act, setup: DrawSetup, project: Project, secret: bytes) -> DrawAttempt:
    number = project.attempts + 1
    draw_id = make_draw_id(project.project_no, number)
    times = setup.pace.plan(act.at, fee_fen=project.fee_fen, attempt=number)
    beacon_round = round_for(setup.chain, format_time(times.draw_at))
    return DrawAttempt(
        project_id=project.id,
        region=project.region,
        number=number,
        draw_id=draw_id,
        state=AttemptState.ENROLLING,
        announced_at=act.at,
        enroll_close_at=times.enroll_close_at,
        freeze_by_at=times.freeze_by_at,
        draw_at=times.draw_at,
        chain_hash=setup.chain.hash,
        round=beacon_round,
        round_at=datetime.fromtimestamp(round_time(setup.chain, beacon_round), tz=UTC),
        operator_commit=operator_commit(draw_id, secret.hex()),
        due_at=times.enroll_close_at,
        sealed_secret=setup.sealer.seal(secret, place=f"operator-secret/{draw_id}"),
    )


def _announcement(act: Act, project: Project, attempt: DrawAttempt) -> Announce:
    lot = Lot(
        lot=LOT,
        winners=project.winners,
        reserves=project.reserves,
        exclude_policy="avoidance-by-statutory-code",
    )
    return Announce(
        project_id=project.project_no,
        attempt=attempt.number,
        draw_id=attempt.draw_id,
        supersedes=make_draw_id(project.project_no, attempt.number - 1)
        if attempt.number > 1
        else "",
        lots=(lot,),
        max_wins=1,
        enroll_close=format_time(attempt.enroll_close_at),
        freeze_by=format_time(attempt.freeze_by_at),
        draw_at=format_time(attempt.draw_at),
        beacon=BeaconChoice(kind="drand", chain=attempt.chain_hash, round=attempt.round),
        fallback=(),
        operator_commit=attempt.operator_commit,
        void_ref=_void_leaf(act, project, attempt.number - 1),
        title=project.title,
        weights="equal",
        contributions="none",
    )


def _void_leaf(act: Act, project: Project, number: int) -> str:
    """Return the leaf hash of the void record of the attempt before, "" for the first attempt."""
    if number < 1:
        return ""
    before = lock_attempt_of(act, project, number)
    statement = select(LogEntry.leaf_sha256).where(LogEntry.id == before.void_entry_id)
    return act.session.execute(statement).scalar_one()
