"""The sentences of an order's timeline."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from market.act import Role
from market.courier.states import ShipmentStatus
from market.orders.models import DeliveryMethod, OrderEvent
from market.orders.states import Fault
from market.orders.suspensions import SuspensionCode
from market.web.filters import label, money
from market.web.i18n import _
from market.web.labels import label_of_value
from market.web.orders.days import parse_instant, until

Entry = tuple[str, str, datetime, str | None]

SENTENCES: dict[str, str] = {
    "placed": "下单，金额 {price}，承诺 {promised_days} 个工作日",
    "paid": "付款 {amount}，由平台托管",
    "expired": "超过付款期限，订单自动关闭",
    "cancelled": "取消订单",
    "declined": "机构不接单，全额退款",
    "accept_missed": "机构逾期未接单，自动全额退款",
    "accepted": "接单，经办人 {handler}",
    "started": "材料齐全，开始计时，应在 {due_at} 前完成",
    "suspended": "挂起 {code}：{code_word}，最迟 {resume_by} 恢复",
    "resumed": "恢复计时",
    "submitted": "提交部门，回执号 {receipt_no}",
    "returned": "部门第 {count} 次退回，{fault}",
    "resubmitted": "整改后重新提交，回执号 {receipt_no}",
    "result_recorded": "部门出具结果，文号 {document_no}",
    "refused": "部门不予批准",
    "failed": "未获批准，转入退款",
    "delivered": "成果送达（{method}）",
    "confirmed": "确认验收，款项结算给机构",
    "disputed": "提出争议，计时和款项冻结",
    "dispute_withdrawn": "撤回争议，继续办理",
    "dispute_released": "争议处理完毕，款项付给机构",
    "dispute_refunded": "争议处理完毕，款项退回申请人",
    "refunded": "退款完成",
    "closed": "订单归档",
    "shipped": "成果已交寄，运单号 {waybill_no}",
    "item_received": "提交材料：{item}",
    "item_accepted": "材料通过：{item}",
    "items_rejected": "一次性告知：{count} 项材料需要补正",
    "shipment_requested": "安排快递取件",
    "shipment_refused": "承运方不承运，请改用其他方式送达",
    "shipment_moved": "快递{status}，运单号 {waybill_no}",
    "due_recounted": "放假安排公布，完成日期改为 {due_at}",
}
AUTOMATIC: dict[str, str] = {
    "confirmed": "到期未提异议，自动验收，款项结算给机构",
    "resumed": "挂起到期，自动恢复计时",
}
BREACH = "这是第一份清单之后的新要求，已记为违反一次性告知"


def tell(events: Iterable[OrderEvent]) -> list[Entry]:
    """Write the timeline, the newest first: (sentence, who, when, note)."""
    entries = [(sentence_of(event), who(event), event.at, note_of(event)) for event in events]
    return entries[::-1]


def sentence_of(event: OrderEvent) -> str:
    """Say what happened."""
    text = SENTENCES.get(event.kind, event.kind)
    if event.params.get("auto") or event.params.get("by_cap"):
        text = AUTOMATIC.get(event.kind, text)
    return _(text).format_map(_Words(_words(event.params)))


def who(event: OrderEvent) -> str:
    """Name who did it: the role, and the person where there is one."""
    role = label(event.role)
    if event.role is Role.SYSTEM or not event.actor_name:
        return role
    return f"{role} {event.actor_name}"


def note_of(event: OrderEvent) -> str | None:
    """Give what the person wrote, or what everybody should know about it."""
    if event.params.get("is_breach"):
        return _(BREACH)
    for name in ("reason", "reasons", "note"):
        if event.params.get(name):
            return str(event.params[name])
    return _("日期暂定，放假安排公布后重算") if event.params.get("provisional") else None


class _Words(dict[str, str]):
    """Leaves a gap rather than an error where a parameter is missing."""

    def __missing__(self, key: str) -> str:
        return "—"


def _words(params: dict[str, Any]) -> dict[str, str]:
    words = {name: str(value) for name, value in params.items() if value is not None}
    for name, source in (("price", "price_fen"), ("amount", "amount_fen")):
        if source in params:
            words[name] = money(int(params[source]))
    for name in ("due_at", "resume_by"):
        at = parse_instant(words.get(name, ""))
        if at is not None:
            words[name] = until(at)
    if "code" in words:
        words["code_word"] = label_of_value(SuspensionCode, words["code"])
    for name, kind in (("fault", Fault), ("method", DeliveryMethod), ("status", ShipmentStatus)):
        if name in words:
            words[name] = label_of_value(kind, words[name])
    return words
