"""Proofs that travel: one entry's inclusion together with the checkpoint it leads to.

Source: SPEC.md section 9.6; c2sp.org/tlog-proof.
"""

from dataclasses import dataclass

from lottery.encoding import decimal, parse_decimal
from lottery.errors import LogError, LotteryError
from lottery.log.checkpoint import Checkpoint, open_checkpoint
from lottery.log.note import MAX_NOTE_BYTES, Note, NoteVerifier, decode64, encode64
from lottery.merkle import HASH_BYTES, leaf_hash, verify_inclusion

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63


@dataclass(frozen=True)
class TlogProof:
    """Index of the entry, audit path (leaf side first), checkpoint note, optional extra bytes."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes = b""

    def to_bytes(self) -> bytes:
        """Return the text form."""
        rows = [HEADER]
        if self.extra:
            rows.append(f"extra {encode64(self.extra)}")
        rows.append(f"index {decimal(self.index)}")
        rows += [encode64(item) for item in self.path]
        return ("\n".join(rows) + "\n\n").encode() + self.checkpoint


def parse_proof(data: bytes) -> TlogProof:
    """Read a proof without checking it.

    Raises:
        LogError: malformed.
    """
    if len(data) > 2 * MAX_NOTE_BYTES:
        raise LogError("proof is too long")
    head, separator, checkpoint = data.partition(b"\n\n")
    try:
        rows = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise LogError("proof is malformed") from error
    if not separator or rows[0] != HEADER:
        raise LogError("not a proof of the known version")
    extra = b""
    if len(rows) > 1 and rows[1].startswith("extra "):
        extra = decode64(rows.pop(1)[len("extra ") :])
    if len(rows) < 2 or not rows[1].startswith("index ") or len(rows) > 2 + MAX_PATH:
        raise LogError("proof has no index or is too long")
    try:
        index = parse_decimal(rows[1][len("index ") :])
    except LotteryError as error:
        raise LogError("proof index is malformed") from error
    path = tuple(decode64(row) for row in rows[2:])
    if any(len(item) != HASH_BYTES for item in path):
        raise LogError("a hash of the proof is not 32 bytes long")
    return TlogProof(index, path, checkpoint, extra)


def verify_proof(proof: TlogProof, entry: bytes, log: NoteVerifier) -> tuple[Checkpoint, Note]:
    """Check that the log holds ``entry`` at the proof's index; return the checkpoint and its note.

    Cosignatures are not checked here (see ``log.policy``).

    Raises:
        LogError: the checkpoint or the path does not verify.
    """
    checkpoint, note = open_checkpoint(proof.checkpoint, log)
    try:
        verify_inclusion(
            leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root
        )
    except LotteryError as error:
        raise LogError(str(error)) from error
    return checkpoint, note
