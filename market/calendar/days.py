"""The calendar of a country as a value: which days count, and how deadlines are counted.

Counting rule (domain of the product): the day of the trigger is not counted; a trigger on a
non-working day starts to count on the next working day; a deadline ends at 24:00 北京时间.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any

from market.calendar.errors import CalendarMissingError

# A fixed offset: the mainland has had one zone without summer time since 1991, and a bare
# machine has no zone database.
BEIJING = timezone(timedelta(hours=8), "UTC+8")
FORMAT = "sunlit.calendar/v1"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class YearDays:
    """One year as the State Council arranged it, or as the law alone foresees it."""

    year: int
    source: str
    off: frozenset[date]
    extra_workdays: frozenset[date]  # 调休: weekend days that are worked
    is_provisional: bool = False  # 暂定: not announced yet, counted again after the announcement

    def workdays(self) -> Iterator[date]:
        """Yield the working days of the year in order."""
        day = date(self.year, 1, 1)
        while day.year == self.year:
            if day in self.extra_workdays or (day.weekday() < 5 and day not in self.off):
                yield day
            day += ONE_DAY


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a limit ends."""

    at: datetime  # the instant after the last one that is in time: 24:00 北京时间, aware UTC
    on: date  # the last day, 北京时间
    is_provisional: bool  # some day was counted in a year that is not announced yet


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Working days of consecutive years."""

    years: tuple[YearDays, ...]
    _days: tuple[date, ...] = field(init=False, repr=False, compare=False)
    _provisional: frozenset[int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out all working days once, so that counting is a search.

        Raises:
            ValueError: the years are not consecutive.
        """
        numbers = [year.year for year in self.years]
        if not numbers or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise ValueError("a calendar needs consecutive years")
        days = tuple(day for year in self.years for day in year.workdays())
        object.__setattr__(self, "_days", days)
        provisional = frozenset(year.year for year in self.years if year.is_provisional)
        object.__setattr__(self, "_provisional", provisional)

    def is_workday(self, day: date) -> bool:
        """Tell whether ``day`` is worked.

        Raises:
            CalendarMissingError: nothing is known about the year.
        """
        self._require(day.year)
        place = bisect_left(self._days, day)
        return place < len(self._days) and self._days[place] == day

    def is_provisional(self, day: date) -> bool:
        """Tell whether the year of ``day`` still waits for its announcement."""
        self._require(day.year)
        return day.year in self._provisional

    def add_workdays(self, start: date, count: int) -> date:
        """Name the ``count``-th working day after ``start``; ``start`` itself for 0.

        Raises:
            CalendarMissingError: the count leaves the known years.
            ValueError: ``count`` is negative.
        """
        if count < 0:
            raise ValueError("working days are counted forward")
        self._require(start.year)
        if count == 0:
            return start
        place = bisect_right(self._days, start) + count - 1
        if place >= len(self._days):
            raise CalendarMissingError(self.years[-1].year + 1)
        return self._days[place]

    def count_workdays(self, start: date, end: date) -> int:
        """Count the working days after ``start`` up to and with ``end``; negative backwards.

        Additive: the counts of adjoining spans sum to the count of the whole span.

        Raises:
            CalendarMissingError: either day is outside of the known years.
        """
        self._require(start.year)
        self._require(end.year)
        return bisect_right(self._days, end) - bisect_right(self._days, start)

    def deadline(self, at: datetime, count: int) -> Deadline:
        """Say when a limit of ``count`` working days that is triggered at ``at`` ends.

        Raises:
            CalendarMissingError: the count leaves the known years.
        """
        start = local_date(at)
        on = self.add_workdays(start, count)
        return Deadline(at=end_of(on), on=on, is_provisional=self.is_provisional(on))

    def count_between(self, start_at: datetime, end_at: datetime) -> int:
        """Count working days between two instants by their dates in 北京时间."""
        return self.count_workdays(local_date(start_at), local_date(end_at))

    def _require(self, year: int) -> None:
        if not self.years[0].year <= year <= self.years[-1].year:
            raise CalendarMissingError(year)


def local_date(at: datetime) -> date:
    """Give the date in 北京时间 of an instant."""
    return at.astimezone(BEIJING).date()


def end_of(day: date) -> datetime:
    """Give 24:00 北京时间 of ``day`` as aware UTC."""
    return datetime.combine(day + ONE_DAY, time(), BEIJING).astimezone(UTC)


def last_day_of(deadline_at: datetime) -> date:
    """Name the last day of a limit that ends at ``deadline_at``: what a page shows."""
    return local_date(deadline_at - timedelta(microseconds=1))


def read_calendar(path: Path) -> WorkCalendar:
    """Read a calendar file.

    Raises:
        ValueError: another format, a day of another year, or a day that is both off and worked.
    """
    content = json.loads(path.read_text("utf-8"))
    if content.get("format") != FORMAT:
        raise ValueError(f"not a {FORMAT} file: {path.name}")
    return WorkCalendar(tuple(_read_year(entry) for entry in content["years"]))


def _read_year(entry: dict[str, Any]) -> YearDays:
    year = YearDays(
        year=entry["year"],
        source=entry["source"],
        off=_read_days(entry["off"]),
        extra_workdays=_read_days(entry["extra_workdays"]),
        is_provisional=entry["provisional"],
    )
    strangers = [day for day in year.off | year.extra_workdays if day.year != year.year]
    if strangers or year.off & year.extra_workdays or not year.source:
        raise ValueError(f"the days of {year.year} contradict each other")
    return year


def _read_days(texts: Iterable[str]) -> frozenset[date]:
    return frozenset(date.fromisoformat(text) for text in texts)
