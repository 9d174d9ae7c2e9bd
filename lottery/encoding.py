"""Canonical bytes: text lines, restricted JSON, hex and times.

Source: SPEC.md sections 2.1 to 2.4.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NoReturn, TypeAlias

from lottery.errors import LotteryError

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json]"

VERSION = "yaohao/v1"
MAX_ENTRY_BYTES = 65_535  # an entry bundle stores each length in 16 bits
MAX_SAFE_INT = 2**53 - 1
_MAX_DEPTH = 16
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,15}")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_KEY = re.compile(r"[!-~]{1,64}")


def tag(purpose: str) -> str:
    """Return the first line of a preimage: ``yaohao/v1/<purpose>``."""
    return f"{VERSION}/{purpose}"


def sha256(data: bytes) -> bytes:
    """Return the 32-byte SHA-256 of ``data``."""
    return hashlib.sha256(data).digest()


def lines(*fields: str | int) -> bytes:
    """Encode fields as UTF-8 text lines, each ended by one LF.

    Injective, because a field is never empty and never holds a control character.

    Raises:
        LotteryError: an empty field, a control character, a lone surrogate or a negative number.

    Source: SPEC.md section 2.2.
    """
    return b"".join(_line(field) for field in fields)


def _line(field: str | int) -> bytes:
    text = decimal(field) if isinstance(field, int) else field
    if not text or _CONTROL.search(text):
        raise LotteryError("a line field is empty or holds a control character")
    try:
        return text.encode() + b"\n"
    except UnicodeEncodeError as error:
        raise LotteryError("a line field is not valid Unicode") from error


def decimal(number: int) -> str:
    """Write a number as ASCII decimal without sign or leading zero.

    Raises:
        LotteryError: negative, above 2**53-1, or a bool.
    """
    if isinstance(number, bool) or not 0 <= number <= MAX_SAFE_INT:
        raise LotteryError("number outside 0..2^53-1")
    return str(number)


def parse_decimal(text: str) -> int:
    """Read what ``decimal`` writes, and nothing else.

    Raises:
        LotteryError: sign, leading zero, other characters, or above 2**53-1.
    """
    if not _DECIMAL.fullmatch(text) or int(text) > MAX_SAFE_INT:
        raise LotteryError("not a plain decimal number")
    return int(text)


def parse_hex(text: str, length: int) -> bytes:
    """Read lowercase hex of exactly ``length`` bytes.

    Raises:
        LotteryError: other length, upper case, or not hex.
    """
    if len(text) != 2 * length or not _HEX.fullmatch(text):
        raise LotteryError(f"not {length} bytes of lowercase hex")
    return bytes.fromhex(text)


def require_nfc(text: str) -> str:
    """Return ``text`` when it is NFC, has a UTF-8 form and holds no control character.

    Raises:
        LotteryError: otherwise.
    """
    if text.isascii():
        if _CONTROL.search(text):
            raise LotteryError("text holds a control character")
        return text
    if _CONTROL.search(text) or _SURROGATE.search(text):
        raise LotteryError("text holds a control character or half a surrogate pair")
    if not unicodedata.is_normalized("NFC", text):
        raise LotteryError("text is not NFC")
    return text


def format_time(instant: datetime) -> str:
    """Write an aware instant as 20 bytes ``YYYY-MM-DDThh:mm:ssZ``; fractions are cut.

    Raises:
        LotteryError: the instant has no time zone.
    """
    if instant.tzinfo is None:
        raise LotteryError("naive time")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def parse_time(text: str) -> datetime:
    """Read ``YYYY-MM-DDThh:mm:ssZ`` as an aware UTC instant.

    Raises:
        LotteryError: any other form, or a date that does not exist.
    """
    if not _TIME.fullmatch(text):
        raise LotteryError("not a time of the form YYYY-MM-DDThh:mm:ssZ")
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise LotteryError("time does not exist") from error


def unix_time(text: str) -> int:
    """Return the POSIX seconds of a ``YYYY-MM-DDThh:mm:ssZ`` text."""
    return int(parse_time(text).timestamp())


def time_text(seconds: int) -> str:
    """Return the ``YYYY-MM-DDThh:mm:ssZ`` text of POSIX seconds.

    Raises:
        LotteryError: before 1970 or after the year 9999.
    """
    try:
        return format_time(datetime.fromtimestamp(seconds, tz=UTC))
    except (ValueError, OverflowError, OSError) as error:
        raise LotteryError("time out of range") from error


def canonical(value: Json) -> bytes:
    """Encode as RFC 8785 JSON, restricted to strings, 0..2**53-1, booleans, lists and objects.

    Raises:
        LotteryError: float, null, other types, non-ASCII key, lone surrogate, too deep.

    Source: SPEC.md section 2.3.
    """
    _require_plain(value, 0)
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as error:
        raise LotteryError("JSON string is not valid Unicode") from error


def _require_plain(value: object, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise LotteryError("JSON nested too deeply")
    if isinstance(value, str | bool):
        return
    if isinstance(value, int):
        decimal(value)
        return
    _require_children(_children(value), depth)


def _children(value: object) -> Iterable[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in value):
            raise LotteryError("JSON key is not printable ASCII")
        return value.values()
    raise LotteryError("JSON value of a type that the format does not know")


def _require_children(children: Iterable[object], depth: int) -> None:
    for child in children:
        _require_plain(child, depth + 1)


def parse_canonical(data: bytes, *, limit: int = MAX_ENTRY_BYTES) -> Json:
    """Read bytes that ``canonical`` would write, byte for byte.

    Raises:
        LotteryError: too long, not UTF-8, not JSON, duplicate keys, floats, null, or any other
            spelling of the same value.
    """
    if len(data) > limit:
        raise LotteryError("JSON too long")
    try:
        value: Json = _DECODER.decode(data.decode())
    except (ValueError, RecursionError) as error:
        raise LotteryError("not valid JSON") from error
    if canonical(value) != data:
        raise LotteryError("JSON is not canonical")
    return value


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise LotteryError("duplicate JSON key")
    return value


def _refuse(_: str) -> NoReturn:
    raise LotteryError("JSON number is not a whole number")


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_refuse, parse_constant=_refuse)
