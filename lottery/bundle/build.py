"""Putting a bundle together from what the operator holds.

Source: SPEC.md section 12.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from lottery.bundle.container import pack
from lottery.bundle.contents import (
    MANIFEST,
    BeaconFile,
    ProvedEntry,
    Step,
    write_consistency,
    write_entries,
    write_log,
    write_manifest,
    write_ranking,
)
from lottery.errors import BundleError
from lottery.log.checkpoint import parse_checkpoint
from lottery.log.note import parse_note
from lottery.log.proof import TlogProof
from lottery.roster import (
    Contribution,
    Entrant,
    Opening,
    write_contributions,
    write_openings,
    write_roster,
)
from lottery.selection import Outcome, ticket_shell_line

STAGED = ("policy", "announce", "close", "freeze", "go", "result")


class Proofs(Protocol):
    """What a bundle asks of the log; ``log.tree.TileReader`` gives it."""

    def entry(self, index: int) -> bytes:
        """Return one entry."""
        ...

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """Return an audit path."""
        ...

    def consistency(self, old: int, new: int | None = None) -> list[bytes]:
        """Return a consistency proof."""
        ...


@dataclass(frozen=True, kw_only=True)
class BundleParts:
    """Everything a bundle is made of; what does not exist yet stays empty.

    ``staged`` holds a proof under each name of ``STAGED`` that exists; the proofs of ``freeze``
    and ``go`` must carry the checkpoints that were cosigned before the beacon. ``entry_indices``
    are the log indices of all enrolments of the roster, withdrawals, rejections, post-draw acts,
    and of every announcement, go and void of the project. ``checkpoint`` is the newest note;
    ``whole_log`` adds every entry, so that the attempts can be counted without asking the log.
    """

    draw_id: str
    policy_text: str
    staged: Mapping[str, TlogProof]
    checkpoint: bytes
    entry_indices: Sequence[int]
    roster: Sequence[Entrant] = ()
    openings: Sequence[Opening] = ()
    contributions: Sequence[Contribution] = ()
    beacon: BeaconFile | None = None
    outcome: Outcome | None = None
    whole_log: bool = False
    extra: Mapping[str, bytes] = field(default_factory=dict)


def bundle_files(parts: BundleParts, log: Proofs) -> dict[str, bytes]:
    """Return the files of a bundle by name.

    Raises:
        BundleError: a stage has an unknown name.
        LogError: the log cannot prove what is asked.
    """
    files: dict[str, bytes] = {"policy.txt": parts.policy_text.encode(), **parts.extra}
    files.update(_staged_files(parts, log))
    files.update(_log_files(parts, log))
    if "freeze" in parts.staged:
        files["roster.txt"] = write_roster(parts.roster)
        files["openings.txt"] = write_openings(parts.openings)
        files["contributions.txt"] = write_contributions(parts.contributions)
    if parts.beacon is not None:
        files["beacon.json"] = parts.beacon.to_bytes()
    if parts.outcome is not None:
        names = {item.id: item.name for item in parts.roster}
        files["ranking.csv"] = write_ranking(parts.outcome.rankings, names)
    files["README.md"] = _readme(parts).encode()
    files[MANIFEST] = write_manifest(parts.draw_id, files)
    return files


def build_bundle(parts: BundleParts, log: Proofs) -> bytes:
    """Return the zip of a bundle; the same parts always give the same bytes."""
    return pack(bundle_files(parts, log))


def _staged_files(parts: BundleParts, log: Proofs) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for name, proof in parts.staged.items():
        if name not in STAGED:
            raise BundleError(f"unknown stage {name}")
        files[f"{name}.json"] = log.entry(proof.index)
        files[f"{name}.tlog-proof"] = proof.to_bytes()
    return files


def _log_files(parts: BundleParts, log: Proofs) -> dict[str, bytes]:
    size = _size(parts.checkpoint)
    entries = [
        ProvedEntry(index, log.entry(index), tuple(log.inclusion(index, size)))
        for index in sorted(set(parts.entry_indices))
    ]
    sizes = sorted({size, *(_size(proof.checkpoint) for proof in parts.staged.values())})
    steps = [Step(old, new, tuple(log.consistency(old, new))) for old, new in pairwise(sizes)]
    files = {
        "checkpoint": parts.checkpoint,
        "entries.txt": write_entries(entries),
        "consistency.txt": write_consistency(steps),
    }
    if parts.whole_log:
        files["log.txt"] = write_log([log.entry(index) for index in range(size)])
    return files


def _size(note: bytes) -> int:
    return parse_checkpoint(parse_note(note).text).size


def _readme(parts: BundleParts) -> str:
    rows = [
        f"# Proof bundle of draw {parts.draw_id}",
        "",
        "Check everything with the published verifier:",
        "",
        "    python -m lottery.verify bundle.zip",
        "",
        "Check single facts by hand:",
        "",
        "    sha256sum *",
        "    sha256sum roster.txt openings.txt policy.txt",
        "    { printf '\\0'; cat announce.json; } | sha256sum",
        "    { printf '\\0'; cat freeze.json; } | sha256sum",
    ]
    outcome = parts.outcome
    if outcome is not None:
        lot = min(outcome.rankings)
        first = outcome.rankings[lot][:1]
        rows += [
            "    " + ticket_shell_line(outcome.seed, lot, item.copy, item.id) for item in first
        ]
        rows += ["", "The last line gives the key of rank 1 in ranking.csv; put in any other id."]
    return "\n".join([*rows, ""])
