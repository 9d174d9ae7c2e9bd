"""Refusals around paying."""

from market.errors import ConflictError, MarketError


class PaymentUnavailableError(MarketError):
    """The provider does not answer; the order stays as it is and can be paid later."""

    code = "payments.unavailable"


class NothingDueError(ConflictError):
    """The order does not wait for money."""

    code = "payments.nothing_due"


class WebhookError(MarketError):
    """A callback without a valid signature, or one that is no event."""

    code = "payments.bad_webhook"
