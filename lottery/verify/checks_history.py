"""Checks V16 and V17: all attempts of the project, and what happened after the draw.

Source: SPEC.md section 13.2.
"""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from lottery import standing
from lottery.bundle.contents import read_log
from lottery.encoding import unix_time
from lottery.errors import LotteryError, ProtocolError, VerificationError
from lottery.merkle import root_of
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
    parse_record,
)
from lottery.records.closing import VOID_AFTER_GO, VOID_BEFORE_GO
from lottery.roster import Entrant, Opening
from lottery.selection import select
from lottery.verify.case import Case, need
from lottery.verify.checks_roster import with_inserts

_ONCE = (Close, Freeze, Go, Result, BeaconUnavailable)


def v16_attempts(case: Case) -> None:
    """The project's attempts are numbered 1..k, and each was voided before the next."""
    announce = need(case.announce, "V3").record
    whole = _whole_log(case)
    known = case.entries() if whole is None else whole
    if whole is None:
        case.warn("log.txt", "not in the bundle: ask the log whether there are further attempts")
    attempts = [
        (index, record)
        for index, record in sorted(known.items())
        if isinstance(record, Announce) and record.project_id == announce.project_id
    ]
    numbers = [record.attempt for _, record in attempts]
    case.require(
        "entries.txt",
        holds=numbers == list(range(1, len(numbers) + 1)) and announce.attempt in numbers,
        detail=f"attempts are {numbers}, not 1..k with this one among them",
    )
    for (_, before), (index, _) in pairwise(attempts):
        voided = [at for at, item in known.items() if _voids(item, before.draw_id) and at < index]
        case.require(
            f"attempt {before.attempt}", holds=bool(voided), detail="was not voided before the next"
        )
    for record in (item for _, item in attempts):
        _single(case, record.draw_id, known.values())
    case.ok("entries.txt", f"{len(numbers)} attempts, this is number {announce.attempt}")


def _voids(record: Record, draw_id: str) -> bool:
    return isinstance(record, Void) and record.draw_id == draw_id


def _single(case: Case, draw_id: str, records: Iterable[Record]) -> None:
    """A draw has at most one close, freeze, go, result and void."""
    found = Counter(
        record.TYPE
        for record in records
        if isinstance(record, (*_ONCE, Void)) and record.draw_id == draw_id
    )
    for kind, count in sorted(found.items()):
        case.require(draw_id, holds=count == 1, detail=f"{count} records of type {kind}")


def _whole_log(case: Case) -> dict[int, Record] | None:
    """Return all records of the log when the bundle holds them."""
    if "log.txt" not in case.files:
        return None
    latest = need(case.latest, "V2")
    entries = case.read("log.txt", read_log)
    if len(entries) != latest.size or root_of(entries) != latest.root:
        raise VerificationError(case.check, "log.txt", "entries do not lead to the checkpoint")
    chosen = case.entries()
    records: dict[int, Record] = {}
    for index, entry in enumerate(entries):
        try:  # what entries.txt proved at this index is this entry
            records[index] = chosen[index] if index in chosen else parse_record(entry)
        except LotteryError as error:
            raise VerificationError(case.check, f"log.txt line {index + 1}", str(error)) from error
    _require_selected(case, records)
    return records


def _require_selected(case: Case, whole: dict[int, Record]) -> None:
    """entries.txt must not leave out a record of this draw that log.txt has."""
    chosen = case.entries()
    for index, record in whole.items():
        mine = getattr(record, "draw_id", "") == case.report.draw_id
        if mine and index not in chosen and not isinstance(record, (Announce, *_ONCE)):
            case.fail(f"log.txt line {index + 1}", f"{record.TYPE} record is not in entries.txt")
    if case.announce is not None:
        between = range(case.policy_index + 1, case.announce.index)
        newer = [at for at in between if isinstance(whole.get(at), Policy)]
        case.require("policy.json", holds=not newer, detail="a newer policy precedes the notice")
    _count_enrolments(case, whole)


def _count_enrolments(case: Case, whole: dict[int, Record]) -> None:
    if case.announce is None or case.close is None or case.openings is None:
        return
    accounted = {item.index for item in case.openings}
    accounted |= {item.enroll_index for _, item in case.of_draw(Reject)}
    accounted |= {item.enroll_index for _, item in case.of_draw(Withdraw)}
    window = range(case.announce.index + 1, case.close.record.log_size)
    others = [at for at in window if isinstance(whole.get(at), Enroll) and at not in accounted]
    if others:
        case.ok("log.txt", f"{len(others)} enrolments in this time belong to other draws")


def v17_after(case: Case) -> None:
    """Voids, insertions, disqualifications, declines and promotions follow the rules."""
    _void_reason(case)
    announce = need(case.announce, "V3").record
    inserted = _inserts(case)
    if case.outcome is None:
        acts = [*case.of_draw(Disqualify), *case.of_draw(Decline), *case.of_draw(Promote)]
        case.require("entries.txt", holds=not acts, detail="post-draw records without a draw")
        return
    freeze, roster = need(case.freeze, "V4").record, need(case.roster, "V7")
    outcome = select(
        case.outcome.seed,
        with_inserts(roster, inserted),
        announce.lot_rules(),
        max_wins=announce.max_wins,
        exclusions=freeze.excluded(),
    )
    _replay(case, standing.start(outcome.awards))


def _void_reason(case: Case) -> None:
    if case.void is None:
        return
    index, record = case.void
    goes = [at for at, _ in case.of_draw(Go)]
    if case.go is not None:
        goes.append(case.go.index)
    allowed = VOID_AFTER_GO if any(at < index for at in goes) else VOID_BEFORE_GO
    case.require(
        f"entries.txt index {index}",
        holds=record.reason_code in allowed,
        detail=f"void reason {record.reason_code} is not allowed at that point",
    )
    case.warn(f"entries.txt index {index}", f"this attempt is void: {record.reason_code}")


def _inserts(case: Case) -> list[Entrant]:
    """Return entrants that were omitted and came back by their own enrolment."""
    inserted: list[Entrant] = []
    removed = {item.enroll_index for _, item in case.of_draw(Reject)}
    removed |= {item.enroll_index for _, item in case.of_draw(Withdraw)}
    for index, record in case.of_draw(Insert):
        where = f"entries.txt index {index}"
        try:
            entrant = Entrant(record.id, record.weight, record.name)
            opening = Opening(record.enroll_index, record.id, record.weight, record.nonce)
        except LotteryError as error:
            case.fail(where, str(error))
            continue
        enrolment = case.entries().get(record.enroll_index)
        fits = isinstance(enrolment, Enroll) and enrolment.commit == opening.commit(record.draw_id)
        case.require(where, holds=fits, detail="insert does not fit an enrolment in the log")
        start, end = need(case.announce, "V3").index, need(case.close, "V4").record.log_size
        live = start < record.enroll_index < end and record.enroll_index not in removed
        case.require(where, holds=live, detail="enrolment was late, rejected or withdrawn")
        known = {item.id for item in [*need(case.roster, "V7"), *inserted]}
        case.require(where, holds=record.id not in known, detail="entrant is already in the roster")
        inserted.append(entrant)
    return inserted


def _replay(case: Case, state: dict[int, standing.LotStanding]) -> None:
    until: dict[tuple[int, str], int] = {}
    acts: list[tuple[int, standing.Act]] = sorted(
        [*case.of_draw(Disqualify), *case.of_draw(Decline), *case.of_draw(Promote)],
        key=lambda item: item[0],
    )
    for index, act in acts:
        where = f"entries.txt index {index}"
        if case.result is not None:
            case.require(where, holds=index > case.result.index, detail="lies before the result")
        try:
            state = standing.apply(state, act)
        except ProtocolError as error:
            case.fail(where, str(error))
            continue
        if isinstance(act, Promote):
            _window(case, where, until.get((act.lot, act.replaces), 0))
        else:
            until[act.lot, act.id] = unix_time(act.objection_until)
    case.report.holders = {str(lot): list(item.holders) for lot, item in state.items()}


def _window(case: Case, where: str, until: int) -> None:
    """A promotion that a witness saw before the objection window ended came too early."""
    note, policy = need(case.latest_note, "V2"), need(case.witness_policy, "V2")
    times = policy.evaluate(note).times.values()
    early = bool(times) and min(times) < until
    case.require(where, holds=not early, detail="promotion before the objection window ended")
