"""What the commands get: settings, and ways to open the parts they need."""

from collections.abc import Callable
from dataclasses import dataclass

from market.jobs.worker import Worker
from market.settings import Settings
from market.world import World


@dataclass(frozen=True, slots=True)
class Program:
    """The composition as the commands see it; nothing is opened before it is needed."""

    settings: Settings
    open_world: Callable[[], World]
    open_worker: Callable[[World], Worker]
    serve_sandbox: Callable[[], None]
