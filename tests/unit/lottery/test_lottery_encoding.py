from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785

from lottery.encoding import (
    canonical,
    decimal,
    format_time,
    lines,
    parse_canonical,
    parse_decimal,
    parse_hex,
    parse_time,
    tag,
    time_text,
    unix_time,
)
from lottery.errors import LotteryError


def test_lines_end_each_field_with_one_line_feed():
    assert lines(tag("seed"), 7, "甲") == "yaohao/v1/seed\n7\n甲\n".encode()


@pytest.mark.parametrize("field", ["", "a\nb", "tab\t", "\x7f", "\x00", "\ud800", -1, 2**53, True])
def test_a_line_field_that_could_be_read_two_ways_is_refused(field):
    with pytest.raises(LotteryError):
        lines(field)


@pytest.mark.parametrize(
    "value",
    [
        {"b": 1, "a": ["x", True, {}]},
        {"text": '引号"反斜线\\与控制\x1f\b\f\n\r\t符\x7f'},
        [],
        "😀",
        2**53 - 1,
    ],
)
def test_canonical_json_equals_the_independent_implementation(value):
    data = canonical(value)
    assert data == rfc8785.dumps(value)
    assert parse_canonical(data) == value


@pytest.mark.parametrize(
    "value", [1.0, None, -1, 2**53, {"中": 1}, {1: 2}, {"": 1}, b"x", "\ud800"]
)
def test_values_outside_the_subset_are_refused(value):
    with pytest.raises(LotteryError):
        canonical(value)


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'{"b":1,"a":1}',
        b'{"a": 1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":null}',
        b'{"a":NaN}',
        b'{"a":-1}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\u0041"}',
        b'{"a":"\\ud800"}',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        b"[" * 60_000,
        b"[" * 20 + b"]" * 20,
        b"",
    ],
)
def test_any_other_spelling_is_refused(data):
    with pytest.raises(LotteryError):
        parse_canonical(data)


def test_a_record_longer_than_an_entry_may_be_is_refused():
    with pytest.raises(LotteryError, match="too long"):
        parse_canonical(b'"' + b"a" * 70_000 + b'"')


def test_times_are_twenty_bytes_in_utc():
    beijing = datetime(2026, 12, 1, 10, 0, 0, 999999, tzinfo=timezone(timedelta(hours=8)))
    assert format_time(beijing) == "2026-12-01T02:00:00Z"
    assert parse_time("2026-12-01T02:00:00Z") == datetime(2026, 12, 1, 2, tzinfo=UTC)
    assert unix_time("2026-12-01T02:00:00Z") == 1796090400
    assert time_text(1796090400) == "2026-12-01T02:00:00Z"


def test_naive_times_are_refused():
    with pytest.raises(LotteryError):
        format_time(datetime(2026, 12, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["2026-12-01T02:00:00+00:00", "2026-02-30T00:00:00Z", "2026-12-01t02:00:00Z", ""]
)
def test_other_time_forms_are_refused(text):
    with pytest.raises(LotteryError):
        parse_time(text)


def test_times_outside_the_calendar_are_refused():
    with pytest.raises(LotteryError):
        time_text(10**15)


@pytest.mark.parametrize("text", ["", "01", "+1", "-1", "1 ", "１", "9007199254740992", "1" * 40])
def test_numbers_have_one_spelling(text):
    with pytest.raises(LotteryError):
        parse_decimal(text)


def test_numbers_come_back():
    assert parse_decimal(decimal(2**53 - 1)) == 2**53 - 1
    assert parse_decimal("0") == 0


@pytest.mark.parametrize("text", ["AA", "a", "gg", "aabb", "aa "])
def test_hex_has_one_spelling(text):
    with pytest.raises(LotteryError):
        parse_hex(text, 1)
