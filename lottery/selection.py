"""Seed, tickets, ranking and awards: who wins, as a pure function of public facts.

Source: SPEC.md section 6; vectors in lottery/vectors/yaohao.json.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lottery.commitments import require_draw_id, require_entrant_id
from lottery.encoding import decimal, lines, parse_hex, sha256, tag
from lottery.errors import LotteryError
from lottery.merkle import HASH_BYTES
from lottery.roster import Entrant

MAX_LOTS = 1000


class Ranked(NamedTuple):
    """One place of a ranking.

    ``key`` is the smallest ticket (64 hex digits), ``copy`` the number of the copy it belongs to.
    """

    rank: int
    id: str
    key: str
    copy: int


@dataclass(frozen=True, slots=True)
class LotRule:
    """What one lot gives away."""

    lot: int
    winners: int
    reserves: int


@dataclass(frozen=True, slots=True)
class LotAward:
    """Who gets one lot: winners by rank, then reserves by rank."""

    lot: int
    winners: tuple[str, ...]
    reserves: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rankings and awards of all lots, by lot number."""

    seed: str
    rankings: Mapping[int, tuple[Ranked, ...]]
    awards: Mapping[int, LotAward] = field(default_factory=dict)


def seed_preimage(
    draw_id: str, announce_leaf: str, freeze_leaf: str, beacons: Sequence[str]
) -> bytes:
    """Return the text lines whose SHA-256 is the seed.

    Args:
        draw_id: ``project/attempt``.
        announce_leaf: leaf hash of the announce record, 64 hex digits.
        freeze_leaf: leaf hash of the freeze record, 64 hex digits.
        beacons: at least one beacon line, in the announced order.

    Raises:
        LotteryError: a part is malformed or there is no beacon.
    """
    parse_hex(announce_leaf, HASH_BYTES)
    parse_hex(freeze_leaf, HASH_BYTES)
    if not beacons:
        raise LotteryError("a seed needs a beacon")
    return lines(
        tag("seed"),
        require_draw_id(draw_id),
        announce_leaf,
        freeze_leaf,
        len(beacons),
        *beacons,
    )


def make_seed(draw_id: str, announce_leaf: str, freeze_leaf: str, beacons: Sequence[str]) -> str:
    """Return the seed, 64 hex digits; arguments as for ``seed_preimage``."""
    return sha256(seed_preimage(draw_id, announce_leaf, freeze_leaf, beacons)).hex()


def ticket(seed: str, lot: int, copy: int, entrant_id: str) -> str:
    """Return one ticket, 64 hex digits; it depends on nothing but these four values."""
    parse_hex(seed, HASH_BYTES)
    return sha256(lines(tag("ticket"), seed, lot, copy, require_entrant_id(entrant_id))).hex()


def ticket_shell_line(seed: str, lot: int, copy: int, entrant_id: str) -> str:
    """Return the shell line with which anyone can recompute one ticket."""
    form = r"%s\n%s\n%s\n%s\n%s\n"
    return f"printf '{form}' {tag('ticket')} {seed} {lot} {copy} {entrant_id} | sha256sum"


def rank(seed: str, lot: int, entrants: Iterable[Entrant]) -> list[Ranked]:
    """Order entrants by their smallest ticket, ties by id; the order given has no effect.

    An entrant's place relative to another depends on these two alone: taking others out or in
    never swaps them.

    Raises:
        LotteryError: malformed seed or lot, or an id twice.
    """
    parse_hex(seed, HASH_BYTES)
    prefix = lines(tag("ticket"), seed, decimal(lot))
    keyed = sorted(_keyed(prefix, entrants))
    if len({entrant_id for _, entrant_id, _ in keyed}) != len(keyed):
        raise LotteryError("an entrant id appears twice")
    return [
        Ranked(place, entrant_id, key.hex(), copy)
        for place, (key, entrant_id, copy) in enumerate(keyed, start=1)
    ]


def _keyed(prefix: bytes, entrants: Iterable[Entrant]) -> Iterator[tuple[bytes, str, int]]:
    """Yield (smallest ticket, id, copy); the inner loop of a large draw, so kept plain."""
    digest = hashlib.sha256
    single = prefix + b"1\n"
    for entrant in entrants:
        tail = entrant.id.encode() + b"\n"
        key, copy = digest(single + tail).digest(), 1
        for number in range(2, entrant.weight + 1):
            other = digest(prefix + b"%d\n" % number + tail).digest()
            if other < key:
                key, copy = other, number
        yield key, entrant.id, copy


def award(
    rules: Sequence[LotRule],
    rankings: Mapping[int, Sequence[Ranked]],
    *,
    max_wins: int,
    exclusions: Mapping[int, frozenset[str]] | None = None,
) -> dict[int, LotAward]:
    """Give the lots away in ascending lot number.

    Candidates of a lot are its ranking without its exclusions and without entrants who already
    won ``max_wins`` lots; the first ``winners`` win, the next ``reserves`` are reserves.

    Raises:
        LotteryError: a lot without ranking, a lot twice, or ``max_wins`` below 1.
    """
    if max_wins < 1:
        raise LotteryError("max_wins is below 1")
    if len({rule.lot for rule in rules}) != len(rules):
        raise LotteryError("a lot appears twice")
    excluded = exclusions or {}
    wins: Counter[str] = Counter()
    awards: dict[int, LotAward] = {}
    for rule in sorted(rules, key=lambda item: item.lot):
        if rule.lot not in rankings:
            raise LotteryError(f"lot {rule.lot} has no ranking")
        barred = excluded.get(rule.lot, frozenset())
        candidates = [
            item.id
            for item in rankings[rule.lot]
            if item.id not in barred and wins[item.id] < max_wins
        ]
        winners = tuple(candidates[: rule.winners])
        wins.update(winners)
        reserves = tuple(candidates[rule.winners : rule.winners + rule.reserves])
        awards[rule.lot] = LotAward(rule.lot, winners, reserves)
    return awards


def select(
    seed: str,
    entrants: Sequence[Entrant],
    rules: Sequence[LotRule],
    *,
    max_wins: int,
    exclusions: Mapping[int, frozenset[str]] | None = None,
) -> Outcome:
    """Rank and award all lots of a draw."""
    rankings = {rule.lot: tuple(rank(seed, rule.lot, entrants)) for rule in rules}
    awards = award(rules, rankings, max_wins=max_wins, exclusions=exclusions)
    return Outcome(seed, rankings, awards)


def ranking_sha256(draw_id: str, lot: int, ranking: Sequence[Ranked]) -> str:
    """Return the digest of a ranking that the result record carries, 64 hex digits.

    H(LINES("yaohao/v1/ranking", draw_id, lot, number of entrants, id of rank 1, id of rank 2, …)).
    """
    ids = [item.id for item in ranking]
    return sha256(lines(tag("ranking"), require_draw_id(draw_id), lot, len(ids), *ids)).hex()


def ticket_number(key: str) -> str:
    """Return a key as the decimal between 0 and 1 that people see (摇号数), 12 digits, cut."""
    return "0." + str(int.from_bytes(parse_hex(key, HASH_BYTES), "big") * 10**12 >> 256).zfill(12)


def percentile(place: int, count: int) -> str:
    """Return rank/count in percent with one digit, rounded half up."""
    if not 1 <= place <= count:
        raise LotteryError("place outside the ranking")
    tenths = (place * 2000 + count) // (2 * count)
    return f"{tenths // 10}.{tenths % 10}"
