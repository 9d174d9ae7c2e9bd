"""Which page of a list is asked for, and which page numbers to offer."""

from flask import request

MAX_PAGE = 10_000


def asked_page() -> int:
    """Read ?page= of this request; anything odd is page one."""
    number = request.args.get("page", default=1, type=int)
    return min(max(number, 1), MAX_PAGE)


def page_window(number: int, count: int) -> list[int | None]:
    """Give the page numbers to offer: both ends, this page and its neighbours; None is a gap."""
    near = {1, count, *range(number - 2, number + 3)}
    shown: list[int | None] = []
    before = 0
    for candidate in sorted(page for page in near if 1 <= page <= count):
        if candidate > before + 1:
            shown.append(None)
        shown.append(candidate)
        before = candidate
    return shown
