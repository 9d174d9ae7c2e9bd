"""Tables of ratings."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, new_id, text_enum


class Side(StrEnum):
    """Who rates."""

    APPLICANT = "applicant"
    AGENCY = "agency"


class Review(Base):
    """One side's rating of the other after a settled order; shown once both are in, or time is."""

    __tablename__ = "reviews"
    __table_args__ = (
        UniqueConstraint("order_id", "side"),
        CheckConstraint("quality BETWEEN 1 AND 5", name="quality_range"),
        CheckConstraint("speed BETWEEN 1 AND 5", name="speed_range"),
        CheckConstraint("fee BETWEEN 1 AND 5", name="fee_range"),
        CheckConstraint("manner BETWEEN 1 AND 5", name="manner_range"),
        Index(None, "listing_id", "side", "unsealed_at"),
        Index(None, "rated_org_id", "side", "unsealed_at"),
        Index(None, "unsealed_at", "seal_ends_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("orders.id"))
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"))
    side: Mapped[Side] = mapped_column(text_enum(Side))
    author_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    author_user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    rated_org_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    quality: Mapped[int]  # 质量, by the agency: 材料质量
    speed: Mapped[int]  # 时效, by the agency: 配合时效
    fee: Mapped[int]  # 收费, by the agency: 付款
    manner: Mapped[int]  # 态度
    body: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    seal_ends_at: Mapped[datetime]  # then it is shown, even alone
    unsealed_at: Mapped[datetime | None]
