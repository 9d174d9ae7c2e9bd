"""One valid entrant in the second round: awarded only in public and with consent."""

from market import audit, outbox
from market.act import Act, Role
from market.draws.announcing import MINIMUM
from market.draws.history import add_event
from market.draws.models import Candidate, DrawAttempt, Enrolment, Project
from market.draws.setup import DrawSetup
from market.draws.states import CandidateState, DrawStateError, EnrolmentState, ProjectState
from market.draws.store import enrolments_of, lock_attempt_of, lock_project, move


def find_sole_entrant(act: Act, attempt: DrawAttempt) -> Enrolment | None:
    """Return the only valid entrant of a second round, None when there are others or none."""
    if attempt.minimum >= MINIMUM:
        return None
    alive = enrolments_of(act.session, attempt.id, EnrolmentState.ENROLLED)
    return alive[0] if len(alive) == 1 else None


def publish_sole_entrant(
    act: Act, setup: DrawSetup, project: Project, attempt: DrawAttempt, entrant: Enrolment
) -> None:
    """Begin the publicity of 唯一报名; from here the regulator may decide when it is over."""
    attempt.publicity_ends_at = setup.pace.publicity.after(act.at)
    add_event(act, project, "sole_entrant", attempt=attempt.number, name=entrant.name)
    audit.record(act, "project.sole_entrant", subject=project.id)
    outbox.put(act, "project.sole_entrant", draw_id=attempt.draw_id)


def decide_sole_entrant(act: Act, project_no: str, *, consents: bool, reason: str) -> Project:
    """Award to the only entrant at the price of the notice, or fail the project.

    Raises:
        NotAllowedError: neither regulator nor supervisor.
        NotFoundError: no such project.
        DrawStateError: no sole entrant waits, or its publicity is not over.
    """
    act.require_role(Role.REGULATOR, Role.SUPERVISOR)
    project = lock_project(act, project_no)
    if project.state is not ProjectState.TOO_FEW:
        raise DrawStateError(current=project.state.value, target="awarded")
    attempt = lock_attempt_of(act, project, project.attempts)
    entrant = find_sole_entrant(act, attempt)
    ends = attempt.publicity_ends_at
    if entrant is None or ends is None or act.at < ends:
        raise DrawStateError(current=project.state.value, target="awarded")
    move(project, ProjectState.AWARDED if consents else ProjectState.FAILED)
    project.ended_at = act.at
    if consents:
        act.session.add(
            Candidate(
                attempt_id=attempt.id,
                agency_id=entrant.agency_id,
                uscc=entrant.uscc,
                rank=1,
                state=CandidateState.AWARDED,
                answered_at=act.at,
                reason_code="sole_entrant",
            )
        )
    kind = "sole_entrant_awarded" if consents else "sole_entrant_refused"
    add_event(act, project, kind, attempt=attempt.number, reason=reason.strip()[:500])
    audit.record(act, f"project.{kind}", subject=project.id)
    if consents:
        outbox.put(act, "project.awarded", draw_id=attempt.draw_id)
    else:
        outbox.put(act, "project.failed", project_no=project_no)
    return project
