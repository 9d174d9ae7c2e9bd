"""Keep the operator's secret and the entrants' nonces unreadable in the database."""

import base64
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
PURPOSE = b"sunlit/draws/sealing/v1"


class SealBrokenError(Exception):
    """The sealed text was changed, belongs to another place, or the key is another one."""


@dataclass(frozen=True, slots=True)
class Sealer:
    """AES-256-GCM under one key; each text is bound to the place where it is kept."""

    key: bytes = field(repr=False)  # 32 bytes

    @classmethod
    def from_secret(cls, secret: str) -> "Sealer":
        """Derive the key from the secret of the installation."""
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=PURPOSE)
        return cls(derive.derive(secret.encode()))

    def seal(self, plain: bytes, *, place: str) -> str:
        """Return base64 of a fresh 12-byte nonce and the ciphertext."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = AESGCM(self.key).encrypt(nonce, plain, place.encode())
        return base64.b64encode(nonce + sealed).decode()

    def unseal(self, sealed: str, *, place: str) -> bytes:
        """Return what was sealed for ``place``.

        Raises:
            SealBrokenError: anything but exactly that.
        """
        try:
            raw = base64.b64decode(sealed, validate=True)
            return AESGCM(self.key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError(place) from error
