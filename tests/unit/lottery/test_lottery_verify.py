"""The verifier against good bundles, damaged bundles and dishonest operators."""

import dataclasses
import io
import json
import zipfile
from pathlib import Path

import pytest

from lottery import records
from lottery.bundle import bundle_files, pack, write_manifest
from lottery.bundle.container import unpack
from lottery.entropy.drand import QUICKNET
from lottery.rehearsal import KnownRounds, Plan, rehearse, sample_roster
from lottery.roster import Entrant, read_roster, write_roster
from lottery.selection import LotRule, select
from lottery.verify import Status, Verdict, verify_bytes, verify_files

GOOD = rehearse(Plan(voided=1))
QUICK = json.loads(Path("lottery/vectors/quicknet.json").read_text())
H = "ab" * 32


def failed(report):
    return {item.check for item in report.findings if item.status is Status.FAIL}


def resealed(files, **changes):
    """Change files and write a manifest that fits, as a forger would."""
    new = {name: data for name, data in {**files, **changes}.items() if data is not None}
    draw_id = GOOD.parts.draw_id
    new["manifest.json"] = write_manifest(draw_id, new)
    return new


def test_a_good_bundle_passes_with_and_without_fast_cryptography():
    for plain in (False, True):
        report = verify_bytes(GOOD.bundle(), plain=plain)
        assert report.verdict is Verdict.PASS
        assert report.state == "drawn"
        assert report.seed == GOOD.outcome.seed
        assert report.beacon_kind == "demo"
        assert "演示信标,不具公信力" in report.to_text()


def test_the_same_plan_gives_the_same_bytes():
    assert rehearse(Plan(voided=1)).bundle() == GOOD.bundle()


def test_a_quicknet_draw_verifies_against_the_real_key():
    number = 1_000_000
    signature = next(item["signature"] for item in QUICK["rounds"] if item["round"] == number)
    plan = Plan(
        beacon=KnownRounds(QUICKNET, {number: bytes.fromhex(signature)}),
        draw_at="2023-09-27T08:29:24Z",
    )
    report = verify_bytes(rehearse(plan).bundle())
    assert report.verdict is Verdict.PASS
    assert report.beacon_kind == "quicknet"
    assert "演示" not in report.to_json()["beacon_text"]


def test_without_witnesses_the_verdict_says_so():
    report = verify_bytes(rehearse(Plan(witnesses=0)).bundle())
    assert report.verdict is Verdict.PASS_UNWITNESSED
    assert report.status("V5") is Status.WARN


@pytest.mark.parametrize(
    "changes",
    [
        {
            "lots": (
                records.Lot(lot=1, winners=2, reserves=2),
                records.Lot(lot=3, winners=1, reserves=9),
            )
        },
        {"exclusions": (records.Exclusion(lot=1, ids=("911100001000000002",)),)},
        {
            "entrants": [
                Entrant("b", 3, '逗号,与"引号"'),
                Entrant("a", 1, "甲"),
                Entrant("c", 1000, "丙"),
            ]
        },
        {"contributors": 0, "rejected": 0, "withdrawn": 0},
        {"entrants": sample_roster(1), "contributors": 1},
        {"entrants": sample_roster(0), "contributors": 0},
        {"whole_log": False},
        {"voided": 3, "disqualify": True},
        {"decline": True},
        {"entrants": sample_roster(300)},
    ],
)
def test_honest_draws_of_many_kinds_pass(changes):
    report = verify_bytes(rehearse(Plan(**changes)).bundle())
    assert report.verdict is Verdict.PASS, report.to_text()


def test_after_a_disqualification_the_first_reserve_holds_the_lot():
    rehearsal = rehearse(Plan(disqualify=True))
    award = rehearsal.outcome.awards[1]
    assert verify_bytes(rehearsal.bundle()).holders == {"1": [award.reserves[0]]}


def test_an_omitted_entrant_comes_back_by_its_own_ticket():
    winner = GOOD.outcome.awards[1].winners[0]
    rehearsal = rehearse(Plan(omitted=frozenset({winner})))
    report = verify_bytes(rehearsal.bundle())
    assert report.verdict is Verdict.PASS
    whole = list(rehearsal.plan.entrants)
    from_all = select(report.seed, whole, [LotRule(1, 1, 2)], max_wins=1)
    assert report.holders["1"] == list(from_all.awards[1].winners)


@pytest.mark.parametrize("name", sorted(GOOD.files))
def test_a_flipped_byte_in_any_file_is_noticed(name):
    data = GOOD.files[name]
    for at in {0, len(data) // 2, len(data) - 1}:
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        report = verify_files({**GOOD.files, name: changed})
        assert report.verdict is Verdict.FAIL
        assert "V1" in failed(report)
        named = {item.where for item in report.findings if item.status is Status.FAIL}
        assert name == "manifest.json" or name in named


@pytest.mark.parametrize("name", sorted(GOOD.files))
def test_a_missing_file_is_noticed(name):
    files = {kept: data for kept, data in GOOD.files.items() if kept != name}
    report = verify_files(files)
    assert report.verdict in {Verdict.FAIL, Verdict.INCOMPLETE}
    assert any(item.where == name for item in report.findings if item.status is Status.SKIP)


UNSIGNED = {"README.md", "manifest.json", "log.txt"}


@pytest.mark.parametrize("name", sorted(GOOD.files.keys() - UNSIGNED))
def test_a_flipped_byte_is_noticed_even_with_a_new_manifest(name):
    data = GOOD.files[name]
    at = 60 if name.endswith(".tlog-proof") else len(data) // 2  # index and path, not a witness
    changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    report = verify_files(resealed(GOOD.files, **{name: changed}))
    assert report.verdict is not Verdict.PASS, name


def test_a_changed_log_listing_is_noticed_even_with_a_new_manifest():
    report = verify_files(resealed(GOOD.files, **{"log.txt": GOOD.files["log.txt"] + b"{}\n"}))
    assert failed(report) == {"V16"}


def test_a_name_put_in_place_of_another_is_noticed():
    roster = read_roster(GOOD.files["roster.txt"])
    roster[0] = dataclasses.replace(roster[0], name="别的机构")
    report = verify_files(resealed(GOOD.files, **{"roster.txt": write_roster(roster)}))
    assert {"V7", "V13"} <= failed(report)


def test_a_foreign_file_is_refused():
    with_stranger = {**GOOD.files, "verify.py": b"print('ok')"}
    assert failed(verify_files(with_stranger)) == {"V1"}


def changing(kind, **changes):
    def tamper(record):
        return dataclasses.replace(record, **changes) if isinstance(record, kind) else record

    return tamper


WINNER, RESERVE, LAST = (f"9111000010{number:08d}" for number in (3, 1, 7))
HEAVY = {"entrants": [Entrant("a", 2, "n")], "contributors": 0}
GONE = {"disqualify": True}
LEFT_OUT = {"omitted": frozenset({RESERVE})}
OTHER_LOTS = (records.LotResult(lot=1, ranking_sha256=H, winners=("a",), reserves=()),)
OTHER_BEACON = records.BeaconChoice(kind="drand", chain=H, round=1)


@pytest.mark.parametrize(
    ("plan", "tampered", "checks"),
    [
        ({"freeze_lead": 599}, (), {"V5"}),
        ({"go_lead": 59}, (), {"V5"}),
        ({"threshold": 3, "freeze_lead": 600}, (), {"V5"}),
        ({}, (records.Freeze, {"operator_secret": H}), {"V6"}),
        ({}, (records.Freeze, {"roster_root": H}), {"V7"}),
        ({}, (records.Freeze, {"roster_size": 6}), {"V7"}),
        ({}, (records.Freeze, {"rejected": 0}), {"V7", "V8"}),
        ({}, (records.Freeze, {"enrolled": 10}), {"V7"}),
        ({}, (records.Freeze, {"roster_sha256": H}), {"V7"}),
        ({}, (records.Freeze, {"openings_sha256": H}), {"V8"}),
        ({}, (records.Freeze, {"contribution_root": H}), {"V9"}),
        ({}, (records.Freeze, {"contributions": 1}), {"V9"}),
        ({}, (records.Freeze, {"draw_id": "other/1"}), {"V4", "V6"}),
        ({}, (records.Enroll, {"commit": H}), {"V8"}),
        ({}, (records.Enroll, {"contribution_commit": H}), {"V9"}),
        ({}, (records.Close, {"log_size": 3}), {"V8"}),
        ({}, (records.Close, {"log_size": 10**6}), {"V4"}),
        ({}, (records.Reject, {"enroll_index": 3}), {"V8"}),
        ({}, (records.Go, {"freeze_leaf": H}), {"V5"}),
        (HEAVY, (records.Announce, {"weights": "equal"}), {"V7"}),
        ({}, (records.Announce, {"contributions": "none"}), {"V9"}),
        ({}, (records.Announce, {"freeze_by": "2026-12-01T01:59:00Z"}), {"V10"}),
        ({}, (records.Announce, {"draw_at": "2026-12-01T02:00:03Z"}), {"V10"}),
        ({}, (records.Announce, {"beacon": OTHER_BEACON}), {"V10", "V11"}),
        ({}, (records.Result, {"seed": H}), {"V14"}),
        ({}, (records.Result, {"lots": OTHER_LOTS}), {"V14"}),
        ({}, (records.Result, {"beacons": ("x",)}), {"V14"}),
        ({"voided": 1}, (records.Void, {"draw_id": "other/1"}), {"V16"}),
        (GONE, (records.Promote, {"id": LAST}), {"V17"}),
        (GONE, (records.Promote, {"replaces": RESERVE}), {"V17"}),
        (GONE, (records.Disqualify, {"id": "nobody"}), {"V17"}),
        (GONE, (records.Disqualify, {"objection_until": "2027-12-01T00:00:00Z"}), {"V17"}),
        (LEFT_OUT, (records.Insert, {"nonce": "ab" * 16}), {"V17"}),
        (LEFT_OUT, (records.Insert, {"enroll_index": 0}), {"V17"}),
        (LEFT_OUT, (records.Insert, {"id": WINNER}), {"V17"}),
        ({}, (records.Policy, {"policy_sha256": H}), {"V2"}),
    ],
)
def test_a_dishonest_operator_is_named_by_the_check(plan, tampered, checks):
    attack = {"tamper": changing(tampered[0], **tampered[1])} if tampered else {}
    report = verify_files(rehearse(Plan(**plan, **attack)).files)
    assert report.verdict is Verdict.FAIL
    assert checks <= failed(report), report.to_text()


def test_a_second_announcement_that_was_never_voided_is_named():
    plan = Plan(voided=1)
    filler = records.Enroll(commit=H, contribution_commit="")
    unvoided = dataclasses.replace(
        plan, tamper=lambda record: filler if isinstance(record, records.Void) else record
    )
    assert "V16" in failed(verify_files(rehearse(unvoided).files))


def test_a_forgotten_attempt_is_named():
    indices = [
        at for at in GOOD.parts.entry_indices
        if b'"type":"announce"' not in GOOD.writer.reader().entry(at)
    ]  # fmt: skip
    from_parts = dataclasses.replace(GOOD.parts, entry_indices=indices, whole_log=False)
    files = bundle_files(from_parts, GOOD.writer.reader())
    assert "V16" in failed(verify_files(files))


def test_too_few_witnesses_fail():
    rehearsal = rehearse(Plan())
    note = rehearsal.files["freeze.tlog-proof"].decode().split("\n")
    kept = [row for row in note if not row.startswith(("— witness1", "— witness2"))]
    report = verify_files(
        resealed(rehearsal.files, **{"freeze.tlog-proof": "\n".join(kept).encode()})
    )
    assert "V5" in failed(report)


def test_a_fork_of_the_log_is_named():
    other = rehearse(Plan(voided=1, decline=True))
    mixed = {"result.json", "result.tlog-proof"}
    forked = rehearse(Plan(voided=1, rejected=2))
    files = {**GOOD.files, **{name: forked.files[name] for name in mixed}}
    assert {"V14", "V15"} & failed(verify_files(resealed(files)))
    assert other.files["checkpoint"] != GOOD.files["checkpoint"]


def test_before_the_result_a_bundle_is_incomplete():
    later = {"result.json", "result.tlog-proof", "beacon.json", "ranking.csv"}
    files = resealed({name: data for name, data in GOOD.files.items() if name not in later})
    report = verify_files(files)
    assert report.verdict in {Verdict.INCOMPLETE, Verdict.FAIL}
    assert report.status("V11") is Status.SKIP


def test_a_pinned_policy_is_compared():
    right = verify_bytes(GOOD.bundle())
    pinned = verify_bytes(GOOD.bundle(), pinned_policy=right.policy_sha256)
    assert pinned.status("V2") is Status.OK
    assert failed(verify_bytes(GOOD.bundle(), pinned_policy=H)) == {"V2"}


def test_a_repacked_zip_is_accepted_with_a_remark():
    shuffled = io.BytesIO()
    with zipfile.ZipFile(shuffled, "w") as archive:
        for name, data in reversed(GOOD.files.items()):
            archive.writestr(name, data)
    report = verify_bytes(shuffled.getvalue())
    assert report.verdict is Verdict.PASS
    assert report.status("V1") is Status.WARN
    assert unpack(pack(GOOD.files)) == GOOD.files


def test_compressed_margins_pass_with_a_warning():
    short = changing(records.Policy, freeze_lead_seconds=20, go_lead_seconds=5)
    report = verify_files(rehearse(Plan(tamper=short, freeze_lead=40, go_lead=30)).files)
    assert report.verdict is Verdict.PASS
    details = " ".join(item.detail for item in report.findings if item.check == "V2")
    assert "freeze lead is only 20 s" in details
    assert "go lead is only 5 s" in details


def test_a_policy_written_after_the_notice_is_named():
    done = rehearse(Plan())
    policy = done.writer.reader().entry(0)
    size = done.writer.checkpoint().size
    note = done.writer.extend([policy], start=size)
    staged = {**done.parts.staged, "policy": done.writer.receipt(size)}
    parts = dataclasses.replace(done.parts, staged=staged, checkpoint=note)
    report = verify_files(bundle_files(parts, done.writer.reader()))
    assert failed(report) == {"V3"}
