"""The life of one draw as a pure state machine over its records.

It says which record may follow which, when, and from whom. It reads no clock and no store.

Source: SPEC.md section 10.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from lottery.commitments import operator_commit
from lottery.encoding import parse_time
from lottery.entropy.drand import Chain, round_for, round_time
from lottery.entropy.registry import parse_beacon
from lottery.errors import ProtocolError
from lottery.records import (
    Announce,
    BeaconUnavailable,
    Close,
    Decline,
    Disqualify,
    Enroll,
    Freeze,
    Go,
    Insert,
    Policy,
    Promote,
    Record,
    Reject,
    Result,
    Void,
    Withdraw,
)
from lottery.records.closing import VOID_AFTER_GO, VOID_BEFORE_GO

FALLBACK_WAIT = timedelta(hours=24)


class Stage(StrEnum):
    """Where a draw stands."""

    ANNOUNCED = "announced"
    CLOSED = "closed"
    FROZEN = "frozen"
    GO = "go"
    DRAWN = "drawn"
    VOID = "void"


class Actor(StrEnum):
    """In which function somebody writes a record."""

    OPERATOR = "operator"
    ENTRANT = "entrant"
    OWNER = "owner"
    REGULATOR = "regulator"
    CLOCK = "clock"  # the system itself, when its time has come


WRITERS: Mapping[str, frozenset[Actor]] = {
    Announce.TYPE: frozenset({Actor.OPERATOR}),
    Enroll.TYPE: frozenset({Actor.ENTRANT}),
    Withdraw.TYPE: frozenset({Actor.ENTRANT}),
    Reject.TYPE: frozenset({Actor.OPERATOR, Actor.REGULATOR, Actor.CLOCK}),
    Close.TYPE: frozenset({Actor.OPERATOR, Actor.CLOCK}),
    Freeze.TYPE: frozenset({Actor.OPERATOR, Actor.CLOCK}),
    Go.TYPE: frozenset({Actor.OPERATOR, Actor.CLOCK}),
    Result.TYPE: frozenset({Actor.OPERATOR, Actor.CLOCK}),
    Disqualify.TYPE: frozenset({Actor.OPERATOR, Actor.REGULATOR}),
    Decline.TYPE: frozenset({Actor.ENTRANT, Actor.OPERATOR, Actor.CLOCK}),
    Promote.TYPE: frozenset({Actor.OPERATOR, Actor.CLOCK}),
    Insert.TYPE: frozenset({Actor.OPERATOR, Actor.REGULATOR}),
    Void.TYPE: frozenset({Actor.OPERATOR, Actor.OWNER, Actor.REGULATOR, Actor.CLOCK}),
    BeaconUnavailable.TYPE: frozenset({Actor.OPERATOR, Actor.CLOCK}),
}

STAGES: Mapping[str, frozenset[Stage]] = {
    Enroll.TYPE: frozenset({Stage.ANNOUNCED}),
    Withdraw.TYPE: frozenset({Stage.ANNOUNCED, Stage.CLOSED}),
    Reject.TYPE: frozenset({Stage.CLOSED}),
    Close.TYPE: frozenset({Stage.ANNOUNCED}),
    Freeze.TYPE: frozenset({Stage.CLOSED}),
    Go.TYPE: frozenset({Stage.FROZEN}),
    BeaconUnavailable.TYPE: frozenset({Stage.GO}),
    Result.TYPE: frozenset({Stage.GO}),
    Disqualify.TYPE: frozenset({Stage.DRAWN}),
    Decline.TYPE: frozenset({Stage.DRAWN}),
    Promote.TYPE: frozenset({Stage.DRAWN}),
    Insert.TYPE: frozenset({Stage.DRAWN}),
    Void.TYPE: frozenset(Stage) - {Stage.VOID},
}


@dataclass(frozen=True)
class Draw:
    """One attempt as its records leave it; ``after`` gives the next state.

    ``beacon_at`` is when the last announced beacon appears. ``enrolled`` holds the log indices of
    the enrolments that the caller attributes to this draw, ``removed`` those withdrawn or rejected.
    """

    announce: Announce
    announce_index: int
    policy: Policy
    beacon_at: datetime
    stage: Stage = Stage.ANNOUNCED
    enrolled: frozenset[int] = frozenset()
    withdrawn: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    close: Close | None = None
    freeze: Freeze | None = None
    result: Result | None = None
    on_fallback: bool = False
    void: Void | None = None

    @classmethod
    def begin(cls, announce: Announce, *, index: int, policy: Policy, at: datetime) -> "Draw":
        """Start a draw with its announcement.

        Raises:
            ProtocolError: the drand chain is not the policy's, the round is not the one that
                ``draw_at`` fixes, margins are too short, or enrolment would be over already.
        """
        draw_at = parse_time(announce.draw_at)
        if announce.beacon.kind == "drand":
            draw_at = _beacon_time(announce, policy.drand.to_chain())
        latest = draw_at - timedelta(seconds=policy.freeze_lead_seconds)
        _require(parse_time(announce.freeze_by) <= latest, "freeze_by is too near to the draw")
        _require(at < parse_time(announce.enroll_close), "enrolment would be over")
        return cls(announce, index, policy, draw_at)

    def after(self, record: Record, *, index: int, at: datetime, actor: Actor) -> "Draw":
        """Return the draw after one more record.

        Args:
            record: the new record.
            index: its index in the log.
            at: when it is written, by the operator's clock.
            actor: in which function it is written.

        Raises:
            ProtocolError: not now, not by this actor, or it contradicts the records before.
        """
        kind = record.TYPE
        _require(self.stage in STAGES.get(kind, frozenset()), f"{kind} at stage {self.stage}")
        _require(actor in WRITERS[kind], f"{kind} by {actor}")
        draw_id = getattr(record, "draw_id", self.announce.draw_id)
        _require(draw_id == self.announce.draw_id, f"{kind} belongs to another draw")
        _require(index > self.announce_index, f"{kind} lies before the announcement")
        step = _STEPS.get(kind)
        return step(self, record, index, at) if step else self

    def lapsed(self, at: datetime) -> bool:
        """Tell whether freeze or go is missing after its time, so that the draw must be voided."""
        if self.stage in {Stage.ANNOUNCED, Stage.CLOSED}:
            return at > parse_time(self.announce.freeze_by)
        lead = timedelta(seconds=self.policy.go_lead_seconds)
        return self.stage is Stage.FROZEN and at > self.beacon_at - lead

    def beacon_sources(self) -> list[str]:
        """Return the beacons that enter the seed, in order, as named before the fact."""
        if self.on_fallback:
            return list(self.announce.fallback)
        return announced_sources(self.announce)


def announced_sources(announce: Announce) -> list[str]:
    """Return the announced beacons, in order: extra lottery issues, then the main beacon."""
    main = announce.beacon
    last = [f"drand/{main.chain}/{main.round}"] if main.kind == "drand" else list(main.issues)
    return [*announce.extra_beacons, *last]


def _beacon_time(announce: Announce, chain: Chain) -> datetime:
    _require(announce.beacon.chain == chain.hash, "beacon chain is not the policy's")
    number = round_for(chain, announce.draw_at)
    _require(announce.beacon.round == number, "beacon round does not follow from draw_at")
    seconds = round_time(chain, number)
    return parse_time("1970-01-01T00:00:00Z") + timedelta(seconds=seconds)


def _require(condition: bool, detail: str) -> None:  # noqa: FBT001 - reads as an assertion
    if not condition:
        raise ProtocolError(detail)


_Step: TypeAlias = Callable[[Draw, Record, int, datetime], Draw]


def _enroll(draw: Draw, _record: Record, index: int, at: datetime) -> Draw:
    _require(at < parse_time(draw.announce.enroll_close), "enrolment is over")
    _require(index not in draw.enrolled, "enrolment is already known")
    return replace(draw, enrolled=draw.enrolled | {index})


def _withdraw(draw: Draw, record: Record, _index: int, _at: datetime) -> Draw:
    assert isinstance(record, Withdraw)  # noqa: S101 - the table keys say so
    _require_enrolled(draw, record.enroll_index)
    return replace(draw, withdrawn=draw.withdrawn | {record.enroll_index})


def _reject(draw: Draw, record: Record, _index: int, _at: datetime) -> Draw:
    assert isinstance(record, Reject)  # noqa: S101 - the table keys say so
    _require_enrolled(draw, record.enroll_index)
    return replace(draw, rejected=draw.rejected | {record.enroll_index})


def _require_enrolled(draw: Draw, index: int) -> None:
    live = draw.enrolled - draw.withdrawn - draw.rejected
    _require(index in live, "no live enrolment has this index")


def _close(draw: Draw, record: Record, index: int, at: datetime) -> Draw:
    assert isinstance(record, Close)  # noqa: S101 - the table keys say so
    _require(at >= parse_time(draw.announce.enroll_close), "enrolment is still open")
    fits = max(draw.enrolled, default=draw.announce_index) < record.log_size <= index
    _require(fits, "log_size does not separate the enrolments from the close record")
    return replace(draw, stage=Stage.CLOSED, close=record)


def _freeze(draw: Draw, record: Record, _index: int, at: datetime) -> Draw:
    assert isinstance(record, Freeze)  # noqa: S101 - the table keys say so
    _require(at <= parse_time(draw.announce.freeze_by), "freeze is late")
    counts = (record.enrolled, record.withdrawn, record.rejected)
    known = (len(draw.enrolled), len(draw.withdrawn), len(draw.rejected))
    _require(counts == known, "counts differ from the records")
    _require(
        record.roster_size == record.enrolled - record.withdrawn - record.rejected,
        "roster size does not follow from the counts",
    )
    opened = operator_commit(record.draw_id, record.operator_secret)
    _require(opened == draw.announce.operator_commit, "operator secret does not open its commit")
    lots = {lot.lot for lot in draw.announce.lots}
    _require(record.excluded().keys() <= lots, "exclusion for an unknown lot")
    return replace(draw, stage=Stage.FROZEN, freeze=record)


def _go(draw: Draw, record: Record, _index: int, at: datetime) -> Draw:
    assert isinstance(record, Go)  # noqa: S101 - the table keys say so
    lead = timedelta(seconds=draw.policy.go_lead_seconds)
    _require(at <= draw.beacon_at - lead, "go is late")
    _require(
        draw.freeze is not None and record.freeze_leaf == draw.freeze.leaf(),
        "go is for another freeze",
    )
    return replace(draw, stage=Stage.GO)


def _unavailable(draw: Draw, record: Record, _index: int, at: datetime) -> Draw:
    assert isinstance(record, BeaconUnavailable)  # noqa: S101 - the table keys say so
    beacon = draw.announce.beacon
    _require((record.chain, record.round) == (beacon.chain, beacon.round), "other beacon")
    _require(bool(draw.announce.fallback) and not draw.on_fallback, "no fallback was announced")
    observed = parse_time(record.observed_at)
    _require(draw.beacon_at + FALLBACK_WAIT <= observed <= at, "the wait is not over")
    return replace(draw, on_fallback=True)


def _result(draw: Draw, record: Record, _index: int, at: datetime) -> Draw:
    assert isinstance(record, Result)  # noqa: S101 - the table keys say so
    _require(at >= draw.beacon_at, "result lies before the beacon")
    sources = [parse_beacon(line).source for line in record.beacons]
    _require(sources == draw.beacon_sources(), "result uses other beacons than announced")
    return replace(draw, stage=Stage.DRAWN, result=record)


def _void(draw: Draw, record: Record, _index: int, _at: datetime) -> Draw:
    assert isinstance(record, Void)  # noqa: S101 - the table keys say so
    gone = draw.stage in {Stage.GO, Stage.DRAWN}
    allowed = VOID_AFTER_GO if gone else VOID_BEFORE_GO
    _require(record.reason_code in allowed, "reason is not allowed at this stage")
    return replace(draw, stage=Stage.VOID, void=record)


_STEPS: Mapping[str, _Step] = {
    Enroll.TYPE: _enroll,
    Withdraw.TYPE: _withdraw,
    Reject.TYPE: _reject,
    Close.TYPE: _close,
    Freeze.TYPE: _freeze,
    Go.TYPE: _go,
    BeaconUnavailable.TYPE: _unavailable,
    Result.TYPE: _result,
    Void.TYPE: _void,
}
