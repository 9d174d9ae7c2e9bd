"""After the draw: confirm, decline, promote the next reserve, award when publicity is over."""

from lottery.encoding import format_time, sha256
from lottery.records import Decline, Promote
from market import audit, outbox
from market.act import Act, Role
from market.draws import log
from market.draws.history import add_event
from market.draws.models import Candidate, DrawAttempt, Project
from market.draws.result import LOT
from market.draws.setup import DrawSetup
from market.draws.states import (
    CandidateState,
    DrawStateError,
    ProjectState,
    require_candidate_move,
)
from market.draws.store import candidates_of, lock_attempt, move
from market.errors import InvalidInputError, NotFoundError

DECLINE_GROUNDS = frozenset({"force_majeure", "key_staff_lost", "owner_changed_terms", "none"})
"""What a winner may give as ground; only "none" costs credit."""
NO_REPLY = "no_reply"
LIVE = frozenset({CandidateState.PROPOSED, CandidateState.CONFIRMED})


def confirm_win(act: Act, draw_id: str) -> None:
    """Accept the proposed win.

    Raises:
        NotAllowedError: not an agency.
        NotFoundError: the agency is no winner of this draw.
        DrawStateError: answered before, or publicity is over.
    """
    act.require_role(Role.AGENCY)
    project, attempt = _in_publicity(act, draw_id)
    candidate = _own_candidate(act, attempt)
    require_candidate_move(candidate.state, CandidateState.CONFIRMED)
    candidate.state = CandidateState.CONFIRMED
    attempt.due_at = act.at
    candidate.answered_at = act.at
    add_event(act, project, "confirmed", attempt=attempt.number, rank=candidate.rank)
    audit.record(act, "winner.confirmed", subject=candidate.id)
    outbox.put(act, "winner.confirmed", draw_id=draw_id)


def decline_win(act: Act, setup: DrawSetup, draw_id: str, *, ground: str, statement: str) -> None:
    """Give the proposed win up; the next reserve of the same ranking takes the place.

    Raises:
        NotAllowedError: not an agency.
        NotFoundError: the agency is no winner of this draw.
        DrawStateError: answered before.
        InvalidInputError: a ground outside the list, or no statement.
    """
    act.require_role(Role.AGENCY)
    if ground not in DECLINE_GROUNDS:
        raise InvalidInputError(field="ground", reason="unknown")
    if not statement.strip():
        raise InvalidInputError(field="statement", reason="missing")
    project, attempt = _in_publicity(act, draw_id)
    candidate = _own_candidate(act, attempt)
    _decline(act, setup, (project, attempt, candidate), code=ground, evidence=statement)


def expire_silent(act: Act, setup: DrawSetup, draw_id: str) -> int:
    """Treat winners who did not answer in time as having declined; return how many.

    Raises:
        DrawStateError: not in publicity.
    """
    act.require_role(Role.SYSTEM)
    project, attempt = _in_publicity(act, draw_id)
    silent = [
        item
        for item in candidates_of(act.session, attempt.id)
        if item.state is CandidateState.PROPOSED
        and item.answer_by_at is not None
        and item.answer_by_at <= act.at
    ]
    for candidate in silent:
        _decline(act, setup, (project, attempt, candidate), code=NO_REPLY, evidence=NO_REPLY)
    return len(silent)


def _decline(
    act: Act,
    setup: DrawSetup,
    place: tuple[Project, DrawAttempt, Candidate],
    *,
    code: str,
    evidence: str,
) -> None:
    project, attempt, candidate = place
    require_candidate_move(candidate.state, CandidateState.DECLINED)
    objection_until = setup.pace.publicity.after(act.at)
    record = Decline(
        draw_id=attempt.draw_id,
        lot=LOT,
        id=candidate.uscc,
        reason_code=NO_REPLY if code == NO_REPLY else "by_entrant",
        evidence_sha256=sha256(evidence.strip().encode()).hex(),
        signers=("platform", "timer") if code == NO_REPLY else (candidate.uscc, "platform"),
        objection_until=format_time(objection_until),
    )
    entry = log.append(act, record)
    candidate.state = CandidateState.DECLINED
    candidate.answered_at = act.at
    candidate.reason_code = code
    add_event(
        act,
        project,
        "declined",
        attempt=attempt.number,
        entry=entry,
        rank=candidate.rank,
        ground=code,
    )
    audit.record(act, "winner.declined", subject=candidate.id, ground=code)
    outbox.put(act, "winner.declined", draw_id=attempt.draw_id, rank=candidate.rank, ground=code)
    _promote(act, setup, project, attempt, candidate)


def _promote(
    act: Act, setup: DrawSetup, project: Project, attempt: DrawAttempt, gone: Candidate
) -> None:
    """Put the next reserve in place and start its publicity anew; without one, perhaps fail."""
    everyone = candidates_of(act.session, attempt.id)
    following = next((item for item in everyone if item.state is CandidateState.RESERVE), None)
    if following is None:
        _fail_if_empty(act, project, attempt, everyone)
        return
    until = setup.pace.publicity.after(act.at)
    record = Promote(
        draw_id=attempt.draw_id,
        lot=LOT,
        id=following.uscc,
        replaces=gone.uscc,
        reason_code="after_decline",
        evidence_sha256=sha256(f"{attempt.draw_id} {gone.uscc}".encode()).hex(),
        signers=("platform", "timer"),
        objection_until=format_time(until),
    )
    entry = log.append(act, record)
    following.state = CandidateState.PROPOSED
    following.answer_by_at = setup.pace.confirm.after(act.at)
    attempt.publicity_ends_at = until
    attempt.due_at = act.at
    add_event(act, project, "promoted", attempt=attempt.number, entry=entry, rank=following.rank)
    audit.record(act, "draw.reserve_promoted", subject=following.id)
    outbox.put(act, "draw.reserve_promoted", draw_id=attempt.draw_id, rank=following.rank)


def _fail_if_empty(
    act: Act, project: Project, attempt: DrawAttempt, everyone: list[Candidate]
) -> None:
    if any(item.state in LIVE for item in everyone):
        return
    move(project, ProjectState.FAILED)
    project.ended_at = act.at
    add_event(act, project, "failed", attempt=attempt.number, reason="reserves_exhausted")
    audit.record(act, "project.failed", subject=project.id)
    outbox.put(act, "project.failed", project_no=project.project_no)


def award(act: Act, setup: DrawSetup, draw_id: str) -> bool:
    """Award when publicity is over and every winner has confirmed; False while it is not so.

    Raises:
        DrawStateError: not in publicity.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    project, attempt = _in_publicity(act, draw_id)
    ends = attempt.publicity_ends_at
    if ends is None or act.at < setup.pace.award.after(ends):
        return False
    live = [item for item in candidates_of(act.session, attempt.id) if item.state in LIVE]
    if not live or any(item.state is not CandidateState.CONFIRMED for item in live):
        return False
    for candidate in live:
        require_candidate_move(candidate.state, CandidateState.AWARDED)
        candidate.state = CandidateState.AWARDED
    move(project, ProjectState.AWARDED)
    project.ended_at = act.at
    ranks = ", ".join(str(item.rank) for item in live)
    add_event(act, project, "awarded", attempt=attempt.number, ranks=ranks)
    audit.record(act, "project.awarded", subject=project.id)
    outbox.put(act, "project.awarded", draw_id=draw_id)
    return True


def _in_publicity(act: Act, draw_id: str) -> tuple[Project, DrawAttempt]:
    project, attempt = lock_attempt(act, draw_id)
    if project.state is not ProjectState.PUBLICITY or attempt.number != project.attempts:
        raise DrawStateError(current=project.state.value, target="answered")
    return project, attempt


def _own_candidate(act: Act, attempt: DrawAttempt) -> Candidate:
    """Return the winner that the actor's agency is; a reserve has nothing to answer yet."""
    for candidate in candidates_of(act.session, attempt.id):
        if candidate.agency_id == act.actor.organisation_id:
            return candidate
    raise NotFoundError(kind="candidate")
