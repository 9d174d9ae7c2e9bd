"""Who answers which message: the one table of it."""

from functools import partial

from market.catalogue import reactions as catalogue
from market.courier.reactions import ask_carrier, order_waybill
from market.draws import reactions as draws
from market.handling.reactions import on_order_accepted
from market.jobs.notifying import READERS, on_order_news
from market.jobs.table import Effect, Errand, Reactions
from market.notices.sender import send_mail
from market.payments import reactions as payments
from market.payments.errands import reread, return_money
from market.world import World

TRADE: dict[str, tuple[Effect, ...]] = {
    "order.expired": (payments.on_order_ended_unpaid,),
    "order.cancelled": (payments.on_order_ended_unpaid,),
    "order.accepted": (on_order_accepted,),
    "order.confirmed": (payments.on_order_confirmed,),
    "order.refund_due": (payments.on_refund_due,),
    "order.disputed": (payments.on_order_disputed,),
    "order.dispute_withdrawn": (payments.on_dispute_withdrawn,),
    "agency.paused": (catalogue.on_agency_paused,),
    "agency.resumed": (catalogue.on_agency_resumed,),
    "draw.drawn": (draws.on_draw_drawn,),
    "draw.frozen": (draws.on_draw_frozen,),
    "draw.voided": (draws.on_draw_voided,),
    "draw.reserve_promoted": (draws.on_reserve_promoted,),
    "project.published": (draws.on_project_published,),
    "project.awarded": (draws.on_project_awarded,),
    "project.returned": (draws.on_project_returned,),
}
"""What a message sets going besides the notices about it."""


def reactions(world: World) -> Reactions:
    """Bind every kind of message to those who answer it; a kind without an answer is only kept."""
    effects = dict(TRADE)
    for kind in READERS:
        effects[kind] = (*effects.get(kind, ()), partial(on_order_news, kind))
    errands: dict[str, Errand] = {
        "mail.written": partial(send_mail, world.mailer, world.runtime),
        "payment.reported": partial(reread, world.payments),
        "payment.refund_wanted": partial(return_money, world.payments, world.runtime),
        "courier.requested": partial(order_waybill, world.carriers, world.seal, world.runtime),
        "courier.silent": partial(ask_carrier, world.carriers, world.runtime),
        "draw.beacon_due": partial(draws.collect_beacon, world.draws, world.runtime),
    }
    return Reactions(effects=effects, errands=errands)
