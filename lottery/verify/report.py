"""Findings, verdict and their texts.

Source: SPEC.md sections 13.1 and 13.3.
"""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from lottery.encoding import Json


class Status(StrEnum):
    """Outcome of a check or of one finding in it, best first."""

    OK = "OK"
    WARN = "WARN"  # holds, with a caveat that people must know
    SKIP = "SKIP"  # could not be checked: something is missing
    FAIL = "FAIL"


class Verdict(IntEnum):
    """Exit codes of the verifier."""

    PASS = 0
    FAIL = 1
    INCOMPLETE = 2
    PASS_UNWITNESSED = 3


TITLES = {
    "V1": "清单与文件哈希",
    "V2": "策略、日志与见证公钥",
    "V3": "公告在日志中",
    "V4": "冻结记录在日志中,次序正确",
    "V5": "见证签名足数且在信标之前",
    "V6": "主办方秘密值与承诺相符",
    "V7": "名单排序、唯一、根与数量",
    "V8": "每个报名与日志相符,无遗漏",
    "V9": "参与方贡献与承诺相符",
    "V10": "信标轮次由公告时间推出",
    "V11": "信标签名与随机数",
    "V12": "种子",
    "V13": "号码、排序、中选与候补",
    "V14": "公布结果与重算一致",
    "V15": "日志只增不改",
    "V16": "本项目全部摇号次数",
    "V17": "摇号之后的处理",
}
VERDICT_TEXTS = {
    Verdict.PASS: "通过 PASS",
    Verdict.FAIL: "不通过 FAIL",
    Verdict.INCOMPLETE: "资料不全 INCOMPLETE",
    Verdict.PASS_UNWITNESSED: "通过但未见证 PASS-UNWITNESSED",
}
VERDICT_NAMES = {
    Verdict.PASS: "PASS",
    Verdict.FAIL: "FAIL",
    Verdict.INCOMPLETE: "INCOMPLETE",
    Verdict.PASS_UNWITNESSED: "PASS-UNWITNESSED",
}
BEACON_TEXTS = {
    "quicknet": "信标:drand quicknet(League of Entropy)",
    "demo": "信标:演示信标,不具公信力",
    "lottery": "信标:公开彩票号码(外部事实,请自行核对官方公告)",
    "unknown": "信标:未知",
}


@dataclass(frozen=True)
class Finding:
    """One thing that a check found; ``where`` names file and place."""

    check: str
    status: Status
    where: str
    detail: str


@dataclass
class Report:
    """All findings of one bundle and what was computed on the way."""

    findings: list[Finding] = field(default_factory=list)
    draw_id: str = ""
    state: str = "unknown"  # drawn, pending, void
    beacon_kind: str = "unknown"  # quicknet, demo, lottery
    witnessed: bool = False
    policy_sha256: str = ""
    seed: str = ""
    awards: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    holders: dict[str, list[str]] = field(default_factory=dict)

    def status(self, check: str) -> Status:
        """Return the worst status of a check's findings."""
        order = list(Status)
        found = [item.status for item in self.findings if item.check == check]
        return max(found, key=order.index, default=Status.OK)

    @property
    def verdict(self) -> Verdict:
        """Return the verdict over all checks."""
        statuses = {self.status(check) for check in TITLES}
        if Status.FAIL in statuses:
            return Verdict.FAIL
        if Status.SKIP in statuses:
            return Verdict.INCOMPLETE
        return Verdict.PASS if self.witnessed else Verdict.PASS_UNWITNESSED

    def to_json(self) -> dict[str, Json]:
        """Return the report as a JSON object."""
        return {
            "verdict": VERDICT_NAMES[self.verdict],
            "exit_code": int(self.verdict),
            "draw_id": self.draw_id,
            "state": self.state,
            "beacon_kind": self.beacon_kind,
            "beacon_text": BEACON_TEXTS[self.beacon_kind],
            "witnessed": self.witnessed,
            "policy_sha256": self.policy_sha256,
            "seed": self.seed,
            "awards": {
                lot: {role: list(ids) for role, ids in award.items()}
                for lot, award in self.awards.items()
            },
            "holders": {lot: list(ids) for lot, ids in self.holders.items()},
            "checks": [self._check_json(check) for check in TITLES],
        }

    def _check_json(self, check: str) -> dict[str, Json]:
        return {
            "check": check,
            "title": TITLES[check],
            "status": self.status(check).value,
            "findings": [
                {"status": item.status.value, "where": item.where, "detail": item.detail}
                for item in self.findings
                if item.check == check
            ],
        }

    def to_text(self) -> str:
        """Return the report as lines for people."""
        rows = [f"摇号 {self.draw_id or '?'}", BEACON_TEXTS[self.beacon_kind]]
        rows.append(f"策略指纹 {self.policy_sha256 or '?'}")
        for check, title in TITLES.items():
            rows.append(f"{check:<4}{self.status(check).value:<5}{title}")
            rows += [
                f"        {item.status.value} {item.where}: {item.detail}"
                for item in self.findings
                if item.check == check
            ]
        if self.seed:
            rows.append(f"种子 {self.seed}")
        for lot, award in self.awards.items():
            rows.append(f"标段 {lot} 中选 {_ids(award['winners'])} 候补 {_ids(award['reserves'])}")
        rows.append(f"结论 {VERDICT_TEXTS[self.verdict]}")
        return "\n".join(rows) + "\n"


def _ids(ids: list[str]) -> str:
    return " ".join(ids) or "-"
