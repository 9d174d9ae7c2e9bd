"""Numbers of public lotteries as beacon lines; whether they were drawn is an external fact.

Source: SPEC.md section 8.4.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lottery.errors import BeaconError

KL8, SSQ = "cwl-kl8", "cwl-ssq"
_ISSUE = re.compile(r"(cwl-kl8|cwl-ssq)/([0-9]{7})")
_KL8_NUMBERS = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){19}")
_SSQ_NUMBERS = re.compile(r"[0-9]{2}(?:\.[0-9]{2}){5}\+[0-9]{2}")


@dataclass(frozen=True)
class LotteryDraw:
    """One published drawing: kind, issue (7 digits), numbers; ``extra`` is the blue ball or 0."""

    kind: str
    issue: str
    numbers: tuple[int, ...]
    extra: int = 0

    def line(self) -> str:
        """Return the line that enters the seed."""
        body = ".".join(f"{number:02d}" for number in self.numbers)
        tail = f"+{self.extra:02d}" if self.kind == SSQ else ""
        return f"{self.kind}/{self.issue}/{body}{tail}"

    @property
    def issue_id(self) -> str:
        """Return ``kind/issue`` as announcements name it."""
        return f"{self.kind}/{self.issue}"


def make_draw(kind: str, issue: str, numbers: Sequence[int], extra: int = 0) -> LotteryDraw:
    """Return a drawing with its numbers put in ascending order.

    Raises:
        BeaconError: unknown kind, or numbers that this lottery cannot give.
    """
    draw = LotteryDraw(kind, issue, tuple(sorted(numbers)), extra)
    return parse_line(draw.line())


def parse_line(line: str) -> LotteryDraw:
    """Read one line, for example ``cwl-ssq/2026135/01.07.13.22.28.31+09``.

    Raises:
        BeaconError: form, range, order or number of the numbers.
    """
    issue_id, _, body = line.rpartition("/")
    found = _ISSUE.fullmatch(issue_id)
    if not found:
        raise BeaconError("not a known lottery and issue")
    kind, issue = found.group(1), found.group(2)
    form, highest = (_KL8_NUMBERS, 80) if kind == KL8 else (_SSQ_NUMBERS, 33)
    if not form.fullmatch(body):
        raise BeaconError("lottery numbers do not have the form of this lottery")
    main, _, tail = body.partition("+")
    numbers = tuple(int(number) for number in main.split("."))
    extra = int(tail or "0")
    if list(numbers) != sorted(set(numbers)) or not 1 <= numbers[0] <= numbers[-1] <= highest:
        raise BeaconError("lottery numbers out of range or not ascending")
    if kind == SSQ and not 1 <= extra <= 16:
        raise BeaconError("blue ball out of range")
    return LotteryDraw(kind, issue, numbers, extra)
