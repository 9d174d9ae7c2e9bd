"""The regulator's worklist: all orders with their lights, to read only."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from market.orders.queries import Tab, list_orders_for
from market.web.orders.lists import asked_tab
from market.web.orders.room import load_scene
from market.web.paging import asked_page
from market.web.regulator.blueprint import bp
from market.web.request import current_actor, reading, world

TABS = (Tab.WORKING, Tab.TO_ACCEPT, Tab.COLLECTING, Tab.DELIVERING, Tab.AFTER_SALE, Tab.ALL)


@bp.route("/")
def desk() -> ResponseReturnValue:
    """List the orders of the market with their lights."""
    tab = asked_tab(request.args.get("tab", ""), TABS)
    actor, at = current_actor(), world().runtime.now()
    with reading() as session:
        found = list_orders_for(session, actor, at=at, tab=tab, page=asked_page())
    return render_template("regulator/desk.html", found=found, tabs=TABS, tab=tab)


@bp.route("/orders/<uuid:order_id>")
def order(order_id: UUID) -> ResponseReturnValue:
    """Show one order without its room: clocks, money and timeline."""
    return render_template("regulator/order.html", scene=load_scene(order_id))
