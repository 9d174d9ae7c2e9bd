"""The local drand-compatible chain for demonstrations: 演示信标,不具公信力.

Same paths, same scheme and same JSON as a drand relay, under a key that is in this file: whoever
reads it knows every round in advance. The core has no web framework, so that any server can carry
it and tests can call it.
"""

import time
from collections.abc import Callable, Mapping

from lottery.entropy.demo_chain import DemoChain
from lottery.entropy.drand import round_time

DEMO_SECRET = b"sunlit demo beacon: published key, no public trust"
DEMO_GENESIS = 1_767_225_600  # 2026-01-01T00:00:00Z, a fixed past time
DEMO_CHAIN = DemoChain(DEMO_SECRET, DEMO_GENESIS)

Answer = tuple[int, Mapping[str, object] | list[str]]
NOT_FOUND: Answer = (404, {"error": "not found"})
TOO_EARLY: Answer = (425, {"error": "round does not exist yet"})


class SandboxBeacon:
    """Answers the paths of a drand relay; never a round before its time.

    Args:
        now: POSIX seconds; the clock of the sandbox.
    """

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._demo = DEMO_CHAIN

    @property
    def latest_round(self) -> int:
        """Return the newest round whose time has come, 0 before the chain began."""
        chain = self._demo.chain
        passed = int(self._now()) - chain.genesis_time
        return passed // chain.period + 1 if passed >= 0 else 0

    def handle(self, path: str) -> Answer:
        """Return status and JSON body for a path such as ``/<chain hash>/public/7``."""
        parts = [part for part in path.split("/") if part]
        if parts == ["chains"]:
            return 200, [self._demo.chain.hash]
        if parts and parts[0] == self._demo.chain.hash:
            parts = parts[1:]
        if parts == ["info"]:
            return 200, dict(self._demo.info())
        if len(parts) == 2 and parts[0] == "public":
            return self._round(parts[1])
        return NOT_FOUND

    def _round(self, name: str) -> Answer:
        if name == "latest":
            return self._signed(self.latest_round)
        if not (name.isascii() and name.isdecimal() and 0 < len(name) <= 15):
            return NOT_FOUND
        return self._signed(int(name))

    def _signed(self, number: int) -> Answer:
        if number < 1:
            return NOT_FOUND
        if number > self.latest_round or self._now() < round_time(self._demo.chain, number):
            return TOO_EARLY
        return 200, dict(self._demo.round_json(number))
