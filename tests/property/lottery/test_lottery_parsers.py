"""Parsers and the verifier over arbitrary and damaged bytes: they refuse, they never crash."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lottery.bundle import contents, pack, unpack, write_manifest
from lottery.encoding import canonical, parse_canonical, parse_decimal, parse_time
from lottery.entropy import bls, public_lottery, registry
from lottery.entropy.drand import QUICKNET, chain_from_info, verify_beacon
from lottery.errors import LotteryError
from lottery.log.checkpoint import parse_checkpoint
from lottery.log.note import decode64, parse_note, parse_vkey
from lottery.log.policy import parse_policy
from lottery.log.proof import parse_proof
from lottery.log.tiles import read_bundle
from lottery.records import parse_record
from lottery.rehearsal import Plan, rehearse
from lottery.roster import read_contributions, read_openings, read_roster
from lottery.verify import Verdict, verify_bytes, verify_files

GOOD = rehearse(Plan(voided=1, disqualify=True))
BYTE_PARSERS = [
    parse_canonical,
    parse_record,
    parse_note,
    parse_proof,
    read_roster,
    read_openings,
    read_contributions,
    unpack,
    contents.read_manifest,
    contents.read_entries,
    contents.read_consistency,
    contents.read_beacon_file,
    contents.read_log,
    lambda data: read_bundle(data, 1),
]
TEXT_PARSERS = [
    parse_decimal,
    parse_time,
    parse_vkey,
    decode64,
    parse_checkpoint,
    parse_policy,
    registry.parse_beacon,
    public_lottery.parse_line,
]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def refuses_or_reads(parser, value):
    with contextlib.suppress(LotteryError):
        parser(value)


@pytest.mark.parametrize("parser", BYTE_PARSERS)
@given(data=st.binary(max_size=300))
def test_arbitrary_bytes_leak_no_other_error(parser, data):
    refuses_or_reads(parser, data)


@pytest.mark.parametrize("parser", TEXT_PARSERS)
@given(text=st.text(max_size=120))
def test_arbitrary_text_leaks_no_other_error(parser, text):
    refuses_or_reads(parser, text)


@given(value=json_values)
def test_arbitrary_json_leaks_no_other_error(value):
    data = json.dumps(value).encode()
    for parser in (parse_canonical, parse_record, contents.read_manifest):
        refuses_or_reads(parser, data)
    refuses_or_reads(chain_from_info, value)
    refuses_or_reads(canonical, value)


RECORDS = [GOOD.writer.reader().entry(index) for index in range(GOOD.writer.checkpoint().size)]


@settings(max_examples=300)
@given(data=st.data())
def test_a_record_that_parses_has_exactly_these_bytes(data):
    entry = data.draw(st.sampled_from(RECORDS))
    value = parse_canonical(entry)
    name = data.draw(st.sampled_from(sorted(value)))
    value[name] = data.draw(json_values)
    raw = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        record = parse_record(raw.encode(errors="replace"))
    except LotteryError:
        return
    assert record.to_bytes() == raw.encode()


@settings(max_examples=25, deadline=None)
@given(signature=st.binary(min_size=40, max_size=50))
def test_both_ways_refuse_arbitrary_signatures(signature):
    for plain in (True, False):
        with pytest.raises(LotteryError):
            verify_beacon(QUICKNET, 1, signature, plain=plain)
    with pytest.raises(LotteryError):
        bls.verify_plain(signature, b"", signature)


def damage(draw, data):
    """Flip, cut, insert, double or swap some bytes."""
    at = draw(st.integers(0, max(len(data) - 1, 0)))
    to = draw(st.integers(at, min(len(data), at + 40)))
    kind = draw(st.sampled_from(["flip", "cut", "insert", "double", "replace"]))
    if kind == "flip" and data:
        return data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1 :]
    if kind == "cut":
        return data[:at] + data[to:]
    if kind == "insert":
        return data[:at] + draw(st.binary(min_size=1, max_size=9)) + data[at:]
    if kind == "double":
        return data[:to] + data[at:to] + data[to:]
    return data[:at] + draw(st.binary(max_size=9)) + data[to:]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_never_passes(data):
    name = data.draw(st.sampled_from(sorted(GOOD.files)))
    changed = damage(data.draw, GOOD.files[name])
    report = verify_files({**GOOD.files, name: changed})
    if changed == GOOD.files[name]:
        assert report.verdict is Verdict.PASS
    else:
        assert report.verdict in {Verdict.FAIL, Verdict.INCOMPLETE}
        assert report.to_text()


HARMLESS = ("README.md", "manifest.json")


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_damaged_file_with_a_fitting_manifest_changes_no_fact(data):
    """Only signature lines that nobody needs may be damaged unnoticed."""
    name = data.draw(st.sampled_from(sorted(GOOD.files.keys() - set(HARMLESS))))
    changed = damage(data.draw, GOOD.files[name])
    files = {**GOOD.files, name: changed}
    files["manifest.json"] = write_manifest(GOOD.parts.draw_id, files)
    report = verify_files(files)
    if report.verdict is Verdict.PASS and changed != GOOD.files[name]:
        assert name.endswith(".tlog-proof") or name == "checkpoint", (name, changed)
        kept = changed.partition("\n— ".encode())[0]
        assert kept == GOOD.files[name].partition("\n— ".encode())[0]
        assert report.seed == GOOD.outcome.seed


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_damaged_zip_passes_only_with_the_same_content(data):
    changed = damage(data.draw, GOOD.bundle())
    report = verify_bytes(changed)
    if report.verdict is Verdict.PASS:
        assert unpack(changed) == GOOD.files
    assert pack(GOOD.files) == GOOD.bundle()


@settings(max_examples=60, deadline=None)
@given(
    files=st.dictionaries(st.sampled_from(sorted(GOOD.files)), st.binary(max_size=200), max_size=25)
)
def test_arbitrary_files_never_pass(files):
    assert verify_files(files).verdict in {Verdict.FAIL, Verdict.INCOMPLETE}
