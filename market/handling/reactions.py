"""What the room does when something happens to its order."""

from typing import Any
from uuid import UUID

from market.act import Act, Role
from market.handling.services import open_checklist
from market.orders.moving import take_order


def on_order_accepted(act: Act, payload: dict[str, Any]) -> None:
    """Lay out the checklist of an accepted order, where accepting has not done so already."""
    order = take_order(act, UUID(payload["order_id"]), Role.SYSTEM)
    open_checklist(act, order)
