"""Passwords: hashes that hold, and what a new password must be."""

import pytest

from market.accounts.passwords import PasswordRules, require_good_password
from market.accounts.throttle import wait_after
from market.errors import InvalidInputError

CHEAP = PasswordRules(memory_kib=8, time_cost=1)


def test_a_hash_is_argon2id_and_checks_only_its_own_password():
    encoded = CHEAP.hash("correct horse")
    assert encoded.startswith("$argon2id$")
    assert CHEAP.is_right(encoded, "correct horse")
    assert not CHEAP.is_right(encoded, "wrong horse")


def test_a_broken_hash_is_never_right():
    assert not CHEAP.is_right("not a hash", "anything")


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "length"),
        ("x" * 129, "length"),
        ("12345678", "common"),
        ("aaaaaaaaab", "common"),
        ("sunlit2026", "guessable"),
        ("longname1", "guessable"),
    ],
)
def test_weak_passwords_are_refused_with_their_reason(password, reason):
    with pytest.raises(InvalidInputError) as refused:
        require_good_password(password, login="longname1@example.com")
    assert refused.value.params["reason"] == reason


def test_a_long_chinese_sentence_is_a_good_password():
    require_good_password("今天的阳光照在市场上", login="a@example.com")


def test_guessing_gets_slower_with_each_failure():
    waits = [wait_after(n) for n in range(1, 15)]
    assert waits[:4] == [0, 0, 0, 0]
    assert waits[4:7] == [15, 30, 60]
    assert max(waits) == 900
