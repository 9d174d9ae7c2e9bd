"""Money as whole minor units (fen); pure arithmetic, no float, no rounding that loses a fen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from billing.errors import AmountError, CurrencyError

CNY = "CNY"
BASIS_POINTS = 10_000
# Ten trillion yuan: far above any order, far below what a 64-bit counter overflows at.
MAX_MINOR = 10**15


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of zero or more minor units (1 CNY = 100 fen)."""

    minor: int
    currency: str = CNY

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise AmountError(minor=repr(self.minor), why="not_whole")
        if not 0 <= self.minor <= MAX_MINOR:
            raise AmountError(minor=self.minor, why="out_of_range")
        if self.currency != CNY:
            raise CurrencyError(currency=self.currency)

    def __add__(self, other: Self) -> "Money":
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Self) -> "Money":
        return Money(self.minor - other.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor > 0

    def portion(self, basis_points: int) -> "Money":
        """Take ``basis_points`` of 10000, rounded down to a whole fen.

        Raises:
            AmountError: the portion is below 0 or above 10000.
        """
        if type(basis_points) is not int or not 0 <= basis_points <= BASIS_POINTS:
            raise AmountError(basis_points=repr(basis_points), why="bad_portion")
        return Money(self.minor * basis_points // BASIS_POINTS, self.currency)

    def split(self, weights: Sequence[int]) -> list["Money"]:
        """Divide by largest remainder: parts are in proportion and add up to the whole.

        Equal remainders go to the earlier part, so the result depends on the arguments alone.

        Raises:
            AmountError: no weights, a negative one, or all zero.
        """
        total = sum(weights)
        if not weights or min(weights) < 0 or total == 0:
            raise AmountError(weights=list(weights), why="bad_weights")
        floors = [self.minor * weight // total for weight in weights]
        rests = [self.minor * weight % total for weight in weights]
        missing = self.minor - sum(floors)
        favoured = sorted(range(len(weights)), key=lambda i: (-rests[i], i))[:missing]
        return [Money(floors[i] + (i in favoured), self.currency) for i in range(len(weights))]


def require_positive(amount: Money) -> Money:
    """Refuse an amount of zero.

    Raises:
        AmountError: the amount is zero.
    """
    if not amount:
        raise AmountError(minor=0, why="zero")
    return amount
