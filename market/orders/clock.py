"""The clock chain of an order: who held the ball how long; pure.

The segments of an order adjoin, so the sum over all holders is the calendar span, in seconds and
in working days alike.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from market.calendar.days import Deadline, WorkCalendar, last_day_of, local_date
from market.orders.states import Holder, OrderState

LATE_PERCENT_PER_DAY = 1
LATE_PERCENT_CAP = 30


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch of time in one holder's hands; ``ended_at`` is None while it lasts."""

    holder: Holder
    state: OrderState
    started_at: datetime
    ended_at: datetime | None

    @property
    def runs_promise(self) -> bool:
        """Whether the agency's promised days are used up in it."""
        return promise_runs(self.state, self.holder)


@dataclass(frozen=True, slots=True)
class Share:
    """What one holder used."""

    holder: Holder
    workdays: int
    duration: timedelta
    percent: int  # of the duration of the whole span


@dataclass(frozen=True, slots=True)
class ClockSummary:
    """The two numbers that a promise is measured by, and who used them."""

    net_workdays: int  # 净用时: the agency's own working days since the promise clock started
    span_workdays: int  # 自然历时 in working days: the sum over all holders
    span_days: int  # 自然历时 in calendar days by date
    shares: tuple[Share, ...]
    holder: Holder | None  # who holds the ball now
    since_at: datetime | None


def promise_runs(state: OrderState, holder: Holder) -> bool:
    """Tell whether the promise clock runs."""
    return holder is Holder.AGENCY and state in (OrderState.IN_SERVICE, OrderState.REWORK)


def paused_workdays(calendar: WorkCalendar, spans: Iterable[Span], started_at: datetime) -> int:
    """Count the working days since the start of the promise that were in other hands."""
    return sum(
        calendar.count_between(span.started_at, span.ended_at)
        for span in spans
        if span.ended_at and span.started_at >= started_at and not span.runs_promise
    )


def promise_deadline(
    calendar: WorkCalendar, spans: Iterable[Span], *, started_at: datetime, promised_days: int
) -> Deadline:
    """Say when the promised working days are used up, after all pauses so far.

    Raises:
        CalendarMissingError: the deadline lies in a year without a calendar.
    """
    paused = paused_workdays(calendar, spans, started_at)
    return calendar.deadline(started_at, promised_days + paused)


def late_workdays(calendar: WorkCalendar, *, due_at: datetime, at: datetime) -> int:
    """Count the working days by which ``at`` is late; 0 in time, at least 1 after the deadline."""
    if at < due_at:
        return 0
    return max(1, calendar.count_workdays(last_day_of(due_at), local_date(at)))


def late_compensation_fen(price_fen: int, late_days: int) -> int:
    """Give what is taken off the agency's money: 1 % for each late working day, 30 % at most."""
    percent = min(late_days * LATE_PERCENT_PER_DAY, LATE_PERCENT_CAP)
    return price_fen * percent // 100


def summarise(calendar: WorkCalendar, spans: Sequence[Span], *, at: datetime) -> ClockSummary:
    """Sum up the spans of one order, the open one counted up to ``at``."""
    if not spans:
        return ClockSummary(0, 0, 0, (), None, None)
    closed = [(span, span.ended_at or at) for span in spans]
    total = sum((end - span.started_at for span, end in closed), timedelta())
    shares = []
    for holder in Holder:
        own = [(span, end) for span, end in closed if span.holder is holder]
        duration = sum((end - span.started_at for span, end in own), timedelta())
        days = sum(calendar.count_between(span.started_at, end) for span, end in own)
        shares.append(
            Share(holder, days, duration, round(100 * (duration / total)) if total else 0)
        )
    net = sum(calendar.count_between(s.started_at, end) for s, end in closed if s.runs_promise)
    first, last = spans[0], closed[-1][1]
    running = spans[-1] if spans[-1].ended_at is None else None
    return ClockSummary(
        net_workdays=net,
        span_workdays=calendar.count_between(first.started_at, last),
        span_days=(local_date(last) - local_date(first.started_at)).days,
        shares=tuple(shares),
        holder=running.holder if running else None,
        since_at=running.started_at if running else None,
    )
