"""Enrol and withdraw: each enrolment is a hiding commitment in the log with a receipt."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.commitments import NONCE_BYTES, enroll_commit
from lottery.encoding import parse_hex
from lottery.errors import LotteryError
from lottery.records import Enroll, Withdraw
from market import audit, outbox
from market.accounts.models import Organisation
from market.act import Act, Role
from market.agencies.models import Agency, AgencyState
from market.agencies.queries import is_qualified
from market.calendar.days import local_date
from market.catalogue.models import ServiceKind
from market.draws import log
from market.draws.log_models import LogEntry
from market.draws.models import DrawAttempt, Enrolment, Project
from market.draws.screening import Standing, standing_fault
from market.draws.setup import DrawSetup
from market.draws.states import (
    AlreadyEnrolledError,
    AttemptState,
    EnrolmentClosedError,
    EnrolmentState,
    NotQualifiedError,
)
from market.draws.store import lock_attempt
from market.errors import InvalidInputError, NotFoundError

WEIGHT = 1  # a draw that law drives gives every entrant one ticket
CALENDAR_PER_WORKDAY = 2  # generous: a qualification must outlive the work


@dataclass(frozen=True, slots=True)
class EnrolmentChoice:
    """What the agency's own program may bring along; all empty lets the platform make the nonce.

    ``nonce`` is 32 hex digits. With ``commitment`` alone the agency keeps the nonce to itself and
    must open it before the close.
    """

    nonce: str = ""
    commitment: str = ""
    has_pledged: bool = True  # honesty, and no affiliation that the law forbids


@dataclass(frozen=True, slots=True)
class ProvisionalReceipt:
    """What the agency holds at once: with it and the log, an omission can be shown."""

    draw_id: str
    enrolment_id: UUID
    uscc: str
    commitment: str
    nonce: str  # "" where the agency keeps it to itself
    leaf_sha256: str
    enrolled_at: datetime


def enrol(act: Act, setup: DrawSetup, draw_id: str, choice: EnrolmentChoice) -> ProvisionalReceipt:
    """Enrol the actor's agency in a running attempt.

    Raises:
        NotAllowedError: not an agency.
        NotFoundError: no such attempt, or the agency has no profile.
        EnrolmentClosedError: not announced in the log yet, or over.
        NotQualifiedError: paused, too low credit, or without the qualification.
        AlreadyEnrolledError: enrolled or withdrawn before.
        InvalidInputError: malformed nonce or commitment, or no pledge.
    """
    act.require_role(Role.AGENCY)
    project, attempt = lock_attempt(act, draw_id)
    require_open(act, attempt)
    agency, organisation = _agency(act)
    _require_fit(act, project, attempt, organisation.id)
    if not choice.has_pledged:
        raise InvalidInputError(field="pledge", reason="missing")
    nonce, commitment = _commitment(draw_id, agency_uscc(organisation), choice)
    entry = log.append(act, Enroll(commit=commitment, contribution_commit=""))
    enrolment = Enrolment(
        attempt_id=attempt.id,
        agency_id=agency.organisation_id,
        uscc=agency_uscc(organisation),
        name=organisation.name,
        state=EnrolmentState.ENROLLED,
        commitment=commitment,
        sealed_nonce=_sealed(setup, draw_id, organisation, nonce),
        entry_id=entry.id,
        enrolled_at=act.at,
    )
    act.session.add(enrolment)
    act.session.flush()
    audit.record(act, "enrolment.received", subject=enrolment.id)
    outbox.put(act, "enrolment.received", enrolment_id=str(enrolment.id))
    return _receipt(draw_id, enrolment, entry, nonce)


def open_enrolment(act: Act, setup: DrawSetup, draw_id: str, nonce: str) -> None:
    """Give the nonce of a commitment that the agency made itself.

    Raises:
        NotFoundError: the agency is not enrolled in this attempt.
        EnrolmentClosedError: enrolment is over.
        InvalidInputError: the nonce does not open the commitment.
    """
    act.require_role(Role.AGENCY)
    _, attempt = lock_attempt(act, draw_id)
    require_open(act, attempt)
    enrolment = own_enrolment(act, attempt)
    organisation = _organisation(act.session, enrolment.agency_id)
    opened, commitment = _commitment(draw_id, enrolment.uscc, EnrolmentChoice(nonce=nonce))
    if commitment != enrolment.commitment:
        raise InvalidInputError(field="nonce", reason="does_not_open")
    enrolment.sealed_nonce = _sealed(setup, draw_id, organisation, opened)
    audit.record(act, "enrolment.opened", subject=enrolment.id)
    outbox.put(act, "enrolment.opened", enrolment_id=str(enrolment.id))


def withdraw(act: Act, draw_id: str) -> None:
    """Take the agency's enrolment back, while enrolment is open; it is final for this attempt.

    Raises:
        NotFoundError: the agency is not enrolled in this attempt.
        EnrolmentClosedError: enrolment is over.
        NotYetLoggedError: the enrolment has no place in the log yet; a second later it has.
    """
    act.require_role(Role.AGENCY)
    _, attempt = lock_attempt(act, draw_id)
    require_open(act, attempt)
    enrolment = own_enrolment(act, attempt)
    record = Withdraw(
        draw_id=draw_id,
        enroll_index=log.require_position(act.session, enrolment.entry_id),
        reason_code="by_entrant",
        decided_by="entrant",
    )
    enrolment.left_entry_id = log.append(act, record).id
    enrolment.state = EnrolmentState.WITHDRAWN
    enrolment.left_at = act.at
    enrolment.reason_code = "by_entrant"
    audit.record(act, "enrolment.withdrawn", subject=enrolment.id)
    outbox.put(act, "enrolment.withdrawn", enrolment_id=str(enrolment.id))


def require_open(act: Act, attempt: DrawAttempt) -> None:
    """Refuse what is only possible while enrolment is open.

    Raises:
        EnrolmentClosedError: before the announcement is in the log, or after the close.
    """
    is_announced = log.find_entry(act.session, attempt.announce_entry_id)
    if is_announced is None or is_announced.position is None:
        raise EnrolmentClosedError(draw=attempt.draw_id, reason="not_yet_logged")
    if attempt.state is not AttemptState.ENROLLING or act.at >= attempt.enroll_close_at:
        raise EnrolmentClosedError(draw=attempt.draw_id, reason="over")


def own_enrolment(act: Act, attempt: DrawAttempt) -> Enrolment:
    """Return the live enrolment of the actor's agency.

    Raises:
        NotFoundError: there is none.
    """
    found = _find(act, attempt)
    if found is None or found.state is not EnrolmentState.ENROLLED:
        raise NotFoundError(kind="enrolment")
    return found


def _find(act: Act, attempt: DrawAttempt) -> Enrolment | None:
    statement = select(Enrolment).where(
        Enrolment.attempt_id == attempt.id, Enrolment.agency_id == act.actor.organisation_id
    )
    return act.session.execute(statement).scalar_one_or_none()


def _agency(act: Act) -> tuple[Agency, Organisation]:
    statement = (
        select(Agency, Organisation)
        .join(Organisation, Organisation.id == Agency.organisation_id)
        .where(Agency.organisation_id == act.actor.organisation_id)
    )
    row = act.session.execute(statement).one_or_none()
    if row is None:
        raise NotFoundError(kind="agency")
    return row[0], row[1]


def _organisation(session: Session, organisation_id: UUID) -> Organisation:
    statement = select(Organisation).where(Organisation.id == organisation_id)
    return session.execute(statement).scalar_one()


def agency_uscc(organisation: Organisation) -> str:
    """Return the code under which an agency enters a roster.

    Raises:
        InvalidInputError: the organisation has none.
    """
    if not organisation.uscc:
        raise InvalidInputError(field="uscc", reason="missing")
    return organisation.uscc


def _require_fit(act: Act, project: Project, attempt: DrawAttempt, agency_id: UUID) -> None:
    standing = standing_of(act.session, project, attempt, agency_id, at=act.at)
    fault = standing_fault(standing)
    if fault:
        raise NotQualifiedError(reason=fault)
    if _find(act, attempt) is not None:
        raise AlreadyEnrolledError(draw=attempt.draw_id)


def standing_of(
    session: Session,
    project: Project,
    attempt: DrawAttempt,
    agency_id: UUID,
    *,
    at: datetime,
    is_opened: bool = True,
) -> Standing:
    """Gather what the checks look at; the qualification must hold until the work is done."""
    row = session.execute(
        select(Agency, Organisation)
        .join(Organisation, Organisation.id == Agency.organisation_id)
        .where(Agency.organisation_id == agency_id)
        .execution_options(populate_existing=True)
    ).one()
    agency, organisation = row[0], row[1]
    paused = agency.paused_until is not None and agency.paused_until > at
    kind = session.get(ServiceKind, project.service_code)
    until = local_date(attempt.draw_at + timedelta(days=CALENDAR_PER_WORKDAY * project.days))
    return Standing(
        uscc=agency_uscc(organisation),
        controller=agency.legal_person,
        is_active=agency.state is AgencyState.ACTIVE and not paused,
        credit_score=agency.credit_score,
        is_qualified=kind is None
        or not kind.qualification_required
        or is_qualified(session, agency_id, project.service_code, on=until),
        is_opened=is_opened,
    )


def _commitment(draw_id: str, uscc: str, choice: EnrolmentChoice) -> tuple[str, str]:
    """Return nonce ("" when the agency keeps it) and commitment."""
    try:
        if choice.commitment and not choice.nonce:
            parse_hex(choice.commitment, 32)
            return "", choice.commitment
        nonce = choice.nonce or secrets.token_hex(NONCE_BYTES)
        made = enroll_commit(draw_id, uscc, WEIGHT, nonce)
    except LotteryError as error:
        raise InvalidInputError(field="nonce", reason="malformed") from error
    if choice.commitment not in {"", made}:
        raise InvalidInputError(field="commitment", reason="does_not_open")
    return nonce, made


def nonce_place(draw_id: str, uscc: str) -> str:
    """Name the place to which a sealed nonce is bound."""
    return f"enrol-nonce/{draw_id}/{uscc}"


def _sealed(setup: DrawSetup, draw_id: str, organisation: Organisation, nonce: str) -> str:
    if not nonce:
        return ""
    place = nonce_place(draw_id, agency_uscc(organisation))
    return setup.sealer.seal(bytes.fromhex(nonce), place=place)


def _receipt(draw_id: str, enrolment: Enrolment, entry: LogEntry, nonce: str) -> ProvisionalReceipt:
    return ProvisionalReceipt(
        draw_id=draw_id,
        enrolment_id=enrolment.id,
        uscc=enrolment.uscc,
        commitment=enrolment.commitment,
        nonce=nonce,
        leaf_sha256=entry.leaf_sha256,
        enrolled_at=enrolment.enrolled_at,
    )
