"""Tables of agencies and what they are qualified for."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, new_id, text_enum

INITIAL_CREDIT = 75
"""Score of a newcomer (新入驻): neither trusted nor mistrusted."""


class AgencyState(StrEnum):
    """Whether an agency may take on anything new."""

    ACTIVE = "active"
    PAUSED = "paused"  # 暂停; running work goes on
    REMOVED = "removed"  # 清退; the record stays


class Agency(Base):
    """The profile of an organisation that offers services; name and code are the organisation's."""

    __tablename__ = "agencies"
    __table_args__ = (
        CheckConstraint("credit_score BETWEEN 0 AND 100", name="credit_score_range"),
        CheckConstraint("capacity > 0", name="capacity_positive"),
        CheckConstraint("staff_count > 0", name="staff_count_positive"),
        CheckConstraint("length(region) = 6", name="region_six_digits"),
        Index(None, "state", "credit_score"),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))  # 类型 in the words of its own trade
    licence_no: Mapped[str] = mapped_column(String(40))
    legal_person: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(30))  # shown masked
    founded_on: Mapped[date]
    staff_count: Mapped[int]
    capacity: Mapped[int]  # most open orders at a time
    credit_score: Mapped[int] = mapped_column(default=INITIAL_CREDIT)
    state: Mapped[AgencyState] = mapped_column(text_enum(AgencyState), default=AgencyState.ACTIVE)
    paused_until: Mapped[datetime | None]
    intro: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(String(6))
    registered_at: Mapped[datetime]


class Qualification(Base):
    """A certificate of an agency, and the kinds of service it opens."""

    __tablename__ = "qualifications"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("agencies.organisation_id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    level: Mapped[str] = mapped_column(String(40))  # empty where the certificate has no levels
    number: Mapped[str] = mapped_column(String(60), unique=True)
    valid_until: Mapped[date] = mapped_column(index=True)  # last day of validity, 北京时间
    service_codes: Mapped[list[str]]
