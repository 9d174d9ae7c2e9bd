"""A drand-compatible chain signed by one key of our own: for demonstration, without public trust.

演示信标,不具公信力: whoever holds the key knows every round in advance.

Source: SPEC.md section 8.6.
"""

import hashlib

import pyblst

from lottery.encoding import Json
from lottery.entropy.bls import DST, G2_GENERATOR
from lottery.entropy.bls_field import R
from lottery.entropy.drand import Chain, chain_info, round_message
from lottery.errors import BeaconError

DEMO_BEACON_ID = "sunlit-demo"
DEMO_PERIOD_SECONDS = 3
MIN_SECRET_BYTES = 16


class DemoChain:
    """Signs any round of its chain; the same secret and genesis always give the same chain.

    Args:
        secret: at least 16 bytes; the BLS key is derived from them.
        genesis_time: POSIX seconds of round 1.
        period: seconds between rounds.

    Raises:
        BeaconError: the secret is too short.
    """

    def __init__(
        self, secret: bytes, genesis_time: int, *, period: int = DEMO_PERIOD_SECONDS
    ) -> None:
        if len(secret) < MIN_SECRET_BYTES:
            raise BeaconError("demo chain secret is too short")
        wide = hashlib.sha512(b"yaohao/v1/demo-chain-key\n" + secret).digest()
        self._key = int.from_bytes(wide, "big") % (R - 1) + 1
        generator = pyblst.BlstP2Element().uncompress(G2_GENERATOR)
        self.chain = Chain(
            public_key=generator.scalar_mul(self._key).compress().hex(),
            genesis_time=genesis_time,
            period=period,
            genesis_seed=hashlib.sha256(b"yaohao/v1/demo-chain-seed\n" + wide).hexdigest(),
            beacon_id=DEMO_BEACON_ID,
        )

    def info(self) -> dict[str, Json]:
        """Return the JSON object of ``/<chain hash>/info``."""
        return chain_info(self.chain)

    def sign(self, number: int) -> bytes:
        """Return the 48-byte signature of a round, whether or not its time has come."""
        point = pyblst.BlstP1Element().hash_to_group(round_message(number), DST)
        return bytes(point.scalar_mul(self._key).compress())

    def round_json(self, number: int) -> dict[str, Json]:
        """Return the JSON object of ``/<chain hash>/public/<round>``."""
        signature = self.sign(number)
        return {
            "round": number,
            "randomness": hashlib.sha256(signature).hexdigest(),
            "signature": signature.hex(),
        }
