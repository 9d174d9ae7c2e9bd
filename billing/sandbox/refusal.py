"""How the sandbox says no."""

from billing.wire import Json


class Refusal(Exception):  # noqa: N818 - an answer of the wire, not a fault of the program
    """An error answer of the wire."""

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error: Json = {"type": kind, "code": code, "message": message, "param": param}

    @property
    def body(self) -> Json:
        """The JSON answer."""
        return {"error": {name: one for name, one in self.error.items() if one is not None}}


def missing(kind: str, thing_id: str, param: str = "id") -> Refusal:
    """Make the answer for an unknown id."""
    return Refusal(
        f"No such {kind}: '{thing_id}'", code="resource_missing", param=param, status=404
    )
