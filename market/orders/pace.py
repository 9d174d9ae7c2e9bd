"""The waiting times of orders as values, so that a demo may wait shorter without other steps."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the market waits for somebody before it acts by itself."""

    unpaid: timedelta = timedelta(hours=24)
    accept_workdays: int = 1
    auto_confirm: timedelta = timedelta(days=10)


OFFICIAL = Pace()
