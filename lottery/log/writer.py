"""The one writer of a log: tiles first, then a checkpoint, and never an inconsistent one.

Source: SPEC.md section 9.5.
"""

from collections.abc import Callable, Iterable, Sequence

from lottery.errors import InconsistentLogError, LogError, LotteryError, MissingTileError
from lottery.log.checkpoint import Checkpoint, open_checkpoint
from lottery.log.note import Note, NoteSigner, Signature, parse_note, sign_note
from lottery.log.proof import TlogProof
from lottery.log.store import CHECKPOINT_PATH, TileStore
from lottery.log.tree import TileReader, integrate
from lottery.merkle import EMPTY_ROOT, verify_consistency

Cosign = Callable[[str], Iterable[Signature]]
"""Checkpoint text -> cosignatures gathered before it is published."""


class LogWriter:
    """Holds the signing key and the store of one log.

    A writer that died at any point is replaced by a new one that extends with the same entries.
    Two writers at once are harmless: the store's lock orders them, and the second finds its
    entries already there.

    Args:
        store: where tiles and checkpoint lie.
        signer: the log's key; its name is the origin.
    """

    def __init__(self, store: TileStore, signer: NoteSigner) -> None:
        self._store = store
        self._signer = signer
        self.origin = signer.name

    def create(self, cosign: Cosign | None = None) -> bytes:
        """Publish the checkpoint of the empty log, unless there is a checkpoint; return it."""
        with self._store.exclusive():
            try:
                return self._store.read(CHECKPOINT_PATH)
            except MissingTileError:
                return self._publish(Checkpoint(self.origin, 0, EMPTY_ROOT), cosign)

    def note(self) -> bytes:
        """Return the published checkpoint note.

        Raises:
            MissingTileError: the log was not created.
        """
        return self._store.read(CHECKPOINT_PATH)

    def checkpoint(self) -> Checkpoint:
        """Return the published checkpoint, checked against the log's key.

        Raises:
            InconsistentLogError: it is malformed or not signed by this key.
            MissingTileError: the log was not created.
        """
        try:
            return open_checkpoint(self.note(), self._signer.verifier())[0]
        except MissingTileError:
            raise
        except LotteryError as error:
            raise InconsistentLogError(f"stored checkpoint: {error}") from error

    def reader(self) -> TileReader:
        """Return the tiles up to the published checkpoint."""
        return TileReader(self._store, self.checkpoint().size)

    def extend(
        self, entries: Sequence[bytes], *, start: int, cosign: Cosign | None = None
    ) -> bytes:
        """Make the log hold ``entries`` from index ``start`` on; return the checkpoint note.

        Entries that are already there must be equal; the new ones are integrated, then the
        checkpoint is signed, cosigned if asked, and published.

        Raises:
            InconsistentLogError: tiles, checkpoint and entries contradict each other; nothing
                was signed.
            LogError: ``start`` lies after the end of the log.
        """
        with self._store.exclusive():
            before = self.checkpoint()
            reader = self._require_consistent(before)
            if not 0 <= start <= before.size:
                raise LogError("entries would leave a gap in the log")
            present = entries[: before.size - start]
            if reader.entries(start, start + len(present)) != list(present):
                raise InconsistentLogError("an entry differs from the one in the log")
            fresh = entries[before.size - start :]
            if not fresh:
                return self.note()
            return self._publish(self._grow(before, fresh), cosign)

    def _require_consistent(self, before: Checkpoint) -> TileReader:
        reader = TileReader(self._store, before.size)
        try:
            if reader.root() == before.root:
                return reader
        except LotteryError as error:
            raise InconsistentLogError(f"stored tiles: {error}") from error
        raise InconsistentLogError("stored tiles do not lead to the stored checkpoint")

    def _grow(self, before: Checkpoint, fresh: Sequence[bytes]) -> Checkpoint:
        root = integrate(self._store, before.size, fresh)
        after = Checkpoint(self.origin, before.size + len(fresh), root)
        path = TileReader(self._store, after.size).consistency(before.size)
        try:
            verify_consistency(before.size, after.size, path, before.root, after.root)
        except LotteryError as error:
            raise InconsistentLogError("new tree does not contain the old one") from error
        return after

    def _publish(self, checkpoint: Checkpoint, cosign: Cosign | None) -> bytes:
        note = sign_note(checkpoint.text(), [self._signer])
        if cosign is not None:
            note = note.with_signatures(cosign(note.text))
        data = note.to_bytes()
        self._store.write(CHECKPOINT_PATH, data)
        return data

    def add_cosignatures(self, text: str, signatures: Iterable[Signature]) -> bytes:
        """Add cosignatures to the published checkpoint if it still has this text; return it.

        The caller has checked them (``WitnessPolicy.evaluate``).
        """
        with self._store.exclusive():
            note = parse_note(self.note())
            if note.text != text:
                return note.to_bytes()
            data = note.with_signatures(signatures).to_bytes()
            self._store.write(CHECKPOINT_PATH, data)
            return data

    def receipt(self, index: int, note: bytes | None = None) -> TlogProof:
        """Return the proof of an entry against a checkpoint note (default: the published one).

        Raises:
            LogError: the note is not this log's, or does not cover the entry.
        """
        data = self.note() if note is None else note
        checkpoint, _ = open_checkpoint(data, self._signer.verifier())
        path = self.reader().inclusion(index, checkpoint.size)
        return TlogProof(index, tuple(path), data)


def merge_notes(first: bytes, second: bytes) -> bytes:
    """Return one note with the signatures of both.

    Raises:
        LogError: malformed, or the texts differ.
    """
    left, right = parse_note(first), parse_note(second)
    if left.text != right.text:
        raise LogError("notes have different texts")
    return Note(left.text, left.signatures).with_signatures(right.signatures).to_bytes()
