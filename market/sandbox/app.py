"""The process of the outside parties: one HTTP server on loopback, one clock that ticks."""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import structlog
from flask import Blueprint, Flask
from typing_extensions import override
from werkzeug.serving import WSGIRequestHandler, make_server

TICK_SECONDS = 0.3
ROOT = Path(__file__).resolve().parent.parent.parent

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Party:
    """One outside party: its addresses, and what it does by the clock."""

    blueprint: Blueprint
    tick: Callable[[], object]


class _Silent(WSGIRequestHandler):
    """Writes no access log: the market's own log says enough."""

    @override
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def create_sandbox_app(parties: Sequence[Party]) -> Flask:
    """Make the application of all parties."""
    app = Flask(
        "market.sandbox",
        root_path=str(ROOT),
        template_folder="templates",
        static_folder="market/web/static",
    )
    for party in parties:
        app.register_blueprint(party.blueprint)

    @app.route("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


def serve_sandbox(parties: Sequence[Party], *, port: int) -> None:
    """Serve on loopback until a signal."""
    server = make_server(
        "127.0.0.1", port, create_sandbox_app(parties), threaded=True, request_handler=_Silent
    )
    stopping = threading.Event()
    ticker = threading.Thread(target=_tick_until, args=(parties, stopping), daemon=True)

    def stop(*_: object) -> None:
        stopping.set()
        threading.Thread(target=server.shutdown, daemon=True).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    ticker.start()
    server.serve_forever()


def _tick_until(parties: Sequence[Party], stopping: threading.Event) -> None:
    while not stopping.wait(TICK_SECONDS):
        for party in parties:
            try:
                party.tick()
            except Exception as error:  # one party must not stop the others
                log.warning("party failed", party=party.blueprint.name, exc_info=error)
