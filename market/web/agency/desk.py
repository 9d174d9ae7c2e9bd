"""The agency's desk: what waits for it, most urgent first."""

from dataclasses import dataclass
from uuid import UUID

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from market.act import Actor
from market.handling.queries import count_unread
from market.orders.queries import OrderRow, Tab, list_orders_for
from market.web.agency.blueprint import bp
from market.web.i18n import _
from market.web.request import current_actor, reading, world

BLOCKS: tuple[tuple[Tab, str, str], ...] = (
    (Tab.TO_ACCEPT, "等您接单", "新订单付款后出现在这里，1 个工作日内接单，逾期自动退款。"),
    (Tab.COLLECTING, "收集材料", "接单后在这里核对申请人的材料，有问题一次告知。"),
    (Tab.WORKING, "办理中", "材料齐全、开始计时的订单在这里，按到期先后办理。"),
    (Tab.DELIVERING, "等待送达", "登记审批结果后，在这里送达申请人。"),
)
"""Tab, heading, and what an empty block teaches."""


@dataclass(frozen=True, slots=True)
class Block:
    """One part of the desk."""

    tab: Tab
    title: str
    teaching: str
    rows: tuple[OrderRow, ...]
    count: int


@bp.route("/")
def desk() -> ResponseReturnValue:
    """Show what waits for the agency."""
    actor = current_actor()
    with reading() as session:
        blocks = [_block(session, actor, *block) for block in BLOCKS]
        unread = count_unread(session, actor)
    return render_template("agency/desk.html", blocks=blocks, unread=unread)


def _block(session: Session, actor: Actor, tab: Tab, title: str, teaching: str) -> Block:
    found = list_orders_for(session, actor, at=world().runtime.now(), tab=tab)
    return Block(
        tab=tab,
        title=_(title),
        teaching=_(teaching),
        rows=tuple(sorted(found.page.rows, key=_urgency)),
        count=found.counts[tab],
    )


def _urgency(row: OrderRow) -> tuple[bool, float, UUID]:
    """Order by the next date, rows without one last."""
    at = row.step.by if row.step and row.step.by else row.due_at
    return at is None, at.timestamp() if at else 0.0, row.id
