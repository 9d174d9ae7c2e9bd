"""What the lists of orders share."""

from collections.abc import Sequence

from market.orders.queries import Tab


def asked_tab(text: str, offered: Sequence[Tab]) -> Tab:
    """Read ?tab= ; anything odd is the first one offered."""
    return next((tab for tab in offered if tab.value == text), offered[0])
