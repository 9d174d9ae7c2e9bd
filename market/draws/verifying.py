"""Verify a proof bundle for a page, by the checks of ``python -m lottery.verify``; kept a while."""

import hashlib
import io
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock

from lottery.entropy.drand import QUICKNET
from lottery.verify import Report, Status, Verdict, verify_bytes
from market.errors import MarketError

NOT_APPLICABLE = "not applicable"
"""How the detail of a check begins that has nothing to look at, as in a draw voided early."""
KEPT = 128  # reports, each of a few kilobytes
MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # the command takes more; a web page need not


class NoBundleError(MarketError):
    """The file is no proof bundle at all; ``reason`` is "empty", "not_zip" or "too_large"."""

    code = "draws.no_bundle"


class Outcome(StrEnum):
    """The verdict over all checks."""

    PASS = "pass"  # noqa: S105 - a verdict
    UNWITNESSED = "unwitnessed"
    INCOMPLETE = "incomplete"
    FAIL = "fail"


OUTCOMES = {
    Verdict.PASS: Outcome.PASS,
    Verdict.PASS_UNWITNESSED: Outcome.UNWITNESSED,
    Verdict.INCOMPLETE: Outcome.INCOMPLETE,
    Verdict.FAIL: Outcome.FAIL,
}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One of the numbered checks."""

    code: str  # "V1" to "V17"
    status: str  # "ok", "warn", "skip", "fail", or "idle" where there is nothing to check
    findings: tuple[tuple[str, str, str], ...]  # status, where, detail (English)


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What the verifier says of one bundle."""

    outcome: Outcome
    draw_id: str
    state: str  # "drawn", "pending", "void", "unknown"
    is_demo_beacon: bool
    is_witnessed: bool
    seed: str
    sha256: str  # of the bundle
    checks: tuple[CheckRow, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """The codes of the checks that failed."""
        return tuple(check.code for check in self.checks if check.status == "fail")


def is_public_chain(chain_hash: str) -> bool:
    """Tell a public beacon from a demo chain of our own."""
    return chain_hash == QUICKNET.hash


class BundleVerifier:
    """Verifies bundles and keeps the newest reports by the hash of the bundle; thread-safe."""

    def __init__(self) -> None:
        self._reports: OrderedDict[str, BundleReport] = OrderedDict()
        self._lock = Lock()

    def verify(self, data: bytes) -> BundleReport:
        """Run all checks over a zipped bundle; whatever it holds becomes a finding.

        Raises:
            NoBundleError: empty, no zip file, or far larger than any bundle.
        """
        digest = hashlib.sha256(data).hexdigest()
        with self._lock:
            known = self._reports.get(digest)
        if known is not None:
            return known
        _require_zip(data)
        report = _row(verify_bytes(data), digest)
        with self._lock:
            self._reports[digest] = report
            while len(self._reports) > KEPT:
                self._reports.popitem(last=False)
        return report


def _require_zip(data: bytes) -> None:
    if not data:
        raise NoBundleError(reason="empty")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(item.file_size for item in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise NoBundleError(reason="not_zip") from error
    if size > MAX_UNPACKED_BYTES:
        raise NoBundleError(reason="too_large")


def _row(report: Report, digest: str) -> BundleReport:
    unread = not report.draw_id and {item.check for item in report.findings} == {"V1"}
    checks = [
        CheckRow(
            code=code,
            status=_status(report, code, unread=unread),
            findings=tuple(
                (item.status.value.lower(), item.where, item.detail)
                for item in report.findings
                if item.check == code and item.status is not Status.OK
            ),
        )
        for code in (f"V{number}" for number in range(1, 18))
    ]
    return BundleReport(
        outcome=OUTCOMES[report.verdict],
        draw_id=report.draw_id,
        state=report.state,
        is_demo_beacon=report.beacon_kind == "demo",
        is_witnessed=report.witnessed,
        seed=report.seed,
        sha256=digest,
        checks=tuple(checks),
    )


def _status(report: Report, code: str, *, unread: bool) -> str:
    """Give a check's status; in a container that could not be opened the others did not run."""
    if unread and code != "V1":
        return "skip"
    is_idle = any(
        item.check == code and item.detail.startswith(NOT_APPLICABLE) for item in report.findings
    )
    status = report.status(code)
    return "idle" if is_idle and status is Status.OK else status.value.lower()
