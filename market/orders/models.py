"""Tables of direct orders."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.act import Role
from market.db import Base, new_id, text_enum
from market.orders.clock import Span
from market.orders.states import Fault, FundSource, Holder, OrderState
from market.orders.suspensions import SuspensionCode


def _second_enum(kind: type[StrEnum]) -> sa.Enum:
    """Store another value of an enumeration that the table already has a CHECK for."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


class DeliveryMethod(StrEnum):
    """How the result reaches the applicant."""

    ELECTRONIC = "electronic"
    COURIER = "courier"


class Order(Base):
    """One direct purchase; what was promised is frozen in it and never follows the listing."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("applicant_org_id", "idempotency_key"),
        CheckConstraint("price_fen > 0", name="price_positive"),
        CheckConstraint("promised_days > 0", name="promised_days_positive"),
        CheckConstraint("length(region) = 6", name="region_six_digits"),
        Index(None, "applicant_org_id", "placed_at"),
        Index(None, "agency_id", "placed_at"),
        Index(None, "listing_id", "settled_at"),
        Index(None, "state", "pay_by"),
        Index(None, "state", "accept_by"),
        Index(None, "state", "confirm_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    region: Mapped[str] = mapped_column(String(6))
    applicant_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    applicant_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"))
    listing_version: Mapped[int]
    service_code: Mapped[str] = mapped_column(String(20))
    matter_code: Mapped[str | None] = mapped_column(String(40))
    snapshot: Mapped[dict[str, Any]]  # name, stages, materials and terms as they were shown
    fund_source: Mapped[FundSource] = mapped_column(text_enum(FundSource))
    price_fen: Mapped[int]
    promised_days: Mapped[int]  # working days
    idempotency_key: Mapped[str] = mapped_column(String(80))
    state: Mapped[OrderState] = mapped_column(text_enum(OrderState))
    holder: Mapped[Holder | None] = mapped_column(text_enum(Holder))
    handler_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    handler_name: Mapped[str | None] = mapped_column(String(60))  # 经办人
    trade_no: Mapped[str | None] = mapped_column(String(120), unique=True)
    receipt_no: Mapped[str | None] = mapped_column(String(120))  # 回执号
    document_no: Mapped[str | None] = mapped_column(String(120))  # 结果文号
    result_document_id: Mapped[UUID | None]
    delivery_method: Mapped[DeliveryMethod | None] = mapped_column(text_enum(DeliveryMethod))
    waybill_no: Mapped[str | None] = mapped_column(String(60))
    return_count: Mapped[int] = mapped_column(default=0)
    disputed_from: Mapped[OrderState | None] = mapped_column(_second_enum(OrderState))
    disputed_by: Mapped[Role | None] = mapped_column(text_enum(Role))
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    placed_at: Mapped[datetime]
    pay_by: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    accept_by: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]  # the promise clock
    due_at: Mapped[datetime | None]
    due_is_provisional: Mapped[bool] = mapped_column(default=False)  # 暂定
    submitted_at: Mapped[datetime | None]
    late_days: Mapped[int] = mapped_column(default=0)
    result_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    confirm_by: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    net_workdays: Mapped[int | None]  # 净用时, known once settled
    span_days: Mapped[int | None]  # 自然历时

    events: Mapped[list["OrderEvent"]] = relationship(
        lazy="raise", order_by="(OrderEvent.at, OrderEvent.id)", back_populates="order"
    )
    segments: Mapped[list["ClockSegment"]] = relationship(
        lazy="raise", order_by="ClockSegment.position", back_populates="order"
    )

    @property
    def number(self) -> str:
        """Give the short number that people read out on the telephone; not unique by law."""
        return f"{self.placed_at:%Y%m%d}-{self.id.hex[-8:].upper()}"

    @property
    def title(self) -> str:
        """Name the service as it was bought."""
        return str(self.snapshot.get("title", self.service_code))


class OrderEvent(Base):
    """One entry of an order's timeline; the sentence is made from ``kind`` and ``params``."""

    __tablename__ = "order_events"
    __table_args__ = (Index(None, "order_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    role: Mapped[Role] = mapped_column(text_enum(Role))
    actor_name: Mapped[str] = mapped_column(String(120))
    from_state: Mapped[OrderState | None] = mapped_column(_second_enum(OrderState))
    to_state: Mapped[OrderState] = mapped_column(text_enum(OrderState))
    params: Mapped[dict[str, Any]]

    order: Mapped[Order] = relationship(lazy="raise", back_populates="events")


class ClockSegment(Base):
    """One stretch of time in one holder's hands; segments of an order adjoin without a gap."""

    __tablename__ = "clock_segments"
    __table_args__ = (UniqueConstraint("order_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    holder: Mapped[Holder] = mapped_column(text_enum(Holder))
    state: Mapped[OrderState] = mapped_column(text_enum(OrderState))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    order: Mapped[Order] = relationship(lazy="raise", back_populates="segments")

    def as_span(self) -> Span:
        """Give the pure value that the clock rules work on."""
        return Span(self.holder, self.state, self.started_at, self.ended_at)


class Suspension(Base):
    """One time that the promise clock stood still by request."""

    __tablename__ = "suspensions"
    __table_args__ = (Index(None, "order_id", "code"), Index(None, "ended_at", "resume_by"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    code: Mapped[SuspensionCode] = mapped_column(text_enum(SuspensionCode))
    note: Mapped[str] = mapped_column(String(500))  # list of what is missing, date, article
    started_at: Mapped[datetime]
    resume_by: Mapped[datetime]  # at the cap it resumes by itself
    ended_at: Mapped[datetime | None]


class DepartmentReturn(Base):
    """One return 退回 by the department with its itemised reasons."""

    __tablename__ = "department_returns"
    __table_args__ = (Index(None, "order_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime]
    fault: Mapped[Fault] = mapped_column(text_enum(Fault))
    reasons: Mapped[list[str]]
    is_new_point: Mapped[bool]  # 选择性评判: a second return for what the first did not name
