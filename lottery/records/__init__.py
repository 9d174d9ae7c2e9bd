"""Typed records of the log: one frozen dataclass per type, a strict parser, canonical bytes."""

from lottery.encoding import VERSION, parse_canonical
from lottery.errors import LotteryError, RecordError
from lottery.records.base import Part, Record
from lottery.records.closing import (
    Attempted,
    BeaconUnavailable,
    Decline,
    Disqualify,
    Insert,
    LotResult,
    Promote,
    Result,
    Void,
)
from lottery.records.opening import (
    Announce,
    BeaconChoice,
    Close,
    DrandPin,
    Enroll,
    Exclusion,
    Freeze,
    Go,
    Lot,
    NotBefore,
    Policy,
    Reject,
    Withdraw,
)

__all__ = [
    "RECORD_TYPES",
    "Announce",
    "Attempted",
    "BeaconChoice",
    "BeaconUnavailable",
    "Close",
    "Decline",
    "Disqualify",
    "DrandPin",
    "Enroll",
    "Exclusion",
    "Freeze",
    "Go",
    "Insert",
    "Lot",
    "LotResult",
    "NotBefore",
    "Part",
    "Policy",
    "Promote",
    "Record",
    "Reject",
    "Result",
    "Void",
    "Withdraw",
    "parse_record",
]

RECORD_TYPES: dict[str, type[Record]] = {
    kind.TYPE: kind
    for kind in (
        Policy,
        Announce,
        Enroll,
        Withdraw,
        Reject,
        Close,
        Freeze,
        Go,
        Result,
        Disqualify,
        Decline,
        Promote,
        Insert,
        Void,
        BeaconUnavailable,
    )
}


def parse_record(data: bytes) -> Record:
    """Read the canonical bytes of one record.

    Raises:
        RecordError: not canonical JSON, unknown version, type or field, or a value refused.

    Source: SPEC.md section 7.
    """
    try:
        value = parse_canonical(data)
    except RecordError:
        raise
    except LotteryError as error:
        raise RecordError(str(error)) from error
    if not isinstance(value, dict) or value.get("v") != VERSION:
        raise RecordError("not an object of version yaohao/v1")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in RECORD_TYPES:
        raise RecordError("unknown record type; a newer verifier may know it")
    return RECORD_TYPES[kind].from_json(value, ignore=frozenset({"v", "type"}))
