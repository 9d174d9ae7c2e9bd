"""The shape of reactions: what the worker may be asked to do with a message, or now and then."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from market.act import Act
from market.outbox import Claimed

Effect = Callable[[Act, dict[str, Any]], None]
"""Runs in one transaction with the done mark: it happens exactly once."""

Errand = Callable[[Claimed], Callable[[Act], None]]
"""Goes outside first, without a transaction and under a key; gives the effect to commit."""


@dataclass(frozen=True, slots=True)
class Periodic:
    """Work that comes around every so many seconds."""

    name: str
    every_seconds: float
    work: Callable[[], object]


@dataclass(frozen=True, slots=True)
class Reactions:
    """Who answers which kind of message."""

    effects: dict[str, tuple[Effect, ...]] = field(default_factory=dict)
    errands: dict[str, Errand] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """One kind is either answered inside the database or outside of it."""
        both = self.effects.keys() & self.errands.keys()
        if both:
            raise ValueError(f"answered twice: {sorted(both)}")
