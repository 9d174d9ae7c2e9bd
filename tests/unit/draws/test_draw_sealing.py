"""Secrets at rest: only the same key and the same place open them."""

import pytest

from market.draws.sealing import SealBrokenError, Sealer

SEALER = Sealer.from_secret("a secret of the installation")


def test_what_was_sealed_can_be_opened_at_its_place():
    sealed = SEALER.seal(b"x" * 32, place="here")
    assert SEALER.unseal(sealed, place="here") == b"x" * 32
    assert "x" * 8 not in sealed


def test_the_same_text_is_sealed_differently_each_time():
    assert SEALER.seal(b"x", place="here") != SEALER.seal(b"x", place="here")


@pytest.mark.parametrize("broken", ["", "!!", "AAAA", "QUJD" * 12])
def test_anything_else_is_refused(broken):
    with pytest.raises(SealBrokenError):
        SEALER.unseal(broken, place="here")


def test_another_place_or_key_opens_nothing():
    sealed = SEALER.seal(b"x", place="here")
    with pytest.raises(SealBrokenError):
        SEALER.unseal(sealed, place="there")
    with pytest.raises(SealBrokenError):
        Sealer.from_secret("another").unseal(sealed, place="here")


def test_the_key_is_not_shown():
    assert "key" not in repr(SEALER)
