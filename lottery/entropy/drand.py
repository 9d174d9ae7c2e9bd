"""drand chains: pinned constants, rounds and times, checking one round.

Source: SPEC.md sections 8.1 to 8.3.
"""

import hashlib
from dataclasses import dataclass

from lottery.encoding import Json, parse_hex, parse_time, sha256
from lottery.entropy import bls
from lottery.errors import BeaconError, LotteryError

SCHEME = "bls-unchained-g1-rfc9380"
SIGNATURE_BYTES = 48
KEY_BYTES = 96
MAX_ROUND = 2**53 - 1


@dataclass(frozen=True)
class Chain:
    """One drand chain; two chains are the same only if all of it is the same.

    ``genesis_time`` is POSIX seconds of round 1, ``period`` seconds; the others are lowercase hex
    or plain text.
    """

    public_key: str
    genesis_time: int
    period: int
    genesis_seed: str
    beacon_id: str
    scheme: str = SCHEME

    def __post_init__(self) -> None:
        """Check the form of every part.

        Raises:
            BeaconError: naming the part.
        """
        try:
            parse_hex(self.public_key, KEY_BYTES)
            parse_hex(self.genesis_seed, 32)
        except LotteryError as error:
            raise BeaconError(f"chain key or seed: {error}") from error
        if not 1 <= self.period < 2**32 or not 0 <= self.genesis_time <= MAX_ROUND:
            raise BeaconError("chain period or genesis out of range")
        if self.scheme != SCHEME or not self.beacon_id.isascii() or not self.beacon_id:
            raise BeaconError("chain of a scheme or name that this library does not know")

    @property
    def hash(self) -> str:
        """Return the chain hash, 64 hex digits, recomputed from the parts."""
        parts = hashlib.sha256(self.period.to_bytes(4, "big"))
        parts.update(self.genesis_time.to_bytes(8, "big"))
        parts.update(parse_hex(self.public_key, KEY_BYTES))
        parts.update(parse_hex(self.genesis_seed, 32))
        if self.beacon_id != "default":
            parts.update(self.beacon_id.encode())
        return parts.hexdigest()

    @property
    def is_pinned(self) -> bool:
        """Tell whether this library knows the chain as public and independent."""
        return self in PINNED


QUICKNET = Chain(
    public_key=(
        "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c"
        "8c4b450b6a0a6c3ac6a5776a2d1064510d1fec758c921cc22b0e17e63aaf4bcb"
        "5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
    ),
    genesis_time=1692803367,
    period=3,
    genesis_seed="f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e",
    beacon_id="quicknet",
)
QUICKNET_HASH = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"
PINNED = (QUICKNET,)


def chain_from_info(info: object) -> Chain:
    """Read the JSON object that drand serves at ``/<chain hash>/info``.

    Raises:
        BeaconError: a field is missing or malformed, another scheme, or the hash does not fit.
    """
    try:
        return _require_hash(_read_info(info), _text(info, "hash"))
    except LotteryError as error:
        raise BeaconError(f"chain info: {error}") from error


def _read_info(info: object) -> Chain:
    if not isinstance(info, dict):
        raise BeaconError("not an object")
    return Chain(
        public_key=_text(info, "public_key"),
        genesis_time=_number(info, "genesis_time"),
        period=_number(info, "period"),
        genesis_seed=_text(info, "groupHash"),
        beacon_id=_text(info.get("metadata", ""), "beaconID"),
        scheme=_text(info, "schemeID"),
    )


def _text(value: object, name: str) -> str:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, str):
        raise BeaconError(f"{name} is not a string")
    return found


def _number(value: object, name: str) -> int:
    found = value.get(name) if isinstance(value, dict) else None
    if not isinstance(found, int) or isinstance(found, bool):
        raise BeaconError(f"{name} is not a number")
    return found


def _require_hash(chain: Chain, expected: str) -> Chain:
    if chain.hash != expected:
        raise BeaconError("chain hash does not fit the chain's parts")
    return chain


def chain_info(chain: Chain) -> dict[str, Json]:
    """Return the JSON object that drand serves at ``/<chain hash>/info``."""
    return {
        "public_key": chain.public_key,
        "period": chain.period,
        "genesis_time": chain.genesis_time,
        "hash": chain.hash,
        "groupHash": chain.genesis_seed,
        "schemeID": chain.scheme,
        "metadata": {"beaconID": chain.beacon_id},
    }


def round_for_time(chain: Chain, seconds: int) -> int:
    """Return the first round whose time is not before POSIX ``seconds``.

    Raises:
        BeaconError: before the chain began.
    """
    if seconds < chain.genesis_time:
        raise BeaconError("time is before the first round of the chain")
    return -(-(seconds - chain.genesis_time) // chain.period) + 1


def round_for(chain: Chain, draw_at: str) -> int:
    """Return the round that a draw time ``YYYY-MM-DDThh:mm:ssZ`` fixes."""
    return round_for_time(chain, int(parse_time(draw_at).timestamp()))


def round_time(chain: Chain, number: int) -> int:
    """Return the POSIX seconds at which a round appears.

    Raises:
        BeaconError: not 1..2^53-1.
    """
    if not 1 <= number <= MAX_ROUND:
        raise BeaconError("round number out of range")
    return chain.genesis_time + (number - 1) * chain.period


def round_message(number: int) -> bytes:
    """Return the 32 bytes that the network signs for a round."""
    if not 1 <= number <= MAX_ROUND:
        raise BeaconError("round number out of range")
    return sha256(number.to_bytes(8, "big"))


def verify_beacon(chain: Chain, number: int, signature: bytes, *, plain: bool = False) -> bytes:
    """Check a round's signature (48 bytes) and return its randomness (32 bytes).

    Args:
        chain: from a pinned constant or a policy record.
        number: round number.
        signature: compressed point of G1.
        plain: use plain Python even where pyblst is installed.

    Raises:
        BeaconError: anything malformed, or the signature is not that of this round.
    """
    bls.verify(bytes.fromhex(chain.public_key), round_message(number), signature, plain=plain)
    return sha256(signature)


def beacon_line(chain: Chain, number: int, randomness: bytes) -> str:
    """Return the line that enters the seed: ``drand/<chain hash>/<round>/<randomness hex>``."""
    return f"drand/{chain.hash}/{number}/{randomness.hex()}"
