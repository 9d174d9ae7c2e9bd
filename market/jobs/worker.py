"""The worker loop: claims messages one by one, does periodic work, stops when told."""

import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from market import outbox
from market.act import SYSTEM, Act
from market.jobs.heartbeat import beat
from market.jobs.table import Periodic, Reactions
from market.outbox import Claimed
from market.runtime import Runtime

IDLE_SECONDS = 0.25
HEARTBEAT_SECONDS = 10

log = structlog.get_logger()


@dataclass(slots=True)
class Worker:
    """One worker process; several may run at once."""

    runtime: Runtime
    reactions: Reactions
    periodic: tuple[Periodic, ...] = ()
    stopping: threading.Event = field(default_factory=threading.Event)
    _due: dict[str, float] = field(default_factory=dict)

    def run(self) -> None:
        """Work until told to stop; a message in hand is finished first."""
        beats = Periodic("heartbeat", HEARTBEAT_SECONDS, self._beat)
        while not self.stopping.is_set():
            for job in (beats, *self.periodic):
                self._run_if_due(job)
            if not self.work_one():
                self.stopping.wait(IDLE_SECONDS)

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT end the loop cleanly."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())

    def drain(self, limit: int = 1000) -> int:
        """Work off what is due now; gives how many messages were taken. For tests and commands."""
        taken = 0
        while taken < limit and self.work_one():
            taken += 1
        return taken

    def work_one(self) -> bool:
        """Take one message, if one is due, and answer it."""
        now = self.runtime.now
        claimed = self.runtime.act(SYSTEM, lambda act: outbox.claim(act.session, now=now()))
        if claimed is None:
            return False
        try:
            effect = self._effect_of(claimed)
            self.runtime.act(SYSTEM, lambda act: _commit(act, claimed, effect))
        except Exception as error:
            log.warning("message failed", kind=claimed.kind, tries=claimed.tries, exc_info=error)
            text = f"{type(error).__name__}: {error}"
            self.runtime.act(
                SYSTEM, lambda act: outbox.fail(act.session, claimed, now=act.at, error=text)
            )
        return True

    def _effect_of(self, claimed: Claimed) -> Callable[[Act], None]:
        errand = self.reactions.errands.get(claimed.kind)
        if errand is not None:
            return errand(claimed)
        effects = self.reactions.effects.get(claimed.kind, ())

        def all_effects(act: Act) -> None:
            for effect in effects:
                effect(act, claimed.payload)

        return all_effects

    def _run_if_due(self, job: Periodic) -> None:
        if time.monotonic() < self._due.get(job.name, 0.0):
            return
        try:
            job.work()
        except Exception as error:
            log.warning("periodic work failed", job=job.name, exc_info=error)
        self._due[job.name] = time.monotonic() + job.every_seconds

    def _beat(self) -> None:
        self.runtime.act(SYSTEM, beat)


class LeaseLostError(Exception):
    """Another worker has taken the message meanwhile; nothing of this effect is kept."""


def _commit(act: Act, claimed: Claimed, effect: Callable[[Act], None]) -> None:
    """Run the effect and mark the message done in one transaction; the mark comes first.

    The mark takes the row's lock, so an old worker whose lease has run out changes nothing.
    """
    if not outbox.finish(act.session, claimed, now=act.at):
        raise LeaseLostError
    effect(act)
