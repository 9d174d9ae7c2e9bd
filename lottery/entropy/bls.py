"""BLS signature check on BLS12-381, signatures in G1 (48 bytes), keys in G2 (96 bytes).

Two independent ways: ``verify_plain`` needs the standard library only, ``verify_fast`` uses the
package ``pyblst`` where it is installed. Both accept exactly the same signatures.

Source: SPEC.md section 8.3.
"""

from functools import lru_cache

from lottery.entropy.bls_curve import (
    G1,
    G2,
    add2_points,
    decompress1,
    decompress2,
    hash_to_g1,
    slope2,
)
from lottery.entropy.bls_field import (
    ONE,
    X_ABS,
    Fp2,
    Fp12,
    P,
    conjugate12,
    embed,
    frobenius12,
    inverse12,
    mul2,
    mul12,
    pow12,
    scale2,
    square12,
    sub2,
)
from lottery.errors import BeaconError

try:
    import pyblst
except ImportError:  # the standalone verifier
    pyblst = None

DST = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
G2_GENERATOR = bytes.fromhex(
    "93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
    "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
)
HAS_FAST = pyblst is not None


def verify(public_key: bytes, message: bytes, signature: bytes, *, plain: bool = False) -> None:
    """Check a signature with the fast way if it is there and ``plain`` is not asked for.

    Raises:
        BeaconError: anything malformed, or the signature is not valid.
    """
    if plain or not HAS_FAST:
        verify_plain(public_key, message, signature)
    else:
        verify_fast(public_key, message, signature)


def verify_fast(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature with pyblst, about 1 ms.

    Raises:
        BeaconError: anything malformed, or the signature is not valid.
    """
    _require_shape(public_key, 96)
    _require_shape(signature, 48)
    try:
        key = pyblst.BlstP2Element().uncompress(public_key)
        point = pyblst.BlstP1Element().uncompress(signature)
    except ValueError as error:
        raise BeaconError("signature or key is not a point of its group") from error
    hashed = pyblst.BlstP1Element().hash_to_group(message, DST)
    generator = pyblst.BlstP2Element().uncompress(G2_GENERATOR)
    left = pyblst.miller_loop(point, generator)
    if not pyblst.final_verify(left, pyblst.miller_loop(hashed, key)):
        raise BeaconError("signature does not verify")


def _require_shape(data: bytes, length: int) -> None:
    """Refuse other lengths, the uncompressed form and infinity before native code sees them."""
    if len(data) != length or data[0] & 0xC0 != 0x80:
        raise BeaconError("point has another length or form")


def verify_plain(public_key: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature in plain Python, well below a second.

    Raises:
        BeaconError: anything malformed, or the signature is not valid.
    """
    point = decompress1(signature)
    key = _key(public_key)
    hashed = hash_to_g1(message, DST)
    negated = (hashed[0], P - hashed[1])
    if not _pairing_product_is_one([(point, _key(G2_GENERATOR)), (negated, key)]):
        raise BeaconError("signature does not verify")


@lru_cache(maxsize=16)
def _key(data: bytes) -> G2:
    return decompress2(data)


def _pairing_product_is_one(pairs: list[tuple[G1, G2]]) -> bool:
    """Tell whether the product of the ate pairings of all pairs is one.

    The sign of the curve parameter is left out: it inverts the product, and one stays one.
    """
    value = ONE
    points = [q for _, q in pairs]
    for bit in bin(X_ABS)[3:]:
        value = square12(value)
        for at, (p, _) in enumerate(pairs):
            value, points[at] = _step(value, p, points[at], points[at])
        if bit == "1":
            for at, (p, q) in enumerate(pairs):
                value, points[at] = _step(value, p, points[at], q)
    return _final(value)


def _step(value: Fp12, p: G1, a: G2, b: G2) -> tuple[Fp12, G2]:
    """Multiply by the line through a and b at p, and return the sum of a and b."""
    slope, total = slope2(a, b), add2_points(a, b)
    if slope is None or total is None:
        raise BeaconError("pairing met an exceptional point")
    return mul12(value, _line(slope, p, a)), total


def _line(slope: Fp2, p: G1, a: G2) -> Fp12:
    """Line at p times w^3, which the final exponentiation removes."""
    out = embed(sub2(mul2(slope, a[0]), a[1]))
    for at, x in enumerate(embed(scale2(slope, -p[0] % P), 2)):
        out[at] = (out[at] + x) % P
    out[3] = (out[3] + p[1]) % P
    return tuple(out)


def _final(value: Fp12) -> bool:
    """Tell whether value^((P^12-1)/R) is one; the exponent used is three times that.

    Hard part: (x-1)^2 (x+P) (x^2+P^2-1) + 3 with x the curve parameter.
    """
    f = mul12(conjugate12(value), inverse12(value))
    f = mul12(frobenius12(frobenius12(f)), f)
    a = _pow_x_minus_1(_pow_x_minus_1(f))
    a = mul12(_pow_x(a), frobenius12(a))
    b = mul12(_pow_x(_pow_x(a)), frobenius12(frobenius12(a)))
    b = mul12(b, conjugate12(a))
    return mul12(b, mul12(square12(f), f)) == ONE


def _pow_x(a: Fp12) -> Fp12:
    return conjugate12(pow12(a, X_ABS))


def _pow_x_minus_1(a: Fp12) -> Fp12:
    return mul12(_pow_x(a), conjugate12(a))
