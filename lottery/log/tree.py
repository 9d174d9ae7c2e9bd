"""Growing a tree of tiles, and reading roots, entries and proofs from it.

Source: SPEC.md section 9.4.
"""

from collections.abc import Sequence

from lottery.encoding import MAX_ENTRY_BYTES
from lottery.errors import InconsistentLogError, LogError, MissingTileError
from lottery.log.store import TileStore
from lottery.log.tiles import (
    TILE_HEIGHT,
    TILE_WIDTH,
    entries_path,
    read_bundle,
    split_tile,
    tile_path,
    tile_width,
    write_bundle,
)
from lottery.merkle import leaf_hash, make_consistency, make_inclusion, root, root_at

_CACHED_TILES = 512


def integrate(store: TileStore, old_size: int, entries: Sequence[bytes]) -> bytes:
    """Write the tiles of a log that grows by ``entries``; return the new root.

    Writes no checkpoint. Doing it again with the same entries changes nothing, so a writer that
    was stopped half way simply starts again.

    Raises:
        InconsistentLogError: a tile that is already there holds something else.
        MissingTileError: a tile of the old tree is not in the store.
        LogError: an entry is empty or longer than 65,535 bytes.
    """
    if any(not 0 < len(entry) <= MAX_ENTRY_BYTES for entry in entries):
        raise LogError("an entry is empty or too long")
    new_size = old_size + len(entries)
    _write_entries(store, old_size, entries)
    hashes = [leaf_hash(entry) for entry in entries]
    level = 0
    while hashes:
        hashes = _write_level(store, level, old_size >> (TILE_HEIGHT * level), hashes)
        level += 1
    return TileReader(store, new_size).root()


def _write_entries(store: TileStore, old_size: int, entries: Sequence[bytes]) -> None:
    index, width = divmod(old_size, TILE_WIDTH)
    kept: list[bytes] = []
    if width and entries:
        kept = read_bundle(store.read(entries_path(index, width)), width)
    pending = [*kept, *entries]
    for at in range(0, len(pending), TILE_WIDTH):
        part = pending[at : at + TILE_WIDTH]
        _write_once(store, entries_path(index + at // TILE_WIDTH, len(part)), write_bundle(part))


def _write_level(store: TileStore, level: int, count: int, hashes: Sequence[bytes]) -> list[bytes]:
    """Write one level and return the hashes that it adds to the level above."""
    index, width = divmod(count, TILE_WIDTH)
    kept = split_tile(store.read(tile_path(level, index, width)), width) if width else []
    pending = [*kept, *hashes]
    above: list[bytes] = []
    for at in range(0, len(pending), TILE_WIDTH):
        part = pending[at : at + TILE_WIDTH]
        path = tile_path(level, index + at // TILE_WIDTH, len(part))
        _write_once(store, path, b"".join(part))
        if len(part) == TILE_WIDTH:
            above.append(root(part))
    return above


def _write_once(store: TileStore, path: str, data: bytes) -> None:
    try:
        present = store.read(path)
    except MissingTileError:
        store.write(path, data)
        return
    if present != data:
        raise InconsistentLogError(f"{path} is already there with other content")


class TileReader:
    """A log of ``size`` entries, read from tiles; proofs for any smaller size as well.

    Every method raises ``MissingTileError`` when the store lacks a tile, ``LogError`` when a
    tile is malformed or an index lies outside. It does not compare with a checkpoint: see
    ``LogWriter``.
    """

    def __init__(self, store: TileStore, size: int) -> None:
        self._store = store
        self.size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def _tile(self, level: int, index: int) -> list[bytes]:
        where = (level, index)
        if where not in self._tiles:
            width = tile_width(level, index, self.size)
            if not width:
                raise LogError("subtree lies outside the tree")
            hashes = split_tile(self._store.read(tile_path(level, index, width)), width)
            if len(self._tiles) >= _CACHED_TILES:
                self._tiles.clear()
            self._tiles[where] = hashes
        return self._tiles[where]

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree (see ``merkle.Node``)."""
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        tile = self._tile(tile_level, first // TILE_WIDTH)
        offset = first % TILE_WIDTH
        part = tile[offset : offset + (1 << height)]
        if len(part) != 1 << height:
            raise LogError("subtree is not complete")
        return root(part)

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the first ``size`` entries (default: all)."""
        wanted = self.size if size is None else size
        if not 0 <= wanted <= self.size:
            raise LogError("size lies outside the tree")
        return root_at(wanted, self.node)

    def entry(self, index: int) -> bytes:
        """Return one entry."""
        return self.entries(index, index + 1)[0]

    def entries(self, start: int, end: int) -> list[bytes]:
        """Return entries start..end-1."""
        if not 0 <= start <= end <= self.size:
            raise LogError("entries lie outside the tree")
        found: list[bytes] = []
        for index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
            width = tile_width(0, index, self.size)
            bundle = read_bundle(self._store.read(entries_path(index, width)), width)
            first = index * TILE_WIDTH
            found += bundle[max(start - first, 0) : end - first]
        return found

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return the proof of entry ``index`` in the tree of ``size`` entries (default: all)."""
        wanted = self.size if size is None else size
        if not 0 <= index < wanted <= self.size:
            raise LogError("index lies outside the tree")
        return make_inclusion(index, wanted, self.node)

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Return the proof that the tree of ``old`` entries is a prefix of that of ``new``."""
        wanted = self.size if new is None else new
        if not 0 <= old <= wanted <= self.size:
            raise LogError("sizes out of order")
        return make_consistency(old, wanted, self.node)
