"""Signed notes and verification keys.

Source: SPEC.md section 9.1; c2sp.org/signed-note.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from lottery import ed25519
from lottery.encoding import sha256
from lottery.errors import LogError

ED25519 = 0x01
COSIGNATURE = 0x04
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_NAME = re.compile(r"[^\s+]{1,255}")
_SIGNATURE = re.compile(r"\u2014 (\S+) (\S+)")
_VKEY = re.compile(r"([^\s+]{1,255})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]{1,400})")


def encode64(data: bytes) -> str:
    """Return standard base64 with padding."""
    return base64.b64encode(data).decode()


def decode64(text: str) -> bytes:
    """Read standard base64 with padding, one spelling only.

    Raises:
        LogError: otherwise.
    """
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise LogError("not base64") from error
    if encode64(data) != text:
        raise LogError("base64 is not in its normal form")
    return data


def key_id(name: str, kind: int, key: bytes) -> bytes:
    """Return the 4-byte id of a key."""
    return sha256(name.encode() + b"\n" + bytes([kind]) + key)[:4]


def make_vkey(name: str, kind: int, key: bytes) -> str:
    """Return the text form of a verification key: ``name+hex(key id)+base64(kind || key)``."""
    return f"{name}+{key_id(name, kind, key).hex()}+{encode64(bytes([kind]) + key)}"


def parse_vkey(vkey: str) -> tuple[str, int, bytes]:
    """Read a verification key; return name, kind (1 log, 4 cosigner) and 32 bytes.

    Raises:
        LogError: malformed, key id does not fit, unknown kind, or a weak key.
    """
    found = _VKEY.fullmatch(vkey)
    if not found:
        raise LogError("verification key is malformed")
    name, identifier, data = found.group(1), found.group(2), decode64(found.group(3))
    kind, key = data[0], data[1:]
    if kind not in {ED25519, COSIGNATURE} or not ed25519.is_key(key):
        raise LogError("verification key of unknown kind or weak")
    if key_id(name, kind, key).hex() != identifier:
        raise LogError("key id does not fit the verification key")
    return name, kind, key


@dataclass(frozen=True)
class Signature:
    """One signature line: key name, 4-byte key id, the bytes after it."""

    name: str
    key_id: bytes
    body: bytes

    def line(self) -> str:
        """Return the line without its LF."""
        return f"\u2014 {self.name} {encode64(self.key_id + self.body)}"


@dataclass(frozen=True)
class Note:
    """A text that ends in LF, and the signature lines under it, unchecked."""

    text: str
    signatures: tuple[Signature, ...]

    def to_bytes(self) -> bytes:
        """Return the note."""
        tail = "".join(item.line() + "\n" for item in self.signatures)
        return f"{self.text}\n{tail}".encode()

    def with_signatures(self, extra: Iterable[Signature]) -> "Note":
        """Return the note with signatures added that it does not have yet."""
        new = tuple(item for item in extra if item not in self.signatures)
        return Note(self.text, self.signatures + new)


class Verifier(Protocol):
    """One known key."""

    @property
    def name(self) -> str:
        """Key name."""
        ...

    @property
    def key_id(self) -> bytes:
        """4 bytes."""
        ...

    def is_valid(self, text: str, body: bytes) -> bool:
        """Tell whether ``body`` is this key's signature of ``text``."""
        ...


@dataclass(frozen=True)
class NoteVerifier:
    """An Ed25519 key that signs note texts."""

    name: str
    key: bytes
    plain: bool = False

    @classmethod
    def from_vkey(cls, vkey: str, *, plain: bool = False) -> "NoteVerifier":
        """Read a log's verification key.

        Raises:
            LogError: malformed, or not a log key.
        """
        name, kind, key = parse_vkey(vkey)
        if kind != ED25519:
            raise LogError("not a log key")
        return cls(name, key, plain)

    @property
    def key_id(self) -> bytes:
        """Return the 4-byte key id."""
        return key_id(self.name, ED25519, self.key)

    def is_valid(self, text: str, body: bytes) -> bool:
        """Tell whether ``body`` is this key's signature of ``text``."""
        return ed25519.is_valid(self.key, text.encode(), body, plain=self.plain)


class NoteSigner:
    """An Ed25519 key that signs note texts; for a log, its name is the origin.

    Args:
        name: key name, without spaces and plus signs.
        seed: 32 secret bytes.

    Raises:
        LogError: name or seed is not allowed.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        if not _NAME.fullmatch(name):
            raise LogError("key name is not allowed")
        self.name = name
        self._seed = seed
        self._key = ed25519.public_key(seed)

    @property
    def vkey(self) -> str:
        """Return the verification key to publish."""
        return make_vkey(self.name, ED25519, self._key)

    def verifier(self) -> NoteVerifier:
        """Return the checking side of this key."""
        return NoteVerifier(self.name, self._key)

    def sign(self, text: str) -> Signature:
        """Sign a note text, which must end in LF."""
        identifier = key_id(self.name, ED25519, self._key)
        return Signature(self.name, identifier, ed25519.sign(self._seed, text.encode()))


def sign_note(text: str, signers: Sequence[NoteSigner]) -> Note:
    """Return a note signed by all signers.

    Raises:
        LogError: the text does not end in LF or holds other control characters.
    """
    _require_text(text)
    return Note(text, tuple(signer.sign(text) for signer in signers))


def _require_text(text: str) -> None:
    if not text.endswith("\n") or _FORBIDDEN.search(text):
        raise LogError("note text has no final LF or holds a control character")


def parse_note(data: bytes) -> Note:
    """Read a note without checking its signatures.

    Raises:
        LogError: malformed; more than 1 MB or 100 signatures.
    """
    if len(data) > MAX_NOTE_BYTES:
        raise LogError("note is too long")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise LogError("note is not UTF-8") from error
    text, separator, tail = whole.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise LogError("note has no signature block")
    text += "\n"
    _require_text(text)
    rows = tail[:-1].split("\n")
    if len(rows) > MAX_SIGNATURES:
        raise LogError("note has too many signatures")
    return Note(text, tuple(parse_signature(row) for row in rows))


def parse_signature(row: str) -> Signature:
    """Read one signature line without its LF.

    Raises:
        LogError: malformed.
    """
    found = _SIGNATURE.fullmatch(row)
    if not found or not _NAME.fullmatch(found.group(1)):
        raise LogError("signature line is malformed")
    data = decode64(found.group(2))
    if len(data) < 5:
        raise LogError("signature is too short")
    return Signature(found.group(1), data[:4], data[4:])


def check_note(note: Note, verifiers: Sequence[Verifier]) -> list[Signature]:
    """Return the signatures by known keys, one per key; unknown keys are passed over.

    Raises:
        LogError: the signature of a known key is not valid: the whole note is refused.
    """
    known = {(item.name, item.key_id): item for item in verifiers}
    found: dict[tuple[str, bytes], Signature] = {}
    for signature in note.signatures:
        where = (signature.name, signature.key_id)
        if where not in known or where in found:
            continue
        if not known[where].is_valid(note.text, signature.body):
            raise LogError(f"signature of {signature.name} is not valid")
        found[where] = signature
    return list(found.values())


def open_note(data: bytes, verifiers: Sequence[Verifier]) -> tuple[Note, list[Signature]]:
    """Read a note that at least one known key signed.

    Raises:
        LogError: malformed, a known key's signature is wrong, or none is known.
    """
    note = parse_note(data)
    found = check_note(note, verifiers)
    if not found:
        raise LogError("note is signed by no known key")
    return note, found
