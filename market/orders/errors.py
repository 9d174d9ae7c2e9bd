"""Refusals of orders that are more than a wrong state."""

from market.errors import ConflictError


class FundSourceError(ConflictError):
    """Government money cannot buy directly: its way is the public draw."""

    code = "orders.government_money"


class AmountMismatchError(ConflictError):
    """What was paid is not what the order costs."""

    code = "orders.amount_mismatch"


class PaidOtherwiseError(ConflictError):
    """The order was already paid by another trade."""

    code = "orders.paid_otherwise"


class SuspensionRefusedError(ConflictError):
    """A suspension outside of the closed list's rules; ``reason`` says which rule."""

    code = "orders.suspension_refused"


class KeyReusedError(ConflictError):
    """The idempotency key was already used for another listing."""

    code = "orders.key_reused"


class ListingChangedError(ConflictError):
    """The listing has another version than the buyer looked at: look again, then buy."""

    code = "orders.listing_changed"


class NotForSaleError(ConflictError):
    """The department commissions and pays for this kind of service; nobody buys it here."""

    code = "orders.not_for_sale"
