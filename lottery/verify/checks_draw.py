"""Checks V10 to V14: beacon round, beacon value, seed, ranking, published result.

Source: SPEC.md section 13.2.
"""

from lottery.bundle.contents import BeaconFile, read_beacon_file, write_ranking
from lottery.encoding import unix_time
from lottery.entropy.drand import beacon_line, round_for, verify_beacon
from lottery.entropy.registry import parse_beacon
from lottery.errors import LotteryError, VerificationError
from lottery.protocol import announced_sources
from lottery.records import LotResult
from lottery.selection import make_seed, ranking_sha256, select
from lottery.verify.case import Case, MissingError, need
from lottery.verify.checks_log import beacon_time, unavailable

_BEACON, _RESULT, _RANKING = "beacon.json", "result.json", "ranking.csv"


def v10_round(case: Case) -> None:
    """The beacon round is the one that the announced time fixes; times are in order."""
    announce, policy = need(case.announce, "V3").record, need(case.policy, "V2")
    chain = need(case.chain, "V2")
    if announce.beacon.kind == "drand":
        case.require(
            "announce.json",
            holds=announce.beacon.chain == chain.hash,
            detail="beacon chain is not the one of the policy",
        )
        case.require(
            "announce.json",
            holds=announce.beacon.round == round_for(chain, announce.draw_at),
            detail="beacon round does not follow from draw_at",
        )
    latest = beacon_time(case) - policy.freeze_lead_seconds
    case.require(
        "announce.json",
        holds=unix_time(announce.freeze_by) <= latest,
        detail="freeze_by is too near to the beacon",
    )
    for item in announce.not_before:
        verify_beacon(chain, item.round, bytes.fromhex(item.signature), plain=case.plain)


def v11_beacon(case: Case) -> None:
    """Each beacon value is proved by its signature, or marked as an external fact."""
    announce = need(case.announce, "V3").record
    fallback = unavailable(case) is not None
    expected = list(announce.fallback) if fallback else announced_sources(announce)
    if fallback:
        case.warn("entries.txt", "announced beacon was unavailable; fallback beacons are used")
    case.beacon_file = case.read(_BEACON, read_beacon_file)
    lines = [*case.beacon_file.lottery, *_drand_line(case, case.beacon_file)]
    found = [parse_beacon(line) for line in lines]
    if [item.source for item in found] != expected:
        raise VerificationError(case.check, _BEACON, "beacons are not the announced ones")
    for item in found:
        if item.external_fact:
            case.warn(_BEACON, f"external fact, compare with the official notice: {item.line}")
    if fallback:
        case.report.beacon_kind = "lottery"
    elif case.report.beacon_kind == "demo":
        case.warn(_BEACON, "演示信标,不具公信力: demonstration chain, no public trust")
    case.beacons = lines


def _drand_line(case: Case, file: BeaconFile) -> list[str]:
    if not file.round:
        return []
    chain = need(case.chain, "V2")
    signature = bytes.fromhex(file.signature)
    randomness = verify_beacon(chain, file.round, signature, plain=case.plain)
    case.ok(_BEACON, f"round {file.round} randomness {randomness.hex()}")
    return [beacon_line(chain, file.round, randomness)]


def v12_seed(case: Case) -> None:
    """The seed follows from announcement, freeze and beacons."""
    announce, freeze = need(case.announce, "V3").record, need(case.freeze, "V4").record
    beacons = need(case.beacons, "V11")
    case.report.seed = make_seed(announce.draw_id, announce.leaf(), freeze.leaf(), beacons)


def v13_ranking(case: Case) -> None:
    """Tickets, ranking and awards, computed here, are those of ranking.csv."""
    announce, freeze = need(case.announce, "V3").record, need(case.freeze, "V4").record
    roster = need(case.roster, "V7")
    if not case.report.seed:
        raise MissingError("V12", "there is no seed")
    case.outcome = select(
        case.report.seed,
        roster,
        announce.lot_rules(),
        max_wins=announce.max_wins,
        exclusions=freeze.excluded(),
    )
    case.report.awards = {
        str(lot): {"winners": list(award.winners), "reserves": list(award.reserves)}
        for lot, award in case.outcome.awards.items()
    }
    expected = write_ranking(case.outcome.rankings, {item.id: item.name for item in roster})
    if case.file(_RANKING) != expected:
        case.fail(f"{_RANKING} line {_first_difference(case.file(_RANKING), expected)}", "differs")


def _first_difference(found: bytes, expected: bytes) -> int:
    rows, wanted = found.split(b"\n"), expected.split(b"\n")
    pairs = enumerate(zip(rows, wanted, strict=False), start=1)
    return next((at for at, (a, b) in pairs if a != b), min(len(rows), len(wanted)) + 1)


def v14_result(case: Case) -> None:
    """The published result is what everyone computes."""
    case.file(_RESULT)
    result = need(case.result, "V4").record
    outcome = need(case.outcome, "V13")
    case.require(
        _RESULT, holds=list(result.beacons) == case.beacons, detail="beacons differ from the facts"
    )
    case.require(_RESULT, holds=result.seed == outcome.seed, detail="seed differs")
    lots = {item.lot: item for item in result.lots}
    case.require(_RESULT, holds=lots.keys() == outcome.awards.keys(), detail="lots differ")
    for lot in sorted(lots.keys() & outcome.awards.keys()):
        if lots[lot] != _expected(case, lot):
            case.fail(f"{_RESULT} lot {lot}", "ranking, winners or reserves differ")
    if case.report.state == "unknown":
        case.report.state = "drawn"


def _expected(case: Case, lot: int) -> LotResult:
    outcome = need(case.outcome, "V13")
    award = outcome.awards[lot]
    try:
        digest = ranking_sha256(case.report.draw_id, lot, outcome.rankings[lot])
    except LotteryError as error:
        raise VerificationError(case.check, _RESULT, str(error)) from error
    return LotResult(lot=lot, ranking_sha256=digest, winners=award.winners, reserves=award.reserves)
