"""The demo chain answers like a drand relay and never from the future."""

import pytest

from lottery.entropy.drand import chain_from_info, round_time, verify_beacon
from market.sandbox.beacon import DEMO_CHAIN, DEMO_GENESIS, SandboxBeacon

CHAIN = DEMO_CHAIN.chain
ROUND = 1000
BEACON = SandboxBeacon(lambda: float(round_time(CHAIN, ROUND)))


@pytest.mark.parametrize("path", ["/info", f"/{CHAIN.hash}/info"])
def test_the_info_leads_to_the_chain(path):
    status, body = BEACON.handle(path)
    assert status == 200
    assert chain_from_info(body) == CHAIN


def test_the_chains_are_listed():
    assert BEACON.handle("/chains") == (200, [CHAIN.hash])


@pytest.mark.parametrize("name", ["latest", str(ROUND), "1"])
def test_a_past_round_verifies(name):
    status, body = BEACON.handle(f"/{CHAIN.hash}/public/{name}")
    assert status == 200
    randomness = verify_beacon(CHAIN, body["round"], bytes.fromhex(body["signature"]))
    assert randomness.hex() == body["randomness"]


def test_latest_is_the_newest_round():
    assert BEACON.handle(f"/{CHAIN.hash}/public/latest")[1]["round"] == ROUND


@pytest.mark.parametrize("number", [ROUND + 1, ROUND + 10**6])
def test_a_future_round_is_never_served(number):
    status, body = BEACON.handle(f"/{CHAIN.hash}/public/{number}")
    assert status == 425
    assert "signature" not in body


def test_a_round_appears_exactly_at_its_time():
    early = SandboxBeacon(lambda: round_time(CHAIN, ROUND) - 0.001)
    assert early.handle(f"/{CHAIN.hash}/public/{ROUND}")[0] == 425
    assert early.latest_round == ROUND - 1


@pytest.mark.parametrize(
    "path",
    ["/", "", "/public", "/public/0", "/public/-1", "/public/１", "/public/" + "9" * 40, "/x/info"],
)
def test_other_paths_are_not_found(path):
    assert BEACON.handle(path)[0] == 404


def test_before_the_genesis_there_is_no_round():
    assert SandboxBeacon(lambda: DEMO_GENESIS - 1.0).handle("/public/latest")[0] == 404
