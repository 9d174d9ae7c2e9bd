"""Tables of the one-on-one room."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.act import Role
from market.db import Base, new_id, text_enum


class ItemState(StrEnum):
    """Where one item of material stands."""

    WAITING = "waiting"  # 待提交
    RECEIVED = "received"  # 已提交待核对
    REJECTED = "rejected"  # 需补正
    OK = "ok"  # 已通过


class ChecklistItem(Base):
    """One item of material that the service needs."""

    __tablename__ = "checklist_items"
    __table_args__ = (UniqueConstraint("order_id", "name"), Index(None, "state", "submitted_at"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    required: Mapped[bool] = mapped_column(default=True)
    state: Mapped[ItemState] = mapped_column(text_enum(ItemState))
    reason: Mapped[str | None] = mapped_column(String(500))  # what is wrong, while rejected
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]


class DefectNotice(Base):
    """One complete list of defects 一次性告知; every list after the first is a breach."""

    __tablename__ = "defect_notices"
    __table_args__ = (UniqueConstraint("order_id", "position"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]  # from 1
    at: Mapped[datetime]
    is_breach: Mapped[bool]  # names an item that an earlier list could have named
    item_names: Mapped[list[str]]


class Message(Base):
    """One message between the applicant and the agency of an order; never changed."""

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("length(body) <= 2000", name="body_length"),
        Index(None, "order_id", "at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime]
    role: Mapped[Role] = mapped_column(text_enum(Role))
    author_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    author_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    author_name: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(String(2000))
    document_id: Mapped[UUID | None] = mapped_column(ForeignKey("documents.id"))
    read_at: Mapped[datetime | None]  # by the other side
