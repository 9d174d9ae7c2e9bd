"""From the end of enrolment to the freeze: close and screen.

No step here chooses anything: timers take it, and the operator can only take it earlier where the
notice leaves room. Each step waits until the record before it is under a published checkpoint.
"""

from datetime import timedelta
from uuid import UUID

from lottery.encoding import sha256
from lottery.records import Close, Reject
from lottery.records.opening import REJECT_REASONS
from market import audit
from market.act import Act, Role
from market.draws import log
from market.draws.enrolment import standing_of
from market.draws.history import add_event, tell
from market.draws.models import DrawAttempt, Enrolment, Project
from market.draws.screening import screen_all
from market.draws.states import (
    AttemptState,
    DrawStateError,
    EnrolmentState,
    ProjectState,
)
from market.draws.store import enrolments_of, lock_attempt, move, move_attempt, require_state
from market.errors import InvalidInputError, NotFoundError

PLATFORM = "platform"
BEACON_GRACE = timedelta(seconds=1)


def close_enrolment(act: Act, draw_id: str) -> DrawAttempt:
    """End enrolment at its announced time; what the log holds by then is in, the rest is not.

    Raises:
        DrawStateError: already closed, or the announced time has not come.
        NotYetLoggedError: an enrolment still waits for its place; try again at once.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    project, attempt = lock_attempt(act, draw_id)
    if act.at < attempt.enroll_close_at:
        raise DrawStateError(current="early", target="closed")
    move_attempt(attempt, AttemptState.CLOSED)
    log.require_position(act.session, attempt.announce_entry_id)
    for enrolment in enrolments_of(act.session, attempt.id):
        log.require_position(act.session, enrolment.entry_id)
    size = log.published_size(act.session)
    entry = log.append(act, Close(draw_id=draw_id, log_size=size))
    attempt.close_entry_id = entry.id
    attempt.closed_at = act.at
    move(project, ProjectState.SCREENING)
    add_event(act, project, "closed", attempt=attempt.number, entry=entry, log_size=size)
    tell(act, attempt, "closed")
    return attempt


def screen(act: Act, draw_id: str) -> int:
    """Refuse who fails the automatic checks (H3, H6, qualification, avoidance); return how many.

    Raises:
        DrawStateError: not closed, or screened before.
        NotYetLoggedError: the close is not in the log yet.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    project, attempt = lock_attempt(act, draw_id)
    require_state(attempt, AttemptState.CLOSED)
    if attempt.screened_at is not None:
        raise DrawStateError(current=attempt.state.value, target="screened")
    log.require_position(act.session, attempt.close_entry_id)
    alive = enrolments_of(act.session, attempt.id, EnrolmentState.ENROLLED)
    refused = _screened(act, project, attempt, alive)
    for enrolment in alive:
        if enrolment.uscc in refused:
            code, h_code = refused[enrolment.uscc]
            _reject(act, attempt, enrolment, code=code, detail=h_code, decided_by="screening")
    attempt.screened_at = act.at
    tell(act, attempt, "screened")
    return len(refused)


def _screened(
    act: Act, project: Project, attempt: DrawAttempt, alive: list[Enrolment]
) -> dict[str, tuple[str, str]]:
    standings = [
        standing_of(
            act.session,
            project,
            attempt,
            enrolment.agency_id,
            at=act.at,
            is_opened=bool(enrolment.sealed_nonce),
        )
        for enrolment in alive
    ]
    avoided = {item["uscc"]: item["h_code"] for item in project.avoidance.get("items", [])}
    return screen_all(standings, avoided)


def reject_enrolment(
    act: Act, draw_id: str, enrolment_id: UUID, *, code: str, evidence: str
) -> None:
    """Refuse one enrolment by hand, for a listed reason with evidence, before the freeze.

    Raises:
        NotAllowedError: not the operator.
        NotFoundError: no live enrolment of this attempt.
        DrawStateError: enrolment is still open, or the roster is frozen.
        InvalidInputError: a reason outside the list, or no evidence.
    """
    act.require_role(Role.OPERATOR)
    _, attempt = lock_attempt(act, draw_id)
    require_state(attempt, AttemptState.CLOSED)
    if code not in REJECT_REASONS or not evidence.strip():
        raise InvalidInputError(field="reason", reason="unknown")
    alive = enrolments_of(act.session, attempt.id, EnrolmentState.ENROLLED)
    enrolment = next((item for item in alive if item.id == enrolment_id), None)
    if enrolment is None:
        raise NotFoundError(kind="enrolment")
    _reject(act, attempt, enrolment, code=code, detail=evidence, decided_by="operator")
    tell(act, attempt, "screened_by_hand")


def _reject(
    act: Act, attempt: DrawAttempt, enrolment: Enrolment, *, code: str, detail: str, decided_by: str
) -> None:
    record = Reject(
        draw_id=attempt.draw_id,
        enroll_index=log.require_position(act.session, enrolment.entry_id),
        reason_code=code,
        decided_by=decided_by,
        evidence_sha256=sha256(detail.encode()).hex() if detail else "",
    )
    enrolment.left_entry_id = log.append(act, record).id
    enrolment.state = EnrolmentState.REJECTED
    enrolment.left_at = act.at
    enrolment.reason_code = code
    enrolment.reason_detail = detail[:300]
    audit.record(act, "enrolment.rejected", subject=enrolment.id, code=code)
