"""Fields of BLS12-381 in plain Python: Fp2 as pairs, Fp12 as twelve coefficients.

Fp2 = Fp[u]/(u^2+1). Fp12 = Fp[w]/(w^12 - 2 w^6 + 2), so that u = w^6 - 1. Products in Fp12 are one
multiplication of long integers (Kronecker substitution), which Python does fast.

Source: SPEC.md section 8.3; RFC 9380 section 8.8; draft-irtf-cfrg-pairing-friendly-curves.
"""

from functools import cache
from typing import TypeAlias

Fp2: TypeAlias = tuple[int, int]
Fp12: TypeAlias = tuple[int, ...]

P = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB  # noqa: E501
R = 0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001
X_ABS = 0xD201000000010000  # the curve parameter is -X_ABS
_SLOT = 100  # bytes; a coefficient of a product has at most 2*381+4 bits
_DEGREE = 12
ONE: Fp12 = (1,) + (0,) * 11


def add2(a: Fp2, b: Fp2) -> Fp2:
    """Return a + b."""
    return (a[0] + b[0]) % P, (a[1] + b[1]) % P


def sub2(a: Fp2, b: Fp2) -> Fp2:
    """Return a - b."""
    return (a[0] - b[0]) % P, (a[1] - b[1]) % P


def mul2(a: Fp2, b: Fp2) -> Fp2:
    """Return a * b."""
    return (a[0] * b[0] - a[1] * b[1]) % P, (a[0] * b[1] + a[1] * b[0]) % P


def scale2(a: Fp2, factor: int) -> Fp2:
    """Return a times a number."""
    return a[0] * factor % P, a[1] * factor % P


def inverse2(a: Fp2) -> Fp2:
    """Return 1/a; a is not zero."""
    norm = pow(a[0] * a[0] + a[1] * a[1], -1, P)
    return a[0] * norm % P, -a[1] * norm % P


def sqrt2(a: Fp2) -> Fp2 | None:
    """Return a square root in Fp2, or None when there is none."""
    if a[1] == 0:
        root = sqrt(a[0])
        if root is not None:
            return root, 0
        root = sqrt(-a[0] % P)
        return None if root is None else (0, root)
    norm = sqrt((a[0] * a[0] + a[1] * a[1]) % P)
    if norm is None:
        return None
    half = pow(2, -1, P)
    for sign in (norm, -norm):
        real = sqrt((a[0] + sign) * half % P)
        if real:
            return real, a[1] * half * pow(real, -1, P) % P
    return None


def sqrt(a: int) -> int | None:
    """Return a square root in Fp, or None when there is none (P is 3 mod 4)."""
    root = pow(a, (P + 1) // 4, P)
    return root if root * root % P == a % P else None


def _pack(a: Fp12) -> int:
    return int.from_bytes(b"".join(x.to_bytes(_SLOT, "little") for x in a), "little")


def mul12(a: Fp12, b: Fp12) -> Fp12:
    """Return a * b."""
    data = (_pack(a) * _pack(b)).to_bytes(_SLOT * 24, "little")
    c = [int.from_bytes(data[at : at + _SLOT], "little") for at in range(0, _SLOT * 23, _SLOT)]
    for degree in range(22, 11, -1):  # w^12 = 2 w^6 - 2, from the top down
        c[degree - 6] += 2 * c[degree]
        c[degree - 12] -= 2 * c[degree]
    return tuple(x % P for x in c[:_DEGREE])


def square12(a: Fp12) -> Fp12:
    """Return a * a."""
    return mul12(a, a)


def conjugate12(a: Fp12) -> Fp12:
    """Return a^(P^6), which is 1/a when a has norm one over Fp6."""
    return tuple(-x % P if at % 2 else x for at, x in enumerate(a))


def embed(a: Fp2, shift: int = 0) -> list[int]:
    """Return a * w^shift as twelve coefficients; ``shift`` is 0..5."""
    out = [0] * _DEGREE
    out[shift] = (a[0] - a[1]) % P
    out[shift + 6] = a[1]
    return out


@cache
def _frobenius_rows() -> tuple[Fp12, ...]:
    step = pow12((0, 1) + (0,) * 10, P)  # w^P
    rows = [ONE]
    for _ in range(_DEGREE - 1):
        rows.append(mul12(rows[-1], step))
    return tuple(rows)


def frobenius12(a: Fp12) -> Fp12:
    """Return a^P."""
    rows = _frobenius_rows()
    return tuple(
        sum(x * row[at] for x, row in zip(a, rows, strict=True)) % P for at in range(_DEGREE)
    )


def pow12(a: Fp12, exponent: int) -> Fp12:
    """Return a^exponent for a positive exponent."""
    result = a
    for bit in bin(exponent)[3:]:
        result = square12(result)
        if bit == "1":
            result = mul12(result, a)
    return result


def inverse12(a: Fp12) -> Fp12:
    """Return 1/a through the norm to Fp; a is not zero."""
    others, power = ONE, a
    for _ in range(_DEGREE - 1):
        power = frobenius12(power)
        others = mul12(others, power)
    norm = mul12(a, others)[0]
    factor = pow(norm, -1, P)
    return tuple(x * factor % P for x in others)
