"""The route gate: draw by default, exemption only by a listed reason; pure.

Source: 赣市行管字〔2016〕42号 (draw, unless tendering is mandatory or a law names the
way); numbers are parameters of ``RouteLimits``.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Route(StrEnum):
    """Where the table sends a project."""

    DRAW = "draw"  # 公开摇号
    EXEMPT = "exempt"
    NO_PURCHASE = "no_purchase"  # own staff does the work
    SPLIT_SUSPECTED = "split_suspected"  # blocked: the parts of a year pass the threshold together


class ExemptCode(StrEnum):
    """The closed list of exemptions."""

    STATE_SECRET = "state_secret"  # noqa: S105 - 涉密
    MUST_TENDER = "must_tender"  # 必须招标
    GOVERNMENT_PROCUREMENT = "government_procurement"  # 集中采购目录或限额以上
    NAMED_BY_LAW = "named_by_law"  # 法定
    EMERGENCY = "emergency"  # 抢险救灾, 应急


@dataclass(frozen=True, slots=True)
class RouteLimits:
    """The thresholds of one region, in fen."""

    must_tender_fen: int = 100_000_000  # 100万, single contract of survey, design, supervision
    procurement_limit_fen: int = 100_000_000
    must_tender_services: tuple[str, ...] = ("ZJ-01", "ZJ-02", "ZJ-05", "FG-04")


@dataclass(frozen=True, slots=True)
class RouteInputs:
    """What the owner declares and what the platform knows; stored with the decision."""

    fee_fen: int
    service_code: str
    same_service_year_fen: int = 0  # owner + service, the 12 months before, without this one
    is_secret: bool = False
    is_above_tender_scale: bool = False  # the whole project reaches the scale of 必须招标
    in_procurement_catalogue: bool = False
    law_article: str = ""  # the article that names institution or way
    is_emergency: bool = False
    by_own_staff: bool = False


@dataclass(frozen=True, slots=True)
class RouteDecision:
    """The first rule that spoke, with everything it looked at."""

    route: Route
    code: str  # an ExemptCode, or ""
    rule: int  # number of the rule in the table, 1 to 8
    inputs: RouteInputs
    limits: RouteLimits

    def stored(self) -> dict[str, object]:
        """Return the decision as plain JSON values."""
        return {
            "route": self.route.value,
            "code": self.code,
            "rule": self.rule,
            "inputs": asdict(self.inputs),
            "limits": {
                **asdict(self.limits),
                "must_tender_services": list(self.limits.must_tender_services),
            },
        }


def _must_tender(inputs: RouteInputs, limits: RouteLimits) -> bool:
    return (
        inputs.is_above_tender_scale
        and inputs.service_code in limits.must_tender_services
        and inputs.fee_fen >= limits.must_tender_fen
    )


def _is_split(inputs: RouteInputs, limits: RouteLimits) -> bool:
    """Whether parts that are each below the threshold pass it together within 12 months."""
    total = inputs.fee_fen + inputs.same_service_year_fen
    return inputs.fee_fen < limits.procurement_limit_fen <= total


Test = Callable[[RouteInputs, RouteLimits], bool]
ROUTE_CHECK: tuple[tuple[Test, Route, str], ...] = (
    (lambda i, _: i.is_secret, Route.EXEMPT, ExemptCode.STATE_SECRET),
    (_must_tender, Route.EXEMPT, ExemptCode.MUST_TENDER),
    (
        lambda i, m: i.in_procurement_catalogue or i.fee_fen >= m.procurement_limit_fen,
        Route.EXEMPT,
        ExemptCode.GOVERNMENT_PROCUREMENT,
    ),
    (lambda i, _: bool(i.law_article.strip()), Route.EXEMPT, ExemptCode.NAMED_BY_LAW),
    (lambda i, _: i.is_emergency, Route.EXEMPT, ExemptCode.EMERGENCY),
    (lambda i, _: i.by_own_staff, Route.NO_PURCHASE, ""),
    (_is_split, Route.SPLIT_SUSPECTED, ""),
    (lambda _i, _m: True, Route.DRAW, ""),
)
"""First match wins; the last row always matches, so there is no way around the draw."""


def decide_route(inputs: RouteInputs, limits: RouteLimits) -> RouteDecision:
    """Return what the table says."""
    for number, (test, route, code) in enumerate(ROUTE_CHECK, start=1):
        if test(inputs, limits):
            return RouteDecision(route, str(code), number, inputs, limits)
    raise AssertionError("the last rule always matches")
