"""Where an order stands: the steps, the money, who holds the ball and since when."""

from dataclasses import dataclass
from datetime import datetime

from market.act import Role
from market.orders.clock import ClockSummary, late_compensation_fen
from market.orders.models import Order
from market.orders.states import Holder, OrderState
from market.web.filters import label, money
from market.web.i18n import _
from market.web.orders.days import days_left, short_date

S = OrderState
STEPS = ("下单", "付款", "接单", "交材料", "办理", "审批", "送达", "验收", "评价")
STEP_OF: dict[OrderState, int] = {
    S.AWAIT_PAY: 1,
    S.ESCROWED: 2,
    S.COLLECTING: 3,
    S.IN_SERVICE: 4,
    S.SUSPENDED: 4,
    S.AT_DEPT: 5,
    S.REWORK: 5,
    S.DELIVERING: 6,
    S.IN_ACCEPT: 7,
    S.SETTLED: 8,
}
STOPPED = frozenset({S.CLOSED_UNPAID, S.OUTCOME_FAIL, S.REFUNDING, S.REFUNDED})
REFUNDED = frozenset({S.OUTCOME_FAIL, S.REFUNDING, S.REFUNDED})

StepRow = tuple[str, str, str | None]
MoneyRow = tuple[str, int | None, str, str | None]


@dataclass(frozen=True, slots=True)
class HolderShare:
    """How long one party held the ball."""

    name: str
    workdays: int
    percent: int


def steps_of(order: Order) -> list[StepRow]:
    """Lay out the steps: (word, done | current | todo | stopped, note)."""
    reached = _reached(order)
    rows: list[StepRow] = []
    for place, (word, at) in enumerate(zip(STEPS, _done_at(order), strict=True)):
        if place < reached:
            rows.append((_(word), "done", short_date(at) if at else None))
        elif place > reached:
            rows.append((_(word), "todo", None))
        else:
            state = "stopped" if order.state in STOPPED else "current"
            rows.append((_(word), state, label(order.state)))
    return rows


def _done_at(order: Order) -> tuple[datetime | None, ...]:
    return (
        order.placed_at,
        order.paid_at,
        order.accepted_at,
        order.started_at,
        order.submitted_at,
        order.result_at,
        order.delivered_at,
        order.settled_at,
        order.closed_at,
    )


def _reached(order: Order) -> int:
    """Name the step that is under way; past the last one for an order that is filed away."""
    if order.state is S.CLOSED:
        return len(STEPS)
    if order.state is S.DISPUTE and order.disputed_from is not None:
        return STEP_OF[order.disputed_from]
    if order.state in STEP_OF:
        return STEP_OF[order.state]
    return max(place for place, at in enumerate((*_done_at(order)[:8],)) if at) + 1


def money_of(order: Order) -> list[MoneyRow]:
    """Lay out where the money is: (word, fen or None, done | current | todo, note)."""
    price = order.price_fen
    if order.paid_at is None:
        closed = order.state is S.CLOSED_UNPAID
        note = _("未付款，订单已关闭") if closed else _("应付金额")
        return [(_("付款"), price, "todo" if closed else "current", note), *_later(3)]
    paid: MoneyRow = (_("已付"), price, "done", short_date(order.paid_at))
    if order.state in REFUNDED:
        back = order.state is S.REFUNDED
        note = _("已原路退回") if back else _("原路退回中")
        held: MoneyRow = (_("托管"), price, "done", None)
        return [paid, held, (_("退款"), price, "done" if back else "current", note)]
    if order.settled_at is not None:
        return [paid, (_("托管"), price, "done", None), *_released(order)]
    note = _("争议期间冻结") if order.state is S.DISPUTE else _("由平台托管，机构暂不能支取")
    waiting = order.state is S.IN_ACCEPT
    return [
        paid,
        (_("托管"), price, "done" if waiting else "current", note),
        (_("验收"), None, "current" if waiting else "todo", _("等申请人确认") if waiting else None),
        (_("放款"), None, "todo", _("验收后付给机构")),
    ]


def _later(count: int) -> list[MoneyRow]:
    words = (_("托管"), _("验收"), _("放款"))
    return [(word, None, "todo", None) for word in words[:count]]


def _released(order: Order) -> list[MoneyRow]:
    back = late_compensation_fen(order.price_fen, order.late_days)
    note = (
        _("逾期 {n} 个工作日，补偿 {sum} 退还申请人").format(n=order.late_days, sum=money(back))
        if back
        else _("全额付给机构")
    )
    at = short_date(order.settled_at) if order.settled_at else None
    return [
        (_("验收"), None, "done", at),
        (_("放款"), order.price_fen - back, "done", note),
    ]


def clocks_of(order: Order, clock: ClockSummary, *, at: datetime) -> list[tuple[str, str]]:
    """List the clocks of the banner: 净用时 against the promise, 自然历时, what is left."""
    promised = _("{n} 个工作日").format(n=order.promised_days)
    rows = [(_("机构承诺"), promised)]
    if order.started_at is not None:
        net = order.net_workdays if order.net_workdays is not None else clock.net_workdays
        used = _("{used} / {all} 个工作日").format(used=net, all=order.promised_days)
        rows = [(_("净用时"), used)]
    span = order.span_days if order.span_days is not None else clock.span_days
    rows.append((_("自然历时"), _("{n} 天").format(n=span)))
    running = order.holder is Holder.AGENCY and order.state in (S.IN_SERVICE, S.REWORK)
    if running and order.due_at is not None:
        rows.append((_("剩余"), days_left(order.due_at, at=at)))
    return rows


def shares_of(clock: ClockSummary) -> list[HolderShare]:
    """List who held the ball how long; parties that never held it are left out."""
    return [
        HolderShare(label(share.holder), share.workdays, share.percent)
        for share in clock.shares
        if share.duration
    ]


def is_mine(order: Order, role: Role) -> bool:
    """Tell whether the reader is the one to act."""
    own = {Role.APPLICANT: Holder.APPLICANT, Role.AGENCY: Holder.AGENCY}
    return order.holder is not None and own.get(role) is order.holder
