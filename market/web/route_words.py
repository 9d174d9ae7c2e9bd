"""The decision of the route gate in words: all rules, the one that spoke, its inputs."""

from dataclasses import dataclass
from typing import Any

from market.draws.routes import ExemptCode, Route
from market.web.filters import money
from market.web.i18n import _
from market.web.labels import label_of

RULES = (
    "涉及国家秘密：不摇号，只公开数量",
    "依法必须招标：工程达到规模标准，且单项服务达到限额",
    "在集中采购目录内，或达到政府采购限额",
    "法律法规指定了机构或选取方式",
    "抢险救灾等应急情形",
    "由本单位人员完成：不必购买",
    "十二个月内同类服务合计达到限额：疑似拆分，退回",
    "以上都不是：公开摇号",
)
"""In the order of ``market.draws.routes.ROUTE_CHECK``."""


@dataclass(frozen=True, slots=True)
class RouteView:
    """A stored decision as the pages show it."""

    answer: str
    ground: str
    rules: tuple[tuple[str, str], ...]  # text, and "passed", "hit" or "after"
    inputs: tuple[tuple[str, str], ...]


def route_view(stored: dict[str, Any]) -> RouteView:
    """Put a stored decision into words."""
    spoke = int(stored["rule"])
    code = str(stored.get("code", ""))
    marks = ["passed"] * (spoke - 1) + ["hit"] + ["after"] * (len(RULES) - spoke)
    return RouteView(
        answer=_(label_of(Route(stored["route"]))),
        ground=_(label_of(ExemptCode(code))) if code else "",
        rules=tuple((_(text), mark) for text, mark in zip(RULES, marks, strict=True)),
        inputs=tuple(_inputs(stored["inputs"], stored["limits"])),
    )


def _inputs(inputs: dict[str, Any], limits: dict[str, Any]) -> list[tuple[str, str]]:
    flags = (
        (_("涉及国家秘密"), "is_secret"),
        (_("工程达到招标规模"), "is_above_tender_scale"),
        (_("在集中采购目录内"), "in_procurement_catalogue"),
        (_("应急情形"), "is_emergency"),
        (_("本单位自行完成"), "by_own_staff"),
    )
    rows = [
        (_("服务费"), money(int(inputs["fee_fen"]))),
        (_("服务代码"), str(inputs["service_code"])),
        (_("十二个月内同类合计"), money(int(inputs["same_service_year_fen"]))),
        (_("采购限额"), money(int(limits["procurement_limit_fen"]))),
        (_("必须招标限额"), money(int(limits["must_tender_fen"]))),
        (_("申报的法律条款"), str(inputs["law_article"]) or _("无")),
    ]
    return rows + [(text, _("是") if inputs[key] else _("否")) for text, key in flags]
