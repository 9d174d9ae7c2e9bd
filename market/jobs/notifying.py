"""From what happened to an order to a line in the message centre of those it concerns."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from market.act import Act, Role
from market.notices.services import notify
from market.orders.models import Order

BOTH = ("applicant", "agency")
READERS: dict[str, tuple[str, ...]] = {
    "order.paid": ("agency",),
    "order.accepted": ("applicant",),
    "order.declined": ("applicant",),
    "order.accept_missed": BOTH,
    "order.cancelled": ("agency",),
    "order.expired": ("applicant",),
    "order.started": BOTH,
    "order.suspended": ("applicant",),
    "order.resumed": ("applicant",),
    "order.submitted": ("applicant",),
    "order.returned": ("applicant",),
    "order.resubmitted": ("applicant",),
    "order.result_recorded": ("applicant",),
    "order.refused": ("applicant",),
    "order.shipped": ("applicant",),
    "order.delivered": BOTH,
    "order.confirmed": ("agency",),
    "order.disputed": BOTH,
    "order.dispute_withdrawn": BOTH,
    "order.refunded": ("applicant",),
}
"""Who learns of what; the one who did it is left out."""


def on_order_news(kind: str, act: Act, payload: dict[str, Any]) -> None:
    """Write the notices of one kind of message."""
    statement = select(Order).where(Order.id == UUID(payload["order_id"]))
    order = act.session.execute(statement).scalar_one()
    doer = payload.get("actor_role")
    for reader in READERS[kind]:
        if reader == doer:
            continue
        is_applicant = reader == Role.APPLICANT.value
        notify(
            act,
            order.applicant_org_id if is_applicant else order.agency_id,
            kind,
            subject=str(order.id),
            title=order.title,
            url=f"/{reader}/orders/{order.id}",
        )
