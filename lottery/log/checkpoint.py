"""Checkpoints: the signed size and root of a log.

Source: SPEC.md section 9.2; c2sp.org/tlog-checkpoint.
"""

from dataclasses import dataclass

from lottery.encoding import decimal, parse_decimal
from lottery.errors import LogError, LotteryError
from lottery.log.note import Note, NoteVerifier, check_note, decode64, encode64, parse_note
from lottery.merkle import EMPTY_ROOT, HASH_BYTES


@dataclass(frozen=True)
class Checkpoint:
    """Origin line, number of entries, 32-byte root."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the three lines that are signed."""
        return f"{self.origin}\n{decimal(self.size)}\n{encode64(self.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a checkpoint text; extension lines are refused, this log writes none.

    Raises:
        LogError: malformed, or an empty log with another root.
    """
    rows = text.split("\n")
    if len(rows) != 4 or rows[3] or not rows[0]:
        raise LogError("checkpoint does not have three lines")
    try:
        size = parse_decimal(rows[1])
    except LotteryError as error:
        raise LogError("checkpoint size is malformed") from error
    root = decode64(rows[2])
    if len(root) != HASH_BYTES or (size == 0 and root != EMPTY_ROOT):
        raise LogError("checkpoint root is malformed")
    return Checkpoint(rows[0], size, root)


def open_checkpoint(data: bytes, log: NoteVerifier) -> tuple[Checkpoint, Note]:
    """Read a checkpoint note that the log signed; cosignatures are not checked here.

    Raises:
        LogError: malformed, not signed by the log's key, or of another origin.
    """
    note = parse_note(data)
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise LogError("checkpoint is of another log")
    if not check_note(note, [log]):
        raise LogError("checkpoint is not signed by the log's key")
    return checkpoint, note
