"""What a rehearsal shall hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lottery.entropy.demo_chain import DemoChain
from lottery.entropy.drand import Chain
from lottery.records import (
    Exclusion,
    Lot,
    Record,
)
from lottery.roster import (
    Entrant,
)

HOUR = 3600
ORIGIN = "rehearsal.example/log"


class RoundSigner(Protocol):
    """A beacon whose rounds can be had at once; ``DemoChain`` is one."""

    chain: Chain

    def sign(self, number: int) -> bytes:
        """Return the 48-byte signature of a round."""
        ...


@dataclass(frozen=True)
class KnownRounds:
    """Rounds of a real chain that are already published."""

    chain: Chain
    signatures: Mapping[int, bytes]

    def sign(self, number: int) -> bytes:
        """Return the published signature of a round."""
        return self.signatures[number]


def demo_beacon() -> DemoChain:
    """Return the chain that rehearsals use unless told otherwise."""
    return DemoChain(b"rehearsal beacon, no secret at all", 1_700_000_000)


def sample_roster(count: int) -> tuple[Entrant, ...]:
    """Return ``count`` entrants of weight one."""
    return tuple(
        Entrant(f"9111000010{number:08d}", 1, f"Société {number}") for number in range(1, count + 1)
    )


def _unchanged(record: Record) -> Record:
    return record


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What shall happen. The last ``rejected`` and ``withdrawn`` enrolments are extra entrants.

    ``omitted`` are ids that the operator leaves out of the roster although they enrolled; each
    comes back by an insert record. ``voided`` attempts precede the one that is drawn.
    """

    project_id: str = "CN-330100-2026-000001"
    entrants: Sequence[Entrant] = field(default_factory=lambda: sample_roster(7))
    lots: Sequence[Lot] = (Lot(lot=1, winners=1, reserves=2),)
    max_wins: int = 1
    draw_at: str = "2026-12-01T02:00:00Z"
    beacon: RoundSigner = field(default_factory=demo_beacon)
    witnesses: int = 3  # 0 means: quorum none
    threshold: int = 2
    contributors: int = 2
    rejected: int = 1
    withdrawn: int = 1
    exclusions: Sequence[Exclusion] = ()
    omitted: frozenset[str] = frozenset()
    voided: int = 0
    disqualify: bool = False  # the first winner goes, the first reserve comes
    decline: bool = False
    whole_log: bool = True
    extra_lines: Sequence[str] = ()  # public lottery lines before the drand round
    fallback_lines: Sequence[str] = ()  # if any, the drand round never appears
    freeze_lead: int = HOUR + 60  # seconds before the draw at which the freeze is logged
    go_lead: int = HOUR
    tamper: Callable[[Record], Record] = _unchanged  # an attack on records, for tests
