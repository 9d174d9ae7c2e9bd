"""A whole draw in memory, from policy to bundle: for documents, measurements and tests.

Everything is derived from the plan, so the same plan always gives the same bundle. The keys are
derived from public words and protect nothing.
"""

from lottery.rehearsal.hold import Rehearsal, rehearse
from lottery.rehearsal.plan import (
    HOUR,
    KnownRounds,
    Plan,
    RoundSigner,
    demo_beacon,
    sample_roster,
)

__all__ = [
    "HOUR",
    "KnownRounds",
    "Plan",
    "Rehearsal",
    "RoundSigner",
    "demo_beacon",
    "rehearse",
    "sample_roster",
]
