"""Records that come after the freeze: result, post-draw acts, void, beacon-unavailable.

Source: SPEC.md sections 7.10 to 7.16.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from lottery.errors import RecordError
from lottery.override import override
from lottery.records.base import Nested, Part, Record
from lottery.records.shapes import (
    COUNT,
    HEX16,
    HEX32,
    LABEL,
    LOT,
    Choice,
    DrawId,
    EntrantId,
    Int,
    ListOf,
    Text,
    Time,
)

DISQUALIFY_REASONS = frozenset(
    {
        "false_materials",
        "qualification_lost",
        "suspended",
        "conflict_found",
        "court_or_authority_order",
    }
)
DECLINE_REASONS = frozenset({"by_entrant", "no_reply"})
PROMOTE_REASONS = frozenset({"after_disqualify", "after_decline"})
VOID_BEFORE_GO = frozenset({"no_valid_freeze", "procurement_cancelled"})
VOID_AFTER_GO = frozenset(
    {"court_or_authority_order", "beacons_unavailable", "procurement_cancelled"}
)
SIGNERS = ListOf(LABEL, low=2, high=2)
IDS = ListOf(EntrantId(), high=100_000)


@dataclass(frozen=True, kw_only=True)
class LotResult(Part):
    """Winners and reserves of one lot, both by rank."""

    lot: Annotated[int, LOT]
    ranking_sha256: Annotated[str, HEX32]
    winners: Annotated[tuple[str, ...], IDS]
    reserves: Annotated[tuple[str, ...], IDS]


@dataclass(frozen=True, kw_only=True)
class Result(Record):
    """What everyone can compute, written down; it must equal the recomputation."""

    TYPE: ClassVar[str] = "result"
    draw_id: Annotated[str, DrawId()]
    beacons: Annotated[tuple[str, ...], ListOf(Text(high=300), low=1, high=16)]
    seed: Annotated[str, HEX32]
    lots: Annotated[tuple[LotResult, ...], ListOf(Nested(LotResult), low=1)]

    @override
    def _require_rules(self) -> None:
        lots = [item.lot for item in self.lots]
        if lots != sorted(set(lots)):
            raise RecordError("lots are not in ascending order")


@dataclass(frozen=True, kw_only=True)
class Disqualify(Record):
    """A winner or reserve loses its place, for a reason of the closed list."""

    TYPE: ClassVar[str] = "disqualify"
    draw_id: Annotated[str, DrawId()]
    lot: Annotated[int, LOT]
    id: Annotated[str, EntrantId()]
    reason_code: Annotated[str, Choice(DISQUALIFY_REASONS)]
    evidence_sha256: Annotated[str, HEX32]
    signers: Annotated[tuple[str, ...], SIGNERS]
    objection_until: Annotated[str, Time()]


@dataclass(frozen=True, kw_only=True)
class Decline(Record):
    """A winner or reserve gives its place up."""

    TYPE: ClassVar[str] = "decline"
    draw_id: Annotated[str, DrawId()]
    lot: Annotated[int, LOT]
    id: Annotated[str, EntrantId()]
    reason_code: Annotated[str, Choice(DECLINE_REASONS)]
    evidence_sha256: Annotated[str, HEX32]
    signers: Annotated[tuple[str, ...], SIGNERS]
    objection_until: Annotated[str, Time()]


@dataclass(frozen=True, kw_only=True)
class Promote(Record):
    """The next reserve takes the place of ``replaces``."""

    TYPE: ClassVar[str] = "promote"
    draw_id: Annotated[str, DrawId()]
    lot: Annotated[int, LOT]
    id: Annotated[str, EntrantId()]
    replaces: Annotated[str, EntrantId()]
    reason_code: Annotated[str, Choice(PROMOTE_REASONS)]
    evidence_sha256: Annotated[str, HEX32]
    signers: Annotated[tuple[str, ...], SIGNERS]
    objection_until: Annotated[str, Time()]


@dataclass(frozen=True, kw_only=True)
class Insert(Record):
    """An entrant that was omitted from the roster comes back by its own ticket."""

    TYPE: ClassVar[str] = "insert"
    draw_id: Annotated[str, DrawId()]
    enroll_index: Annotated[int, Int()]
    id: Annotated[str, EntrantId()]
    weight: Annotated[int, Int(1, 1000)]
    name: Annotated[str, Text(high=512)]
    nonce: Annotated[str, HEX16]
    decided_by: Annotated[str, LABEL]


@dataclass(frozen=True, kw_only=True)
class Void(Record):
    """An attempt ends without award; its ranking, if computable, stays shown."""

    TYPE: ClassVar[str] = "void"
    draw_id: Annotated[str, DrawId()]
    reason_code: Annotated[str, Choice(VOID_BEFORE_GO | VOID_AFTER_GO)]
    document_sha256: Annotated[str, HEX32]
    decided_by: Annotated[str, LABEL]


@dataclass(frozen=True, kw_only=True)
class Attempted(Part):
    """One try to obtain the beacon."""

    at: Annotated[str, Time()]
    source: Annotated[str, LABEL]
    outcome: Annotated[str, LABEL]


@dataclass(frozen=True, kw_only=True)
class BeaconUnavailable(Record):
    """The announced round did not appear in time; from here on the fallback list is binding."""

    TYPE: ClassVar[str] = "beacon-unavailable"
    draw_id: Annotated[str, DrawId()]
    chain: Annotated[str, HEX32]
    round: Annotated[int, Int(1)]
    observed_at: Annotated[str, Time()]
    attempts: Annotated[tuple[Attempted, ...], ListOf(Nested(Attempted), low=1)]
    witnesses: Annotated[tuple[str, ...], ListOf(LABEL, low=1)]
    waited_seconds: Annotated[int, COUNT]
