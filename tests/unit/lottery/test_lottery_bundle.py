"""The container, bundles of unusual draws, and the verifier as a program without packages."""

import dataclasses
import io
import json
import subprocess
import sys
import zipfile

import pytest

from lottery import records
from lottery.bundle import BundleParts, build_bundle, contents, pack, read_path, unpack
from lottery.errors import BundleError, LotteryError
from lottery.rehearsal import Plan, rehearse
from lottery.verify import Status, Verdict, verify_bytes, verify_path
from lottery.verify.__main__ import main

GOOD = rehearse(Plan(voided=1))
KL8 = "cwl-kl8/2026320/" + ".".join(f"{number:02d}" for number in range(1, 21))
SSQ = "cwl-ssq/2026140/01.07.13.22.28.31+09"


def zipped(*members, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 rubbish",
        pack(GOOD.files)[:-30],
        zipped(("../roster.txt", b"")),
        zipped(("/etc/passwd", b"")),
        zipped(("folder/roster.txt", b"")),
        zipped(("evil.sh", b"")),
        zipped(("roster.txt", b""), compression=zipfile.ZIP_BZIP2),
        zipped(*((f"announce.json{n}", b"") for n in range(70))),
    ],
)
def test_containers_that_are_not_a_bundle_are_refused(data):
    with pytest.raises(BundleError):
        unpack(data)
    report = verify_bytes(data)
    assert report.verdict is Verdict.FAIL
    assert report.status("V1") is Status.FAIL


def test_a_name_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(("roster.txt", b"a"), ("roster.txt", b"b"))
    with pytest.raises(BundleError, match="twice"):
        unpack(data)


def test_a_zip_bomb_is_refused_before_it_grows(monkeypatch):
    monkeypatch.setattr("lottery.bundle.container.MAX_FILE_BYTES", 1000)
    with pytest.raises(BundleError, match="too large"):
        unpack(zipped(("roster.txt", bytes(100_000))))
    monkeypatch.setattr("lottery.bundle.container.MAX_TOTAL_BYTES", 1000)
    with pytest.raises(BundleError, match="too large"):
        unpack(zipped(("roster.txt", bytes(600)), ("log.txt", bytes(600))))


def test_an_encrypted_member_is_refused():
    data = bytearray(zipped(("roster.txt", b"abc")))
    for marker, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(marker) + offset] |= 1
    with pytest.raises(BundleError):
        unpack(bytes(data))


def test_a_bundle_holds_only_names_that_bundles_have():
    with pytest.raises(BundleError):
        pack({"../x": b""})


def unpacked(folder, files):
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def test_a_folder_is_read_like_a_zip(tmp_path):
    folder = unpacked(tmp_path / "bundle", GOOD.files)
    assert read_path(folder) == GOOD.files
    assert verify_path(folder).verdict is Verdict.PASS
    (folder / "stranger").write_bytes(b"")
    assert verify_path(folder).verdict is Verdict.FAIL
    with pytest.raises(BundleError):
        read_path(tmp_path / "nowhere")


def test_an_empty_folder_is_incomplete(tmp_path):
    report = verify_path(unpacked(tmp_path / "empty", {}))
    assert report.verdict is Verdict.INCOMPLETE
    assert report.to_text()


def test_a_large_file_in_a_folder_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lottery.bundle.container.MAX_FILE_BYTES", 10)
    with pytest.raises(BundleError):
        read_path(unpacked(tmp_path / "bundle", {"roster.txt": bytes(11)}))


def test_a_large_zip_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("lottery.bundle.container.MAX_TOTAL_BYTES", 10)
    (tmp_path / "bundle.zip").write_bytes(GOOD.bundle())
    assert verify_path(tmp_path / "bundle.zip").verdict is Verdict.FAIL


def test_a_void_attempt_verifies_too():
    reader = GOOD.writer.reader()
    records_of_one = [
        index
        for index in GOOD.parts.entry_indices
        if b'"type":"announce"' in reader.entry(index) or b'"type":"void"' in reader.entry(index)
    ]
    parts = BundleParts(
        draw_id="CN-330100-2026-000001/1",
        policy_text=GOOD.policy_text,
        staged={
            "policy": GOOD.parts.staged["policy"],
            "announce": GOOD.writer.receipt(records_of_one[0]),
        },
        checkpoint=GOOD.writer.note(),
        entry_indices=records_of_one,
        whole_log=True,
    )
    report = verify_bytes(build_bundle(parts, reader))
    assert report.verdict is Verdict.PASS, report.to_text()
    assert report.state == "void"
    hidden = dataclasses.replace(parts, entry_indices=records_of_one[:1], whole_log=False)
    assert verify_bytes(build_bundle(hidden, reader)).verdict is Verdict.INCOMPLETE


def test_an_unknown_stage_is_refused():
    with pytest.raises(BundleError):
        build_bundle(
            dataclasses.replace(GOOD.parts, staged={"x": GOOD.parts.staged["go"]}),
            GOOD.writer.reader(),
        )


def test_public_lottery_numbers_before_the_drand_round_enter_the_seed():
    rehearsal = rehearse(Plan(extra_lines=(KL8,)))
    report = verify_bytes(rehearsal.bundle())
    assert report.verdict is Verdict.PASS
    external = [item for item in report.findings if "external fact" in item.detail]
    assert len(external) == 1


def test_the_announced_fallback_is_used_only_with_its_record():
    plan = Plan(fallback_lines=(KL8, SSQ))
    report = verify_bytes(rehearse(plan).bundle())
    assert report.verdict is Verdict.PASS
    assert report.beacon_kind == "lottery"

    def early(record):
        if isinstance(record, records.BeaconUnavailable):
            return dataclasses.replace(record, observed_at="2026-12-01T03:00:00Z")
        return record

    report = verify_bytes(rehearse(dataclasses.replace(plan, tamper=early)).bundle())
    assert report.status("V11") is Status.FAIL


@pytest.mark.parametrize(
    ("reader", "data"),
    [
        (contents.read_manifest, b"{}"),
        (contents.read_manifest, b"[]"),
        (contents.read_manifest, b'{"draw_id":"P/1","files":[],"type":"bundle","v":"yaohao/v1"}'),
        (contents.read_manifest, b'{"draw_id":"P/1","files":{},"type":"x","v":"yaohao/v1"}'),
        (contents.read_beacon_file, b'{"round":1}'),
        (contents.read_beacon_file, b'{"round":0}'),
        (contents.read_entries, b"1\t{}\t"),
        (contents.read_entries, b"1\t{}\n"),
        (contents.read_entries, b"x\t{}\t\n"),
        (contents.read_entries, b"1\t{}\tAAAA\n"),
        (contents.read_entries, b"1\t{}\t \n"),
        (contents.read_entries, b"\xff\t{}\t\n"),
        (contents.read_entries, b"2\t{}\t\n1\t{}\t\n"),
        (contents.read_consistency, b"\xff"),
        (contents.read_consistency, b"consistency 1 2\n"),
        (contents.read_consistency, b"other 1 2\n\n"),
        (contents.read_log, b"{}"),
    ],
)
def test_malformed_contents_are_refused(reader, data):
    with pytest.raises(LotteryError):
        reader(data)


@pytest.fixture
def good_zip(tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(GOOD.bundle())
    return path


def test_the_program_prints_every_check_and_exits_with_the_verdict(good_zip, capsys):
    assert main([str(good_zip)]) == 0
    text = capsys.readouterr().out
    assert all(f"\nV{number} " in text for number in range(1, 18))
    assert "演示信标,不具公信力" in text
    assert main([str(good_zip), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["verdict"] == "PASS"
    assert report["beacon_kind"] == "demo"
    assert len(report["checks"]) == 17
    good_zip.write_bytes(b"nothing")
    assert main([str(good_zip)]) == 1
    good_zip.write_bytes(rehearse(Plan(witnesses=0)).bundle())
    assert main([str(good_zip), "--plain"]) == 3


@pytest.mark.parametrize("arguments", [[], ["/nowhere"], [".", "--policy-sha256", "x"], ["--no"]])
def test_wrong_usage_exits_with_64(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 64
    assert "usage" in capsys.readouterr().err


BARE = """
import sys
BANNED = {"cryptography", "pyblst", "requests", "socket", "http", "urllib3", "ssl", "_socket",
          "typing_extensions"}
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in BANNED or name.startswith("lottery.fetch"):
            raise ImportError(name)
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, sys.argv[1])
from lottery.verify.__main__ import main
code = main([sys.argv[2]])
assert not {"socket", "requests", "http", "lottery.fetch", "cryptography"} & set(sys.modules)
sys.exit(code)
"""


def test_the_verifier_runs_without_any_package_and_without_network(good_zip, pytestconfig):
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", BARE, str(pytestconfig.rootpath), str(good_zip)],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "PASS" in done.stdout
