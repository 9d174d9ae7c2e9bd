"""What post-draw records make of the awards: who holds each lot today.

Source: SPEC.md section 11.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from lottery.errors import ProtocolError
from lottery.records import Decline, Disqualify, Promote
from lottery.selection import LotAward

Act: TypeAlias = Disqualify | Decline | Promote


@dataclass(frozen=True)
class LotStanding:
    """Holders, waiting reserves, and which holders lost the lot (id -> record type)."""

    holders: tuple[str, ...]
    reserves: tuple[str, ...]
    gone: Mapping[str, str] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()


def start(awards: Mapping[int, LotAward]) -> dict[int, LotStanding]:
    """Return the standing right after the draw."""
    return {lot: LotStanding(item.winners, item.reserves) for lot, item in awards.items()}


def apply(standing: Mapping[int, LotStanding], act: Act) -> dict[int, LotStanding]:
    """Return the standing after one act.

    Raises:
        ProtocolError: unknown lot or entrant, equal signers, or a promotion out of turn.
    """
    if act.lot not in standing:
        raise ProtocolError("act is for an unknown lot")
    lot = standing[act.lot]
    after = _promote(lot, act) if isinstance(act, Promote) else _remove(lot, act)
    return {**standing, act.lot: after}


def _remove(lot: LotStanding, act: Disqualify | Decline) -> LotStanding:
    if act.id not in lot.holders + lot.reserves:
        raise ProtocolError(f"{act.TYPE} of somebody without a place")
    if act.id in lot.reserves:
        return replace(lot, reserves=tuple(item for item in lot.reserves if item != act.id))
    holders = tuple(item for item in lot.holders if item != act.id)
    return replace(lot, holders=holders, gone={**lot.gone, act.id: act.TYPE})


def _promote(lot: LotStanding, act: Promote) -> LotStanding:
    if lot.gone.get(act.replaces) != act.reason_code.removeprefix("after_"):
        raise ProtocolError("promotion replaces nobody, or for another reason")
    if act.replaces in lot.replaced:
        raise ProtocolError("promotion replaces the same place twice")
    if not lot.reserves or lot.reserves[0] != act.id:
        raise ProtocolError("promotion is not of the next reserve")
    return replace(
        lot,
        holders=(*lot.holders, act.id),
        reserves=lot.reserves[1:],
        replaced=lot.replaced | {act.replaces},
    )
