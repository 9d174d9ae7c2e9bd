"""The pay button and the way back from the cashier."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market.orders.queries import get_own_order
from market.orders.states import OrderState
from market.payments.paying import pay as start_paying
from market.web.applicant.blueprint import bp
from market.web.i18n import _
from market.web.request import current_actor, world


@bp.route("/orders/<uuid:order_id>/pay", methods=["POST"])
def pay(order_id: UUID) -> ResponseReturnValue:
    """Lead to the cashier; a second press leads to the same one."""
    running = world()
    url = start_paying(running.runtime, running.payments, current_actor(), order_id)
    return redirect(url, code=303)


@bp.route("/orders/<uuid:order_id>/paid")
def paid(order_id: UUID) -> ResponseReturnValue:
    """Say what is known about the payment; the cashier's own word is not enough.

    The page asks again by itself until the provider's confirmation has come.
    """
    running = world()
    with running.runtime.reading(fresh=True) as session:
        order = get_own_order(session, current_actor(), order_id)
        if order.state is not OrderState.AWAIT_PAY:
            flash(_("款项已由平台托管，等待机构接单。"), "success")
            return redirect(url_for("applicant.order", order_id=order_id))
        return render_template("applicant/orders/paid.html", order=order)
