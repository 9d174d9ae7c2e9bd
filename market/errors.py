"""The expected refusals of the market: a stable code and parameters, no HTTP, no Chinese."""

from typing import ClassVar

from typing_extensions import override


class MarketError(Exception):
    """Base of every refusal that a user may meet.

    ``code`` names the sentence in ``market.web.messages``; ``params`` fill it.
    """

    code: ClassVar[str] = "market.error"

    def __init__(self, **params: str | int | bool | None) -> None:
        """Keep the parameters; they must be safe to show to the actor."""
        super().__init__(self.code, params)
        self.params = params

    @override
    def __str__(self) -> str:
        """Name the code first, so that a log line can be grepped by it."""
        shown = " ".join(f"{key}={value}" for key, value in sorted(self.params.items()))
        return f"{self.code} {shown}".rstrip()


class NotFoundError(MarketError):
    """The thing does not exist, or this actor must not learn that it does."""

    code = "market.not_found"


class NotAllowedError(MarketError):
    """The actor is known and may see the thing, but not do this to it."""

    code = "market.not_allowed"


class ConflictError(MarketError):
    """The thing is not in a state in which this can be done."""

    code = "market.conflict"


class InvalidInputError(MarketError):
    """What was given breaks a rule of the trade; ``field`` says which input."""

    code = "market.invalid_input"


class TooManyAttemptsError(MarketError):
    """The actor must wait ``seconds`` before trying again."""

    code = "market.too_many_attempts"
