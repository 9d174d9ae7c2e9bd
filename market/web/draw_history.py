"""Public events as the dated chain of a page, and what comes next with its time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from flask import url_for

from market.draws.rows import EventRow
from market.draws.states import ProjectState
from market.web.draw_words import reason_of
from market.web.i18n import _

P = ProjectState


class Link(NamedTuple):
    """One record of the chain, in the order in which the macro takes its parts."""

    title: str
    text: str
    at: datetime | None
    position: int | None
    hash: str
    url: str | None
    state: str  # done, current, todo, void


TITLES: dict[str, str] = {
    "route_decided": "路径判定",
    "exemption_granted": "核定不进入摇号",
    "exemption_refused": "不予核定，转为公开摇号",
    "returned": "退回修改",
    "cancelled": "业主取消项目",
    "published": "第 {attempt} 次摇号公告",
    "closed": "报名截止",
    "frozen": "名单冻结",
    "go": "通过检查，等待公共信标",
    "drawn": "公共信标出现，排名产生",
    "publicity_begun": "开始公示",
    "confirmed": "第 {rank} 名确认",
    "declined": "第 {rank} 名放弃",
    "promoted": "第 {rank} 名递补",
    "awarded": "发出中选通知",
    "failed": "流标",
    "voided": "第 {attempt} 次摇号作废",
}
TEXTS: dict[str, str] = {
    "route_decided": "系统按规则表判定：{route_text}",
    "exemption_granted": "{code_text}。{reason}",
    "exemption_refused": "{reason}",
    "returned": "{reason}",
    "cancelled": "{reason}",
    "published": "时间、信标轮次和秘密数的指纹一并公开，报名开始。",
    "closed": "此时日志共有 {log_size} 条，之后写入的报名不算。",
    "frozen": "入围 {roster_size} 家，未通过 {rejected} 家，撤回 {withdrawn} 家；秘密数已公开。",
    "go": "冻结内容无误，从此没有人能中止这次摇号。",
    "drawn": "种子确定，每家的摇号数随即确定。",
    "publicity_begun": "拟中选：{winners}。候补：{reserves}。",
    "confirmed": "拟中选机构确认接受。",
    "declined": "放弃理由：{ground_text}",
    "promoted": "沿用同一次排名，由下一名递补，公示期重新计算。",
    "awarded": "公示期满，无异议。",
    "failed": "{reason_text}",
    "voided": "{code_text}",
}
TOO_FEW = "fewer than"
"""How the document of a void for want of entrants begins."""
ROUTE_TEXTS = {
    "draw": "公开摇号",
    "exempt": "申请不摇号，待主管部门核定",
    "no_purchase": "无需购买服务",
    "split_suspected": "疑似拆分，退回",
}


def chain_of(
    events: Sequence[EventRow], project_no: str, *, newest_first: bool = True
) -> list[Link]:
    """Turn events into links; those of a voided attempt are marked."""
    voided = {event.attempt for event in events if event.kind == "voided"}
    links = [_link(event, project_no, voided) for event in events]
    return links[::-1] if newest_first else links


def _link(event: EventRow, project_no: str, voided: set[int]) -> Link:
    values = _values(event)
    url = None
    if event.attempt:
        url = url_for("public.draw", project_no=project_no, attempt=event.attempt)
    return Link(
        title=_(TITLES.get(event.kind, event.kind)).format_map(values),
        text=_(TEXTS.get(event.kind, "")).format_map(values),
        at=event.at,
        position=event.log_position,
        hash=event.leaf_sha256 or event.sha256,
        url=url,
        state="void" if event.kind == "published" and event.attempt in voided else "done",
    )


class _Values(dict[str, Any]):
    """Leaves a dash where an old event lacks a value."""

    def __missing__(self, key: str) -> str:
        return "—"


def _values(event: EventRow) -> _Values:
    details = event.details
    code = str(details.get("code", ""))
    if str(details.get("document", "")).startswith(TOO_FEW):
        code = "too_few"
    return _Values(
        details,
        attempt=event.attempt,
        route_text=_(ROUTE_TEXTS.get(str(details.get("route", "")), "")),
        code_text=reason_of(code),
        ground_text=reason_of(str(details.get("ground", ""))),
        reason_text=reason_of(str(details.get("reason", ""))),
        reserves=details.get("reserves") or _("无"),
    )


def upcoming(
    state: ProjectState, *, enroll_close_at: datetime | None, draw_at: datetime | None
) -> list[tuple[str, datetime | None]]:
    """List the next steps of a project with their times, the nearest first."""
    close = (_("报名截止"), enroll_close_at)
    beacon = (_("公共信标出现，结果产生"), draw_at)
    steps: dict[ProjectState, list[tuple[str, datetime | None]]] = {
        P.EXEMPT_PENDING: [(_("主管部门核定，结果公开"), None)],
        P.REVIEW: [(_("运营方审核后发布公告"), None)],
        P.ENROLLING: [close, (_("核对资格并冻结名单"), None), beacon],
        P.SCREENING: [(_("核对资格并冻结名单"), None), beacon],
        P.TOO_FEW: [(_("按规则再开放一轮报名；仍不足则流标"), None)],
        P.FROZEN: [(_("检查冻结内容，无误后放行"), None), beacon],
        P.GO: [beacon],
        P.DRAWN: [(_("开始公示"), None)],
        P.PUBLICITY: [(_("拟中选机构确认，公示期满后发中选通知"), None)],
        P.VOID: [(_("运营方发布新的公告，重新报名摇号"), None)],
    }
    return steps.get(state, [])


def next_step(
    state: ProjectState, *, enroll_close_at: datetime | None, draw_at: datetime | None
) -> tuple[str, datetime | None]:
    """Give the one line that a list shows: the nearest step that has a time, or the first."""
    steps = upcoming(state, enroll_close_at=enroll_close_at, draw_at=draw_at)
    dated = [step for step in steps if step[1] is not None]
    return dated[0] if dated else (steps[0] if steps else ("", None))
