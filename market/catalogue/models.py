"""Tables of what can be bought: categories, matters, kinds of service, listings."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, new_id, text_enum


class FeeBasis(StrEnum):
    """By what right a fee is set."""

    GOVERNMENT_SET = "government_set"  # 政府定价
    GOVERNMENT_GUIDED = "government_guided"  # 政府指导价
    MARKET = "market"  # 市场调节价


class Commission(StrEnum):
    """Who commissions a service and pays for it."""

    APPLICANT = "applicant"  # 申请人或业主
    DEPARTMENT = "department"  # 审批部门
    EITHER = "either"  # 申请人或部门, by project


class ListingState(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"  # seen by its agency only
    PUBLISHED = "published"
    PAUSED = "paused"  # 下架 by the agency
    SUSPENDED = "suspended"  # 下架 by the platform: agency paused or certificate expired


class Category(Base):
    """One entry of the category rail; the count is kept by the writing side."""

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    listing_count: Mapped[int] = mapped_column(default=0)


class Matter(Base):
    """An approval matter (审批事项) with its guide (办事指南)."""

    __tablename__ = "matters"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    department: Mapped[str] = mapped_column(String(60))
    legal_basis: Mapped[str] = mapped_column(String(300))  # a caution until checked, never law
    statutory_days: Mapped[int]  # working days
    promised_days: Mapped[int]  # working days
    steps: Mapped[list[str]]
    materials: Mapped[list[str]]
    self_possible: Mapped[bool]
    self_note: Mapped[str] = mapped_column(String(300))
    position: Mapped[int]


class ServiceKind(Base):
    """A kind of agency service (中介服务事项) of the catalogue, with its present figures.

    ``band_*`` and ``sold_12m`` are kept by the writing side: a page need not read every listing.
    """

    __tablename__ = "service_kinds"

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    short_name: Mapped[str] = mapped_column(String(20))  # as people search for it
    position: Mapped[int]
    qualification: Mapped[str] = mapped_column(String(200))
    qualification_required: Mapped[bool]
    regulator: Mapped[str] = mapped_column(String(60))
    commission: Mapped[Commission] = mapped_column(text_enum(Commission))
    self_possible: Mapped[bool]
    self_note: Mapped[str] = mapped_column(String(300))
    fee_basis: Mapped[FeeBasis] = mapped_column(text_enum(FeeBasis))
    fee_unit: Mapped[str] = mapped_column(String(40))
    fee_formula: Mapped[str] = mapped_column(String(300))
    fee_min_fen: Mapped[int]
    fee_max_fen: Mapped[int]
    typical_days: Mapped[int]  # working days
    cap_days: Mapped[int]  # working days; no listing may promise more
    materials: Mapped[list[str]]
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # {name, days, share}
    result_document: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(String(300))
    data_version: Mapped[int]
    band_p25_fen: Mapped[int | None]
    band_median_fen: Mapped[int | None]
    band_p75_fen: Mapped[int | None]
    band_count: Mapped[int] = mapped_column(default=0)  # published listings
    sold_12m: Mapped[int] = mapped_column(default=0)


class MatterService(Base):
    """A matter needs, or may need, a kind of service."""

    __tablename__ = "matter_services"

    matter_code: Mapped[str] = mapped_column(ForeignKey("matters.code"), primary_key=True)
    service_code: Mapped[str] = mapped_column(
        ForeignKey("service_kinds.code"), primary_key=True, index=True
    )
    position: Mapped[int]


class Listing(Base):
    """What one agency offers for one kind of service, at its present version."""

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint("price_fen > 0", name="price_positive"),
        CheckConstraint("promised_days > 0", name="promised_days_positive"),
        CheckConstraint("length(region) = 6", name="region_six_digits"),
        CheckConstraint(
            "(pending_version IS NULL) = (pending_at IS NULL)", name="pending_complete"
        ),
        Index(None, "state", "category_code", "price_fen"),
        Index(None, "state", "price_fen"),
        Index(None, "state", "promised_days"),
        Index(None, "state", "published_at"),
        Index(None, "service_code", "state", "price_fen"),
        Index(None, "agency_id", "state"),
        Index(None, "pending_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    service_code: Mapped[str] = mapped_column(ForeignKey("service_kinds.code"))
    category_code: Mapped[str] = mapped_column(ForeignKey("categories.code"))
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(300))
    price_fen: Mapped[int]  # all-in for the scope that fee_formula states
    price_unit: Mapped[str] = mapped_column(String(40))
    fee_basis: Mapped[FeeBasis] = mapped_column(text_enum(FeeBasis))
    fee_formula: Mapped[str] = mapped_column(String(300))
    includes: Mapped[str] = mapped_column(Text)
    excludes: Mapped[str] = mapped_column(Text)
    promised_days: Mapped[int]  # working days
    stages: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # {name, days, share}; shares = 100
    materials: Mapped[list[str]]
    refund_text: Mapped[str] = mapped_column(Text)
    self_possible: Mapped[bool]
    version: Mapped[int] = mapped_column(default=0)  # 0 until first published
    state: Mapped[ListingState] = mapped_column(text_enum(ListingState), default=ListingState.DRAFT)
    region: Mapped[str] = mapped_column(String(6))  # seat of the agency
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    pending_version: Mapped[int | None]  # an announced price, not yet in force
    pending_at: Mapped[datetime | None]


class ListingRegion(Base):
    """A region that a listing serves, with all regions below it."""

    __tablename__ = "listing_regions"
    __table_args__ = (Index(None, "region", "listing_id"),)

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"), primary_key=True)
    region: Mapped[str] = mapped_column(String(6), primary_key=True)


class ListingVersion(Base):
    """The wording and price of a listing as orders freeze it; append-only by trigger."""

    __tablename__ = "listing_versions"
    __table_args__ = (UniqueConstraint("listing_id", "version"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listings.id"))
    version: Mapped[int]
    price_fen: Mapped[int]  # also in the snapshot; here for the price history
    announced_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    snapshot: Mapped[dict[str, Any]]


class ListingFigures(Base):
    """Counters of a listing, apart from it so that a sale rewrites no searched row.

    ``category_code`` and ``is_shown`` repeat the listing, so that the default list reads one index.
    """

    __tablename__ = "listing_figures"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id"], ["listings.id"]),
        ForeignKeyConstraint(["category_code"], ["categories.code"]),
        Index(None, "is_shown", "sold_12m", "listing_id"),
        Index(None, "category_code", "is_shown", "sold_12m", "listing_id"),
    )

    listing_id: Mapped[UUID] = mapped_column(primary_key=True)
    category_code: Mapped[str] = mapped_column(String(20))
    is_shown: Mapped[bool] = mapped_column(default=False)
    sold_12m: Mapped[int] = mapped_column(default=0)
    median_days: Mapped[int | None]  # real working days over the last ``n`` orders, None: too few
    n: Mapped[int] = mapped_column(default=0)
