"""The calendar that this product counts with, from the file that ships with it."""

from datetime import date, datetime
from pathlib import Path

from market.calendar.days import Deadline, WorkCalendar, read_calendar

CN: WorkCalendar = read_calendar(Path(__file__).parent / "data" / "cn.v1.json")


def is_workday(day: date) -> bool:
    """Tell whether ``day`` is a working day of the mainland."""
    return CN.is_workday(day)


def add_workdays(start: date, count: int) -> date:
    """Name the ``count``-th working day after ``start``."""
    return CN.add_workdays(start, count)


def count_workdays(start: date, end: date) -> int:
    """Count the working days after ``start`` up to and with ``end``."""
    return CN.count_workdays(start, end)


def deadline(at: datetime, count: int) -> Deadline:
    """Say when a limit of ``count`` working days that is triggered at ``at`` ends."""
    return CN.deadline(at, count)
