"""Everything billing refuses, as classes with a code and parameters; no sentence for people."""

from typing_extensions import override


class BillingError(Exception):
    """Base of all refusals of this library; ``params`` say what was refused."""

    code = "billing.error"

    def __init__(self, **params: object) -> None:
        super().__init__(self.code, params)
        self.params = params

    @override
    def __str__(self) -> str:
        listed = " ".join(f"{name}={value}" for name, value in sorted(self.params.items()))
        return f"{self.code} {listed}".rstrip()


class AmountError(BillingError):
    """Not an amount of money that can be moved: not whole, not positive, too large."""

    code = "billing.bad_amount"


class CurrencyError(BillingError):
    """Another currency than the ledger keeps."""

    code = "billing.bad_currency"


class InstantError(BillingError):
    """A time without a zone."""

    code = "billing.naive_instant"


class UnknownAccountError(BillingError):
    """The chart of accounts has no such code."""

    code = "billing.unknown_account"


class PostingError(BillingError):
    """The lines of a journal are not well formed."""

    code = "billing.bad_posting"


class InsufficientFundsError(BillingError):
    """A guarded account would be overdrawn, or money that is reserved would be spent."""

    code = "billing.insufficient_funds"


class ReplayConflictError(BillingError):
    """The idempotency key was used before, for something else."""

    code = "billing.replay_conflict"


class PendingError(BillingError):
    """The reservation does not exist, is resolved already, or is smaller than asked."""

    code = "billing.bad_pending"


class NotFoundError(BillingError):
    """No such row."""

    code = "billing.not_found"


class StateError(BillingError):
    """The payment, refund, payout or dispute cannot make this move now."""

    code = "billing.bad_state"


class AlreadyPaidError(StateError):
    """The reference is paid; nothing more is owed."""

    code = "billing.already_paid"


class SignatureError(BillingError):
    """A webhook is forged, stale, truncated or otherwise not to be trusted."""

    code = "billing.bad_signature"


class EventError(BillingError):
    """A signed webhook whose body is not an event."""

    code = "billing.bad_event"


class ProviderConfigError(BillingError):
    """Key and address of the provider do not go together."""

    code = "billing.bad_provider_config"


class ProviderRefusedError(BillingError):
    """The provider answered: no. The call had no effect and must not be repeated unchanged.

    Parameters: ``status``, ``type``, ``error_code``, ``param``, ``request_id``, ``message``.
    """

    code = "billing.provider_refused"


class ProviderUnavailableError(BillingError):
    """The provider gave no usable answer. A question may be asked again later."""

    code = "billing.provider_unavailable"


class OutcomeUnknownError(ProviderUnavailableError):
    """A call that may have moved money gave no usable answer.

    Never guess: look the object up, or repeat with the same key and body within 20 hours.
    ``saved`` is true when the provider keeps a failure under the key; then only looking helps.
    """

    code = "billing.outcome_unknown"
