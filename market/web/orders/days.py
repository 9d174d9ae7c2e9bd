"""Dates and counts of working days as order pages write them."""

from datetime import UTC, datetime, time

from market.calendar.cn import CN
from market.calendar.days import BEIJING, last_day_of, local_date
from market.calendar.errors import CalendarMissingError
from market.web.filters import local
from market.web.filters import local_date as written_date
from market.web.i18n import _


def until(at: datetime) -> str:
    """Write the end of a limit: a limit that ends with a day is named by that day."""
    if at.astimezone(BEIJING).time() == time():
        return f"{written_date(last_day_of(at))} 24:00"
    return local(at)


def short_date(at: datetime) -> str:
    """Write the Beijing date of an instant without its year: 11月24日."""
    day = local_date(at)
    return f"{day.month}月{day.day}日"


def days_left(due_at: datetime, *, at: datetime) -> str:
    """Say how many working days a limit leaves, or by how many it is over."""
    if at >= due_at:
        over = max(1, CN.count_workdays(last_day_of(due_at), local_date(at)))
        return _("已超 {n} 个工作日").format(n=over)
    left = CN.count_workdays(local_date(at), last_day_of(due_at))
    return _("{n} 个工作日").format(n=left) if left else _("今天到期")


def end_if_started(at: datetime, workdays: int) -> str:
    """Write the last day of a promise whose clock starts at ``at``; "" without a calendar."""
    try:
        limit = CN.deadline(at, workdays)
    except CalendarMissingError:
        return ""
    text = written_date(limit.on)
    return text + _("（暂定）") if limit.is_provisional else text


def parse_instant(text: str) -> datetime | None:
    """Read an instant as the timeline keeps it; None where it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
