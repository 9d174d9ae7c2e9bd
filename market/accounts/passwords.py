"""Passwords: argon2id hashes and what a new password must be."""

from dataclasses import dataclass
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from market.errors import InvalidInputError

MIN_LENGTH = 8
MAX_LENGTH = 128
COMMON = frozenset(
    {
        "12345678",
        "123456789",
        "1234567890",
        "password",
        "password1",
        "qwertyui",
        "qwerty123",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "abc12345",
        "iloveyou",
        "1q2w3e4r",
        "a1234567",
        "woaini1314",
        "5201314520",
    }
)
CONTEXT_WORDS = ("sunlit", "yangguang", "zhongjie", "chaoshi")

_AT_ONCE = BoundedSemaphore(4)
"""Each hash takes its memory for its time; more at once would let sign-in exhaust the machine."""


@dataclass(frozen=True, slots=True)
class PasswordRules:
    """How costly a hash is; tests take a cheap one, everything else OWASP's minimum or more."""

    memory_kib: int = 19_456
    time_cost: int = 2

    def hasher(self) -> PasswordHasher:
        """Make the hasher for these costs."""
        return PasswordHasher(
            time_cost=self.time_cost, memory_cost=max(self.memory_kib, 8), parallelism=1
        )

    def hash(self, password: str) -> str:
        """Hash with a fresh salt; gives the encoded argon2id form."""
        with _AT_ONCE:
            return self.hasher().hash(password)

    def is_right(self, encoded: str, password: str) -> bool:
        """Tell whether ``password`` made ``encoded``; a malformed hash is never right."""
        try:
            with _AT_ONCE:
                return self.hasher().verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False


def require_good_password(password: str, *, login: str) -> None:
    """Refuse a password that is short, common or made of the login.

    No composition rule and no expiry.

    Source: OWASP ASVS 5.0, v5.0.0-6.2.1 to 6.2.5.

    Raises:
        InvalidInputError: with the reason as a code.
    """
    lowered = password.lower()
    name = login.split("@", maxsplit=1)[0].lower()
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise InvalidInputError(field="password", reason="length", least=MIN_LENGTH)
    if lowered in COMMON or len(set(password)) < 4:
        raise InvalidInputError(field="password", reason="common")
    if lowered == name or any(
        lowered == f"{word}{tail}" for word in CONTEXT_WORDS for tail in ("", "123", "2026")
    ):
        raise InvalidInputError(field="password", reason="guessable")
