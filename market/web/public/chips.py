"""The filters of the list of services: read from the address, shown as removable chips."""

from dataclasses import dataclass, replace

from flask import request

from market.catalogue.regions import region_name
from market.catalogue.rows import ListingFilter
from market.web.i18n import _
from market.web.public.navigation import navigation

MOST_YUAN = 100_000_000
MOST_DAYS = 1_000
LONGEST_WORDS = 60


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force; its address is this page without it."""

    name: str  # the query argument
    text: str


def read_filter(*, page: int) -> ListingFilter:
    """Read the filter from the query; what makes no sense does not restrict."""
    args = request.args
    max_fee = _positive(args.get("max_fee", ""), MOST_YUAN)
    return ListingFilter(
        q=args.get("q", "").strip()[:LONGEST_WORDS],
        category=args.get("category", "")[:20],
        service=args.get("service", "")[:20],
        max_fee_fen=None if max_fee is None else max_fee * 100,
        max_days=_positive(args.get("max_days", ""), MOST_DAYS),
        region=_region(args.get("region", "")),
        sort=args.get("sort", ""),
        page=page,
    )


def chips_of(wanted: ListingFilter, service_names: dict[str, str]) -> list[Chip]:
    """List the filters in force in words."""
    categories = {row.code: row.name for row in navigation().categories}
    fee = (wanted.max_fee_fen or 0) // 100
    entries = (
        ("q", wanted.q, _("搜索：") + wanted.q),
        ("category", wanted.category, categories.get(wanted.category, wanted.category)),
        ("service", wanted.service, service_names.get(wanted.service, wanted.service)),
        ("max_fee", wanted.max_fee_fen, f"{fee:,}" + _(" 元以内")),
        ("max_days", wanted.max_days, f"{wanted.max_days} " + _("个工作日以内")),
        ("region", wanted.region, region_name(wanted.region)),
    )
    return [Chip(name, text) for name, value, text in entries if value]


def advice_for(wanted: ListingFilter, chips: list[Chip]) -> list[tuple[Chip, ListingFilter]]:
    """Pair each chip with the filter that is left when it is dropped."""
    empty = {
        "q": {"q": ""},
        "category": {"category": ""},
        "service": {"service": ""},
        "max_fee": {"max_fee_fen": None},
        "max_days": {"max_days": None},
        "region": {"region": ""},
    }
    return [(chip, replace(wanted, **empty[chip.name])) for chip in chips]  # type: ignore[arg-type]


def _positive(text: str, most: int) -> int | None:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 12 or int(digits) == 0:
        return None
    return min(int(digits), most)


def _region(text: str) -> str:
    return text if len(text) == 6 and text.isascii() and text.isdigit() else ""
