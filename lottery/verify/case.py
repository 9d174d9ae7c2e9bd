"""What the checks share: the files, what was read from them so far, and the report."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from lottery.bundle.contents import BeaconFile, read_entries
from lottery.entropy.drand import Chain
from lottery.errors import LotteryError, VerificationError
from lottery.log.checkpoint import Checkpoint
from lottery.log.note import Note, NoteVerifier
from lottery.log.policy import Quorum, WitnessPolicy
from lottery.log.proof import parse_proof, verify_proof
from lottery.merkle import leaf_hash, verify_inclusion
from lottery.records import (
    Announce,
    Close,
    Freeze,
    Go,
    Policy,
    Record,
    Result,
    Void,
    parse_record,
)
from lottery.roster import Contribution, Entrant, Opening
from lottery.selection import Outcome
from lottery.verify.report import Finding, Report, Status

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class MissingError(Exception):
    """A check lacks a file or what an earlier check would have given it."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(where, detail)
        self.where = where
        self.detail = detail


@dataclass(frozen=True)
class Staged(Generic[R]):
    """A record of the bundle, proved to be in the log."""

    record: R
    index: int
    checkpoint: Checkpoint
    quorum: Quorum


@dataclass
class Case:
    """One bundle under verification; fields are filled by the checks, None until then."""

    files: dict[str, bytes]
    report: Report
    plain: bool = False
    pinned_policy: str = ""  # SHA-256 that the caller trusts, hex
    check: str = "V1"  # the check that is running
    witness_policy: WitnessPolicy | None = None
    policy: Policy | None = None
    policy_index: int = -1  # where the policy record lies in the log
    log: NoteVerifier | None = None
    chain: Chain | None = None
    latest: Checkpoint | None = None
    latest_note: Note | None = None
    announce: Staged[Announce] | None = None
    close: Staged[Close] | None = None
    freeze: Staged[Freeze] | None = None
    go: Staged[Go] | None = None
    result: Staged[Result] | None = None
    void: tuple[int, Void] | None = None
    roster: list[Entrant] | None = None
    openings: list[Opening] | None = None
    contributions: list[Contribution] | None = None
    beacon_file: BeaconFile | None = None
    beacons: list[str] | None = None
    outcome: Outcome | None = None
    checkpoints: dict[int, bytes] = field(default_factory=dict)  # size -> root, all that were seen
    raw_entries: dict[int, bytes] | None = None
    records: dict[int, Record] = field(default_factory=dict)  # of entries.txt, by log index

    def fail(self, where: str, detail: str) -> None:
        """Note a failure of the running check."""
        self._add(Status.FAIL, where, detail)

    def warn(self, where: str, detail: str) -> None:
        """Note a caveat."""
        self._add(Status.WARN, where, detail)

    def ok(self, where: str, detail: str) -> None:
        """Note a fact worth showing."""
        self._add(Status.OK, where, detail)

    def skip(self, where: str, detail: str) -> None:
        """Note that something could not be checked."""
        self._add(Status.SKIP, where, detail)

    def _add(self, status: Status, where: str, detail: str) -> None:
        self.report.findings.append(Finding(self.check, status, where, detail))

    def require(self, where: str, *, holds: bool, detail: str) -> None:
        """Note a failure unless the condition holds."""
        if not holds:
            self.fail(where, detail)

    def file(self, name: str) -> bytes:
        """Return a file of the bundle.

        Raises:
            MissingError: it is not there.
        """
        if name not in self.files:
            raise MissingError(name, "file is not in the bundle")
        return self.files[name]

    def read(self, name: str, reader: Callable[[bytes], T]) -> T:
        """Read a file with a parser.

        Raises:
            MissingError: the file is not there.
            VerificationError: the parser refuses it.
        """
        data = self.file(name)
        try:
            return reader(data)
        except LotteryError as error:
            raise VerificationError(self.check, name, str(error)) from error

    def stage(self, name: str, kind: type[R]) -> Staged[R]:
        """Read ``<name>.json`` and prove it with ``<name>.tlog-proof``.

        Raises:
            MissingError: a file is not there, or the policy was not established.
            VerificationError: malformed, of another type, or not in the log.
        """
        record = self.read(f"{name}.json", parse_record)
        if not isinstance(record, kind):
            raise VerificationError(self.check, f"{name}.json", "record is of another type")
        proof = self.read(f"{name}.tlog-proof", parse_proof)
        witnesses, log = need(self.witness_policy, "V2"), need(self.log, "V2")
        try:
            checkpoint, note = verify_proof(proof, self.files[f"{name}.json"], log)
            quorum = witnesses.evaluate(note)
        except LotteryError as error:
            raise VerificationError(self.check, f"{name}.tlog-proof", str(error)) from error
        self.see_checkpoint(f"{name}.tlog-proof", checkpoint)
        return Staged(record, proof.index, checkpoint, quorum)

    def see_checkpoint(self, where: str, checkpoint: Checkpoint) -> None:
        """Keep a signed checkpoint for the consistency check; two roots of one size are a fork."""
        known = self.checkpoints.setdefault(checkpoint.size, checkpoint.root)
        if known != checkpoint.root:
            self.fail(where, f"log signed two different roots for size {checkpoint.size}")

    def entries(self) -> dict[int, Record]:
        """Return the proved records of ``entries.txt`` by log index; proves them once.

        Raises:
            MissingError: the file or the latest checkpoint is not there.
            VerificationError: malformed, or an entry is not in the log.
        """
        if self.raw_entries is None:
            latest = need(self.latest, "V2")
            found: dict[int, bytes] = {}
            for item in self.read("entries.txt", read_entries):
                where = f"entries.txt index {item.index}"
                try:
                    leaf = leaf_hash(item.entry)
                    verify_inclusion(leaf, item.index, latest.size, item.path, latest.root)
                    self.records[item.index] = parse_record(item.entry)
                except LotteryError as error:
                    raise VerificationError(self.check, where, str(error)) from error
                found[item.index] = item.entry
            self.raw_entries = found
        return self.records

    def of_draw(self, kind: type[R]) -> list[tuple[int, R]]:
        """Return the proved records of a type that name this draw, by log index."""
        draw_id = self.report.draw_id
        return [
            (index, record)
            for index, record in sorted(self.entries().items())
            if isinstance(record, kind) and getattr(record, "draw_id", "") == draw_id
        ]


def need(value: T | None, source: str) -> T:
    """Return a value that an earlier check gives.

    Raises:
        MissingError: that check did not give it.
    """
    if value is None:
        raise MissingError(source, "depends on an earlier check that gave no value")
    return value
