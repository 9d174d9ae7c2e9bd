"""Fetch one drand round from several relays; the first answer that verifies is taken.

Relays need no trust: every answer is checked against the chain's public key.

Source: SPEC.md section 8.7; drand HTTP interface, paths ``/<chain hash>/public/<round>``.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import requests

from lottery.encoding import parse_hex
from lottery.entropy.drand import SIGNATURE_BYTES, Chain, chain_from_info, verify_beacon
from lottery.errors import BeaconError, LotteryError

TIMEOUT_SECONDS = (3.05, 5)
MAX_BODY_BYTES = 16_384
RELAYS = (
    "https://api.drand.sh",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
    "https://drand.cloudflare.com",
)


class BeaconUnavailableError(BeaconError):
    """No relay gave a valid answer; ``attempts`` holds (relay, outcome) pairs in order."""

    def __init__(self, attempts: Sequence[tuple[str, str]]) -> None:
        super().__init__("no relay gave a valid answer")
        self.attempts = tuple(attempts)


@dataclass(frozen=True)
class FetchedRound:
    """A verified round and where it came from."""

    number: int
    signature: bytes
    randomness: bytes
    relay: str


class Getter(Protocol):
    """The one method of ``requests.Session`` that is used."""

    def get(
        self, url: str, *, timeout: tuple[float, float], allow_redirects: bool, stream: bool
    ) -> requests.Response:
        """Send a GET request."""
        ...


def make_session() -> requests.Session:
    """Return a session that ignores proxy and credential settings of the environment."""
    session = requests.Session()
    session.trust_env = False
    return session


def fetch_round(
    chain: Chain, number: int, relays: Sequence[str] = RELAYS, *, session: Getter | None = None
) -> FetchedRound:
    """Return a round that verifies.

    Raises:
        BeaconUnavailableError: every relay failed; call again later, for the same round.
    """
    attempts: list[tuple[str, str]] = []
    with make_session() as own:
        for relay in relays:
            try:
                return _fetch_from(session or own, relay, chain, number)
            except (requests.RequestException, ValueError, LotteryError) as error:
                attempts.append((relay, type(error).__name__))
    raise BeaconUnavailableError(attempts)


def _fetch_from(session: Getter, relay: str, chain: Chain, number: int) -> FetchedRound:
    answer = _get_json(session, f"{relay.rstrip('/')}/{chain.hash}/public/{number}")
    if not isinstance(answer, dict) or answer.get("round") != number:
        raise BeaconError("answer is for another round")
    text = answer.get("signature")
    if not isinstance(text, str):
        raise BeaconError("answer has no signature")
    signature = parse_hex(text, SIGNATURE_BYTES)
    return FetchedRound(number, signature, verify_beacon(chain, number, signature), relay)


def fetch_chain(
    chain_hash: str, relays: Sequence[str] = RELAYS, *, session: Getter | None = None
) -> Chain:
    """Return the chain with this hash; its parts are checked against the hash.

    Raises:
        BeaconUnavailableError: no relay gave a chain info of this hash.
    """
    attempts: list[tuple[str, str]] = []
    with make_session() as own:
        for relay in relays:
            try:
                url = f"{relay.rstrip('/')}/{chain_hash}/info"
                chain = chain_from_info(_get_json(session or own, url))
            except (requests.RequestException, ValueError, LotteryError) as error:
                attempts.append((relay, type(error).__name__))
                continue
            if chain.hash == chain_hash:
                return chain
            attempts.append((relay, "other chain"))
    raise BeaconUnavailableError(attempts)


def _get_json(session: Getter, url: str) -> object:
    with session.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as response:
        if response.status_code != requests.codes.ok:
            raise BeaconError(f"relay answered {response.status_code}")
        body = response.raw.read(MAX_BODY_BYTES + 1, decode_content=True)
    if len(body) > MAX_BODY_BYTES:
        raise BeaconError("answer is too long")
    return json.loads(body)
