"""Names and contents of tiles and entry bundles.

Source: SPEC.md section 9.4; c2sp.org/tlog-tiles.
"""

from collections.abc import Iterable, Sequence

from lottery.encoding import MAX_ENTRY_BYTES
from lottery.errors import LogError
from lottery.merkle import HASH_BYTES

TILE_WIDTH = 256
TILE_HEIGHT = 8
MAX_LEVEL = 5  # 2^53 entries need no more


def _number(index: int) -> str:
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.append(f"x{index % 1000:03d}")
    return "/".join(reversed(parts))


def _partial(width: int) -> str:
    if not 1 <= width <= TILE_WIDTH:
        raise LogError("tile width is not 1..256")
    return "" if width == TILE_WIDTH else f".p/{width}"


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return ``tile/<L>/<N>`` or, for a partial tile, ``tile/<L>/<N>.p/<W>``."""
    return f"tile/{level}/{_number(index)}{_partial(width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return ``tile/entries/<N>`` or ``tile/entries/<N>.p/<W>``."""
    return f"tile/entries/{_number(index)}{_partial(width)}"


def tile_width(level: int, index: int, size: int) -> int:
    """Return how many hashes tile ``index`` of a level holds in a log of ``size`` entries."""
    return max(0, min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))


def changed_paths(old: int, new: int) -> list[str]:
    """Return the paths that growing from ``old`` to ``new`` entries writes, entries first.

    Raises:
        LogError: sizes out of order.
    """
    if not 0 <= old <= new:
        raise LogError("sizes out of order")
    paths = [entries_path(index, width) for index, width in _grown(0, old, new)]
    for level in range(MAX_LEVEL + 2):
        paths += [tile_path(level, index, width) for index, width in _grown(level, old, new)]
    return paths


def _grown(level: int, old: int, new: int) -> Iterable[tuple[int, int]]:
    before, after = old >> (TILE_HEIGHT * level), new >> (TILE_HEIGHT * level)
    if before == after:
        return []
    indices = range(before // TILE_WIDTH, (after - 1) // TILE_WIDTH + 1)
    return [(index, tile_width(level, index, new)) for index in indices]


def split_tile(data: bytes, width: int) -> list[bytes]:
    """Return the hashes of a tile.

    Raises:
        LogError: the tile does not hold ``width`` hashes.
    """
    if len(data) != width * HASH_BYTES:
        raise LogError("tile has another length")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def write_bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry after its length as 16 bits, big-endian.

    Raises:
        LogError: more than 256 entries, or one longer than 65,535 bytes.
    """
    if len(entries) > TILE_WIDTH or any(len(entry) > MAX_ENTRY_BYTES for entry in entries):
        raise LogError("entry bundle holds too many or too long entries")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def read_bundle(data: bytes, width: int) -> list[bytes]:
    """Return the entries of a bundle.

    Raises:
        LogError: truncated, trailing bytes, or another number of entries.
    """
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise LogError("entry bundle is truncated")
        entries.append(data[at + 2 : end])
        at = end
    if len(entries) != width:
        raise LogError("entry bundle holds another number of entries")
    return entries
