"""Ed25519: signing with ``cryptography``, checking with it or in plain Python.

Both checks compare the encoding of R, refuse S >= L, and refuse keys that are not a canonical
point of large order, so they accept the same signatures.

Source: RFC 8032 section 5.1.
"""

import hashlib
from functools import lru_cache
from typing import TypeAlias

from lottery.errors import LogError

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ed25519
except ImportError:  # the standalone verifier
    ed25519 = None  # type: ignore[assignment]

Point: TypeAlias = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T

KEY_BYTES = 32
SIGNATURE_BYTES = 64
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
_ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
_NEUTRAL: Point = (0, 1, 1, 0)
HAS_FAST = ed25519 is not None


def public_key(seed: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte seed.

    Raises:
        LogError: the seed has another length.
    """
    return _private(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the 64-byte signature of a message.

    Raises:
        LogError: the seed has another length.
    """
    return _private(seed).sign(message)


def _private(seed: bytes) -> "ed25519.Ed25519PrivateKey":
    if len(seed) != KEY_BYTES:
        raise LogError("signing seed is not 32 bytes long")
    return ed25519.Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=4096)
def is_valid(key: bytes, message: bytes, signature: bytes, *, plain: bool = False) -> bool:
    """Tell whether a signature is valid; malformed input is simply not valid."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES or not is_key(key):
        return False
    if plain or not HAS_FAST:
        return _plain(key, message, signature)
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=1024)
def is_key(key: bytes) -> bool:
    """Tell whether 32 bytes are the canonical encoding of a point whose order is not small."""
    if len(key) != KEY_BYTES:
        return False
    point = _decode(key)
    return point is not None and not _same(_multiply(8, point), _NEUTRAL)


def _plain(key: bytes, message: bytes, signature: bytes) -> bool:
    point = _decode(key)
    s = int.from_bytes(signature[32:], "little")
    if point is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % L
    negated = (-point[0] % P, point[1], point[2], -point[3] % P)
    found = _add(_multiply(s, _base()), _multiply(k, negated))
    return _encode(found) == signature[:32]


def _add(a: Point, b: Point) -> Point:
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def _multiply(factor: int, point: Point) -> Point:
    result = _NEUTRAL
    while factor:
        if factor & 1:
            result = _add(result, point)
        point = _add(point, point)
        factor >>= 1
    return result


def _same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    x = _x_of(y)
    if x is None or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _x_of(y: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * _ROOT_OF_MINUS_ONE % P
    return x if (x * x - square) % P == 0 else None


@lru_cache(maxsize=1)
def _base() -> Point:
    y = 4 * pow(5, -1, P) % P
    x = _x_of(y) or 0
    if x & 1:
        x = P - x
    return x, y, 1, x * y % P
