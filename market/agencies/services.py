"""Entry of agencies, their certificates, pause and return."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from market import audit, outbox
from market.accounts.models import Organisation, OrganisationKind
from market.act import Act, Role
from market.agencies.models import Agency, AgencyState, Qualification
from market.agencies.queries import beijing_date
from market.agencies.states import AlreadyRegisteredError, require_move
from market.errors import InvalidInputError, NotFoundError

MAX_CAPACITY = 10_000


@dataclass(frozen=True, slots=True)
class Registration:
    """What an agency declares when it enters."""

    kind: str
    licence_no: str
    legal_person: str
    address: str
    phone: str
    founded_on: date
    staff_count: int
    capacity: int  # most open orders at a time
    intro: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as an agency declares it."""

    name: str
    level: str
    number: str
    valid_until: date  # last day, 北京时间
    service_codes: tuple[str, ...]


def register_agency(act: Act, registration: Registration) -> Agency:
    """Give the actor's organisation its agency profile; it may offer services at once.

    Raises:
        NotAllowedError: the actor does not act for an agency.
        NotFoundError: the actor's organisation is no agency.
        AlreadyRegisteredError: it has a profile.
        InvalidInputError: a number or text is out of range.
    """
    act.require_role(Role.AGENCY)
    _require_registration(act, registration)
    organisation = act.session.get(Organisation, act.actor.organisation_id)
    if organisation is None or organisation.kind is not OrganisationKind.AGENCY:
        raise NotFoundError(kind="organisation")
    if act.session.get(Agency, organisation.id) is not None:
        raise AlreadyRegisteredError
    agency = Agency(
        organisation_id=organisation.id,
        kind=registration.kind,
        licence_no=registration.licence_no,
        legal_person=registration.legal_person,
        address=registration.address,
        phone=registration.phone,
        founded_on=registration.founded_on,
        staff_count=registration.staff_count,
        capacity=registration.capacity,
        intro=registration.intro,
        region=organisation.region,
        registered_at=act.at,
    )
    act.session.add(agency)
    act.session.flush()
    audit.record(act, "agency.registered", subject=organisation.id)
    return agency


def _require_registration(act: Act, registration: Registration) -> None:
    limits = {"kind": 40, "licence_no": 40, "legal_person": 60, "address": 200, "phone": 30}
    for field, limit in limits.items():
        if not 0 < len(getattr(registration, field).strip()) <= limit:
            raise InvalidInputError(field=field, reason="length", limit=limit)
    if registration.staff_count < 1:
        raise InvalidInputError(field="staff_count", reason="not_positive")
    if not 1 <= registration.capacity <= MAX_CAPACITY:
        raise InvalidInputError(field="capacity", reason="out_of_range")
    if registration.founded_on > beijing_date(act.at):
        raise InvalidInputError(field="founded_on", reason="in_the_future")


def add_certificate(act: Act, certificate: Certificate) -> Qualification:
    """Add a certificate to the actor's agency.

    Raises:
        NotAllowedError: the actor does not act for an agency.
        NotFoundError: the agency is not registered.
        InvalidInputError: expired, without a service, or a number that is known already.
    """
    act.require_role(Role.AGENCY)
    agency = act.session.get(Agency, act.actor.organisation_id)
    if agency is None:
        raise NotFoundError(kind="agency")
    if certificate.valid_until < beijing_date(act.at):
        raise InvalidInputError(field="valid_until", reason="expired")
    if not certificate.service_codes:
        raise InvalidInputError(field="service_codes", reason="missing")
    known = select(Qualification.id).where(Qualification.number == certificate.number)
    if act.session.execute(known).first() is not None:
        raise InvalidInputError(field="number", reason="known_already")
    row = Qualification(
        agency_id=agency.organisation_id,
        name=certificate.name,
        level=certificate.level,
        number=certificate.number,
        valid_until=certificate.valid_until,
        service_codes=list(certificate.service_codes),
    )
    act.session.add(row)
    act.session.flush()
    audit.record(act, "agency.certificate_added", subject=agency.organisation_id)
    return row


def pause_agency(act: Act, agency_id: UUID, *, until: datetime | None, reason: str) -> Agency:
    """Stop an agency from taking anything new; its listings leave the shop by reaction.

    Raises:
        NotAllowedError: only the operator and the regulator pause.
        NotFoundError: no such agency.
        AgencyStateError: not active.
        InvalidInputError: ``until`` lies in the past.
    """
    act.require_role(Role.OPERATOR, Role.REGULATOR, Role.SYSTEM)
    if until is not None and until <= act.at:
        raise InvalidInputError(field="until", reason="in_the_past")
    agency = _locked(act, agency_id)
    require_move(agency.state, AgencyState.PAUSED)
    agency.state = AgencyState.PAUSED
    agency.paused_until = until
    audit.record(act, "agency.paused", subject=agency_id, reason=reason)
    outbox.put(act, "agency.paused", agency_id=str(agency_id))
    return agency


def resume_agency(act: Act, agency_id: UUID, *, reason: str) -> Agency:
    """Let a paused agency return; its listings come back by reaction.

    Raises:
        NotAllowedError: only the operator and the regulator end a pause.
        NotFoundError: no such agency.
        AgencyStateError: not paused.
    """
    act.require_role(Role.OPERATOR, Role.REGULATOR, Role.SYSTEM)
    agency = _locked(act, agency_id)
    require_move(agency.state, AgencyState.ACTIVE)
    agency.state = AgencyState.ACTIVE
    agency.paused_until = None
    audit.record(act, "agency.resumed", subject=agency_id, reason=reason)
    outbox.put(act, "agency.resumed", agency_id=str(agency_id))
    return agency


def tick_pauses(act: Act) -> None:
    """End the pauses whose time is over."""
    over = select(Agency.organisation_id).where(
        Agency.state == AgencyState.PAUSED, Agency.paused_until <= act.at
    )
    for agency_id in act.session.execute(over).scalars().all():
        resume_agency(act, agency_id, reason="pause_over")


def _locked(act: Act, agency_id: UUID) -> Agency:
    agency = act.session.get(Agency, agency_id, with_for_update=True)
    if agency is None:
        raise NotFoundError(kind="agency")
    return agency
