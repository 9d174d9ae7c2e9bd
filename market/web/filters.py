"""What templates may ask of a value: money, times, labels, digests, and links to themselves."""

from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from urllib.parse import urlencode

from flask import Flask, request, url_for

from market.catalogue.regions import region_name
from market.web.i18n import _
from market.web.labels import label_of
from market.web.paging import page_window

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # one offset since 1991, no table needed
ICON_SPRITE = "vendor/lucide-static-1.62.0/sprite.svg"
FEN_PER_YUAN = 100
GRADES = ((90, "A+"), (80, "A"), (70, "B"), (60, "C"), (0, "D"))
"""Lowest credit score of each grade, best first."""


def register_filters(app: Flask) -> None:
    """Give all templates the filters and link functions of this module."""
    app.add_template_filter(money)
    app.add_template_filter(local)
    app.add_template_filter(local_date)
    app.add_template_filter(label)
    app.add_template_filter(masked)
    app.add_template_filter(grouped_hex)
    app.add_template_filter(grade)
    app.add_template_filter(region_name, "region")
    app.add_template_global(page_window)
    app.add_template_global(with_args)
    app.add_template_global(icon_sprite)


def money(fen: int) -> str:
    """Write an amount of fen as ¥1,234.00."""
    yuan, rest = divmod(abs(fen), FEN_PER_YUAN)
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{yuan:,}.{rest:02d}"


def local(at: datetime) -> str:
    """Write an aware instant as Beijing time: 2026年11月24日 14:05."""
    there = at.astimezone(BEIJING)
    return f"{local_date(there)} {there:%H:%M}"


def local_date(day: date) -> str:
    """Write a date, or the Beijing date of an instant: 2026年11月24日."""
    if isinstance(day, datetime):
        day = day.astimezone(BEIJING)
    return f"{day.year}年{day.month}月{day.day}日"


def label(member: StrEnum | None) -> str:
    """Write a member of an enumeration in words; nothing for None."""
    return "" if member is None else _(label_of(member))


def masked(text: str) -> str:
    """Hide the middle of a phone or identity number: 138****1234.

    Eleven digits keep three in front; longer numbers keep four; short ones show the last only.
    """
    tail = 4
    if len(text) <= tail + 3:
        return "*" * max(len(text) - 1, 0) + text[-1:]
    head = 3 if len(text) <= 11 else 4
    return text[:head] + "*" * (len(text) - head - tail) + text[-tail:]


def grouped_hex(digits: str | bytes) -> str:
    """Write a digest in groups of four hexadecimal digits."""
    text = digits.hex() if isinstance(digits, bytes) else digits
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def grade(score: int) -> str:
    """Give the grade of a credit score of 0 to 100."""
    return next(word for least, word in GRADES if score >= least)


def with_args(**changes: object) -> str:
    """Give the address of this page with other query arguments.

    A value of None leaves the argument out; any change but of ``page`` itself leads to page one.
    """
    drop = {"page"} | set(changes)
    pairs = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if value and name not in drop
    ]
    pairs += [(name, str(value)) for name, value in changes.items() if value is not None]
    query = urlencode(pairs)
    return f"{request.path}?{query}" if query else request.path


def icon_sprite() -> str:
    """Give the address of the file with all icons."""
    return url_for("static", filename=ICON_SPRITE)
