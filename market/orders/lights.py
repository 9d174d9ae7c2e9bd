"""The lights of a limit: green, yellow, red, deep red; pure."""

from datetime import datetime
from enum import StrEnum

from market.calendar.days import WorkCalendar, last_day_of, local_date

YELLOW_SHARE = 5  # a fifth of the limit
DEEP_RED_DAYS = 10


class Light(StrEnum):
    """How a limit stands."""

    OFF = "off"  # no limit runs
    GREEN = "green"
    YELLOW = "yellow"  # at most a fifth of the limit, or one working day, is left
    RED = "red"  # the deadline has passed
    DEEP_RED = "deep_red"  # by more than half of the limit or ten working days: 督办


def light_of(
    calendar: WorkCalendar, *, at: datetime, due_at: datetime | None, limit_workdays: int
) -> Light:
    """Give the light at the instant ``at``; for a paused clock, ask with the start of the pause.

    Whole working days after today are what is left; the day itself still counts as in time.
    """
    if due_at is None:
        return Light.OFF
    if at < due_at:
        left = calendar.count_workdays(local_date(at), last_day_of(due_at))
        return Light.YELLOW if left <= 1 or left * YELLOW_SHARE <= limit_workdays else Light.GREEN
    over = calendar.count_workdays(last_day_of(due_at), local_date(at))
    deep = over > DEEP_RED_DAYS or over * 2 > limit_workdays
    return Light.DEEP_RED if deep else Light.RED
