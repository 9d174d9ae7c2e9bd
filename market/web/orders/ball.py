"""What the banner of an order says: what is waited for, by whom, until when."""

from market.act import Role
from market.orders.queries import OrderDetail
from market.orders.states import Holder, OrderState
from market.web.filters import label
from market.web.i18n import _
from market.web.orders.days import until

Sentence = tuple[str, str]
"""What the applicant reads, and what everybody else reads."""

SENTENCES: dict[str, Sentence] = {
    "pay": (
        "请在 {by} 前付款。款项由平台托管，逾期未付订单自动关闭。",
        "等待申请人付款，{by} 前未付则自动关闭。",
    ),
    "accept": (
        "款项已托管。机构应在 {by} 前接单，逾期自动全额退款。",
        "请在 {by} 前接单并指定经办人，逾期自动全额退款。",
    ),
    "do_work": (
        "材料已齐，机构承诺在 {by} 前办成并提交部门。",
        "材料已齐，应在 {by} 前办成并提交部门。",
    ),
    "decide": (
        "已提交部门审批，回执号 {receipt_no}。审批期间不计入机构用时。",
        "已提交部门审批，回执号 {receipt_no}。有结果或退回意见时请当日登记。",
    ),
    "deliver": (
        "审批结果已出，等待机构送达。",
        "审批结果已出，请电子送达或寄出原件。",
    ),
    "confirm": (
        "成果已送达。请核对后确认，{by} 前未确认且无争议的，自动验收并放款。",
        "成果已送达，等待申请人确认；{by} 自动验收。",
    ),
    "decide_dispute": (
        "争议处理中，计时和款项都已冻结。双方可继续留言举证。",
        "争议处理中，计时和款项都已冻结。双方可继续留言举证。",
    ),
    "rate": (
        "已验收结算。请评价机构，双方都评价后才互相公开。",
        "已验收结算。请评价本次合作，双方都评价后才互相公开。",
    ),
    "refund": ("款项正在原路退回，到账后这里会显示。", "款项正在原路退回申请人。"),
}
MATERIAL: dict[bool, Sentence] = {
    True: (
        "材料已交齐，机构应在 1 个工作日内核对，逾期视为通过。",
        "申请人已交齐材料，请在 1 个工作日内核对；有问题请一次列全。",
    ),
    False: (
        "材料还差 {missing} 项，交齐并通过核对后从次日起计时。",
        "等待申请人交材料，还差 {missing} 项。",
    ),
}
ENDINGS: dict[OrderState, str] = {
    OrderState.CLOSED_UNPAID: "订单没有付款，已经关闭。需要时可以重新下单。",
    OrderState.REFUNDED: "款项已全额退回，订单结束。",
    OrderState.CLOSED: "订单已归档，全部记录可随时查看。",
}
NOBODY: dict[OrderState, str] = {
    OrderState.SETTLED: "已验收结算",
    OrderState.CLOSED_UNPAID: "已关闭",
    OrderState.REFUNDED: "已退款",
    OrderState.CLOSED: "已归档",
}


def holder_word(detail: OrderDetail) -> str:
    """Name who holds the ball, as the banner says it."""
    order = detail.order
    if order.holder is Holder.AGENCY:
        return detail.agency_name
    if order.holder is Holder.EXTERNAL:
        return {
            OrderState.DELIVERING: _("快递承运方"),
            OrderState.DISPUTE: _("争议处理方"),
            OrderState.REFUNDING: _("平台（退款）"),
        }.get(order.state, label(order.holder))
    return label(order.holder)


def headline(detail: OrderDetail) -> str:
    """Say the state in words where nobody holds the ball; "" otherwise."""
    return _(NOBODY.get(detail.order.state, "")) if detail.order.holder is None else ""


def ball_text(detail: OrderDetail, role: Role, *, missing: int) -> str:
    """Say what is waited for; ``missing`` counts required material not accepted yet."""
    order, step = detail.order, detail.step
    if step is None:
        return _(ENDINGS.get(order.state, ""))
    if order.state is OrderState.SUSPENDED:
        return _suspended(detail)
    if order.state is OrderState.REWORK:
        return _rework(detail)
    if order.state is OrderState.DELIVERING and order.waybill_no:
        return _("成果已交寄，运单号 {no}，签收后请申请人确认。").format(no=order.waybill_no)
    pair = MATERIAL[order.holder is Holder.AGENCY]
    if order.state is not OrderState.COLLECTING:
        pair = SENTENCES[step.action]
    text = _(pair[0 if role is Role.APPLICANT else 1]).format(
        by=until(step.by) if step.by else "",
        missing=missing,
        receipt_no=order.receipt_no or "",
    )
    return text + (_("（日期暂定，放假安排公布后重算）") if step.is_provisional else "")


def _suspended(detail: OrderDetail) -> str:
    running = [pause for pause in detail.suspensions if pause.ended_at is None]
    if not running:
        return ""
    pause = running[-1]
    text = _("挂起原因 {code}：{word}。{note} 最迟 {by} 自动恢复计时。")
    return text.format(
        code=pause.code.value, word=label(pause.code), note=pause.note, by=until(pause.resume_by)
    )


def _rework(detail: OrderDetail) -> str:
    order = detail.order
    due = until(order.due_at) if order.due_at else ""
    if order.holder is Holder.AGENCY:
        text = _("部门退回补正，由机构免费整改，承诺时限接着计算，应在 {by} 前完成。")
        return text.format(by=due)
    return _("部门退回补正，退回理由见下方。补正完成前不计入机构用时。")
