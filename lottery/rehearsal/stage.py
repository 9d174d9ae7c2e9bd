"""The log of a rehearsal, and the records that need no draw."""

from collections.abc import Sequence

from lottery.commitments import make_draw_id, operator_commit
from lottery.encoding import sha256, time_text, unix_time
from lottery.entropy.drand import round_for
from lottery.entropy.public_lottery import parse_line
from lottery.log.cosign import Cosigner
from lottery.log.note import NoteSigner, Signature
from lottery.log.proof import TlogProof
from lottery.log.store import MemoryStore
from lottery.log.writer import LogWriter
from lottery.records import (
    Announce,
    BeaconChoice,
    DrandPin,
    Policy,
    Record,
    Void,
)
from lottery.rehearsal.plan import HOUR, ORIGIN, Plan


class Stage:
    """The log of a rehearsal and the records in it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.signer = NoteSigner(ORIGIN, sha256(b"rehearsal log key"))
        self.cosigners = [
            Cosigner(f"witness{number}.example", sha256(b"rehearsal witness %d" % number))
            for number in range(1, plan.witnesses + 1)
        ]
        self.writer = LogWriter(MemoryStore(), self.signer)
        self.writer.create()
        self.size = 0
        self.entries: list[int] = []  # indices that the bundle's entries.txt needs
        self.policy_text = self._policy_text()

    def _policy_text(self) -> str:
        rows = [f"log {self.signer.vkey}"]
        names = [f"w{number}" for number in range(1, len(self.cosigners) + 1)]
        rows += [f"witness {n} {c.vkey}" for n, c in zip(names, self.cosigners, strict=True)]
        if names:
            rows.append(f"group q {self.plan.threshold} {' '.join(names)}")
        rows.append("quorum q" if names else "quorum none")
        return "\n".join([*rows, ""])

    def write(self, records: Sequence[Record], at: int, *, keep: bool = True) -> list[int]:
        """Log records at POSIX time ``at``; the witnesses cosign one second later each."""

        def cosign(text: str) -> list[Signature]:
            return [item.cosign(text, at + n) for n, item in enumerate(self.cosigners, start=1)]

        data = [self.plan.tamper(record).to_bytes() for record in records]
        self.writer.extend(data, start=self.size, cosign=cosign)
        indices = list(range(self.size, self.size + len(data)))
        self.size += len(data)
        if keep:
            self.entries += indices
        return indices

    def staged(self, record: Record, at: int) -> TlogProof:
        """Log one record and return its receipt against the checkpoint of that moment."""
        return self.writer.receipt(self.write([record], at, keep=False)[0])


def make_policy(stage: Stage) -> Policy:
    """Return the policy record of the rehearsal."""
    return Policy(
        origin=ORIGIN,
        log_vkeys=(stage.signer.vkey,),
        policy_sha256=sha256(stage.policy_text.encode()).hex(),
        drand=DrandPin.of(stage.plan.beacon.chain),
    )


def secret_of(draw_id: str) -> str:
    """Return the operator's secret, which is none, of a draw."""
    return sha256(b"rehearsal secret of " + draw_id.encode()).hex()


def make_announce(plan: Plan, attempt: int, void_ref: str) -> Announce:
    """Return the announcement of an attempt."""
    draw_id = make_draw_id(plan.project_id, attempt)
    at = unix_time(plan.draw_at)
    chain = plan.beacon.chain
    return Announce(
        project_id=plan.project_id,
        attempt=attempt,
        draw_id=draw_id,
        supersedes=make_draw_id(plan.project_id, attempt - 1) if attempt > 1 else "",
        lots=tuple(plan.lots),
        max_wins=plan.max_wins,
        enroll_close=time_text(at - 24 * HOUR),
        freeze_by=time_text(at - HOUR),
        draw_at=plan.draw_at,
        beacon=BeaconChoice(kind="drand", chain=chain.hash, round=round_for(chain, plan.draw_at)),
        fallback=_issues(plan.fallback_lines),
        extra_beacons=_issues(plan.extra_lines),
        operator_commit=operator_commit(draw_id, secret_of(draw_id)),
        void_ref=void_ref,
        title="Rehearsal",
    )


def _issues(lines: Sequence[str]) -> tuple[str, ...]:
    return tuple(parse_line(line).issue_id for line in lines)


def void_attempt(stage: Stage, attempt: int, at: int) -> None:
    """Log an attempt that is voided at once."""
    announce = make_announce(stage.plan, attempt, void_leaf(stage.plan, attempt - 1))
    stage.write([announce], at)
    stage.write([_void(stage.plan, attempt)], at + 60)


def _void(plan: Plan, attempt: int) -> Void:
    return Void(
        draw_id=make_draw_id(plan.project_id, attempt),
        reason_code="no_valid_freeze",
        document_sha256=sha256(b"decision %d" % attempt).hex(),
        decided_by="operator",
    )


def void_leaf(plan: Plan, attempt: int) -> str:
    """Return the leaf hash of the void record of an attempt; "" for attempt 0."""
    return _void(plan, attempt).leaf() if attempt else ""
