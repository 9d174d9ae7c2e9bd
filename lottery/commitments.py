"""The three commitments that are made before anything is opened.

Source: SPEC.md section 4.
"""

import re

from lottery.encoding import lines, parse_hex, sha256, tag
from lottery.errors import LotteryError

NONCE_BYTES = 16
SECRET_BYTES = 32
MAX_WEIGHT = 1000
_DRAW_ID = re.compile(r"[0-9A-Za-z._:-]{1,64}/[1-9][0-9]{0,3}")
_ENTRANT_ID = re.compile(r"[0-9A-Za-z._:-]{1,64}")


def make_draw_id(project_id: str, attempt: int) -> str:
    """Return ``project_id/attempt``.

    Raises:
        LotteryError: the project id has other characters or length, or attempt is not 1..9999.
    """
    return require_draw_id(f"{project_id}/{attempt}")


def require_draw_id(draw_id: str) -> str:
    """Return a well formed draw id.

    Raises:
        LotteryError: otherwise.
    """
    if not _DRAW_ID.fullmatch(draw_id):
        raise LotteryError("draw id is not project/attempt")
    return draw_id


def require_entrant_id(entrant_id: str) -> str:
    """Return a well formed entrant id (for firms the 统一社会信用代码).

    Raises:
        LotteryError: otherwise.
    """
    if not _ENTRANT_ID.fullmatch(entrant_id):
        raise LotteryError("entrant id has other characters or length")
    return entrant_id


def require_weight(weight: int) -> int:
    """Return a weight of 1..1000.

    Raises:
        LotteryError: otherwise.
    """
    if isinstance(weight, bool) or not 1 <= weight <= MAX_WEIGHT:
        raise LotteryError("weight is not 1..1000")
    return weight


def operator_commit(draw_id: str, secret_hex: str) -> str:
    """Commit to the operator's secret (32 bytes hex); returns 64 hex digits."""
    parse_hex(secret_hex, SECRET_BYTES)
    return _commit("operator-commit", require_draw_id(draw_id), secret_hex)


def enroll_commit(draw_id: str, entrant_id: str, weight: int, nonce_hex: str) -> str:
    """Commit to an enrolment with a nonce (16 random bytes hex); returns 64 hex digits.

    The nonce hides who enrolled until the roster is opened.
    """
    parse_hex(nonce_hex, NONCE_BYTES)
    return _commit(
        "enroll-commit",
        require_draw_id(draw_id),
        require_entrant_id(entrant_id),
        require_weight(weight),
        nonce_hex,
    )


def contribution_commit(draw_id: str, entrant_id: str, x_hex: str) -> str:
    """Commit to an entrant's own random value (32 bytes hex); returns 64 hex digits."""
    parse_hex(x_hex, SECRET_BYTES)
    return _commit(
        "contribution-commit", require_draw_id(draw_id), require_entrant_id(entrant_id), x_hex
    )


def _commit(purpose: str, *fields: str | int) -> str:
    return sha256(lines(tag(purpose), *fields)).hex()
