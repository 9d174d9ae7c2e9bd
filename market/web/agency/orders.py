"""One order as its agency sees it, and the agency's list of all orders."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.handling.models import ItemState
from market.handling.queries import count_unread
from market.handling.services import accept_item
from market.orders.queries import Tab, list_orders_for
from market.web.agency.blueprint import bp
from market.web.i18n import _
from market.web.orders.documents import send_document
from market.web.orders.forms import ACCEPTED_FILES, MessageForm
from market.web.orders.lists import asked_tab
from market.web.orders.room import load_scene
from market.web.orders.talking import rate_other_side, write_message
from market.web.paging import asked_page
from market.web.request import current_actor, perform, reading, world

TABS = (
    Tab.ALL,
    Tab.TO_ACCEPT,
    Tab.COLLECTING,
    Tab.WORKING,
    Tab.DELIVERING,
    Tab.TO_CONFIRM,
    Tab.TO_RATE,
    Tab.AFTER_SALE,
    Tab.DONE,
)


@bp.route("/orders")
def orders() -> ResponseReturnValue:
    """List the agency's orders under tabs with counts."""
    tab = asked_tab(request.args.get("tab", ""), TABS)
    actor, at = current_actor(), world().runtime.now()
    with reading() as session:
        found = list_orders_for(session, actor, at=at, tab=tab, page=asked_page())
        unread = count_unread(session, actor)
    return render_template("agency/orders.html", found=found, tabs=TABS, tab=tab, unread=unread)


@bp.route("/orders/<uuid:order_id>")
def order(order_id: UUID) -> ResponseReturnValue:
    """Show one order with what the agency has to do."""
    scene = load_scene(order_id)
    has_received = any(item.state is ItemState.RECEIVED for item in scene.room.items)
    return render_template(
        "agency/order.html",
        scene=scene,
        has_received=has_received,
        message_form=MessageForm(formdata=None),
        accept=ACCEPTED_FILES,
    )


@bp.route("/orders/<uuid:order_id>/items/<uuid:item_id>/accept", methods=["GET", "POST"])
def accept_material(order_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Accept one item of material; with the last required one the promise clock starts."""
    if request.method == "POST":
        item = perform(lambda act: accept_item(act, order_id, item_id))
        flash(_("材料已通过：{name}").format(name=item.name), "success")
    return redirect(url_for("agency.order", order_id=order_id, _anchor="papers"))


@bp.route("/orders/<uuid:order_id>/messages", methods=["GET", "POST"])
def message(order_id: UUID) -> ResponseReturnValue:
    """Write to the applicant."""
    return write_message(order_id)


@bp.route("/orders/<uuid:order_id>/rate", methods=["GET", "POST"])
def rate(order_id: UUID) -> ResponseReturnValue:
    """Rate the applicant."""
    return rate_other_side(order_id)


@bp.route("/documents/<uuid:document_id>")
def document(document_id: UUID) -> Response:
    """Send a document of one of the agency's orders."""
    return send_document(document_id)
