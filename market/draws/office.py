"""Everything draws need to run, opened once by the composition root and passed around."""

from dataclasses import dataclass
from pathlib import Path

from lottery.entropy.drand import QUICKNET, Chain
from lottery.log.writer import LogWriter
from market.act import SYSTEM
from market.draws import log, sequencer
from market.draws.log_files import LogFiles, load_signer, make_writer
from market.draws.pace import DrawPace
from market.draws.sealing import Sealer
from market.draws.setup import DrawSetup
from market.draws.timers import advance_draw, due_draws
from market.runtime import Runtime

__all__ = ["QUICKNET", "DrawOffice", "open_office"]


@dataclass(frozen=True, slots=True)
class DrawOffice:
    """Setup, log and relays of one installation."""

    setup: DrawSetup
    writer: LogWriter
    files: LogFiles
    relays: tuple[str, ...]

    def tick(self, runtime: Runtime) -> int:
        """Let time move what is due, each draw in a transaction of its own; return the steps.

        Periodic, about once a second.
        """
        runtime.act(SYSTEM, lambda act: log.ensure_policy(act, self.setup.policy))
        due = runtime.act(SYSTEM, lambda act: due_draws(act.session, act.at))
        return sum(self._advance(runtime, draw_id) for draw_id in due)

    def _advance(self, runtime: Runtime, draw_id: str) -> bool:
        return runtime.act(SYSTEM, lambda act: advance_draw(act, self.setup, draw_id))

    def integrate(self, runtime: Runtime) -> int:
        """Number and publish waiting log entries; periodic, about once a second."""
        return sequencer.integrate(lambda work: runtime.act(SYSTEM, work), self.writer)


def open_office(
    *,
    data: Path,
    secret: str,
    origin: str,
    chain: Chain,
    pace: DrawPace,
    relays: tuple[str, ...],
) -> DrawOffice:
    """Open the log folder and key below ``data`` (made when missing) and fix the setup.

    Args:
        data: the data folder.
        secret: the installation's secret; sealed values need the same one again.
        origin: name of the log.
        chain: beacon chain of new announcements: ``QUICKNET``, or the demo chain.
        pace: ``pace.OFFICIAL`` or ``pace.DEMO``.
        relays: base addresses from which rounds are fetched.
    """
    signer = load_signer(data, origin)
    setup = DrawSetup(
        chain=chain,
        pace=pace,
        sealer=Sealer.from_secret(secret),
        origin=origin,
        log_vkey=signer.vkey,
    )
    return DrawOffice(setup, make_writer(data, signer), LogFiles(data), relays)
