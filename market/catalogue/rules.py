"""What a listing must be to be published; pure functions of their arguments."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from market.catalogue.models import FeeBasis
from market.errors import InvalidInputError

ALL_SHARES = 100
MAX_PRICE_FEN = 10_000_000_00
MAX_STAGES = 12
TEXT_LIMITS = {"title": 120, "summary": 300, "price_unit": 40, "fee_formula": 300}
LONG_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a service: working days, and its share of the fee in percent for refunds."""

    name: str
    days: int
    share: int

    def as_json(self) -> dict[str, Any]:
        """Make the form in which a table stores it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ListingDraft:
    """What an agency writes about its offer; the price is all-in for what ``fee_formula`` says."""

    service_code: str
    title: str
    summary: str
    price_fen: int
    price_unit: str
    fee_formula: str
    includes: str
    excludes: str
    promised_days: int
    stages: tuple[Stage, ...]
    materials: tuple[str, ...]
    refund_text: str
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """What the catalogue demands of every listing of a kind of service."""

    fee_basis: FeeBasis
    fee_min_fen: int
    fee_max_fen: int
    cap_days: int
    qualification_required: bool


def parse_stages(rows: Sequence[dict[str, Any]]) -> tuple[Stage, ...]:
    """Read stages as a table or a data file stores them.

    Raises:
        TypeError: a key is missing, unknown or of another type.
    """
    stages = tuple(Stage(**row) for row in rows)
    for stage in stages:
        if (
            type(stage.name) is not str
            or type(stage.days) is not int
            or type(stage.share) is not int
        ):
            raise TypeError(f"not a stage: {stage}")
    return stages


def stage_faults(stages: Sequence[Stage], promised_days: int) -> list[str]:
    """Name what is wrong with stages; codes of reasons, empty when they are right."""
    rules = (
        (not 1 <= len(stages) <= MAX_STAGES, "stage_count"),
        (any(not stage.name.strip() for stage in stages), "stage_name_missing"),
        (any(stage.days < 0 for stage in stages), "stage_days_negative"),
        (any(stage.share < 1 for stage in stages), "stage_share_not_positive"),
        (sum(stage.share for stage in stages) != ALL_SHARES, "stage_shares_not_100"),
        (sum(stage.days for stage in stages) != promised_days, "stage_days_not_promised_days"),
    )
    return [reason for broken, reason in rules if broken]


def scale_stages(stages: Sequence[Stage], days: int) -> tuple[Stage, ...]:
    """Spread ``days`` over ``stages`` in the proportion of their days; names and shares stay.

    The rests go to the largest fractions, the earlier stage first; a stage of no day is done on
    the day of the one before it.
    """
    total = sum(stage.days for stage in stages)
    whole = [stage.days * days // total for stage in stages]
    by_rest = sorted(range(len(stages)), key=lambda i: (-(stages[i].days * days % total), i))
    for i in by_rest[: days - sum(whole)]:
        whole[i] += 1
    return tuple(replace(stage, days=n) for stage, n in zip(stages, whole, strict=True))


def require_listing(draft: ListingDraft, terms: ServiceTerms, *, is_qualified: bool) -> None:
    """Refuse a draft that must not be published.

    Raises:
        InvalidInputError: with the first faulty ``field`` and the ``reason``.
    """
    _require_texts(draft)
    require_price(draft.price_fen, terms)
    if not 1 <= draft.promised_days <= terms.cap_days:
        raise InvalidInputError(field="promised_days", reason="over_cap", cap=terms.cap_days)
    for reason in stage_faults(draft.stages, draft.promised_days):
        raise InvalidInputError(field="stages", reason=reason)
    if not draft.materials or any(not item.strip() for item in draft.materials):
        raise InvalidInputError(field="materials", reason="missing")
    if not draft.regions or any(not _is_region(code) for code in draft.regions):
        raise InvalidInputError(field="regions", reason="not_a_region")
    if terms.qualification_required and not is_qualified:
        raise InvalidInputError(field="service_code", reason="qualification_missing")


def require_price(price_fen: int, terms: ServiceTerms) -> None:
    """Refuse a price that its fee basis does not allow.

    Raises:
        InvalidInputError: not positive, beyond all sense, or outside a government's range.
    """
    if not 0 < price_fen <= MAX_PRICE_FEN:
        raise InvalidInputError(field="price_fen", reason="out_of_range")
    is_free = terms.fee_basis is FeeBasis.MARKET
    if not is_free and not terms.fee_min_fen <= price_fen <= terms.fee_max_fen:
        raise InvalidInputError(field="price_fen", reason="outside_government_range")


def require_notice(at: datetime, effective_at: datetime) -> None:
    """Refuse a price that would have been in force before it was announced.

    Raises:
        InvalidInputError: ``effective_at`` lies before ``at``.
    """
    if effective_at < at:
        raise InvalidInputError(field="effective_at", reason="in_the_past")


def _require_texts(draft: ListingDraft) -> None:
    for field, limit in TEXT_LIMITS.items():
        text = getattr(draft, field)
        if not text.strip():
            raise InvalidInputError(field=field, reason="missing")
        if len(text) > limit:
            raise InvalidInputError(field=field, reason="too_long", limit=limit)
    for field in ("includes", "excludes", "refund_text"):
        text = getattr(draft, field)
        if not text.strip():
            raise InvalidInputError(field=field, reason="missing")
        if len(text) > LONG_TEXT:
            raise InvalidInputError(field=field, reason="too_long", limit=LONG_TEXT)


def _is_region(code: str) -> bool:
    return len(code) == 6 and code.isascii() and code.isdigit()


def percentile(ordered: Sequence[int], percent: int) -> int:
    """Pick the nearest-rank percentile of ``ordered`` (ascending, not empty): an existing value."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
