"""Checks V6 to V9: operator secret, roster, enrolments, contributions.

Source: SPEC.md section 13.2.
"""

from collections.abc import Mapping

from lottery.commitments import contribution_commit, operator_commit
from lottery.encoding import sha256
from lottery.merkle import EMPTY_ROOT
from lottery.records import Enroll, Freeze, Record, Reject, Withdraw
from lottery.roster import (
    Entrant,
    contribution_root,
    read_contributions,
    read_openings,
    read_roster,
    roster_root,
)
from lottery.verify.case import Case, need

_ROSTER, _OPENINGS, _CONTRIBUTIONS = "roster.txt", "openings.txt", "contributions.txt"


def v6_secret(case: Case) -> None:
    """The opened operator secret is the one that the announcement committed to."""
    announce, freeze = need(case.announce, "V3").record, need(case.freeze, "V4").record
    case.require(
        "freeze.json",
        holds=operator_commit(freeze.draw_id, freeze.operator_secret) == announce.operator_commit,
        detail="operator secret does not open operator_commit",
    )


def v7_roster(case: Case) -> None:
    """The roster file is sorted and unique and gives root, size and counts of the freeze."""
    case.roster = case.read(_ROSTER, read_roster)
    announce, freeze = need(case.announce, "V3").record, need(case.freeze, "V4").record
    case.require(
        _ROSTER,
        holds=roster_root(case.roster).hex() == freeze.roster_root,
        detail="root differs from the freeze record",
    )
    case.require(
        _ROSTER,
        holds=len(case.roster) == freeze.roster_size,
        detail="number of lines differs from the freeze record",
    )
    case.require(
        "freeze.json",
        holds=freeze.enrolled - freeze.rejected - freeze.withdrawn == freeze.roster_size,
        detail="enrolled - rejected - withdrawn is not the roster size",
    )
    _file_hash(case, _ROSTER, freeze.roster_sha256)
    if announce.weights == "equal":
        unequal = [item.id for item in case.roster if item.weight != 1]
        case.require(_ROSTER, holds=not unequal, detail=f"weights are not equal: {unequal[:5]}")
    elif announce.weights:
        case.warn("announce.json", "weights follow a table that is not in the bundle")
    lots = {lot.lot for lot in announce.lots}
    _exclusions(case, freeze, lots, {item.id for item in case.roster})


def _exclusions(case: Case, freeze: Freeze, lots: set[int], ids: set[str]) -> None:
    for lot, barred in freeze.excluded().items():
        where = f"freeze.json exclusions lot {lot}"
        case.require(where, holds=lot in lots, detail="lot was not announced")
        strangers = sorted(barred - ids)
        case.require(where, holds=not strangers, detail=f"not in the roster: {strangers[:5]}")


def _file_hash(case: Case, name: str, expected: str) -> None:
    if expected:
        found = sha256(case.file(name)).hex()
        case.require(name, holds=found == expected, detail="SHA-256 differs from the freeze record")


def v8_openings(case: Case) -> None:
    """Every opening fits its enrolment in the log; openings and roster are the same entrants."""
    case.openings = case.read(_OPENINGS, read_openings)
    freeze, roster = need(case.freeze, "V4").record, need(case.roster, "V7")
    records = case.entries()
    for number, opening in enumerate(case.openings, start=1):
        where = f"{_OPENINGS} line {number}"
        _enrolment(case, where, opening.index, opening.commit(freeze.draw_id), records)
    opened = {(item.id, item.weight) for item in case.openings}
    listed = {(item.id, item.weight) for item in roster}
    for entrant_id, _ in sorted(opened ^ listed):
        case.fail(_OPENINGS, f"{entrant_id} is not both in openings and roster, once, same weight")
    case.require(_OPENINGS, holds=len(opened) == len(case.openings), detail="an entrant twice")
    _file_hash(case, _OPENINGS, freeze.openings_sha256)
    _removed(case, freeze, {item.index for item in case.openings})


def _enrolment(
    case: Case, where: str, index: int, commit: str, records: Mapping[int, Record]
) -> None:
    start, end = need(case.announce, "V3").index, need(case.close, "V4").record.log_size
    case.require(where, holds=start < index < end, detail="index is not between notice and close")
    record = records.get(index)
    if not isinstance(record, Enroll):
        case.fail(where, "entries.txt has no enrolment at this index")
    elif record.commit != commit:
        case.fail(where, "opening does not fit the commitment in the log")


def _removed(case: Case, freeze: Freeze, kept: set[int]) -> None:
    removed: set[int] = set()
    for kind, count in ((Reject, freeze.rejected), (Withdraw, freeze.withdrawn)):
        found = [
            (index, record.enroll_index)
            for index, record in sorted(case.entries().items())
            if isinstance(record, kind) and record.draw_id == freeze.draw_id
        ]
        case.require(
            "entries.txt",
            holds=len(found) == count,
            detail=f"{len(found)} {kind.TYPE} records, freeze says {count}",
        )
        for index, enrolment in found:
            where = f"entries.txt index {index}"
            _removal(case, where, index)
            case.require(
                where, holds=enrolment not in kept | removed, detail="enrolment kept or gone twice"
            )
            removed.add(enrolment)


def _removal(case: Case, where: str, index: int) -> None:
    start, end = need(case.announce, "V3").index, need(case.freeze, "V4").index
    case.require(where, holds=start < index < end, detail="is not between notice and freeze")


def v9_contributions(case: Case) -> None:
    """Opened contributions fit their commitments and the root of the freeze."""
    case.contributions = case.read(_CONTRIBUTIONS, read_contributions)
    announce, freeze = need(case.announce, "V3").record, need(case.freeze, "V4").record
    count = len(case.contributions)
    case.require(
        _CONTRIBUTIONS, holds=count == freeze.contributions, detail="number differs from the freeze"
    )
    found = contribution_root(case.contributions) if count else EMPTY_ROOT
    case.require(
        _CONTRIBUTIONS,
        holds=found.hex() == freeze.contribution_root,
        detail="root differs from the freeze record",
    )
    if announce.contributions == "none":
        case.require(_CONTRIBUTIONS, holds=not count, detail="announcement allows none")
    _commitments(case)


def _commitments(case: Case) -> None:
    """Compare with the commitments in the enrolments."""
    freeze = need(case.freeze, "V4").record
    enrolments = case.entries()
    promised: dict[str, str] = {}
    for opening in need(case.openings, "V8"):
        record = enrolments.get(opening.index)
        if isinstance(record, Enroll) and record.contribution_commit:
            promised[opening.id] = record.contribution_commit
    for number, item in enumerate(need(case.contributions, "V9"), start=1):
        expected = promised.pop(item.id, "")
        case.require(
            f"{_CONTRIBUTIONS} line {number}",
            holds=contribution_commit(freeze.draw_id, item.id, item.x) == expected,
            detail="does not fit the commitment in the log",
        )
    if promised:
        case.warn(_CONTRIBUTIONS, f"{len(promised)} committed contributions were not opened")


def with_inserts(roster: list[Entrant], inserted: list[Entrant]) -> list[Entrant]:
    """Return the roster with inserted entrants that it does not hold."""
    present = {item.id for item in roster}
    return [*roster, *(item for item in inserted if item.id not in present)]
