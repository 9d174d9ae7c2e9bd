"""Pages of long lists, with a capped count."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

COUNT_CAP = 1_000
"""Counting further helps nobody and costs the database; the page says "1000+"."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows; ``total`` is at most ``COUNT_CAP``."""

    rows: tuple[T, ...]
    total: int
    is_capped: bool  # there are more than ``total``
    page: int  # from 1
    per_page: int

    @property
    def page_count(self) -> int:
        """Number of pages that can be opened; 1 for an empty list."""
        return max(1, -(-self.total // self.per_page))

    @property
    def has_previous(self) -> bool:
        """Whether there is a page before this one."""
        return self.page > 1

    @property
    def has_next(self) -> bool:
        """Whether there is a page after this one."""
        return self.page < self.page_count


def make_page(rows: list[T], *, counted: int, page: int, per_page: int) -> Page[T]:
    """Wrap ``rows``; ``counted`` was counted up to ``COUNT_CAP`` + 1."""
    return Page(tuple(rows), min(counted, COUNT_CAP), counted > COUNT_CAP, page, per_page)


def clamp_page(page: int, per_page: int) -> int:
    """Keep a page number within what can be opened."""
    return max(1, min(page, -(-COUNT_CAP // per_page)))
