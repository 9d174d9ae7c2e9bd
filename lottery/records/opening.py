"""Records that come before the beacon: policy, announce, enroll to freeze, go.

Source: SPEC.md sections 7.2 to 7.9.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, ClassVar

from lottery.commitments import make_draw_id
from lottery.entropy.drand import SCHEME, Chain
from lottery.errors import RecordError
from lottery.override import override
from lottery.records.base import Nested, Part, Record
from lottery.records.shapes import (
    COUNT,
    HEX32,
    HEX48,
    LABEL,
    LOT,
    OPTIONAL_DRAW_ID,
    OPTIONAL_HEX32,
    PROJECT_ID,
    Choice,
    DrawId,
    EntrantId,
    Int,
    ListOf,
    Text,
    Time,
)
from lottery.selection import LotRule

FREEZE_LEAD_SECONDS = 600
GO_LEAD_SECONDS = 60
ISSUE = Text(r"(?:cwl-kl8|cwl-ssq)/[0-9]{7}", high=32)
REJECT_REASONS = frozenset(
    {
        "not_qualified",
        "conflict_of_interest",
        "affiliated",
        "suspended",
        "duplicate",
        "over_capacity",
        "false_materials",
        "not_opened",
    }
)
WITHDRAW_REASONS = frozenset({"by_entrant"})


@dataclass(frozen=True, kw_only=True)
class DrandPin(Part):
    """The drand chain that draws under this policy use; ``chain`` must be the hash of the rest."""

    chain: Annotated[str, HEX32]
    public_key: Annotated[str, Text(r"[0-9a-f]{192}", high=192)]  # compressed G2, 96 bytes
    genesis_time: Annotated[int, Int()]  # POSIX seconds of round 1
    period: Annotated[int, Int(1, 86_400)]  # seconds
    genesis_seed: Annotated[str, HEX32]
    beacon_id: Annotated[str, Text(r"[0-9A-Za-z._-]{1,64}", high=64)]
    scheme: Annotated[str, Choice(frozenset({SCHEME}))]

    @classmethod
    def of(cls, chain: Chain) -> "DrandPin":
        """Return the pin of a chain."""
        return cls(
            chain=chain.hash,
            public_key=chain.public_key,
            genesis_time=chain.genesis_time,
            period=chain.period,
            genesis_seed=chain.genesis_seed,
            beacon_id=chain.beacon_id,
            scheme=chain.scheme,
        )

    def to_chain(self) -> Chain:
        """Return the pinned chain."""
        return Chain(
            public_key=self.public_key,
            genesis_time=self.genesis_time,
            period=self.period,
            genesis_seed=self.genesis_seed,
            beacon_id=self.beacon_id,
            scheme=self.scheme,
        )

    @override
    def _require_rules(self) -> None:
        if self.to_chain().hash != self.chain:
            raise RecordError("chain is not the hash of its parts")


@dataclass(frozen=True, kw_only=True)
class Policy(Record):
    """Whom to believe: log keys, witness policy, beacon chain, time margins."""

    TYPE: ClassVar[str] = "policy"
    origin: Annotated[str, LABEL]
    log_vkeys: Annotated[tuple[str, ...], ListOf(Text(), low=1, high=8)]
    policy_sha256: Annotated[str, HEX32]  # of the tlog-policy text
    drand: Annotated[DrandPin, Nested(DrandPin)]
    freeze_lead_seconds: Annotated[int, Int(1, 604_800)] = FREEZE_LEAD_SECONDS
    go_lead_seconds: Annotated[int, Int(1, 604_800)] = GO_LEAD_SECONDS
    spec_sha256: Annotated[str, OPTIONAL_HEX32] = ""
    verifier_sha256: Annotated[tuple[str, ...], ListOf(HEX32, high=16)] = ()

    @override
    def _require_rules(self) -> None:
        if self.go_lead_seconds > self.freeze_lead_seconds:
            raise RecordError("go lead is longer than freeze lead")


@dataclass(frozen=True, kw_only=True)
class Lot(Part):
    """One lot: how many win, how many are reserves, and the text rule of exclusions."""

    lot: Annotated[int, LOT]
    winners: Annotated[int, Int(1, 100_000)]
    reserves: Annotated[int, COUNT]
    exclude_policy: Annotated[str, Text(low=0)] = ""


@dataclass(frozen=True, kw_only=True)
class BeaconChoice(Part):
    """The last beacon of the draw: a drand round, or public lottery issues.

    For drand, ``chain`` and ``round`` are set; for lottery (profile L), ``issues``.
    """

    kind: Annotated[str, Choice(frozenset({"drand", "lottery"}))]
    chain: Annotated[str, OPTIONAL_HEX32] = ""
    round: Annotated[int, Int()] = 0
    issues: Annotated[tuple[str, ...], ListOf(ISSUE, high=8)] = ()

    @override
    def _require_rules(self) -> None:
        drand = bool(self.chain) and self.round > 0 and not self.issues
        lottery = not self.chain and not self.round and len(self.issues) > 0
        if not (drand if self.kind == "drand" else lottery):
            raise RecordError("beacon fields do not fit its kind")


@dataclass(frozen=True, kw_only=True)
class NotBefore(Part):
    """A drand round that existed when the announcement was written."""

    round: Annotated[int, Int(1)]
    signature: Annotated[str, HEX48]


@dataclass(frozen=True, kw_only=True)
class Announce(Record):
    """The public notice of one attempt: everything that is chosen, before anyone enrols."""

    TYPE: ClassVar[str] = "announce"
    project_id: Annotated[str, PROJECT_ID]
    attempt: Annotated[int, Int(1, 9999)]
    draw_id: Annotated[str, DrawId()]
    supersedes: Annotated[str, OPTIONAL_DRAW_ID]  # "" for attempt 1
    lots: Annotated[tuple[Lot, ...], ListOf(Nested(Lot), low=1)]
    max_wins: Annotated[int, LOT]
    enroll_close: Annotated[str, Time()]
    freeze_by: Annotated[str, Time()]
    draw_at: Annotated[str, Time()]
    beacon: Annotated[BeaconChoice, Nested(BeaconChoice)]
    fallback: Annotated[tuple[str, ...], ListOf(ISSUE, high=8)]
    operator_commit: Annotated[str, HEX32]
    void_ref: Annotated[str, OPTIONAL_HEX32] = ""  # leaf hash of the void record of `supersedes`
    rules_sha256: Annotated[str, OPTIONAL_HEX32] = ""
    title: Annotated[str, Text(low=0, high=600)] = ""
    weights: Annotated[str, Text(r"(?:equal|[0-9a-f]{64})?", low=0, high=64)] = ""
    contributions: Annotated[str, Text(r"(?:none|optional)?", low=0, high=8)] = ""
    extra_beacons: Annotated[tuple[str, ...], ListOf(ISSUE, high=8)] = ()  # before `beacon`
    not_before: Annotated[tuple[NotBefore, ...], ListOf(Nested(NotBefore), high=1)] = ()

    @override
    def _require_rules(self) -> None:
        if self.draw_id != make_draw_id(self.project_id, self.attempt):
            raise RecordError("draw_id is not project_id/attempt")
        before = make_draw_id(self.project_id, self.attempt - 1) if self.attempt > 1 else ""
        if self.supersedes != before:
            raise RecordError("supersedes is not the attempt before")
        if not self.enroll_close <= self.freeze_by < self.draw_at:
            raise RecordError("enroll_close, freeze_by, draw_at are out of order")
        _require_lots(self.lots)

    def lot_rules(self) -> list[LotRule]:
        """Return what ``selection.award`` needs of the lots."""
        return [LotRule(item.lot, item.winners, item.reserves) for item in self.lots]


def _require_lots(lots: tuple[Lot, ...]) -> None:
    numbers = [item.lot for item in lots]
    if any(not low < high for low, high in pairwise(numbers)):
        raise RecordError("lots are not in ascending order")


@dataclass(frozen=True, kw_only=True)
class Enroll(Record):
    """One enrolment: hides who enrols and in which draw."""

    TYPE: ClassVar[str] = "enroll"
    commit: Annotated[str, HEX32]
    contribution_commit: Annotated[str, OPTIONAL_HEX32]  # "" when none


@dataclass(frozen=True, kw_only=True)
class Withdraw(Record):
    """An entrant takes its enrolment back."""

    TYPE: ClassVar[str] = "withdraw"
    draw_id: Annotated[str, DrawId()]
    enroll_index: Annotated[int, Int()]
    reason_code: Annotated[str, Choice(WITHDRAW_REASONS)]
    decided_by: Annotated[str, LABEL]
    evidence_sha256: Annotated[str, OPTIONAL_HEX32] = ""


@dataclass(frozen=True, kw_only=True)
class Reject(Record):
    """Screening refuses an enrolment."""

    TYPE: ClassVar[str] = "reject"
    draw_id: Annotated[str, DrawId()]
    enroll_index: Annotated[int, Int()]
    reason_code: Annotated[str, Choice(REJECT_REASONS)]
    decided_by: Annotated[str, LABEL]
    evidence_sha256: Annotated[str, OPTIONAL_HEX32] = ""


@dataclass(frozen=True, kw_only=True)
class Close(Record):
    """End of enrolment: enrolments at log index ``log_size`` or later are not in this draw."""

    TYPE: ClassVar[str] = "close"
    draw_id: Annotated[str, DrawId()]
    log_size: Annotated[int, Int()]


@dataclass(frozen=True, kw_only=True)
class Exclusion(Part):
    """Entrants who do not take part in one lot (回避), ids ascending."""

    lot: Annotated[int, LOT]
    ids: Annotated[tuple[str, ...], ListOf(EntrantId(), low=1)]


@dataclass(frozen=True, kw_only=True)
class Freeze(Record):
    """The roster and the opened operator secret, before the beacon."""

    TYPE: ClassVar[str] = "freeze"
    draw_id: Annotated[str, DrawId()]
    enrolled: Annotated[int, COUNT]
    rejected: Annotated[int, COUNT]
    withdrawn: Annotated[int, COUNT]
    roster_size: Annotated[int, COUNT]
    roster_root: Annotated[str, HEX32]
    operator_secret: Annotated[str, HEX32]
    contributions: Annotated[int, COUNT]
    contribution_root: Annotated[str, HEX32]
    roster_sha256: Annotated[str, OPTIONAL_HEX32] = ""
    openings_sha256: Annotated[str, OPTIONAL_HEX32] = ""
    exclusions: Annotated[tuple[Exclusion, ...], ListOf(Nested(Exclusion))] = ()

    @override
    def _require_rules(self) -> None:
        for item in self.exclusions:
            if list(item.ids) != sorted(item.ids):
                raise RecordError("exclusion ids are not in ascending order")
        lots = [item.lot for item in self.exclusions]
        if lots != sorted(set(lots)):
            raise RecordError("exclusion lots are not in ascending order")

    def excluded(self) -> dict[int, frozenset[str]]:
        """Return the excluded ids by lot."""
        return {item.lot: frozenset(item.ids) for item in self.exclusions}


@dataclass(frozen=True, kw_only=True)
class Go(Record):
    """The decision, still blind, that the freeze passes V3 to V10 and the draw will stand."""

    TYPE: ClassVar[str] = "go"
    draw_id: Annotated[str, DrawId()]
    freeze_leaf: Annotated[str, HEX32]
    mirrors: Annotated[tuple[str, ...], ListOf(Text(high=300), high=32)] = ()
