"""Waiting times: the worked timeline of December 2026, and the compressed demo."""

from datetime import UTC, datetime, timedelta

from market.calendar.days import BEIJING
from market.draws.pace import DEMO, LARGE_FEE_FEN, OFFICIAL


def beijing(month, day, hour=0, minute=0):
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


PUBLISHED = beijing(12, 1, 9).astimezone(UTC)


def test_the_worked_timeline_of_december_2026():
    times = OFFICIAL.plan(PUBLISHED, fee_fen=3_000_000, attempt=1)
    assert times.enroll_close_at == beijing(12, 4, 17, 30)
    assert times.freeze_by_at == beijing(12, 7, 17, 30)
    assert times.draw_at == beijing(12, 8, 10)
    assert OFFICIAL.confirm.after(times.draw_at) == beijing(12, 11)  # 24:00 of the 10th
    publicity = OFFICIAL.publicity.after(times.draw_at)
    assert publicity == beijing(12, 12)  # 24:00 of the 11th
    assert OFFICIAL.award.after(publicity) == beijing(12, 14, 9)


def test_a_large_fee_keeps_enrolment_open_longer():
    times = OFFICIAL.plan(PUBLISHED, fee_fen=LARGE_FEE_FEN, attempt=1)
    assert times.enroll_close_at == beijing(12, 8, 17, 30)


def test_the_demo_keeps_the_order_and_its_margins():
    times = DEMO.plan(PUBLISHED, fee_fen=3_000_000, attempt=1)
    assert PUBLISHED < times.enroll_close_at < times.freeze_by_at < times.draw_at
    lead = timedelta(seconds=DEMO.freeze_lead_seconds)
    assert times.freeze_by_at <= times.draw_at - lead
    assert DEMO.go_lead_seconds < DEMO.freeze_lead_seconds


def test_instants_are_whole_seconds():
    odd = PUBLISHED.replace(microsecond=7)
    assert DEMO.plan(odd, fee_fen=1, attempt=1).enroll_close_at.microsecond == 0
