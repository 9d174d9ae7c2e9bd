"""Defects, delivery and disputes from the agency's side."""

from uuid import UUID

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Optional

from market.act import Act
from market.courier.services import request_shipment
from market.handling.models import ChecklistItem, ItemState
from market.handling.services import add_document, reject_items
from market.orders import services
from market.web.agency import words
from market.web.agency.blueprint import bp
from market.web.form import Form, succeeds
from market.web.i18n import _
from market.web.orders.acting import act_on_order, order_url
from market.web.orders.forms import ConfirmForm, ReasonForm, UploadForm, short, upload_of
from market.web.orders.room import load_scene
from market.web.request import world

PREFIX = "item_"


def defects_form(items: list[ChecklistItem]) -> Form:
    """Make the form of the one list: a text for each item that was handed in."""
    fields = {
        f"{PREFIX}{item.id}": TextAreaField(item.name, [Optional(), *short(500)]) for item in items
    }
    form: Form = type("DefectsForm", (Form,), fields)()
    return form


def typed_defects(form: Form) -> dict[UUID, str]:
    """Read what is wrong with which item; items without a word are right."""
    return {
        UUID(name.removeprefix(PREFIX)): text
        for name, text in form.data.items()
        if name.startswith(PREFIX) and (text or "").strip()
    }


@bp.route("/orders/<uuid:order_id>/defects", methods=["GET", "POST"])
def defects(order_id: UUID) -> ResponseReturnValue:
    """Tell all defects at once."""
    scene = load_scene(order_id)
    items = [item for item in scene.room.items if item.state is ItemState.RECEIVED]
    form = defects_form(items)
    if form.validate_on_submit():
        given = typed_defects(form)
        if not given:
            form.form_errors.append(_("请至少写明一项材料的问题；没有问题的，请逐项点“通过”。"))
        elif succeeds(form, lambda act: reject_items(act, order_id, given)):
            flash(_("补正清单已一次告知申请人。"), "success")
            return redirect(order_url(order_id, "papers"))
    page = render_template("agency/defects.html", scene=scene, form=form, items=items)
    return page, 422 if form.errors else 200


@bp.route("/orders/<uuid:order_id>/deliver", methods=["GET"])
def deliver(order_id: UUID) -> ResponseReturnValue:
    """Offer both ways of delivery."""
    scene = load_scene(order_id)
    return render_template("agency/deliver.html", scene=scene)


@bp.route("/orders/<uuid:order_id>/deliver/file", methods=["GET", "POST"])
def deliver_file(order_id: UUID) -> ResponseReturnValue:
    """Hand the result over as a file: a new one, or the one of the result."""
    scene = load_scene(order_id)
    form = ConfirmForm() if scene.result else UploadForm()
    given = upload_of(form.file) if isinstance(form, UploadForm) else None

    def work(act: Act) -> None:
        kept = add_document(act, world().files, order_id, given) if given else None
        services.deliver_electronically(act, order_id, document_id=kept.id if kept else None)

    return act_on_order(order_id, form, words.DELIVER_FILE, work)


@bp.route("/orders/<uuid:order_id>/deliver/courier", methods=["GET", "POST"])
def deliver_courier(order_id: UUID) -> ResponseReturnValue:
    """Ask a carrier to take the result to the applicant's address."""
    scene = load_scene(order_id)
    contents = scene.detail.order.document_no or scene.detail.order.number
    carrier = world().runtime.settings.courier
    return act_on_order(
        order_id,
        ConfirmForm(),
        words.DELIVER_COURIER,
        lambda act: request_shipment(act, order_id, carrier=carrier, contents=contents),
    )


@bp.route("/orders/<uuid:order_id>/dispute", methods=["GET", "POST"])
def dispute(order_id: UUID) -> ResponseReturnValue:
    """Freeze money and timers until a dispute ends."""
    form = ReasonForm()
    return act_on_order(
        order_id,
        form,
        words.DISPUTE,
        lambda act: services.open_dispute(act, order_id, reason=form.reason.data),
    )


@bp.route("/orders/<uuid:order_id>/withdraw", methods=["GET", "POST"])
def withdraw_dispute(order_id: UUID) -> ResponseReturnValue:
    """End a dispute that the agency opened."""
    return act_on_order(
        order_id,
        ConfirmForm(),
        words.WITHDRAW,
        lambda act: services.withdraw_dispute(act, order_id),
    )
