import dataclasses

import pytest

from lottery import records
from lottery.encoding import canonical, parse_canonical
from lottery.entropy.drand import QUICKNET
from lottery.errors import RecordError

H = "ab" * 32
DRAW = "P-1/1"
ACT = {
    "draw_id": DRAW,
    "lot": 1,
    "id": "a",
    "evidence_sha256": H,
    "signers": ("x", "y"),
    "objection_until": "2026-12-01T00:00:00Z",
}


def announce(**changes):
    values = {
        "project_id": "P-1",
        "attempt": 1,
        "draw_id": DRAW,
        "supersedes": "",
        "lots": (records.Lot(lot=1, winners=1, reserves=2),),
        "max_wins": 1,
        "enroll_close": "2026-11-01T00:00:00Z",
        "freeze_by": "2026-11-02T00:00:00Z",
        "draw_at": "2026-11-03T00:00:00Z",
        "beacon": records.BeaconChoice(kind="drand", chain=QUICKNET.hash, round=5),
        "fallback": ("cwl-kl8/2026318",),
        "operator_commit": H,
    }
    return records.Announce(**(values | changes))


def freeze(**changes):
    values = {
        "draw_id": DRAW,
        "enrolled": 3,
        "rejected": 0,
        "withdrawn": 1,
        "roster_size": 2,
        "roster_root": H,
        "operator_secret": H,
        "contributions": 0,
        "contribution_root": H,
    }
    return records.Freeze(**(values | changes))


ALL = [
    records.Policy(
        origin="log.example",
        log_vkeys=("log.example+00000000+AA==",),
        policy_sha256=H,
        drand=records.DrandPin.of(QUICKNET),
        freeze_lead_seconds=20,
        go_lead_seconds=5,
        verifier_sha256=(H,),
    ),
    announce(),
    announce(
        title="公开摇号",
        weights="equal",
        contributions="none",
        rules_sha256=H,
        extra_beacons=("cwl-kl8/2026318",),
        not_before=(records.NotBefore(round=3, signature="ab" * 48),),
    ),
    announce(beacon=records.BeaconChoice(kind="lottery", issues=("cwl-ssq/2026135",))),
    records.Enroll(commit=H, contribution_commit=""),
    records.Withdraw(draw_id=DRAW, enroll_index=2, reason_code="by_entrant", decided_by="a"),
    records.Reject(
        draw_id=DRAW, enroll_index=2, reason_code="not_qualified", decided_by="a", evidence_sha256=H
    ),
    records.Close(draw_id=DRAW, log_size=9),
    freeze(exclusions=(records.Exclusion(lot=1, ids=("a", "b")),), roster_sha256=H),
    records.Go(draw_id=DRAW, freeze_leaf=H, mirrors=("mirror.example",)),
    records.Result(
        draw_id=DRAW,
        beacons=("x",),
        seed=H,
        lots=(records.LotResult(lot=1, ranking_sha256=H, winners=("a",), reserves=()),),
    ),
    records.Disqualify(**ACT, reason_code="false_materials"),
    records.Decline(**ACT, reason_code="no_reply"),
    records.Promote(**ACT, replaces="b", reason_code="after_decline"),
    records.Insert(
        draw_id=DRAW, enroll_index=3, id="a", weight=1, name="甲", nonce="ab" * 16, decided_by="x"
    ),
    records.Void(draw_id=DRAW, reason_code="no_valid_freeze", document_sha256=H, decided_by="x"),
    records.BeaconUnavailable(
        draw_id=DRAW,
        chain=H,
        round=4,
        observed_at="2026-12-01T00:00:00Z",
        attempts=(records.Attempted(at="2026-12-01T00:00:00Z", source="a", outcome="b"),),
        witnesses=("w",),
        waited_seconds=86400,
    ),
]


def test_every_type_of_record_is_covered():
    assert {record.TYPE for record in ALL} == set(records.RECORD_TYPES)
    assert len(records.RECORD_TYPES) == 15


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.TYPE)
def test_a_record_comes_back_from_its_bytes(record):
    again = records.parse_record(record.to_bytes())
    assert again == record
    assert again.to_bytes() == record.to_bytes()
    assert len(again.leaf()) == 64


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.TYPE)
def test_a_record_with_a_field_more_or_less_is_refused(record):
    value = parse_canonical(record.to_bytes())
    with pytest.raises(RecordError, match="unknown field"):
        records.parse_record(canonical({**value, "zz": 1}))
    for item in dataclasses.fields(record):
        if item.default is dataclasses.MISSING:
            less = {name: kept for name, kept in value.items() if name != item.name}
            with pytest.raises(RecordError, match="missing field"):
                records.parse_record(canonical(less))
        else:
            default = list(item.default) if isinstance(item.default, tuple) else item.default
            with pytest.raises(RecordError, match="default value must be left out"):
                records.parse_record(canonical({**value, item.name: default}))


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.TYPE)
def test_a_field_of_another_type_is_refused(record):
    value = parse_canonical(record.to_bytes())
    for name in value:
        for wrong in (True, [[]], {"a": 1}, "\u0007"):
            with pytest.raises(RecordError):
                records.parse_record(canonical({**value, name: wrong}))


@pytest.mark.parametrize(
    "build",
    [
        lambda: announce(draw_id="P-1/2"),
        lambda: announce(attempt=2, draw_id="P-1/2"),
        lambda: announce(supersedes="P-1/0"),
        lambda: announce(freeze_by="2026-10-01T00:00:00Z"),
        lambda: announce(draw_at="2026-11-02T00:00:00Z"),
        lambda: announce(lots=()),
        lambda: announce(lots=[records.Lot(lot=1, winners=1, reserves=2)]),
        lambda: announce(
            lots=(
                records.Lot(lot=2, winners=1, reserves=0),
                records.Lot(lot=1, winners=1, reserves=0),
            )
        ),
        lambda: announce(fallback=("cwl-kl8/1",)),
        lambda: announce(weights="some"),
        lambda: announce(title="e\u0301"),
        lambda: records.BeaconChoice(kind="drand"),
        lambda: records.BeaconChoice(kind="lottery", chain=H, round=1),
        lambda: freeze(exclusions=(records.Exclusion(lot=1, ids=("b", "a")),)),
        lambda: freeze(
            exclusions=(records.Exclusion(lot=2, ids=("a",)), records.Exclusion(lot=1, ids=("a",)))
        ),
        lambda: records.Void(draw_id=DRAW, reason_code="whim", document_sha256=H, decided_by="x"),
        lambda: records.Decline(**(ACT | {"signers": ("x", "x")}), reason_code="no_reply"),
        lambda: records.Decline(**(ACT | {"signers": ("x",)}), reason_code="no_reply"),
        lambda: dataclasses.replace(records.DrandPin.of(QUICKNET), chain=H),
        lambda: dataclasses.replace(ALL[0], freeze_lead_seconds=3),
        lambda: records.Enroll(commit=H.upper(), contribution_commit=""),
        lambda: records.Close(draw_id=DRAW, log_size=True),
    ],
)
def test_a_record_that_breaks_a_rule_cannot_be_built(build):
    with pytest.raises(RecordError):
        build()


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"[]",
        b'{"type":"announce","v":"yaohao/v2"}',
        b'{"type":"other","v":"yaohao/v1"}',
        b'{"type":["announce"],"v":"yaohao/v1"}',
        b'{"v":"yaohao/v1"}',
    ],
)
def test_unknown_versions_and_types_are_refused(data):
    with pytest.raises(RecordError):
        records.parse_record(data)


def test_a_record_too_long_for_the_log_is_refused():
    ids = tuple(f"id{number:020d}" for number in range(1000))
    many = tuple(records.Exclusion(lot=lot, ids=ids) for lot in range(1, 5))
    with pytest.raises(RecordError, match="longer"):
        freeze(exclusions=many).to_bytes()
