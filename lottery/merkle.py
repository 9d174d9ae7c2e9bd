"""Merkle tree of RFC 6962: hashes, inclusion and consistency proofs; pure.

Proofs are made through a ``Node`` function that gives the hash of a complete subtree, so the same
code serves a list in memory and tiles on disk.

Source: SPEC.md section 3; RFC 6962 section 2.1; RFC 9162 section 2.1.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from lottery.encoding import sha256
from lottery.errors import LotteryError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"")

Node: TypeAlias = Callable[[int, int], bytes]
"""(level, index) -> hash of the complete subtree over leaves index<<level .. (index+1)<<level."""


def leaf_hash(data: bytes) -> bytes:
    """Return H(0x00 || data)."""
    return sha256(b"\x00" + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return H(0x01 || left || right)."""
    return sha256(b"\x01" + left + right)


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes; of none, SHA-256 of the empty string."""
    if not leaf_hashes:
        return EMPTY_ROOT
    level = list(leaf_hashes)
    while len(level) > 1:
        above = _parents(level)
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf data."""
    return root([leaf_hash(data) for data in leaves])


def _parents(level: Sequence[bytes]) -> list[bytes]:
    return [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]


class MemoryTree:
    """All complete subtrees of a growing list of leaf hashes."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        for item in leaf_hashes:
            self.append(item)

    @property
    def size(self) -> int:
        """How many leaves were appended."""
        return len(self._levels[0])

    def append(self, item: bytes) -> None:
        """Add one leaf hash; amortised constant time."""
        level = 0
        self._levels[0].append(item)
        while len(self._levels[level]) % 2 == 0:
            item = node_hash(self._levels[level][-2], self._levels[level][-1])
            level += 1
            if level == len(self._levels):
                self._levels.append([])
            self._levels[level].append(item)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree (see ``Node``).

        Raises:
            LotteryError: the subtree is not complete yet.
        """
        try:
            return self._levels[level][index]
        except IndexError as error:
            raise LotteryError("subtree is not complete") from error

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first ``size`` leaves (default: all)."""
        return root_at(self.size if size is None else size, self.node)


def root_at(size: int, node: Node) -> bytes:
    """Return the root of the first ``size`` leaves."""
    return range_root(0, size, node) if size else EMPTY_ROOT


def range_root(start: int, end: int, node: Node) -> bytes:
    """Return the root of leaves start..end-1, a range that RFC 6962 splitting produces."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(range_root(start, middle, node), range_root(middle, end, node))


def _split(width: int) -> int:
    """Return the largest power of two smaller than ``width`` (which is at least 2)."""
    return 1 << ((width - 1).bit_length() - 1)


def make_inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """Return the audit path of leaf ``index`` in the tree of ``size`` leaves, leaf side first.

    Raises:
        LotteryError: the index is not inside the tree.
    """
    if not 0 <= index < size:
        raise LotteryError("index outside the tree")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
    return path[::-1]


def make_consistency(old: int, new: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of ``old`` leaves is a prefix of that of ``new`` leaves.

    Empty when ``old`` is 0 or equals ``new``.

    Raises:
        LotteryError: ``old`` is negative or larger than ``new``.
    """
    if not 0 <= old <= new:
        raise LotteryError("sizes out of order")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    start, end = 0, new
    whole = True  # the part under the old tree is still the whole old tree
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(range_root(middle, end, node))
            end = middle
        else:
            path.append(range_root(start, middle, node))
            start = middle
            whole = False
    if not whole:
        path.append(range_root(start, end, node))
    return path[::-1]


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], expected_root: bytes
) -> None:
    """Check that leaf hash ``leaf`` is number ``index`` of the tree with this root.

    Raises:
        LotteryError: the proof does not fit; nothing else, whatever the arguments.
    """
    if not 0 <= index < size:
        raise LotteryError("index outside the tree")
    _require_hashes([leaf, *path])
    position, last = index, size - 1
    value = leaf
    for item in path:
        if last == 0:
            raise LotteryError("inclusion proof is too long")
        if position & 1 or position == last:
            value = node_hash(item, value)
            position, last = _strip(position, last)
        else:
            value = node_hash(value, item)
        position, last = position >> 1, last >> 1
    if last or value != expected_root:
        raise LotteryError("inclusion proof does not lead to the root")


def _strip(position: int, last: int) -> tuple[int, int]:
    """Skip the levels where the node on the right edge has no sibling."""
    while position and not position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def verify_consistency(
    old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Check that the tree of ``old`` leaves is a prefix of that of ``new`` leaves.

    ``old`` 0 needs an empty proof and the root of nothing; the caller decides whether it wants it.

    Raises:
        LotteryError: the proof does not fit; nothing else, whatever the arguments.
    """
    if not 0 <= old <= new:
        raise LotteryError("sizes out of order")
    _require_hashes([*path, old_root, new_root])
    if old in {0, new}:
        expected = EMPTY_ROOT if old == 0 else new_root
        if path or old_root != expected:
            raise LotteryError("consistency proof for equal or empty trees does not fit")
        return
    hashes = [old_root, *path] if old & (old - 1) == 0 else list(path)
    if not hashes:
        raise LotteryError("consistency proof is too short")
    if _fold(old - 1, new - 1, hashes[0], hashes[1:]) != (old_root, new_root):
        raise LotteryError("consistency proof does not lead to the roots")


def _fold(position: int, last: int, start: bytes, path: Sequence[bytes]) -> tuple[bytes, bytes]:
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = start
    for item in path:
        if last == 0:
            raise LotteryError("consistency proof is too long")
        if position & 1 or position == last:
            old, new = node_hash(item, old), node_hash(item, new)
            position, last = _strip(position, last)
        else:
            new = node_hash(new, item)
        position, last = position >> 1, last >> 1
    if last:
        raise LotteryError("consistency proof is too short")
    return old, new


def _require_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(item) != HASH_BYTES for item in hashes):
        raise LotteryError("a hash is not 32 bytes long")
