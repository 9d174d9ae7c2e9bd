"""Groups G1 and G2 of BLS12-381 in plain Python: decompression, subgroup, hash to G1.

Source: SPEC.md section 8.3; RFC 9380 sections 5.3.1, 6.6.3 and 8.8.1.
"""

import hashlib
from typing import TypeAlias

from lottery.entropy.bls_field import (
    X_ABS,
    Fp2,
    P,
    R,
    add2,
    inverse2,
    mul2,
    scale2,
    sqrt,
    sqrt2,
    sub2,
)
from lottery.errors import BeaconError

G1: TypeAlias = tuple[int, int]
G2: TypeAlias = tuple[Fp2, Fp2]

G1_BYTES = 48
G2_BYTES = 96
_HALF = (P - 1) // 2
_COMPRESSED, _INFINITY, _SIGN = 0x80, 0x40, 0x20
_B2: Fp2 = (4, 4)  # the twist is y^2 = x^3 + 4(1+u)

# The curve y^2 = x^3 + A x + B of RFC 9380 section 8.8.1 and its 11-isogeny to y^2 = x^3 + 4.
# The isogeny is fixed by the polynomial over its kernel: the only factor of degree five of the
# 11-division polynomial that has all its roots in Fp; lowest coefficient first.
_ISO_A = (
    0x144698A3B8E9433D693A02C96D4982B0EA985383EE66A8D8E8981AEFD881AC98936F8DA0E0F97F5CF428082D584C1D
)
_ISO_B = 0x12E2908D11688030018B12E8753EEE3B2016C1F0F24F4070A0B9C14FCEF35EF55A23215A316CEAA5D1CC48E98E172BE0  # noqa: E501
_ISO_Z = 11
_KERNEL = (
    0x133341FB0962A34CB0504A9C4FADA0A5090D38679B4C040D5D1C3AFB023A3409FCC0815FEA66D8B02BBEF9C8B5A66E07,
    0x264908AF037BCEDE00D054CF5D4775E83EB6CF63C76B969F8ED174FB59FCFF78D201F46F6CFC4ED6552E59CE75177B0,
    0x1335C502C1F54C49ACEEA65E87FD7203BA0F626F305FC0CFD606A5DAE9F3C8E81A4B3B69600129FABD307C69BF319D39,
    0x94440F65F408A6E930E16E3E92DD17BF60D6E9679A8D3D58593DE55AC23703042D609537EB3549AAC234D896CA82944,
    0x4AFE09D5CF4956A23B6B71F59D2B3407B415A774B7BE81BBB6FA99CBC798E0AC98BA725A5BC328016B1C268B4766E85,
    1,
)
_INVERSE_11 = pow(11, -1, P)


def add1(a: G1 | None, b: G1 | None) -> G1 | None:
    """Add two points of G1's curve; None is the point at infinity."""
    return _add1(a, b, 0)


def _add1(a: G1 | None, b: G1 | None, coefficient: int) -> G1 | None:
    if a is None or b is None:
        return b if a is None else a
    if a[0] != b[0]:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    elif a[1] == b[1] and a[1]:
        slope = (3 * a[0] * a[0] + coefficient) * pow(2 * a[1], -1, P) % P
    else:
        return None
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def multiply1(point: G1 | None, factor: int) -> G1 | None:
    """Multiply a point of G1's curve by a positive number."""
    result: G1 | None = None
    for bit in f"{factor:b}":
        result = add1(result, result)
        if bit == "1":
            result = add1(result, point)
    return result


def slope2(a: G2, b: G2) -> Fp2 | None:
    """Return the slope of the line through two points of the twist (tangent when equal)."""
    if a[0] != b[0]:
        return mul2(sub2(b[1], a[1]), inverse2(sub2(b[0], a[0])))
    if a[1] == b[1] and a[1] != (0, 0):
        return mul2(scale2(mul2(a[0], a[0]), 3), inverse2(scale2(a[1], 2)))
    return None


def add2_points(a: G2 | None, b: G2 | None) -> G2 | None:
    """Add two points of the twist; None is the point at infinity."""
    if a is None or b is None:
        return b if a is None else a
    slope = slope2(a, b)
    if slope is None:
        return None
    x = sub2(sub2(mul2(slope, slope), a[0]), b[0])
    return x, sub2(mul2(slope, sub2(a[0], x)), a[1])


def _multiply2(point: G2, factor: int) -> G2 | None:
    result: G2 | None = None
    for bit in f"{factor:b}":
        result = add2_points(result, result)
        if bit == "1":
            result = add2_points(result, point)
    return result


def _flags(data: bytes, length: int) -> tuple[bool, bytes]:
    """Split off the three flag bits; return the sign and the bytes of x."""
    if len(data) != length:
        raise BeaconError(f"point is not {length} bytes long")
    if not data[0] & _COMPRESSED:
        raise BeaconError("point is not in compressed form")
    if data[0] & _INFINITY:
        raise BeaconError("point at infinity")
    return bool(data[0] & _SIGN), bytes([data[0] & 0x1F]) + data[1:]


def decompress1(data: bytes) -> G1:
    """Read 48 bytes as a point of G1 other than infinity.

    Raises:
        BeaconError: length, flags, x not reduced, not on the curve, or not in the subgroup.
    """
    sign, body = _flags(data, G1_BYTES)
    x = int.from_bytes(body, "big")
    y = sqrt((x * x * x + 4) % P) if x < P else None
    if y is None:
        raise BeaconError("signature is not a point of the curve")
    point = (x, P - y if (y > _HALF) != sign else y)
    if multiply1(point, R) is not None:
        raise BeaconError("signature is not in the subgroup")
    return point


def decompress2(data: bytes) -> G2:
    """Read 96 bytes as a point of G2 other than infinity.

    Raises:
        BeaconError: as for ``decompress1``.
    """
    sign, body = _flags(data, G2_BYTES)
    x = (int.from_bytes(body[48:], "big"), int.from_bytes(body[:48], "big"))
    y = sqrt2(add2(mul2(mul2(x, x), x), _B2)) if max(x) < P else None
    if y is None:
        raise BeaconError("public key is not a point of the curve")
    larger = (y[1] or y[0]) > _HALF
    point = (x, sub2((0, 0), y) if larger != sign else y)
    if _multiply2(point, R) is not None:
        raise BeaconError("public key is not in the subgroup")
    return point


def hash_to_g1(message: bytes, dst: bytes) -> G1:
    """Hash a message to a point of G1 (suite BLS12381G1_XMD:SHA-256_SSWU_RO).

    Raises:
        BeaconError: the point is infinity, which nobody can make happen.
    """
    stream = _expand(message, dst, 128)
    u0, u1 = (int.from_bytes(stream[at : at + 64], "big") % P for at in (0, 64))
    # The isogeny respects addition, so it is applied once, to the sum.
    total = _add1(_map_to_iso(u0), _map_to_iso(u1), _ISO_A)
    point = None if total is None else multiply1(_isogeny(total), X_ABS + 1)
    if point is None:
        raise BeaconError("message hashes to infinity")
    return point


def _expand(message: bytes, dst: bytes, length: int) -> bytes:
    """expand_message_xmd of RFC 9380 with SHA-256."""
    suffix = dst + bytes([len(dst)])
    first = hashlib.sha256(bytes(64) + message + length.to_bytes(2, "big") + b"\0" + suffix)
    b0 = first.digest()
    block = hashlib.sha256(b0 + b"\x01" + suffix).digest()
    blocks = [block]
    for counter in range(2, length // 32 + 1):
        mixed = bytes(x ^ y for x, y in zip(b0, block, strict=True))
        block = hashlib.sha256(mixed + bytes([counter]) + suffix).digest()
        blocks.append(block)
    return b"".join(blocks)


def _map_to_iso(u: int) -> G1:
    """Simplified SWU map to the isogenous curve (RFC 9380 section 6.6.2)."""
    zu2 = _ISO_Z * u * u % P
    denominator = (zu2 * zu2 + zu2) % P
    if denominator:
        x = -_ISO_B * pow(_ISO_A, -1, P) * (1 + pow(denominator, -1, P)) % P
    else:
        x = _ISO_B * pow(_ISO_Z * _ISO_A, -1, P) % P
    y = sqrt(_iso_curve(x))
    if y is None:
        x = zu2 * x % P
        y = sqrt(_iso_curve(x))
    if y is None:
        raise BeaconError("hash to curve failed")
    return x, P - y if y % 2 != u % 2 else y


def _iso_curve(x: int) -> int:
    return (x * x * x + _ISO_A * x + _ISO_B) % P


def _isogeny(point: G1) -> G1 | None:
    """Map to y^2 = x^3 + 4 with Kohel's formulas, from the kernel polynomial h.

    With g = h'/h: x goes to 11 x - 2 s - 2 f' g - 4 f g', where s is the sum of the roots of h and
    f the curve polynomial; y goes to y times the derivative; then both are scaled by 11.
    """
    x, y = point
    h, h1, h2, h3 = _derivatives(x)
    if h == 0:
        return None
    inverse = pow(h, -1, P)
    g = h1 * inverse % P
    g1 = (h2 * inverse - g * g) % P
    g2 = (h3 * inverse - h2 * h1 * inverse * inverse - 2 * g * g1) % P
    f, f1, f2 = _iso_curve(x), 3 * x * x + _ISO_A, 6 * x
    image = 11 * x + 2 * _KERNEL[4] - 2 * f1 * g - 4 * f * g1
    slope = 11 - 2 * f2 * g - 6 * f1 * g1 - 4 * f * g2
    return image * _INVERSE_11**2 % P, y * slope * _INVERSE_11**3 % P


def _derivatives(x: int) -> tuple[int, int, int, int]:
    """Return the kernel polynomial and its first three derivatives at x."""
    value = first = second = third = 0
    for coefficient in reversed(_KERNEL):
        third = (third * x + second) % P
        second = (second * x + first) % P
        first = (first * x + value) % P
        value = (value * x + coefficient) % P
    return value, first, 2 * second % P, 6 * third % P
