"""What comes around by the clock: the one table of it."""

from collections.abc import Callable
from functools import partial

from market.act import SYSTEM, Act
from market.agencies.services import tick_pauses
from market.catalogue.figures import tick_figures
from market.catalogue.services import tick_certificates, tick_prices
from market.courier.timers import tick_ask_silent
from market.handling.timers import tick_accept_unchecked
from market.jobs.table import Periodic
from market.orders.timers import (
    tick_close_unpaid,
    tick_confirm_silent,
    tick_recount_provisional,
    tick_refund_unaccepted,
    tick_resume_at_cap,
)
from market.payments.errands import tick_look_up_open
from market.reviews.services import tick_unseal
from market.runtime import Runtime
from market.world import World

MINUTE = 60.0
HOUR = 3600.0

TICKS: tuple[tuple[Callable[[Act], None], float], ...] = (
    (tick_close_unpaid, MINUTE),
    (tick_refund_unaccepted, MINUTE),
    (tick_confirm_silent, MINUTE),
    (tick_resume_at_cap, MINUTE),
    (tick_accept_unchecked, MINUTE),
    (tick_ask_silent, 10 * MINUTE),
    (tick_unseal, MINUTE),
    (tick_look_up_open, MINUTE / 2),
    (tick_prices, MINUTE),
    (tick_pauses, 10 * MINUTE),
    (tick_certificates, HOUR),
    (tick_figures, HOUR),
    (tick_recount_provisional, HOUR),
)
"""Each tick is safe to repeat and works in small batches."""


def periodic_work(world: World) -> tuple[Periodic, ...]:
    """List the periodic work of one worker; two workers at once do nothing twice."""
    runtime, office = world.runtime, world.draws
    ticks = [
        Periodic(tick.__name__, seconds, partial(_act, runtime, tick)) for tick, seconds in TICKS
    ]
    draws = [
        Periodic("tick_draws", 1.0, partial(office.tick, runtime)),
        Periodic("integrate_log", 1.0, partial(office.integrate, runtime)),
    ]
    return (*ticks, *draws)


def _act(runtime: Runtime, tick: Callable[[Act], None]) -> None:
    runtime.act(SYSTEM, tick)
