"""Agencies as pages show them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.accounts.models import Organisation
from market.agencies.models import Agency, AgencyState, Qualification
from market.errors import NotFoundError
from market.paging import COUNT_CAP, Page, clamp_page, make_page

BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class AgencyFilter:
    """What the list of agencies is asked for; an empty value does not restrict."""

    q: str = ""  # part of the name
    kind: str = ""
    region: str = ""
    sort: str = ""  # "credit" (also for anything unknown), "founded", "staff"
    page: int = 1
    per_page: int = 24


@dataclass(frozen=True, slots=True)
class AgencyRow:
    """An agency in a list."""

    id: UUID
    name: str
    is_demo: bool
    kind: str
    region: str
    credit_score: int
    state: AgencyState
    staff_count: int
    founded_on: date
    intro: str


@dataclass(frozen=True, slots=True)
class QualificationRow:
    """A certificate."""

    name: str
    level: str
    number: str
    valid_until: date
    service_codes: list[str]


@dataclass(frozen=True, slots=True)
class AgencyDetail:
    """The profile of an agency; the phone is whole here, pages mask it."""

    id: UUID
    name: str
    uscc: str | None
    is_demo: bool
    kind: str
    region: str
    credit_score: int
    state: AgencyState
    paused_until: datetime | None
    staff_count: int
    capacity: int
    founded_on: date
    intro: str
    licence_no: str
    legal_person: str
    address: str
    phone: str
    registered_at: datetime
    qualifications: tuple[QualificationRow, ...]


SORTS: dict[str, tuple[sa.ColumnElement[Any], ...]] = {
    "credit": (Agency.credit_score.desc(), Agency.organisation_id.asc()),
    "founded": (Agency.founded_on.asc(), Agency.organisation_id.asc()),
    "staff": (Agency.staff_count.desc(), Agency.organisation_id.asc()),
}


def list_agencies(session: Session, wanted: AgencyFilter) -> Page[AgencyRow]:
    """List agencies that are not removed; two queries."""
    conditions = _conditions(wanted)
    base: sa.Select[*tuple[Any, ...]] = (
        select(
            Agency.organisation_id,
            Organisation.name,
            Organisation.is_demo,
            Agency.kind,
            Agency.region,
            Agency.credit_score,
            Agency.state,
            Agency.staff_count,
            Agency.founded_on,
            Agency.intro,
        )
        .join(Organisation, Organisation.id == Agency.organisation_id)
        .where(*conditions)
    )
    capped = base.limit(COUNT_CAP + 1).subquery()
    counted = session.execute(select(func.count()).select_from(capped)).scalar_one()
    page = clamp_page(wanted.page, wanted.per_page)
    order = SORTS.get(wanted.sort, SORTS["credit"])
    statement = base.order_by(*order).limit(wanted.per_page).offset((page - 1) * wanted.per_page)
    rows = [AgencyRow(*row) for row in session.execute(statement)]
    return make_page(rows, counted=counted, page=page, per_page=wanted.per_page)


def _conditions(wanted: AgencyFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Agency.state != AgencyState.REMOVED]
    conditions += [
        Organisation.name.contains(word, autoescape=True) for word in wanted.q[:60].split()
    ]
    if wanted.kind:
        conditions.append(Agency.kind == wanted.kind)
    if wanted.region:
        stem = wanted.region.removesuffix("00").removesuffix("00")
        conditions.append(Agency.region.startswith(stem, autoescape=True))
    return conditions


def list_agency_kinds(session: Session) -> list[str]:
    """List the kinds of agency for the filter."""
    statement = select(Agency.kind).where(Agency.state != AgencyState.REMOVED).distinct()
    return list(session.execute(statement.order_by(Agency.kind)).scalars())


def get_agency(session: Session, agency_id: UUID) -> AgencyDetail:
    """Read an agency with its certificates; a removed one too, since its record stays public.

    Raises:
        NotFoundError: no such agency.
    """
    row: tuple[Any, ...] | None = session.execute(
        select(
            Agency.organisation_id,
            Organisation.name,
            Organisation.uscc,
            Organisation.is_demo,
            Agency.kind,
            Agency.region,
            Agency.credit_score,
            Agency.state,
            Agency.paused_until,
            Agency.staff_count,
            Agency.capacity,
            Agency.founded_on,
            Agency.intro,
            Agency.licence_no,
            Agency.legal_person,
            Agency.address,
            Agency.phone,
            Agency.registered_at,
        )
        .join(Organisation, Organisation.id == Agency.organisation_id)
        .where(Agency.organisation_id == agency_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(kind="agency")
    fields: tuple[Any, ...] = (*row, _qualifications_of(session, agency_id))
    return AgencyDetail(*fields)


def _qualifications_of(session: Session, agency_id: UUID) -> tuple[QualificationRow, ...]:
    statement = (
        select(
            Qualification.name,
            Qualification.level,
            Qualification.number,
            Qualification.valid_until,
            Qualification.service_codes,
        )
        .where(Qualification.agency_id == agency_id)
        .order_by(Qualification.number)
    )
    return tuple(QualificationRow(*row) for row in session.execute(statement))


def beijing_date(at: datetime) -> date:
    """Give the day that an instant falls on in China; certificates end with such a day."""
    return at.astimezone(BEIJING).date()


def is_qualified(session: Session, agency_id: UUID, service_code: str, *, on: date) -> bool:
    """Tell whether a certificate that is valid on ``on`` (北京时间) opens the kind of service."""
    statement = select(Qualification.service_codes).where(
        Qualification.agency_id == agency_id, Qualification.valid_until >= on
    )
    return any(service_code in codes for codes in session.execute(statement).scalars())
