"""What an applicant does with an order: one small page for each act."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from market.act import Act
from market.courier.carriers.base import Recipient
from market.courier.services import set_address
from market.errors import InvalidInputError
from market.handling.services import upload_item
from market.orders import services
from market.orders.states import Move
from market.web.applicant.blueprint import bp
from market.web.orders.acting import ActWords, act_on_order
from market.web.orders.forms import AddressForm, ConfirmForm, ReasonForm, UploadForm, upload_of
from market.web.request import world

CANCEL = ActWords(
    title="取消订单",
    lead="机构接单前可以随时取消，已付款项全额原路退回。",
    button="确认取消这个订单",
    done="订单已取消。已付款项将全额原路退回。",
    kind="danger",
    move=Move.CANCELLED,
)
CONFIRM = ActWords(
    title="确认验收",
    lead="请先核对成果文件和文号。确认后托管款项付给机构，之后不能再提出争议。",
    button="确认收到，验收放款",
    done="已确认验收，款项结算给机构。请评价这次服务。",
    move=Move.CONFIRMED,
)
DISPUTE = ActWords(
    title="提出争议",
    lead="提出后计时和款项都冻结，机构应在 5 个工作日内答复。平台能看到双方的留言和材料。",
    button="提出争议",
    done="争议已提出，款项和计时已冻结。",
    kind="danger",
    move=Move.DISPUTED,
    hints=(("reason", "请写明哪里与约定不符、您希望怎样处理。"),),
)
WITHDRAW = ActWords(
    title="撤回争议",
    lead="撤回后订单从原来的环节继续。",
    button="撤回争议",
    done="争议已撤回，订单继续办理。",
    move=Move.DISPUTE_WITHDRAWN,
)
RESUME = ActWords(
    title="恢复办理",
    lead="如果您已补正材料，或现场已具备条件，请恢复办理，机构的时限从现在起接着计算。",
    button="恢复办理",
    done="已恢复办理，机构的时限接着计算。",
    move=Move.RESUMED,
)
ADDRESS = ActWords(
    title="成果收件信息",
    lead="只用于寄送成果原件。加密保存，机构只能看到打码后的内容。",
    button="保存收件信息",
    done="收件信息已保存。",
    hints=(("address", "省、市、区县、街道和门牌号。"),),
)
UPLOAD = ActWords(
    title="上传材料",
    lead="上传后机构会核对；需要补正的会一次告知。",
    button="上传",
    done="材料已收到，等待机构核对。",
)


@bp.route("/orders/<uuid:order_id>/cancel", methods=["GET", "POST"])
def cancel(order_id: UUID) -> ResponseReturnValue:
    """Withdraw an order that no agency has accepted."""
    form = ReasonForm()
    return act_on_order(
        order_id,
        form,
        CANCEL,
        lambda act: services.cancel_order(act, order_id, reason=form.reason.data),
    )


@bp.route("/orders/<uuid:order_id>/confirm", methods=["GET", "POST"])
def confirm(order_id: UUID) -> ResponseReturnValue:
    """Accept the result: the held money is released."""
    return act_on_order(
        order_id, ConfirmForm(), CONFIRM, lambda act: services.confirm_receipt(act, order_id)
    )


@bp.route("/orders/<uuid:order_id>/dispute", methods=["GET", "POST"])
def dispute(order_id: UUID) -> ResponseReturnValue:
    """Freeze money and timers until a dispute ends."""
    form = ReasonForm()
    return act_on_order(
        order_id,
        form,
        DISPUTE,
        lambda act: services.open_dispute(act, order_id, reason=form.reason.data),
    )


@bp.route("/orders/<uuid:order_id>/withdraw", methods=["GET", "POST"])
def withdraw_dispute(order_id: UUID) -> ResponseReturnValue:
    """End a dispute that the applicant opened."""
    return act_on_order(
        order_id, ConfirmForm(), WITHDRAW, lambda act: services.withdraw_dispute(act, order_id)
    )


@bp.route("/orders/<uuid:order_id>/resume", methods=["GET", "POST"])
def resume(order_id: UUID) -> ResponseReturnValue:
    """Let the promise clock run again."""
    return act_on_order(
        order_id, ConfirmForm(), RESUME, lambda act: services.resume_service(act, order_id)
    )


@bp.route("/orders/<uuid:order_id>/address", methods=["GET", "POST"])
def address(order_id: UUID) -> ResponseReturnValue:
    """Say, or correct, where the result goes."""
    form = AddressForm()

    def work(act: Act) -> None:
        recipient = Recipient(form.name.data, form.phone.data, form.address.data)
        set_address(act, world().seal, order_id, recipient)

    return act_on_order(order_id, form, ADDRESS, work)


@bp.route("/orders/<uuid:order_id>/items/<uuid:item_id>", methods=["GET", "POST"])
def upload(order_id: UUID, item_id: UUID) -> ResponseReturnValue:
    """Hand in one item of material."""
    form = UploadForm()
    given = upload_of(form.file)

    def work(act: Act) -> None:
        if given is None:
            raise InvalidInputError(field="file", reason="empty")
        upload_item(act, world().files, order_id, item_id, given)

    return act_on_order(order_id, form, UPLOAD, work)
