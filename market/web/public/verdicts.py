"""What the verifier says, in the words of the pages; kept for a draw until something is added."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from flask import current_app
from sqlalchemy.orm import Session

from market.draws.queries import bundle_for
from market.draws.rows import AttemptDetail
from market.draws.states import AttemptState
from market.draws.verifying import BundleReport, BundleVerifier, Outcome
from market.web.draw_access import log_files
from market.web.i18n import _
from market.web.public.check_words import EXPLAINED, finding_text
from market.web.request import world

KEPT = 256
AGAIN_AFTER_SECONDS = 600
"""Even when nothing was added the bundle is made and checked anew: the disk may have rotted."""

TEXTS: dict[Outcome, str] = {
    Outcome.PASS: "全部检查通过，并有独立见证人在信标出现之前签名。",
    Outcome.UNWITNESSED: "全部检查通过。尚无独立见证人签名，因此只能证明记录前后一致，"
    "不能排除平台对不同的人出示不同的记录。",
    Outcome.INCOMPLETE: "包里缺少一部分资料，缺的部分没有检查；已检查的部分没有发现不符。",
    Outcome.FAIL: "有检查不通过，请看下面标出的项目。",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One of the numbered checks in plain words."""

    code: str
    title: str
    text: str
    outcome: str  # ok, warn, skip, fail, idle
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of a bundle in plain words."""

    kind: str  # as court.verdict takes it
    text: str
    draw_id: str
    is_demo_beacon: bool
    checks: tuple[Check, ...]


def verdict_of(report: BundleReport) -> Verdict:
    """Put a report into words."""
    text = _(TEXTS[report.outcome])
    if report.failed:
        text = _("不通过的项目：") + "、".join(report.failed) + "。" + text
    if report.is_demo_beacon:
        text += _("随机数来自演示信标，不具公信力。")
    words = {code: (title, meaning) for code, title, meaning in EXPLAINED}
    checks = [
        Check(
            code=check.code,
            title=_(words[check.code][0]),
            text=_(words[check.code][1]),
            outcome=check.status,
            findings=tuple(
                finding_text(where, detail) for _status, where, detail in check.findings
            ),
        )
        for check in report.checks
    ]
    return Verdict(report.outcome.value, text, report.draw_id, report.is_demo_beacon, tuple(checks))


def verifier() -> BundleVerifier:
    """Give the verifier of this process, which keeps reports by the hash of the bundle."""
    found: BundleVerifier = current_app.extensions.setdefault("bundle_verifier", BundleVerifier())
    return found


@dataclass(slots=True)
class _Known:
    """Verdicts by draw and by how far it has come."""

    verdicts: OrderedDict[tuple[str, int, int], Verdict]
    lock: Lock


@dataclass(frozen=True, slots=True)
class Pending:
    """A verdict that is known, or the bundle from which it will be made."""

    key: tuple[str, int, int]
    verdict: Verdict | None
    data: bytes


def prepare_verdict(session: Session, found: AttemptDetail) -> Pending | None:
    """Read what the verdict needs; None for an attempt without result or void in the log.

    The checks themselves run later, without a session: ``give_verdict``.
    """
    last = found.void if found.draw.state is AttemptState.VOID else found.result
    if last is None or last.position is None:
        return None
    window = int(world().runtime.now().timestamp()) // AGAIN_AFTER_SECONDS
    key = (found.draw.draw_id, len(found.events), window)
    known = _known()
    with known.lock:
        kept = known.verdicts.get(key)
    if kept is not None:
        return Pending(key, kept, b"")
    data = bundle_for(session, log_files(), found.draw.project_no, found.draw.number)
    return Pending(key, None, data)


def give_verdict(pending: Pending | None) -> Verdict | None:
    """Run the checks, or give the verdict that is known."""
    if pending is None or pending.verdict is not None:
        return pending.verdict if pending else None
    verdict = verdict_of(verifier().verify(pending.data))
    known = _known()
    with known.lock:
        known.verdicts[pending.key] = verdict
        while len(known.verdicts) > KEPT:
            known.verdicts.popitem(last=False)
    return verdict


def _known() -> _Known:
    fresh = _Known(OrderedDict(), Lock())
    found: _Known = current_app.extensions.setdefault("draw_verdicts", fresh)
    return found
