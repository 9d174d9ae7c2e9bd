"""The verifier: numbered checks over a proof bundle, without network and third-party packages."""

from collections.abc import Callable, Mapping
from pathlib import Path

from lottery.bundle.container import pack, read_path, unpack
from lottery.errors import BundleError, LotteryError, VerificationError
from lottery.records import Go
from lottery.verify import checks_draw, checks_history, checks_log, checks_roster
from lottery.verify.case import Case, MissingError
from lottery.verify.report import Finding, Report, Status, Verdict

__all__ = ["Finding", "Report", "Status", "Verdict", "verify_bytes", "verify_files", "verify_path"]

CHECKS: Mapping[str, Callable[[Case], None]] = {
    "V1": checks_log.v1_manifest,
    "V2": checks_log.v2_policy,
    "V3": checks_log.v3_announce,
    "V4": checks_log.v4_freeze,
    "V5": checks_log.v5_witnesses,
    "V6": checks_roster.v6_secret,
    "V7": checks_roster.v7_roster,
    "V8": checks_roster.v8_openings,
    "V9": checks_roster.v9_contributions,
    "V10": checks_draw.v10_round,
    "V11": checks_draw.v11_beacon,
    "V12": checks_draw.v12_seed,
    "V13": checks_draw.v13_ranking,
    "V14": checks_draw.v14_result,
    "V15": checks_log.v15_consistency,
    "V16": checks_history.v16_attempts,
    "V17": checks_history.v17_after,
}
_PLACES = {
    "V2": "policy.txt",
    "V3": "announce.json",
    "V4": "freeze.json",
    "V6": "freeze.json",
    "V7": "roster.txt",
    "V8": "openings.txt",
    "V9": "contributions.txt",
    "V10": "announce.json",
    "V11": "beacon.json",
    "V12": "beacon.json",
    "V13": "announce.json",
}
_BEFORE_GO = frozenset({"V4", "V5", "V6", "V7", "V8", "V9", "V11", "V12", "V13", "V14"})


def verify_files(
    files: Mapping[str, bytes], *, pinned_policy: str = "", plain: bool = False
) -> Report:
    """Run all checks over the files of a bundle; never raises for what the files hold.

    Args:
        files: content by file name.
        pinned_policy: SHA-256 (hex) of the policy text that the caller trusts, or "".
        plain: use the plain Python signature checks even where faster ones are installed.
    """
    case = Case(dict(files), Report(), plain=plain, pinned_policy=pinned_policy)
    for name, check in CHECKS.items():
        case.check = name
        _run(case, check)
    if case.report.state == "unknown" and case.announce is not None:
        case.report.state = "pending"
    return case.report


def _run(case: Case, check: Callable[[Case], None]) -> None:
    try:
        check(case)
    except MissingError as missing:
        if case.check in _BEFORE_GO and _void_before_go(case):
            case.ok(missing.where, "not applicable: the attempt was voided before go")
        else:
            case.skip(missing.where, missing.detail)
    except VerificationError as error:
        case.fail(error.where, error.detail)
    except LotteryError as error:
        case.fail(_PLACES.get(case.check, "bundle"), str(error))


def _void_before_go(case: Case) -> bool:
    return case.void is not None and case.go is None and not case.of_draw(Go)


def verify_bytes(data: bytes, *, pinned_policy: str = "", plain: bool = False) -> Report:
    """Run all checks over a zipped bundle; arguments as for ``verify_files``."""
    try:
        files = unpack(data)
        repacked = pack(files) != data
    except BundleError as error:
        return _unreadable(error)
    report = verify_files(files, pinned_policy=pinned_policy, plain=plain)
    if repacked:
        finding = Finding("V1", Status.WARN, "bundle", "zip was packed by another program")
        report.findings.append(finding)
    return report


def verify_path(path: Path, *, pinned_policy: str = "", plain: bool = False) -> Report:
    """Run all checks over a bundle on disk, zip or folder; arguments as for ``verify_files``."""
    try:
        files = read_path(path)
    except BundleError as error:
        return _unreadable(error)
    return verify_files(files, pinned_policy=pinned_policy, plain=plain)


def _unreadable(error: BundleError) -> Report:
    return Report([Finding("V1", Status.FAIL, "bundle", str(error))])
