"""Addresses encrypted at rest: AES-256-GCM under a key derived from the installation's secret."""

import json
import secrets
from dataclasses import asdict, dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from market.courier.carriers.base import Recipient

NONCE_BYTES = 12
KEY_BYTES = 32


class SealBrokenError(Exception):
    """Sealed data does not open: another key, another order, or changed bytes."""


def derive_key(secret_key: str, purpose: str) -> bytes:
    """Derive 32 bytes for one purpose from the secret of the installation.

    Source: RFC 5869 (HKDF) with SHA-256; ``purpose`` is the info string.
    """
    hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose.encode())
    return hkdf.derive(secret_key.encode())


@dataclass(frozen=True, slots=True, repr=False)
class AddressSeal:
    """Seals and opens recipients; bound to the order, so that a row moved elsewhere stays shut."""

    key: bytes

    @classmethod
    def from_secret(cls, secret_key: str) -> "AddressSeal":
        """Make the seal of an installation."""
        return cls(derive_key(secret_key, "sunlit/courier/address/v1"))

    def seal(self, recipient: Recipient, *, order_id: UUID) -> bytes:
        """Encrypt: 12 bytes nonce, then ciphertext with its tag."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        plain = json.dumps(asdict(recipient), ensure_ascii=False).encode()
        return nonce + AESGCM(self.key).encrypt(nonce, plain, order_id.bytes)

    def open(self, sealed: bytes, *, order_id: UUID) -> Recipient:
        """Decrypt.

        Raises:
            SealBrokenError: it was not sealed with this key for this order.
        """
        nonce, body = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            plain = AESGCM(self.key).decrypt(nonce, body, order_id.bytes)
        except (InvalidTag, ValueError) as error:
            raise SealBrokenError from error
        return Recipient(**json.loads(plain))
