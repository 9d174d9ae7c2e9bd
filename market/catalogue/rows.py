"""What the queries give to pages: plain frozen rows, no session behind them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.catalogue.models import Commission, FeeBasis, ListingState


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """What the search bar and the filters ask; an empty value does not restrict."""

    q: str = ""
    category: str = ""
    service: str = ""
    agency_id: UUID | None = None
    max_fee_fen: int | None = None
    max_days: int | None = None
    region: str = ""
    sort: str = ""  # one of SORTS in market.catalogue.queries; anything else means "sold"
    page: int = 1
    per_page: int = 24


@dataclass(frozen=True, slots=True)
class ListingRow:
    """A card in a list."""

    id: UUID
    title: str
    summary: str
    price_fen: int
    price_unit: str
    fee_basis: FeeBasis
    promised_days: int
    self_possible: bool
    region: str
    service_code: str
    service_name: str
    category_code: str
    agency_id: UUID
    agency_name: str
    credit_score: int
    sold_12m: int
    median_days: int | None


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """An entry of the category rail."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class FeeBand:
    """Spread of the published prices of one kind of service; None where there is none."""

    p25_fen: int | None
    median_fen: int | None
    p75_fen: int | None
    n: int


@dataclass(frozen=True, slots=True)
class MatterLink:
    """A matter that needs a kind of service."""

    code: str
    name: str
    department: str
    self_possible: bool
    self_note: str


@dataclass(frozen=True, slots=True)
class ListingDetail:
    """All that the page of a listing shows, but its price history."""

    id: UUID
    state: ListingState
    version: int
    title: str
    summary: str
    price_fen: int
    price_unit: str
    fee_basis: FeeBasis
    fee_formula: str
    includes: str
    excludes: str
    promised_days: int
    stages: list[dict[str, Any]]  # {name, days, share}
    materials: list[str]
    refund_text: str
    self_possible: bool
    region: str
    published_at: datetime | None
    pending_at: datetime | None  # when an announced price takes effect
    service_code: str
    service_name: str
    service_qualification: str
    service_self_note: str
    regulator: str
    commission: Commission
    result_document: str
    cap_days: int
    fee_min_fen: int
    fee_max_fen: int
    category_code: str
    category_name: str
    agency_id: UUID
    agency_name: str
    agency_uscc: str | None
    agency_state: str
    agency_is_demo: bool
    credit_score: int
    agency_staff_count: int
    agency_capacity: int
    sold_12m: int
    median_days: int | None
    figures_n: int
    band: FeeBand
    matters: tuple[MatterLink, ...]
    regions: tuple[str, ...]

    @property
    def is_orderable(self) -> bool:
        """Whether an applicant may buy it: published, and not commissioned by a department."""
        return self.state is ListingState.PUBLISHED and self.commission is not Commission.DEPARTMENT


@dataclass(frozen=True, slots=True)
class PriceRow:
    """One entry of the public price history."""

    version: int
    price_fen: int
    announced_at: datetime
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class MatterRow:
    """An approval matter in a list."""

    code: str
    name: str
    department: str
    statutory_days: int
    promised_days: int
    self_possible: bool
    service_count: int


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A kind of service with its fee band and number of offers."""

    code: str
    name: str
    category_code: str
    qualification: str
    regulator: str
    commission: Commission
    self_possible: bool
    self_note: str
    fee_basis: FeeBasis
    fee_unit: str
    fee_formula: str
    fee_min_fen: int
    fee_max_fen: int
    typical_days: int
    cap_days: int
    result_document: str
    band: FeeBand


@dataclass(frozen=True, slots=True)
class MatterDetail:
    """The guide of a matter and the services that it needs."""

    code: str
    name: str
    department: str
    legal_basis: str
    statutory_days: int
    promised_days: int
    steps: list[str]
    materials: list[str]
    self_possible: bool
    self_note: str
    services: tuple[ServiceRow, ...]
