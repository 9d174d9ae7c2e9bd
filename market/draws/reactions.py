"""What follows a draw's messages: the errand to the beacon, and notices to those concerned."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select

from lottery.fetch.drand import fetch_round
from market.act import Act
from market.agencies.models import Qualification
from market.calendar.days import local_date
from market.draws.attempt_queries import get_attempt_row
from market.draws.models import DrawAttempt, Project
from market.draws.office import DrawOffice
from market.draws.result import publish_result
from market.draws.states import AttemptState, CandidateState, EnrolmentState
from market.draws.store import candidates_of, enrolments_of
from market.notices.services import notify
from market.outbox import Claimed
from market.runtime import Runtime


def collect_beacon(office: DrawOffice, runtime: Runtime, message: Claimed) -> Callable[[Act], None]:
    """Errand for ``draw.beacon_due``: fetch the announced round; the effect publishes the result.

    Raises:
        BeaconUnavailableError: no relay has it yet; the same round is asked for again later.
    """
    draw_id = str(message.payload["draw_id"])
    with runtime.reading(fresh=True) as session:
        attempt = get_attempt_row(session, draw_id)
        number, is_due = attempt.round, attempt.state is AttemptState.GO
    if not is_due:
        return _nothing
    fetched = fetch_round(office.setup.chain, number, office.relays)

    def effect(act: Act) -> None:
        if get_attempt_row(act.session, draw_id).state is AttemptState.GO:
            publish_result(act, office.setup, draw_id, fetched.signature)

    return effect


def _nothing(_: Act) -> None:
    """The draw is drawn already."""


def on_project_published(act: Act, payload: dict[str, Any]) -> None:
    """Tell every agency that holds a fitting certificate; the page says the rest."""
    project, attempt = _load(act, payload)
    certificates = select(Qualification.agency_id, Qualification.service_codes).where(
        Qualification.valid_until >= local_date(attempt.draw_at)
    )
    fitting = {
        agency_id
        for agency_id, codes in act.session.execute(certificates)
        if project.service_code in codes
    }
    for agency_id in sorted(fitting):
        _tell(act, agency_id, "project.published", project, attempt)


def on_draw_drawn(act: Act, payload: dict[str, Any]) -> None:
    """Tell winners and reserves, and the owner."""
    project, attempt = _load(act, payload)
    for item in candidates_of(act.session, attempt.id):
        is_winner = item.state is not CandidateState.RESERVE
        kind = "draw.won" if is_winner else "draw.reserve"
        _tell(act, item.agency_id, kind, project, attempt)
    _tell(act, project.owner_id, "draw.drawn", project, attempt)


def on_draw_frozen(act: Act, payload: dict[str, Any]) -> None:
    """Tell every entrant that the list is fixed, and those who were refused why."""
    project, attempt = _load(act, payload)
    for item in enrolments_of(act.session, attempt.id):
        if item.state is not EnrolmentState.WITHDRAWN:
            is_refused = item.state is EnrolmentState.REJECTED
            kind = "enrolment.rejected" if is_refused else "draw.frozen"
            _tell(act, item.agency_id, kind, project, attempt)


def on_draw_voided(act: Act, payload: dict[str, Any]) -> None:
    """Tell every live entrant and the owner that the attempt is void; a new one needs a new act."""
    project, attempt = _load(act, payload)
    for item in enrolments_of(act.session, attempt.id, EnrolmentState.ENROLLED):
        _tell(act, item.agency_id, "draw.voided", project, attempt)
    _tell(act, project.owner_id, "draw.voided", project, attempt)


def on_reserve_promoted(act: Act, payload: dict[str, Any]) -> None:
    """Tell the reserve that it is proposed now."""
    project, attempt = _load(act, payload)
    for item in candidates_of(act.session, attempt.id):
        if item.rank == payload.get("rank"):
            _tell(act, item.agency_id, "draw.won", project, attempt)


def on_project_awarded(act: Act, payload: dict[str, Any]) -> None:
    """Send the award notice to owner and winners."""
    project, attempt = _load(act, payload)
    _tell(act, project.owner_id, "project.awarded", project, attempt)
    for item in candidates_of(act.session, attempt.id):
        if item.state is CandidateState.AWARDED:
            _tell(act, item.agency_id, "project.awarded", project, attempt)


def on_project_returned(act: Act, payload: dict[str, Any]) -> None:
    """Tell the owner that the notice came back."""
    statement = select(Project).where(Project.project_no == payload["project_no"])
    project = act.session.execute(statement).scalar_one()
    notify(
        act,
        project.owner_id,
        "project.returned",
        subject=project.project_no,
        title=project.title,
        url=f"/projects/{project.project_no}",
    )


def _tell(
    act: Act, organisation_id: UUID, kind: str, project: Project, attempt: DrawAttempt
) -> None:
    """Notices carry title and address, so that a page can show them without asking back."""
    notify(
        act,
        organisation_id,
        kind,
        subject=attempt.draw_id,
        title=project.title,
        url=f"/draws/{attempt.draw_id}",
    )


def _load(act: Act, payload: dict[str, Any]) -> tuple[Project, DrawAttempt]:
    row = act.session.execute(
        select(Project, DrawAttempt)
        .join(DrawAttempt, DrawAttempt.project_id == Project.id)
        .where(DrawAttempt.draw_id == payload["draw_id"])
    ).one()
    return row[0], row[1]
