"""The table that compares services: one line for each fact, differences marked."""

from collections.abc import Callable
from dataclasses import dataclass

from market.catalogue.regions import region_name
from market.catalogue.rows import ListingDetail
from market.web.filters import grade, money
from market.web.i18n import _, lazy
from market.web.labels import label_of


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One fact of all compared services."""

    name: str
    values: tuple[str, ...]
    best: frozenset[int]  # places of the best values; empty where better has no meaning

    @property
    def is_different(self) -> bool:
        """Whether the services differ in it."""
        return len(set(self.values)) > 1


Reading = Callable[[ListingDetail], str]
Weight = Callable[[ListingDetail], int | None]


def _days(count: int) -> str:
    return f"{count} " + _("个工作日")


def _measured(row: ListingDetail) -> str:
    if row.median_days is None:
        return _("成交太少，暂无")
    return f"{_days(row.median_days)} (n={row.figures_n})"


FACTS: tuple[tuple[str, Reading, Weight | None], ...] = (
    (
        lazy("价格"),
        lambda row: f"{money(row.price_fen)} {row.price_unit}",
        lambda row: row.price_fen,
    ),
    (lazy("承诺时限"), lambda row: _days(row.promised_days), lambda row: row.promised_days),
    (lazy("实测中位数"), _measured, lambda row: row.median_days),
    (
        lazy("机构信用"),
        lambda row: f"{grade(row.credit_score)} ({row.credit_score})",
        lambda row: -row.credit_score,
    ),
    (lazy("近 12 个月成交"), lambda row: str(row.sold_12m), lambda row: -row.sold_12m),
    (lazy("服务事项"), lambda row: row.service_name, None),
    (lazy("收费依据"), lambda row: _(label_of(row.fee_basis)), None),
    (lazy("计费方式"), lambda row: row.fee_formula, None),
    (lazy("包含"), lambda row: row.includes, None),
    (lazy("不包含"), lambda row: row.excludes, None),
    (lazy("成果"), lambda row: row.result_document, None),
    (lazy("需您准备"), lambda row: "、".join(row.materials), None),
    (lazy("退款规则"), lambda row: row.refund_text, None),
    (lazy("可自行办理"), lambda row: _("可以") if row.self_possible else "—", None),
    (lazy("服务地区"), lambda row: "、".join(region_name(code) for code in row.regions), None),
)


def compare_rows(listings: list[ListingDetail]) -> list[CompareRow]:
    """Write all facts of the listings, in the order of the listings."""
    rows = []
    for name, read, weigh in FACTS:
        values = tuple(read(listing) for listing in listings)
        rows.append(CompareRow(_(name), values, _best(listings, values, weigh)))
    return rows


def _best(
    listings: list[ListingDetail], values: tuple[str, ...], weigh: Weight | None
) -> frozenset[int]:
    if weigh is None or len(set(values)) < 2:
        return frozenset()
    weights = [weigh(listing) for listing in listings]
    best = min((weight for weight in weights if weight is not None), default=None)
    return frozenset(
        place for place, weight in enumerate(weights) if best is not None and weight == best
    )
