"""The ``Stripe-Signature`` header: making one (sandbox) and checking one (webhook endpoint).

Source: https://docs.stripe.com/webhooks#verify-manually
"""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from billing.errors import SignatureError

TOLERANCE_SECONDS: Final = 300
MAX_BODY_BYTES: Final = 256 * 1024
MAX_HEADER_CHARS: Final = 4096
_DIGEST = re.compile(r"[0-9a-f]{64}")
_STAMP = re.compile(r"[0-9]{1,12}")


def sign(raw: bytes, secret: str, *, at: datetime) -> str:
    """Make the header value for a body sent at an instant."""
    stamp = int(at.timestamp())
    return f"t={stamp},v1={_digest(raw, secret, stamp)}"


def check(raw: bytes, header: str, secrets: Sequence[str], *, now: datetime) -> None:
    """Accept a body only if one of the secrets signed it within the tolerance.

    Several secrets are given while one replaces another. Every digest is compared in constant
    time; nothing of the body is parsed.

    Args:
        raw: the body exactly as received.
        header: value of ``Stripe-Signature``, such as "t=1700000000,v1=<64 hex>".
        secrets: endpoint secrets, newest first; empty ones are skipped.
        now: aware instant of receipt.

    Raises:
        SignatureError: too large, malformed header, no match, or stale.
    """
    if len(raw) > MAX_BODY_BYTES or len(header) > MAX_HEADER_CHARS:
        raise SignatureError(why="too_large")
    stamp, digests = _parse(header)
    expected = [_digest(raw, secret, stamp) for secret in secrets if secret]
    matches = [hmac.compare_digest(ours, theirs) for ours in expected for theirs in digests]
    if not any(matches):
        raise SignatureError(why="no_match")
    if abs(now.astimezone(UTC).timestamp() - stamp) > TOLERANCE_SECONDS:
        raise SignatureError(why="stale")


def _parse(header: str) -> tuple[int, list[str]]:
    stamps: list[str] = []
    digests: list[str] = []
    for part in header.split(","):
        name, _, value = part.strip().partition("=")
        if name == "t":
            stamps.append(value)
        elif name == "v1" and _DIGEST.fullmatch(value):
            digests.append(value)
    if len(stamps) != 1 or not _STAMP.fullmatch(stamps[0]) or not digests:
        raise SignatureError(why="malformed")
    return int(stamps[0]), digests


def _digest(raw: bytes, secret: str, stamp: int) -> str:
    return hmac.new(secret.encode(), f"{stamp}.".encode() + raw, hashlib.sha256).hexdigest()
