"""Who answers which message, and what comes around by the clock: the one table of both."""

from functools import partial

from market.jobs.table import Effect, Errand, Periodic, Reactions
from market.notices.sender import send_mail
from market.world import World


def reactions(world: World) -> Reactions:
    """Bind every kind of message to those who answer it."""
    effects: dict[str, tuple[Effect, ...]] = {}
    errands: dict[str, Errand] = {
        "mail.written": partial(send_mail, world.mailer, world.runtime),
    }
    return Reactions(effects=effects, errands=errands)


def periodic_work(_world: World) -> tuple[Periodic, ...]:
    """List the work that comes around by the clock."""
    return ()
