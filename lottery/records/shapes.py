"""Shapes: what one field of a record may hold, both ways.

Source: SPEC.md section 7.1.
"""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from lottery.commitments import require_draw_id, require_entrant_id
from lottery.encoding import MAX_SAFE_INT, Json, parse_time, require_nfc
from lottery.errors import LotteryError


class Shape(Protocol):
    """Turns JSON into a field value and back.

    Both methods raise ``LotteryError`` for what the field may not hold.
    """

    def parse(self, value: Json) -> Any:  # noqa: ANN401 - the field's annotation names the type
        """Return the Python value of a JSON value."""
        ...

    def dump(self, value: Any) -> Json:  # noqa: ANN401
        """Return the JSON value of a Python value; ``parse`` of it checks the value."""
        ...


class _Plain:
    def dump(self, value: Any) -> Json:  # noqa: ANN401
        return value  # type: ignore[no-any-return]  # parse() refuses what is no JSON


@dataclass(frozen=True)
class Int(_Plain):
    """A whole number in a closed range."""

    low: int = 0
    high: int = MAX_SAFE_INT

    def parse(self, value: Json) -> int:
        """Return the number."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise LotteryError("not a whole number")
        if not self.low <= value <= self.high:
            raise LotteryError(f"number not in {self.low}..{self.high}")
        return value


@dataclass(frozen=True)
class Text(_Plain):
    """A string, NFC, without control characters."""

    pattern: str = ""
    low: int = 1
    high: int = 256  # bytes of UTF-8

    def parse(self, value: Json) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise LotteryError("not a string")
        if not self.low <= len(require_nfc(value).encode()) <= self.high:
            raise LotteryError("text is empty or too long")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise LotteryError("text does not have the required form")
        return value


@dataclass(frozen=True)
class Choice(_Plain):
    """One of a closed list of words."""

    words: frozenset[str]

    def parse(self, value: Json) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.words:
            raise LotteryError("word is not in the closed list")
        return value


class Time(_Plain):
    """``YYYY-MM-DDThh:mm:ssZ``."""

    def parse(self, value: Json) -> str:
        """Return the text of a time that exists."""
        if not isinstance(value, str):
            raise LotteryError("not a string")
        parse_time(value)
        return value


class DrawId(_Plain):
    """``project_id/attempt``."""

    def parse(self, value: Json) -> str:
        """Return the draw id."""
        if not isinstance(value, str):
            raise LotteryError("not a string")
        return require_draw_id(value)


class EntrantId(_Plain):
    """An entrant id."""

    def parse(self, value: Json) -> str:
        """Return the id."""
        if not isinstance(value, str):
            raise LotteryError("not a string")
        return require_entrant_id(value)


@dataclass(frozen=True)
class ListOf:
    """A list; in Python a tuple."""

    item: Shape
    low: int = 0
    high: int = 1000
    unique: bool = True

    def parse(self, value: Json) -> tuple[Any, ...]:
        """Return the items in their order."""
        if not isinstance(value, list):
            raise LotteryError("not a list")
        if not self.low <= len(value) <= self.high:
            raise LotteryError("list is too short or too long")
        items = tuple(self.item.parse(item) for item in value)
        if self.unique and len(set(items)) != len(items):
            raise LotteryError("list holds an item twice")
        return items

    def dump(self, value: Any) -> Json:  # noqa: ANN401
        """Return the list; a Python value that is no tuple is refused."""
        if not isinstance(value, tuple):
            raise LotteryError("not a tuple")
        return [self.item.dump(item) for item in value]


def hexes(length: int) -> Text:
    """Return the shape of ``length`` bytes in lowercase hex."""
    return Text(rf"[0-9a-f]{{{2 * length}}}", high=2 * length)


HEX16 = hexes(16)
HEX32 = hexes(32)
HEX48 = hexes(48)
OPTIONAL_HEX32 = Text(r"(?:[0-9a-f]{64})?", low=0, high=64)
OPTIONAL_DRAW_ID = Text(r"(?:[0-9A-Za-z._:-]{1,64}/[1-9][0-9]{0,3})?", low=0, high=80)
PROJECT_ID = Text(r"[0-9A-Za-z._:-]{1,64}", high=64)
LABEL = Text()  # a name or number of a person, office or place
COUNT = Int(0, 10_000_000)
LOT = Int(1, 1_000_000)
