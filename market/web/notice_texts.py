"""One line for each kind of notice, and where it leads."""

from flask import Flask

from market.notices.models import Notice
from market.web.i18n import _

TEXTS: dict[str, str] = {
    "order.paid": "新订单“{title}”已付款，请在一个工作日内接单。",
    "order.accepted": "机构已接单“{title}”，请准备材料。",
    "order.declined": "机构未接单“{title}”，款项将全额退回。",
    "order.accept_missed": "“{title}”到期未接单，款项将全额退回申请人。",
    "order.cancelled": "申请人取消了“{title}”。",
    "order.expired": "“{title}”超过付款期限，订单已关闭。",
    "order.started": "“{title}”材料齐全，开始计时办理。",
    "order.suspended": "“{title}”已挂起，请查看原因。",
    "order.resumed": "“{title}”恢复计时办理。",
    "order.submitted": "“{title}”已提交部门审批。",
    "order.returned": "“{title}”被部门退回补正，请查看原因。",
    "order.resubmitted": "“{title}”整改后已重新提交。",
    "order.result_recorded": "“{title}”已有办理结果。",
    "order.refused": "“{title}”未获批准，请查看原因。",
    "order.shipped": "“{title}”的成果已寄出。",
    "order.delivered": "“{title}”的成果已送达，待确认验收。",
    "order.confirmed": "“{title}”已验收，款项已结算。",
    "order.disputed": "“{title}”提出争议，款项已冻结。",
    "order.dispute_withdrawn": "“{title}”的争议已撤回。",
    "order.refunded": "“{title}”的款项已退回。",
    "draw.frozen": "“{title}”的名单已冻结，等待摇号。",
    "draw.drawn": "“{title}”已摇号，结果可以自己核验。",
    "draw.won": "“{title}”拟中选，请在期限内确认。",
    "draw.reserve": "“{title}”列为候补，中选机构放弃时依次递补。",
    "draw.voided": "“{title}”的本次摇号已作废，请查看原因。",
    "enrolment.rejected": "“{title}”的报名未通过资格核对，请查看理由。",
    "project.awarded": "“{title}”公示期满，中选通知已发出。",
    "project.returned": "“{title}”已退回修改，请查看理由。",
}
FALLBACK = "“{title}”有新的进展。"


def notice_text(notice: Notice) -> str:
    """Say what happened."""
    return _(TEXTS.get(notice.kind, FALLBACK)).format(title=notice.params.get("title", ""))


def notice_url(notice: Notice) -> str:
    """Lead to the thing it happened to."""
    return str(notice.params.get("url", "/"))


def install(app: Flask) -> None:
    """Give templates both as filters."""
    app.add_template_filter(notice_text, "notice_text")
    app.add_template_filter(notice_url, "notice_url")
