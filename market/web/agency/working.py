"""What an agency does with an order from taking it to the department's decision."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from market.act import Act
from market.handling.services import add_document, take_on_order
from market.orders import services
from market.orders.states import Fault
from market.orders.suspensions import SuspensionCode
from market.web.agency import words
from market.web.agency.blueprint import bp
from market.web.orders.acting import act_on_order
from market.web.orders.forms import (
    AcceptForm,
    ConfirmForm,
    DeclineForm,
    ReasonForm,
    ReceiptForm,
    ResultForm,
    ReturnForm,
    SuspendForm,
    upload_of,
)
from market.web.request import current_actor, world


@bp.route("/orders/<uuid:order_id>/accept", methods=["GET", "POST"])
def accept(order_id: UUID) -> ResponseReturnValue:
    """Take an order and name who answers for it."""
    form = AcceptForm(data={"handler_name": current_actor().name})
    return act_on_order(
        order_id,
        form,
        words.ACCEPT,
        lambda act: take_on_order(act, order_id, handler_name=form.handler_name.data),
    )


@bp.route("/orders/<uuid:order_id>/decline", methods=["GET", "POST"])
def decline(order_id: UUID) -> ResponseReturnValue:
    """Refuse an order with a reason; the money goes back."""
    form = DeclineForm()
    return act_on_order(
        order_id,
        form,
        words.DECLINE,
        lambda act: services.decline_order(act, order_id, reason=form.reason),
    )


@bp.route("/orders/<uuid:order_id>/suspend", methods=["GET", "POST"])
def suspend(order_id: UUID) -> ResponseReturnValue:
    """Let the promise clock stand still for a reason of the closed list."""
    form = SuspendForm()

    def work(act: Act) -> None:
        code = SuspensionCode(form.code.data)
        services.suspend_service(act, order_id, code=code, note=form.note.data)

    return act_on_order(order_id, form, words.SUSPEND, work)


@bp.route("/orders/<uuid:order_id>/resume", methods=["GET", "POST"])
def resume(order_id: UUID) -> ResponseReturnValue:
    """Let the promise clock run again."""
    return act_on_order(
        order_id, ConfirmForm(), words.RESUME, lambda act: services.resume_service(act, order_id)
    )


@bp.route("/orders/<uuid:order_id>/submit", methods=["GET", "POST"])
def submit(order_id: UUID) -> ResponseReturnValue:
    """Hand the work to the department."""
    form = ReceiptForm()
    return act_on_order(
        order_id,
        form,
        words.SUBMIT,
        lambda act: services.submit_to_department(act, order_id, receipt_no=form.receipt_no.data),
    )


@bp.route("/orders/<uuid:order_id>/returned", methods=["GET", "POST"])
def returned(order_id: UUID) -> ResponseReturnValue:
    """Note that the department wants changes, point by point."""
    form = ReturnForm()

    def work(act: Act) -> None:
        fault = Fault(form.fault.data)
        services.record_return(act, order_id, reasons=form.points, fault=fault)

    return act_on_order(order_id, form, words.RETURNED, work)


@bp.route("/orders/<uuid:order_id>/resubmit", methods=["GET", "POST"])
def resubmit(order_id: UUID) -> ResponseReturnValue:
    """Hand corrected work to the department again."""
    form = ReceiptForm()
    return act_on_order(
        order_id,
        form,
        words.RESUBMIT,
        lambda act: services.resubmit_to_department(act, order_id, receipt_no=form.receipt_no.data),
    )


@bp.route("/orders/<uuid:order_id>/result", methods=["GET", "POST"])
def result(order_id: UUID) -> ResponseReturnValue:
    """Note the department's decision, with its document."""
    form = ResultForm()
    given = upload_of(form.file)

    def work(act: Act) -> None:
        kept = add_document(act, world().files, order_id, given) if given else None
        document_id = kept.id if kept else None
        services.record_result(
            act, order_id, document_no=form.document_no.data, document_id=document_id
        )

    return act_on_order(order_id, form, words.RESULT, work)


@bp.route("/orders/<uuid:order_id>/refused", methods=["GET", "POST"])
def refused(order_id: UUID) -> ResponseReturnValue:
    """Note that the department finally refused; the money goes back."""
    form = ReasonForm()
    return act_on_order(
        order_id,
        form,
        words.REFUSED,
        lambda act: services.record_refusal(act, order_id, reason=form.reason.data),
    )
