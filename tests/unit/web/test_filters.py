"""What templates may ask of values."""

from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from flask import Flask

from market.act import Role
from market.catalogue.models import FeeBasis
from market.web import filters
from market.web.labels import LABELS, add_labels, label_of
from market.web.paging import asked_page, page_window


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "¥0.00"),
        (5, "¥0.05"),
        (123_400, "¥1,234.00"),
        (-1, "-¥0.01"),
        (10_000_000_001, "¥100,000,000.01"),
    ],
)
def test_money_is_written_with_two_digits_and_groups(fen, text):
    assert filters.money(fen) == text


def test_an_instant_is_shown_in_beijing_time():
    evening = datetime(2026, 11, 24, 16, 5, tzinfo=UTC)
    assert filters.local(evening) == "2026年11月25日 00:05"
    assert filters.local_date(evening) == "2026年11月25日"


def test_a_plain_date_keeps_its_day():
    assert filters.local_date(date(2026, 1, 3)) == "2026年1月3日"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812341234", "138****1234"),
        ("360702199001011234", "3607**********1234"),
        ("1234567", "******7"),
        ("", ""),
    ],
)
def test_numbers_of_people_lose_their_middle(number, shown):
    assert filters.masked(number) == shown


def test_a_digest_stands_in_groups_of_four_whether_text_or_bytes():
    assert filters.grouped_hex("0123456789") == "0123 4567 89"
    assert filters.grouped_hex(bytes([1, 35, 69])) == "0123 45"


@pytest.mark.parametrize(
    ("score", "grade"), [(100, "A+"), (90, "A+"), (89, "A"), (75, "B"), (60, "C"), (0, "D")]
)
def test_a_credit_score_has_a_grade(score, grade):
    assert filters.grade(score) == grade


def test_labels_are_words_and_nothing_for_none():
    assert filters.label(FeeBasis.MARKET) == "市场调节价"
    assert filters.label(Role.AGENCY) == "中介机构"
    assert filters.label(None) == ""


def test_an_enumeration_with_a_member_left_out_is_refused():
    class Light(StrEnum):
        GREEN = "green"
        RED = "red"

    with pytest.raises(ValueError, match="Light without a label"):
        add_labels(Light, {Light.GREEN: "正常"})
    assert label_of(Light.RED) == "red"


def test_every_enumeration_with_labels_has_one_for_each_member():
    for kind, words in LABELS.items():
        assert set(words) == {member.value for member in kind}


@pytest.mark.parametrize(
    ("number", "count", "shown"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 9, [1, None, 3, 4, 5, 6, 7, None, 9]),
        (9, 9, [1, None, 7, 8, 9]),
    ],
)
def test_page_numbers_show_both_ends_and_the_neighbours(number, count, shown):
    assert page_window(number, count) == shown


@pytest.mark.parametrize(("query", "page"), [("", 1), ("page=3", 3), ("page=-1", 1), ("page=x", 1)])
def test_an_odd_page_number_is_page_one(query, page):
    with Flask("test").test_request_context(f"/?{query}"):
        assert asked_page() == page


def test_a_changed_filter_leads_back_to_page_one_and_keeps_the_others():
    with Flask("test").test_request_context("/services?q=环评&sort=price&category=&page=4"):
        assert filters.with_args(sort="days") == "/services?q=%E7%8E%AF%E8%AF%84&sort=days"
        assert filters.with_args(q=None) == "/services?sort=price"
        assert filters.with_args(page=5).endswith("sort=price&page=5")
