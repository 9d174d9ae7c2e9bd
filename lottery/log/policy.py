"""Witness policies: which cosignatures are enough.

Source: SPEC.md section 9.7; c2sp.org/tlog-policy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lottery.encoding import parse_decimal
from lottery.errors import LogError, LotteryError
from lottery.log.cosign import CosignVerifier, cosigned_at
from lottery.log.note import Note, NoteVerifier, check_note

MAX_POLICY_BYTES = 100_000
NO_QUORUM = "none"
_NAME = re.compile(r"[!-~]{1,255}")


@dataclass(frozen=True)
class Group:
    """So many of these members."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Quorum:
    """What a note's cosignatures amount to.

    ``witnessed`` is false when the policy asks for nobody. ``reached_at`` is the time at which
    the quorum was complete (POSIX seconds), None when it is not or nobody is asked.
    """

    satisfied: bool
    witnessed: bool
    reached_at: int | None
    times: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class WitnessPolicy:
    """Known logs, witnesses and groups, and the name that must be satisfied."""

    logs: tuple[NoteVerifier, ...]
    witnesses: Mapping[str, CosignVerifier]
    groups: Mapping[str, Group]
    quorum: str

    def log(self, origin: str) -> NoteVerifier:
        """Return the key of a log.

        Raises:
            LogError: the policy does not name it.
        """
        for item in self.logs:
            if item.name == origin:
                return item
        raise LogError("policy does not name this log")

    def evaluate(self, note: Note) -> Quorum:
        """Check the known cosignatures of a note and count them.

        Raises:
            LogError: a known witness's cosignature is not valid.
        """
        names = {(item.name, item.key_id): name for name, item in self.witnesses.items()}
        found = check_note(note, list(self.witnesses.values()))
        times = {names[item.name, item.key_id]: cosigned_at(item) for item in found}
        if self.quorum == NO_QUORUM:
            return Quorum(satisfied=True, witnessed=False, reached_at=None, times=times)
        reached = self._reached(self.quorum, times)
        return Quorum(reached is not None, witnessed=True, reached_at=reached, times=times)

    def _reached(self, name: str, times: Mapping[str, int]) -> int | None:
        """Return when a witness or group was satisfied: the k-th earliest of its members."""
        if name in self.witnesses:
            return times.get(name)
        group = self.groups[name]
        found = sorted(
            at for at in (self._reached(item, times) for item in group.members) if at is not None
        )
        return found[group.threshold - 1] if len(found) >= group.threshold else None


class _Reader:
    """Collects the lines of a policy in order."""

    def __init__(self, *, plain: bool) -> None:
        self._plain = plain
        self._used: set[str] = set()  # members of some group; each belongs to one at most
        self.logs: list[NoteVerifier] = []
        self.witnesses: dict[str, CosignVerifier] = {}
        self.groups: dict[str, Group] = {}
        self.quorum = ""

    def line(self, words: list[str]) -> None:
        handlers = {
            ("log", 2): self._log,
            ("log", 3): self._log,
            ("witness", 3): self._witness,
            ("witness", 4): self._witness,
            ("quorum", 2): self._quorum,
        }
        if words[0] == "group" and len(words) >= 4:
            self._group(words)
            return
        handler = handlers.get((words[0], len(words)))
        if handler is None:
            raise LogError("unknown keyword or number of words")
        handler(words)

    def _log(self, words: list[str]) -> None:
        self.logs.append(NoteVerifier.from_vkey(words[1], plain=self._plain))

    def _new_name(self, name: str) -> str:
        if not _NAME.fullmatch(name) or name == NO_QUORUM or self._knows(name):
            raise LogError("name is taken or not allowed")
        return name

    def _knows(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _witness(self, words: list[str]) -> None:
        verifier = CosignVerifier.from_vkey(words[2], plain=self._plain)
        if any(item.key == verifier.key for item in self.witnesses.values()):
            raise LogError("witness key appears twice")
        self.witnesses[self._new_name(words[1])] = verifier

    def _group(self, words: list[str]) -> None:
        name, members = self._new_name(words[1]), tuple(words[3:])
        if len(set(members)) != len(members) or not all(map(self._knows, members)):
            raise LogError("group member is unknown or appears twice")
        if self._used & set(members):
            raise LogError("group member belongs to another group")
        self._used |= set(members)
        words_to_number = {"any": 1, "all": len(members)}
        threshold = words_to_number.get(words[2]) or parse_decimal(words[2])
        if not 1 <= threshold <= len(members):
            raise LogError("group threshold is out of range")
        self.groups[name] = Group(threshold, members)

    def _quorum(self, words: list[str]) -> None:
        if self.quorum or not (words[1] == NO_QUORUM or self._knows(words[1])):
            raise LogError("quorum is unknown or appears twice")
        self.quorum = words[1]


def parse_policy(text: str, *, plain: bool = False) -> WitnessPolicy:
    """Read a policy.

    Args:
        text: lines ``log``, ``witness``, ``group``, ``quorum``; ``#`` begins a comment line.
        plain: check signatures in plain Python even where ``cryptography`` is installed.

    Raises:
        LogError: naming the line; also when there is no log or no quorum line.
    """
    if len(text) > MAX_POLICY_BYTES:
        raise LogError("policy is too long")
    reader = _Reader(plain=plain)
    for number, row in enumerate(text.split("\n"), start=1):
        words = row.split()
        if words and not words[0].startswith("#"):
            try:
                reader.line(words)
            except LotteryError as error:
                raise LogError(f"line {number}: {error}") from error
    if not reader.logs or not reader.quorum:
        raise LogError("policy has no log or no quorum")
    return WitnessPolicy(tuple(reader.logs), reader.witnesses, reader.groups, reader.quorum)
