"""Working days of a service as its page shows them: the bar of stages and an example end date."""

from dataclasses import dataclass
from datetime import date, datetime

from market.calendar.cn import add_workdays
from market.calendar.days import local_date
from market.calendar.errors import CalendarMissingError
from market.catalogue.rows import ListingDetail
from market.web.request import world


@dataclass(frozen=True, slots=True)
class StageBar:
    """One stage of the bar; the applicant's own stages have no days of the agency."""

    name: str
    days: int
    share: int  # percent of the fee that is earned when the stage is done
    start: float  # percent of the bar
    width: float  # percent of the bar


@dataclass(frozen=True, slots=True)
class DayExample:
    """When a service ends whose papers are complete on a given day; None: no calendar for it."""

    start: date
    end: date | None
    is_chosen: bool  # the reader typed the day


def listing_stages(listing: ListingDetail) -> list[StageBar]:
    """Lay the stages of a listing out as one bar of 100 percent."""
    total = sum(stage["days"] for stage in listing.stages) or 1
    bars: list[StageBar] = []
    passed = 0
    for stage in listing.stages:
        days = stage["days"]
        start, width = 100 * passed / total, 100 * days / total
        bars.append(StageBar(stage["name"], days, stage["share"], round(start, 2), round(width, 2)))
        passed += days
    return bars


def example_of(promised_days: int, start_text: str) -> DayExample:
    """Count the promise from the day typed, or from today when none or nonsense is typed."""
    today = local_date(world().runtime.now())
    chosen = _date_or_none(start_text)
    start = chosen or today
    try:
        end = add_workdays(start, promised_days)
    except CalendarMissingError:
        return DayExample(start, None, chosen is not None)
    return DayExample(start, end, chosen is not None)


def _date_or_none(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a date has no zone
    except ValueError:
        return None
