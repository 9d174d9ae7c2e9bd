"""Witness cosignatures with a time.

Source: SPEC.md section 9.3; c2sp.org/tlog-cosignature, cosignature/v1.
"""

from dataclasses import dataclass

from lottery import ed25519
from lottery.encoding import decimal
from lottery.errors import LogError
from lottery.log.checkpoint import parse_checkpoint
from lottery.log.note import COSIGNATURE, NoteSigner, Signature, key_id, make_vkey, parse_vkey

_TIME_BYTES = 8
_MAX_TIME = 253_402_300_799  # last second of the year 9999


def _message(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {decimal(at)}\n{text}".encode()


@dataclass(frozen=True)
class CosignVerifier:
    """A witness's key."""

    name: str
    key: bytes
    plain: bool = False

    @classmethod
    def from_vkey(cls, vkey: str, *, plain: bool = False) -> "CosignVerifier":
        """Read a witness's verification key.

        Raises:
            LogError: malformed, or not a witness key.
        """
        name, kind, key = parse_vkey(vkey)
        if kind != COSIGNATURE:
            raise LogError("not a witness key")
        return cls(name, key, plain)

    @property
    def key_id(self) -> bytes:
        """Return the 4-byte key id."""
        return key_id(self.name, COSIGNATURE, self.key)

    def is_valid(self, text: str, body: bytes) -> bool:
        """Tell whether ``body`` (time and signature) is this witness's cosignature of ``text``."""
        at = int.from_bytes(body[:_TIME_BYTES], "big")
        if len(body) != _TIME_BYTES + ed25519.SIGNATURE_BYTES or not 0 < at <= _MAX_TIME:
            return False
        message = _message(text, at)
        return ed25519.is_valid(self.key, message, body[_TIME_BYTES:], plain=self.plain)


def cosigned_at(signature: Signature) -> int:
    """Return the POSIX seconds inside a cosignature."""
    return int.from_bytes(signature.body[:_TIME_BYTES], "big")


class Cosigner:
    """A witness key. It signs what it is given: checking consistency first is the caller's duty.

    Args:
        name: key name, without spaces and plus signs.
        seed: 32 secret bytes.
    """

    def __init__(self, name: str, seed: bytes) -> None:
        NoteSigner(name, seed)  # the same rules for name and seed
        self.name = name
        self._seed = seed
        self._key = ed25519.public_key(seed)

    @property
    def vkey(self) -> str:
        """Return the verification key to publish."""
        return make_vkey(self.name, COSIGNATURE, self._key)

    def verifier(self) -> CosignVerifier:
        """Return the checking side of this key."""
        return CosignVerifier(self.name, self._key)

    def cosign(self, text: str, at: int) -> Signature:
        """Cosign a checkpoint text at POSIX seconds ``at``.

        Raises:
            LogError: the text is no checkpoint, or the time is out of range.
        """
        parse_checkpoint(text)
        if not 0 < at <= _MAX_TIME:
            raise LogError("cosigning time is out of range")
        body = at.to_bytes(_TIME_BYTES, "big") + ed25519.sign(self._seed, _message(text, at))
        return Signature(self.name, key_id(self.name, COSIGNATURE, self._key), body)
