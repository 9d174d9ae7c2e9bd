"""How long each step of a draw takes; the order of the steps is the same at every pace."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from market.calendar.cn import add_workdays
from market.calendar.days import BEIJING, end_of, local_date

LARGE_FEE_FEN = 20_000_000  # 20万: enrolment is open longer
END_OF_OFFICE = time(17, 30)
DRAW_HOUR = time(10, 0)
NOTICE_HOUR = time(9, 0)


@dataclass(frozen=True, slots=True)
class Span:
    """A waiting time: working days up to an hour of the last one, or plain seconds."""

    workdays: int = 0
    at: time | None = None  # 北京时间; None is 24:00
    seconds: int = 0

    def after(self, start: datetime) -> datetime:
        """Return the end of the span, in whole seconds.

        Raises:
            CalendarMissingError: the working days of the year are not known.
        """
        if not self.workdays:
            return start.replace(microsecond=0) + timedelta(seconds=self.seconds)
        day = add_workdays(local_date(start), self.workdays)
        if self.at is None:
            return end_of(day)
        return datetime.combine(day, self.at, BEIJING).astimezone(start.tzinfo)


@dataclass(frozen=True, slots=True)
class DrawTimes:
    """The three instants that a notice fixes."""

    enroll_close_at: datetime
    freeze_by_at: datetime
    draw_at: datetime


@dataclass(frozen=True, slots=True)
class DrawPace:
    """All waiting times of a draw, and the two margins that go into the policy record."""

    enrol: Span
    enrol_large: Span  # for fees from ``LARGE_FEE_FEN``
    enrol_again: Span  # second round after too few entrants
    screening: Span
    freeze_to_draw: Span
    confirm: Span
    publicity: Span
    award: Span
    freeze_lead_seconds: int = 600
    go_lead_seconds: int = 60

    def plan(self, published_at: datetime, *, fee_fen: int, attempt: int) -> DrawTimes:
        """Fix the instants of an attempt that is announced at ``published_at``."""
        close = self._enrolment(fee_fen, attempt).after(published_at)
        freeze_by = self.screening.after(close)
        return DrawTimes(close, freeze_by, self.freeze_to_draw.after(freeze_by))

    def _enrolment(self, fee_fen: int, attempt: int) -> Span:
        if attempt > 1:
            return self.enrol_again
        return self.enrol_large if fee_fen >= LARGE_FEE_FEN else self.enrol


OFFICIAL = DrawPace(
    enrol=Span(workdays=3, at=END_OF_OFFICE),
    enrol_large=Span(workdays=5, at=END_OF_OFFICE),
    enrol_again=Span(workdays=3, at=END_OF_OFFICE),  # a new notice needs three working days
    screening=Span(workdays=1, at=END_OF_OFFICE),
    freeze_to_draw=Span(workdays=1, at=DRAW_HOUR),
    confirm=Span(workdays=2),
    publicity=Span(workdays=3),
    award=Span(workdays=1, at=NOTICE_HOUR),
)


def demo_pace(
    *, enrol_seconds: int = 90, freeze_seconds: int = 20, draw_seconds: int = 25
) -> DrawPace:
    """Compress the waiting times to seconds; the margins shrink with them, the order stays."""
    enrol = Span(seconds=enrol_seconds)
    return DrawPace(
        enrol=enrol,
        enrol_large=enrol,
        enrol_again=enrol,
        screening=Span(seconds=freeze_seconds),
        freeze_to_draw=Span(seconds=draw_seconds),
        confirm=Span(seconds=1800),
        publicity=Span(seconds=60),
        award=Span(seconds=1),
        freeze_lead_seconds=10,
        go_lead_seconds=3,
    )


DEMO = demo_pace()
