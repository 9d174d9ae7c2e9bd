"""The signature of sandbox carrier calls: HMAC-SHA256 over the time and the raw body; pure."""

import hashlib
import hmac

HEADER = "X-Courier-Signature"
TOLERANCE_SECONDS = 300


def sign(secret: bytes, raw: bytes, *, at_seconds: int) -> str:
    """Make the header value ``t=<unix seconds>,v1=<64 hex>``."""
    return f"t={at_seconds},v1={_mac(secret, raw, at_seconds)}"


def is_signed(secret: bytes, raw: bytes, value: str, *, now_seconds: int) -> bool:
    """Tell whether ``value`` signs ``raw`` and is not older or newer than five minutes."""
    parts = dict(part.split("=", 1) for part in value.split(",") if "=" in part)
    stamp = parts.get("t", "")
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return False
    expected = _mac(secret, raw, int(stamp))
    same = hmac.compare_digest(expected.encode(), parts.get("v1", "").encode())
    return same and abs(now_seconds - int(stamp)) <= TOLERANCE_SECONDS


def _mac(secret: bytes, raw: bytes, at_seconds: int) -> str:
    return hmac.new(secret, f"{at_seconds}.".encode() + raw, hashlib.sha256).hexdigest()
