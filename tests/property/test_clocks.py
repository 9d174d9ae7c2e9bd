"""Counting working days: laws that hold for every date and every length."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.calendar.cn import CN, add_workdays, count_workdays, deadline, is_workday
from market.calendar.days import BEIJING, WorkCalendar, YearDays, last_day_of, local_date
from market.calendar.errors import CalendarMissingError
from market.orders.clock import (
    Span,
    late_compensation_fen,
    late_workdays,
    promise_deadline,
    summarise,
)
from market.orders.states import Holder, OrderState

days = st.dates(date(2025, 1, 1), date(2027, 6, 30))
counts = st.integers(0, 60)


@given(days, counts)
def test_counting_undoes_adding(start, count):
    assert count_workdays(start, add_workdays(start, count)) == count


@given(days, counts)
def test_adding_undoes_counting_on_working_days(start, length):
    end = start + timedelta(days=length)
    if is_workday(end):
        assert add_workdays(start, count_workdays(start, end)) == end


@given(days, counts)
def test_a_counted_day_is_worked_and_later(start, count):
    end = add_workdays(start, count)
    assert count == 0 or (end > start and is_workday(end))


@given(days, days, days)
def test_adjoining_counts_add_up(first, second, third):
    whole = count_workdays(first, third)
    assert count_workdays(first, second) + count_workdays(second, third) == whole


@given(days, counts, counts)
def test_adding_in_two_steps_is_adding_at_once(start, first, second):
    assert add_workdays(add_workdays(start, first), second) == add_workdays(start, first + second)


@given(days, st.integers(1, 60))
def test_a_trigger_on_a_day_off_counts_from_the_next_working_day(start, count):
    if not is_workday(start):
        before = start
        while not is_workday(before) and before > date(2025, 1, 1):
            before -= timedelta(days=1)
        if is_workday(before):
            assert add_workdays(start, count) == add_workdays(before, count)


@given(st.integers(0, 800 * 24 * 3600), counts)
def test_a_deadline_ends_at_24_of_its_last_day_in_beijing(seconds, count):
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    end = deadline(at, count)
    local = end.at.astimezone(BEIJING)
    assert (local.hour, local.minute, last_day_of(end.at)) == (0, 0, end.on)
    assert end.at > at


def test_an_extra_workday_counts_and_the_holiday_before_it_does_not():
    assert is_workday(date(2026, 10, 10))  # a Saturday, 调休
    assert add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert not is_workday(date(2026, 10, 7))


def test_the_worked_timeline_of_december_2026():
    assert add_workdays(date(2026, 12, 1), 3) == date(2026, 12, 4)
    assert add_workdays(date(2026, 12, 14), 10) == date(2026, 12, 28)
    assert add_workdays(date(2026, 12, 28), 2) == date(2026, 12, 30)


def test_a_year_before_its_announcement_is_provisional():
    end = deadline(datetime(2026, 12, 1, 2, tzinfo=UTC), 35)
    assert (end.on, end.is_provisional) == (date(2027, 1, 20), True)
    assert not is_workday(date(2027, 2, 8))
    assert not is_workday(date(2027, 9, 15))
    assert not deadline(datetime(2026, 12, 1, 2, tzinfo=UTC), 10).is_provisional


@pytest.mark.parametrize(
    ("work", "year"),
    [
        (lambda: is_workday(date(2028, 1, 3)), 2028),
        (lambda: is_workday(date(2024, 12, 31)), 2024),
        (lambda: add_workdays(date(2027, 12, 20), 15), 2028),
        (lambda: count_workdays(date(2027, 12, 20), date(2028, 1, 5)), 2028),
        (lambda: deadline(datetime(2027, 12, 20, tzinfo=UTC), 15), 2028),
    ],
)
def test_a_year_without_a_calendar_fails_closed(work, year):
    with pytest.raises(CalendarMissingError) as missing:
        work()
    assert (missing.value.year, missing.value.code) == (year, "calendar.year_missing")


def test_counting_backwards_is_refused():
    with pytest.raises(ValueError, match="forward"):
        add_workdays(date(2026, 1, 5), -1)


def test_a_calendar_with_a_hole_is_refused():
    hole = [YearDays(year, "s", frozenset(), frozenset()) for year in (2025, 2027)]
    with pytest.raises(ValueError, match="consecutive"):
        WorkCalendar(tuple(hole))


START = datetime(2026, 3, 2, 1, tzinfo=UTC)
pieces = st.lists(
    st.tuples(
        st.sampled_from(list(Holder)),
        st.sampled_from([OrderState.IN_SERVICE, OrderState.SUSPENDED, OrderState.AT_DEPT]),
        st.integers(0, 40 * 24 * 3600),
    ),
    min_size=1,
    max_size=8,
)


def chain_of(parts):
    spans, at = [], START
    for holder, state, seconds in parts:
        end = at + timedelta(seconds=seconds)
        spans.append(Span(holder, state, at, end))
        at = end
    return spans, at


@given(pieces)
def test_the_holders_times_sum_to_the_whole_span(parts):
    spans, end = chain_of(parts)
    summary = summarise(CN, spans, at=end)
    assert sum((s.duration for s in summary.shares), timedelta()) == end - START
    assert sum(s.workdays for s in summary.shares) == summary.span_workdays
    assert summary.span_days == (local_date(end) - local_date(START)).days
    assert summary.net_workdays <= summary.span_workdays


@given(pieces, st.integers(1, 40))
def test_a_promise_ends_when_its_own_days_are_used_up(parts, promised):
    spans, _ = chain_of(parts)
    due = promise_deadline(CN, spans, started_at=START, promised_days=promised)
    others = sum(CN.count_between(s.started_at, s.ended_at) for s in spans if not s.runs_promise)
    assert count_workdays(local_date(START), due.on) - others == promised


@given(st.integers(1, 10**9), st.integers(0, 400))
def test_late_compensation_is_a_percent_a_day_and_capped(price, late):
    taken = late_compensation_fen(price, late)
    assert 0 <= taken <= price * 30 // 100
    assert taken == price * min(late, 30) // 100


@given(st.integers(0, 100 * 24 * 3600))
def test_late_days_begin_at_the_deadline(seconds):
    due = deadline(START, 5).at
    at = START + timedelta(seconds=seconds)
    assert (late_workdays(CN, due_at=due, at=at) == 0) == (at < due)
