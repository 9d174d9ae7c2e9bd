import hashlib
import json
from pathlib import Path

import py_arkworks_bls12381 as arkworks
import pytest

from lottery.encoding import unix_time
from lottery.entropy import bls, drand, public_lottery, registry
from lottery.entropy.bls_curve import decompress2, hash_to_g1, multiply1
from lottery.entropy.demo_chain import DemoChain
from lottery.errors import BeaconError, LotteryError
from lottery.records import DrandPin

VECTORS = json.loads(Path("lottery/vectors/quicknet.json").read_text())
KEY = bytes.fromhex(drand.QUICKNET.public_key)
SIGNATURES = {item["round"]: bytes.fromhex(item["signature"]) for item in VECTORS["rounds"]}
DEMO = DemoChain(b"a secret of a test chain", 1_700_000_000)


def arkworks_accepts(key, message, signature):
    try:
        point = arkworks.G1Point.from_compressed_bytes(signature)
        public = arkworks.G2Point.from_compressed_bytes(key)
    except (ValueError, TypeError):
        return False
    if point == arkworks.G1Point.identity():
        return False
    hashed = arkworks.G1Point.hash_to_curve(message, bls.DST)
    return arkworks.GT.pairing_check([point, -hashed], [arkworks.G2Point(), public])


def test_quicknet_is_the_chain_of_the_vectors():
    chain = VECTORS["chain"]
    assert drand.QUICKNET.hash == chain["hash"] == drand.QUICKNET_HASH
    assert drand.QUICKNET.public_key == chain["public_key"]
    assert drand.QUICKNET.scheme == chain["scheme"]
    assert bls.DST.decode() == chain["dst"]
    assert drand.QUICKNET.is_pinned
    assert not DEMO.chain.is_pinned


@pytest.mark.parametrize("vector", VECTORS["rounds"], ids=lambda item: item["round"])
def test_three_implementations_accept_every_real_round(vector):
    signature = bytes.fromhex(vector["signature"])
    for plain in (True, False):
        found = drand.verify_beacon(drand.QUICKNET, vector["round"], signature, plain=plain)
        assert found.hex() == vector["randomness"]
    assert arkworks_accepts(KEY, drand.round_message(vector["round"]), signature)


@pytest.mark.parametrize("vector", VECTORS["rejected"], ids=lambda item: item["why"])
def test_three_implementations_refuse_every_negative(vector):
    signature = bytes.fromhex(vector["signature"])
    for plain in (True, False):
        with pytest.raises(BeaconError):
            drand.verify_beacon(drand.QUICKNET, vector["round"], signature, plain=plain)
    assert not arkworks_accepts(KEY, drand.round_message(vector["round"]), signature)


@pytest.mark.parametrize("message", [b"", b"abc", b"a" * 200, bytes(32)])
def test_hashing_to_the_curve_equals_the_other_implementations(message):
    x, y = hash_to_g1(message, bls.DST)
    found = bytes(arkworks.G1Point.hash_to_curve(message, bls.DST).to_compressed_bytes())
    assert found == bls.pyblst.BlstP1Element().hash_to_group(message, bls.DST).compress()
    sign = 0x20 if y > (bls.P - 1) // 2 else 0
    body = x.to_bytes(48, "big")
    assert found == bytes([body[0] | 0x80 | sign]) + body[1:]


@pytest.mark.parametrize(
    "change",
    [
        lambda key: key[:95],
        lambda key: bytes([key[0] & 0x7F]) + key[1:],
        lambda key: b"\xc0" + bytes(len(key) - 1),
        lambda key: key[:-1] + bytes([key[-1] ^ 1]),
        lambda key: bytes([key[0] ^ 0x20]) + key[1:],
    ],
)
def test_a_damaged_public_key_is_refused(change):
    key, message = change(KEY), drand.round_message(1)
    for verify in (bls.verify_plain, bls.verify_fast):
        with pytest.raises(BeaconError):
            verify(key, message, SIGNATURES[1])


def test_adding_a_point_to_its_opposite_gives_infinity():
    point = hash_to_g1(b"abc", bls.DST)
    assert multiply1(point, bls.X_ABS) is not None
    assert decompress2(bls.G2_GENERATOR) != decompress2(KEY)


@pytest.mark.parametrize("case", VECTORS["round_for_time"], ids=lambda case: case["draw_at"])
def test_the_round_follows_from_the_draw_time(case):
    number = drand.round_for(drand.QUICKNET, case["draw_at"])
    assert number == case["round"]
    at = drand.round_time(drand.QUICKNET, number)
    assert at - drand.QUICKNET.period < unix_time(case["draw_at"]) <= at


def test_times_and_rounds_before_the_chain_are_refused():
    with pytest.raises(BeaconError):
        drand.round_for_time(drand.QUICKNET, 1692803366)
    for number in (0, -1, 2**53):
        with pytest.raises(BeaconError):
            drand.round_time(drand.QUICKNET, number)
        with pytest.raises(BeaconError):
            drand.round_message(number)


def test_the_demo_chain_speaks_as_drand_does():
    assert DEMO.chain == DemoChain(b"a secret of a test chain", 1_700_000_000).chain
    assert DEMO.chain != DemoChain(b"another secret of a chain", 1_700_000_000).chain
    answer = DEMO.round_json(77)
    signature = bytes.fromhex(answer["signature"])
    for plain in (True, False):
        found = drand.verify_beacon(DEMO.chain, 77, signature, plain=plain)
        assert found.hex() == answer["randomness"]
    info = json.loads(json.dumps(DEMO.info()))
    assert drand.chain_from_info(info) == DEMO.chain
    assert DrandPin.of(DEMO.chain).to_chain() == DEMO.chain
    with pytest.raises(BeaconError):
        DemoChain(b"short", 1)


def test_the_default_chain_name_is_not_hashed():
    parts = (KEY.hex(), 1595431050, 30, "ab" * 32)
    unnamed = drand.Chain(*parts, beacon_id="default").hash
    raw = (30).to_bytes(4, "big") + (1595431050).to_bytes(8, "big") + KEY + bytes.fromhex("ab" * 32)
    assert unnamed == hashlib.sha256(raw).hexdigest()


@pytest.mark.parametrize(
    "change",
    [
        {"hash": "00" * 32},
        {"period": 4},
        {"period": 0},
        {"period": True},
        {"public_key": "zz"},
        {"public_key": 7},
        {"schemeID": "pedersen-bls-chained"},
        {"metadata": {}},
        {"metadata": "x"},
        {"genesis_time": -1},
    ],
)
def test_chain_info_that_does_not_fit_its_hash_is_refused(change):
    with pytest.raises(BeaconError):
        drand.chain_from_info({**DEMO.info(), **change})
    with pytest.raises(BeaconError):
        drand.chain_from_info([])


def test_beacon_lines_are_taken_apart():
    line = drand.beacon_line(drand.QUICKNET, 1, bytes(32))
    found = registry.parse_beacon(line)
    assert found.source == f"drand/{drand.QUICKNET.hash}/1"
    assert not found.external_fact
    kl8 = public_lottery.make_draw("cwl-kl8", "2026318", range(80, 60, -1))
    assert registry.parse_beacon(kl8.line()).source == "cwl-kl8/2026318"
    ssq = public_lottery.parse_line("cwl-ssq/2026135/01.07.13.22.28.31+09")
    assert (ssq.numbers, ssq.extra) == ((1, 7, 13, 22, 28, 31), 9)
    assert ssq.line() == "cwl-ssq/2026135/01.07.13.22.28.31+09"
    assert registry.parse_beacon(ssq.line()).external_fact


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nist/1/2",
        "drand/x/1/y",
        "drand/" + "00" * 32 + "/0/" + "00" * 32,
        "drand/" + "00" * 32 + "/01/" + "00" * 32,
        "cwl-ssq/2026135/07.01.13.22.28.31+09",
        "cwl-ssq/2026135/01.01.13.22.28.31+09",
        "cwl-ssq/2026135/01.07.13.22.28.34+09",
        "cwl-ssq/2026135/01.07.13.22.28.31+17",
        "cwl-ssq/2026135/01.07.13.22.28.31+00",
        "cwl-ssq/2026135/01.07.13.22.28.31",
        "cwl-ssq/26135/01.07.13.22.28.31+09",
        "cwl-kl8/2026318/00." + ".".join(f"{n:02d}" for n in range(1, 20)),
        "cwl-kl8/2026318/01.02",
    ],
)
def test_a_beacon_line_that_cannot_be_is_refused(line):
    with pytest.raises(BeaconError):
        registry.parse_beacon(line)
    with pytest.raises(LotteryError):
        public_lottery.parse_line(line)
