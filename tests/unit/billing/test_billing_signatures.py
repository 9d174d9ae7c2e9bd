import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from billing.errors import SignatureError
from billing.providers import signatures

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
RAW = b'{"id": "evt_1"}'
SECRET = "whsec_one"


def test_a_signed_body_is_accepted():
    signatures.check(RAW, signatures.sign(RAW, SECRET, at=NOW), [SECRET], now=NOW)


def test_the_digest_is_the_published_one():
    stamp = int(NOW.timestamp())
    mac = hmac.new(SECRET.encode(), f"{stamp}.".encode() + RAW, hashlib.sha256).hexdigest()
    assert signatures.sign(RAW, SECRET, at=NOW) == f"t={stamp},v1={mac}"


def test_the_old_secret_still_counts_while_it_is_listed():
    header = signatures.sign(RAW, "whsec_old", at=NOW)
    signatures.check(RAW, header, [SECRET, "whsec_old"], now=NOW)
    with pytest.raises(SignatureError):
        signatures.check(RAW, header, [SECRET], now=NOW)


def test_one_matching_digest_of_several_is_enough():
    good = signatures.sign(RAW, SECRET, at=NOW)
    signatures.check(RAW, f"{good},v1={'0' * 64},v0=abc", [SECRET], now=NOW)


@pytest.mark.parametrize("shift", [-301, 301, 3 * 86_400])
def test_stale_and_future_messages_are_refused(shift):
    header = signatures.sign(RAW, SECRET, at=NOW + timedelta(seconds=shift))
    with pytest.raises(SignatureError):
        signatures.check(RAW, header, [SECRET], now=NOW)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1",
        "v1=" + "0" * 64,
        "t=x,v1=" + "0" * 64,
        "t=1,t=2,v1=" + "0" * 64,
        "t=1,v1=0",
        "t=-1,v1=" + "0" * 64,
        "t=1,v1=" + "é" * 64,
        "t=1,v1=" + "0" * 64 + "," * 5000,
    ],
)
def test_malformed_headers_are_refused(header):
    with pytest.raises(SignatureError):
        signatures.check(RAW, header, [SECRET], now=NOW)


def test_changed_truncated_and_huge_bodies_are_refused():
    header = signatures.sign(RAW, SECRET, at=NOW)
    huge = b"x" * (1024 * 1024)
    for body, line in (
        (RAW[:-1], header),
        (RAW + b" ", header),
        (huge, signatures.sign(huge, SECRET, at=NOW)),
    ):
        with pytest.raises(SignatureError):
            signatures.check(body, line, [SECRET], now=NOW)


def test_an_empty_secret_opens_nothing():
    with pytest.raises(SignatureError):
        signatures.check(RAW, signatures.sign(RAW, "", at=NOW), ["", SECRET], now=NOW)
    with pytest.raises(SignatureError):
        signatures.check(RAW, signatures.sign(RAW, SECRET, at=NOW), [], now=NOW)
