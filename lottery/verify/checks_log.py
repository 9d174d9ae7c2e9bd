"""Checks V1 to V5 and V15: files, keys, places in the log, witnesses, growth of the log.

Source: SPEC.md section 13.2.
"""

from itertools import pairwise

from lottery.bundle.contents import MANIFEST, read_consistency, read_manifest
from lottery.encoding import sha256, time_text, unix_time
from lottery.entropy.drand import round_time
from lottery.errors import LogError, LotteryError, RecordError, VerificationError
from lottery.log.checkpoint import open_checkpoint
from lottery.log.policy import parse_policy
from lottery.merkle import verify_consistency
from lottery.protocol import FALLBACK_WAIT
from lottery.records import (
    Announce,
    BeaconUnavailable,
    Close,
    Freeze,
    Go,
    Policy,
    Result,
    Void,
    parse_record,
)
from lottery.records.opening import FREEZE_LEAD_SECONDS, GO_LEAD_SECONDS
from lottery.verify.case import Case, Staged, need


def v1_manifest(case: Case) -> None:
    """Every file is listed with its hash, and every listed file is there."""
    draw_id, hashes = case.read(MANIFEST, read_manifest)
    case.report.draw_id = draw_id
    for name in sorted(case.files.keys() - {MANIFEST} - hashes.keys()):
        case.fail(name, "file is not listed in the manifest")
    for name, expected in sorted(hashes.items()):
        if name not in case.files:
            case.skip(name, "listed file is not in the bundle")
        elif sha256(case.files[name]).hex() != expected:
            case.fail(name, "SHA-256 differs from the manifest")


def v2_policy(case: Case) -> None:
    """The policy text is the one in the policy record, which is in the log it names."""
    data = case.file("policy.txt")
    case.report.policy_sha256 = sha256(data).hex()
    policy = case.read("policy.txt", lambda raw: parse_policy(_text(raw), plain=case.plain))
    case.witness_policy = policy
    case.report.witnessed = policy.quorum != "none"
    record = case.read("policy.json", _policy_record)
    case.log = policy.log(record.origin)
    case.policy = record
    case.chain = record.drand.to_chain()
    case.report.beacon_kind = "quicknet" if case.chain.is_pinned else "demo"
    case.require(
        "policy.json",
        holds=record.policy_sha256 == case.report.policy_sha256,
        detail="policy text is not the one that the record names",
    )
    vkeys = {word for line in _text(data).split("\n") for word in line.split()[1:2]}
    for vkey in record.log_vkeys:
        case.require("policy.txt", holds=vkey in vkeys, detail="log key of the record is missing")
    case.policy_index = case.stage("policy", Policy).index
    _pinning(case)
    _margins(case, record)
    _latest(case)


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise LogError("not UTF-8") from error


def _policy_record(data: bytes) -> Policy:
    record = parse_record(data)
    if not isinstance(record, Policy):
        raise RecordError("record is of another type")
    return record


def _pinning(case: Case) -> None:
    if not case.pinned_policy:
        case.warn(
            "policy.txt",
            "keys come from the bundle itself: compare the policy fingerprint with a second source",
        )
        return
    case.require(
        "policy.txt",
        holds=case.pinned_policy == case.report.policy_sha256,
        detail="policy is not the one that was pinned",
    )


def _margins(case: Case, record: Policy) -> None:
    if record.freeze_lead_seconds < FREEZE_LEAD_SECONDS:
        case.warn("policy.json", f"freeze lead is only {record.freeze_lead_seconds} s")
    if record.go_lead_seconds < GO_LEAD_SECONDS:
        case.warn("policy.json", f"go lead is only {record.go_lead_seconds} s")


def _latest(case: Case) -> None:
    log, witnesses = need(case.log, "V2"), need(case.witness_policy, "V2")
    data = case.file("checkpoint")
    try:
        case.latest, case.latest_note = open_checkpoint(data, log)
        witnesses.evaluate(case.latest_note)
    except LotteryError as error:
        raise VerificationError(case.check, "checkpoint", str(error)) from error
    case.see_checkpoint("checkpoint", case.latest)


def v3_announce(case: Case) -> None:
    """The announcement is canonical, in the log, and of the draw that the manifest names."""
    case.announce = case.stage("announce", Announce)
    record = case.announce.record
    case.require(
        "announce.json",
        holds=record.draw_id == case.report.draw_id,
        detail="draw id differs from the manifest",
    )
    case.require(
        "policy.tlog-proof",
        holds=0 <= case.policy_index < case.announce.index,
        detail="policy does not lie before the announcement",
    )
    if record.beacon.kind == "lottery":
        case.report.beacon_kind = "lottery"
    for index, void in case.of_draw(Void):
        case.void = (index, void)
        case.report.state = "void"


def v4_freeze(case: Case) -> None:
    """Close, freeze, go and result are of this draw and follow each other in the log."""
    announce = need(case.announce, "V3")
    case.close = case.stage("close", Close)
    case.freeze = case.stage("freeze", Freeze)
    order: list[tuple[str, Staged[Close] | Staged[Freeze] | Staged[Go] | Staged[Result]]] = [
        ("close", case.close),
        ("freeze", case.freeze),
    ]
    if "go.json" in case.files:
        case.go = case.stage("go", Go)
        order.append(("go", case.go))
    if "result.json" in case.files:
        case.result = case.stage("result", Result)
        order.append(("result", case.result))
    before = announce.index
    for name, staged in order:
        where = f"{name}.json"
        case.require(
            where, holds=staged.index > before, detail="lies before its predecessor in the log"
        )
        case.require(
            where,
            holds=staged.record.draw_id == announce.record.draw_id,
            detail="is of another draw",
        )
        before = staged.index
    size = case.close.record.log_size
    fits = announce.index < size <= case.close.index
    case.require("close.json", holds=fits, detail="log_size is not between announcement and close")


def v5_witnesses(case: Case) -> None:
    """Enough witnesses saw freeze and go early enough before the beacon."""
    policy, freeze = need(case.policy, "V2"), need(case.freeze, "V4")
    at = beacon_time(case)
    _witnessed(case, "freeze", freeze, at - policy.freeze_lead_seconds)
    case.file("go.json")
    go = need(case.go, "V4")
    case.require(
        "go.json",
        holds=go.record.freeze_leaf == freeze.record.leaf(),
        detail="go is for another freeze",
    )
    _witnessed(case, "go", go, at - policy.go_lead_seconds)


def beacon_time(case: Case) -> int:
    """Return when the first beacon of the draw may be known, POSIX seconds."""
    announce, chain = need(case.announce, "V3").record, need(case.chain, "V2")
    if announce.beacon.kind == "drand":
        return round_time(chain, announce.beacon.round)
    return unix_time(announce.draw_at)


def _witnessed(case: Case, name: str, staged: Staged[Freeze] | Staged[Go], latest: int) -> None:
    where = f"{name}.tlog-proof"
    quorum = staged.quorum
    if not quorum.witnessed:
        case.warn(where, "no witness policy: nobody but the operator vouches for the time")
    elif quorum.reached_at is None:
        case.fail(where, "checkpoint lacks the quorum of witnesses")
    elif quorum.reached_at > latest:
        case.fail(
            where, f"quorum at {time_text(quorum.reached_at)}, later than {time_text(latest)}"
        )
    else:
        case.ok(where, f"quorum at {time_text(quorum.reached_at)}")


def v15_consistency(case: Case) -> None:
    """All checkpoints of the bundle are states of one growing log."""
    latest, note = need(case.latest, "V2"), need(case.latest_note, "V2")
    steps = {(item.old, item.new): item for item in case.read("consistency.txt", read_consistency)}
    sizes = sorted(case.checkpoints)
    case.require(
        "checkpoint", holds=latest.size == sizes[-1], detail="is not the newest of the bundle"
    )
    for old, new in pairwise(sizes):
        where = f"consistency.txt {old} {new}"
        step = steps.pop((old, new), None)
        if step is None:
            case.fail(where, "proof is missing")
            continue
        try:
            verify_consistency(old, new, step.path, case.checkpoints[old], case.checkpoints[new])
        except LotteryError as error:
            case.fail(where, str(error))
    for old, new in steps:
        case.fail(f"consistency.txt {old} {new}", "proof belongs to no checkpoint of the bundle")
    quorum = need(case.witness_policy, "V2").evaluate(note)
    if not quorum.satisfied:
        case.skip("checkpoint", "newest checkpoint lacks the quorum of witnesses")


def unavailable(case: Case) -> BeaconUnavailable | None:
    """Return the record that put this draw on its fallback beacons, if there is one."""
    for index, record in case.of_draw(BeaconUnavailable):
        announce = need(case.announce, "V3").record
        where = f"entries.txt index {index}"
        beacon = announce.beacon
        case.require(
            where,
            holds=(record.chain, record.round) == (beacon.chain, beacon.round),
            detail="beacon-unavailable is for another round",
        )
        wait = int(FALLBACK_WAIT.total_seconds())
        case.require(
            where,
            holds=unix_time(record.observed_at) >= beacon_time(case) + wait,
            detail="beacon was given up too early",
        )
        case.require(where, holds=bool(announce.fallback), detail="no fallback was announced")
        return record
    return None
