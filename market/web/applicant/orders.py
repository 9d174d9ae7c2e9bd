"""The applicant's orders: the list, and the page of one."""

from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from market.handling.queries import count_unread
from market.orders.queries import Tab, list_orders_for
from market.web.applicant.blueprint import bp
from market.web.orders.days import until
from market.web.orders.documents import send_document
from market.web.orders.forms import ACCEPTED_FILES, MessageForm, UploadForm
from market.web.orders.lists import asked_tab
from market.web.orders.room import load_scene
from market.web.paging import asked_page
from market.web.request import current_actor, reading, world

TABS = (
    Tab.ALL,
    Tab.TO_PAY,
    Tab.TO_ACCEPT,
    Tab.COLLECTING,
    Tab.WORKING,
    Tab.DELIVERING,
    Tab.TO_CONFIRM,
    Tab.TO_RATE,
    Tab.AFTER_SALE,
    Tab.DONE,
)


bp.add_app_template_filter(until)


@bp.route("/orders")
def orders() -> ResponseReturnValue:
    """List the applicant's orders under tabs with counts."""
    tab = asked_tab(request.args.get("tab", ""), TABS)
    actor, at = current_actor(), world().runtime.now()
    with reading() as session:
        found = list_orders_for(session, actor, at=at, tab=tab, page=asked_page())
        unread = count_unread(session, actor)
    return render_template("applicant/orders.html", found=found, tabs=TABS, tab=tab, unread=unread)


@bp.route("/orders/<uuid:order_id>")
def order(order_id: UUID) -> ResponseReturnValue:
    """Show one order: steps, ball, money, room and timeline."""
    scene = load_scene(order_id)
    return render_template(
        "applicant/order.html",
        scene=scene,
        upload_form=UploadForm(formdata=None),
        message_form=MessageForm(formdata=None),
        accept=ACCEPTED_FILES,
    )


@bp.route("/documents/<uuid:document_id>")
def document(document_id: UUID) -> Response:
    """Send a document of one of the applicant's orders."""
    return send_document(document_id)
