"""One small supervisor: starts the children, forwards signals, restarts one that dies."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import structlog

RESTART_PAUSE_SECONDS = 1.0
POLL_SECONDS = 0.2
PATIENCE_SECONDS = 15.0
TOO_SHORT_SECONDS = 5.0
TOO_OFTEN = 5

log = structlog.get_logger()


@dataclass(slots=True)
class Child:
    """One process of the product."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0

    def start(self, folder: Path) -> None:
        """Start the process in ``folder`` with this process's environment and its own."""
        env = {**os.environ, **self.environment}
        self.process = subprocess.Popen(self.command, cwd=folder, env=env)  # noqa: S603 - own commands
        self.started = time.monotonic()

    def has_died(self) -> bool:
        """Tell whether the process has ended."""
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """Runs children until a signal, or until one keeps dying at its start."""

    def __init__(self, children: list[Child], *, folder: Path) -> None:
        self.children = children
        self.folder = folder
        self.stopping = False

    def run(self) -> int:
        """Run; gives the exit code: 0 after a signal, 1 after a child that cannot live."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for child in self.children:
            child.start(self.folder)
        code = 0
        while not self.stopping and code == 0:
            time.sleep(POLL_SECONDS)
            code = max((self._care_for(child) for child in self.children), default=0)
        self._end_all()
        return code

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _care_for(self, child: Child) -> int:
        """Restart a dead child; 1 when it gives up by itself again and again at its start.

        One that was killed from outside is not to blame and is always restarted.
        """
        if self.stopping or not child.has_died():
            return 0
        lived = time.monotonic() - child.started
        code = child.process.returncode if child.process else 0
        gave_up = code > 0 and lived < TOO_SHORT_SECONDS
        child.failures = child.failures + 1 if gave_up else 0
        log.warning("child ended", child=child.name, code=code, lived_seconds=round(lived, 1))
        if child.failures >= TOO_OFTEN:
            return 1
        time.sleep(RESTART_PAUSE_SECONDS)
        child.start(self.folder)
        return 0

    def _end_all(self) -> None:
        """Ask all to end, give them time, then insist."""
        alive = [child.process for child in self.children if child.process]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
