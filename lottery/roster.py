"""The frozen lists of a draw: roster, openings and contributions, as text files with roots.

Source: SPEC.md sections 5.1 to 5.3.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from lottery.commitments import (
    NONCE_BYTES,
    SECRET_BYTES,
    enroll_commit,
    require_entrant_id,
    require_weight,
)
from lottery.encoding import decimal, lines, parse_decimal, parse_hex, require_nfc, tag
from lottery.errors import LotteryError
from lottery.merkle import root_of

MAX_NAME_BYTES = 512
MAX_FILE_BYTES = 64 * 1024 * 1024
T = TypeVar("T")
_ENTRANT = tag("entrant")


@dataclass(frozen=True, slots=True, order=True)
class Entrant:
    """One line of the roster.

    Raises:
        LotteryError: a field is not allowed; the name must be NFC, 1..512 bytes, no controls.
    """

    id: str
    weight: int
    name: str

    def __post_init__(self) -> None:
        require_entrant_id(self.id)
        require_weight(self.weight)
        if not 1 <= len(require_nfc(self.name).encode()) <= MAX_NAME_BYTES:
            raise LotteryError("name is empty or too long")

    def leaf(self) -> bytes:
        """Return the leaf data of the roster tree."""
        return f"{_ENTRANT}\n{self.id}\n{self.weight}\n{self.name}\n".encode()


@dataclass(frozen=True, slots=True, order=True)
class Opening:
    """Who stands behind the enrolment commitment at one log index."""

    index: int
    id: str
    weight: int
    nonce: str

    def __post_init__(self) -> None:
        decimal(self.index)
        require_entrant_id(self.id)
        require_weight(self.weight)
        parse_hex(self.nonce, NONCE_BYTES)

    def commit(self, draw_id: str) -> str:
        """Return the commitment that the log must hold at ``index``."""
        return enroll_commit(draw_id, self.id, self.weight, self.nonce)


@dataclass(frozen=True, slots=True, order=True)
class Contribution:
    """An entrant's own random value, opened before the freeze."""

    id: str
    x: str

    def __post_init__(self) -> None:
        require_entrant_id(self.id)
        parse_hex(self.x, SECRET_BYTES)

    def leaf(self) -> bytes:
        """Return the leaf data of the contribution tree."""
        return lines(tag("contribution"), self.id, self.x)


def sort_roster(entrants: Iterable[Entrant]) -> list[Entrant]:
    """Return entrants by id (bytes ascending).

    Raises:
        LotteryError: an id appears twice.
    """
    return _sorted_unique(entrants, lambda entrant: entrant.id)


def roster_root(entrants: Iterable[Entrant]) -> bytes:
    """Return the 32-byte root over the roster; the order given has no effect."""
    return root_of(entrant.leaf() for entrant in sort_roster(entrants))


def contribution_root(contributions: Iterable[Contribution]) -> bytes:
    """Return the 32-byte root over contributions; of none, SHA-256 of the empty string."""
    return root_of(item.leaf() for item in _sorted_unique(contributions, lambda item: item.id))


def write_roster(entrants: Iterable[Entrant]) -> bytes:
    """Write ``roster.txt``: id, weight, name per line, tab-separated, sorted by id."""
    return _write([(item.id, decimal(item.weight), item.name) for item in sort_roster(entrants)])


def read_roster(data: bytes) -> list[Entrant]:
    """Read ``roster.txt``.

    Raises:
        LotteryError: naming the line; also when the ids are not strictly ascending.
    """
    roster = _read(data, 3, lambda row: Entrant(row[0], parse_decimal(row[1]), row[2]))
    _require_ascending([item.id for item in roster])
    return roster


def write_openings(openings: Iterable[Opening]) -> bytes:
    """Write ``openings.txt``: log index, id, weight, nonce per line, sorted by index."""
    ordered = _sorted_unique(openings, lambda opening: opening.index)
    return _write(
        [(decimal(item.index), item.id, decimal(item.weight), item.nonce) for item in ordered]
    )


def read_openings(data: bytes) -> list[Opening]:
    """Read ``openings.txt``.

    Raises:
        LotteryError: naming the line; also when the indices are not strictly ascending.
    """
    openings = _read(
        data,
        4,
        lambda row: Opening(parse_decimal(row[0]), row[1], parse_decimal(row[2]), row[3]),
    )
    _require_ascending([item.index for item in openings])
    return openings


def write_contributions(contributions: Iterable[Contribution]) -> bytes:
    """Write ``contributions.txt``: id and 64 hex digits per line, sorted by id."""
    ordered = _sorted_unique(contributions, lambda item: item.id)
    return _write([(item.id, item.x) for item in ordered])


def read_contributions(data: bytes) -> list[Contribution]:
    """Read ``contributions.txt``.

    Raises:
        LotteryError: naming the line; also when the ids are not strictly ascending.
    """
    contributions = _read(data, 2, lambda row: Contribution(row[0], row[1]))
    _require_ascending([item.id for item in contributions])
    return contributions


def _sorted_unique(items: Iterable[T], key: Callable[[T], str | int]) -> list[T]:
    ordered = sorted(items, key=key)
    _require_ascending([key(item) for item in ordered])
    return ordered


def _require_ascending(keys: Sequence[str | int]) -> None:
    for number, (before, after) in enumerate(pairwise(keys), start=2):
        if not before < after:  # type: ignore[operator]  # ids only or indices only
            raise LotteryError(f"line {number}: not in strictly ascending order")


def _write(rows: Iterable[Sequence[str]]) -> bytes:
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def _read(data: bytes, width: int, build: Callable[[Sequence[str]], T]) -> list[T]:
    if len(data) > MAX_FILE_BYTES:
        raise LotteryError("list file is too long")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise LotteryError("list file is not UTF-8") from error
    if text and not text.endswith("\n"):
        raise LotteryError("last line has no LF")
    return [_row(number, row, width, build) for number, row in enumerate(text.split("\n")[:-1], 1)]


def _row(number: int, row: str, width: int, build: Callable[[Sequence[str]], T]) -> T:
    fields = row.split("\t")
    if len(fields) != width:
        raise LotteryError(f"line {number}: {len(fields)} fields, not {width}")
    try:
        return build(fields)
    except LotteryError as error:
        raise LotteryError(f"line {number}: {error}") from error
