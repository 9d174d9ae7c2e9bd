"""``override`` for Python 3.11, where ``typing`` lacks it and the verifier wants no package."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing_extensions import override
else:
    F = TypeVar("F", bound=Callable[..., Any])

    def override(method: F) -> F:
        """Mark a method that replaces an inherited one."""
        return method


__all__ = ["override"]
