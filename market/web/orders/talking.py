"""Messages and ratings: the same for both sides of an order."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from market.act import Act, Role
from market.handling.services import add_document, send_message
from market.reviews.services import Scores, rate_order
from market.web.orders.acting import ActWords, act_on_order
from market.web.orders.forms import MessageForm, RateForm, upload_of
from market.web.request import current_actor, world

MESSAGE = ActWords(
    title="留言",
    lead="双方的留言都会保留，不能删改；平台和监管部门可以查看。",
    button="发送",
    done="留言已发送。",
)
RATE_AGENCY = ActWords(
    title="评价机构",
    lead="双方都评价后，或 10 个工作日后，才互相公开。提交后不能修改。",
    button="提交评价",
    done="评价已提交，双方都评价后公开。",
    hints=(
        ("quality", "成果是否完整、准确。"),
        ("speed", "是否按承诺时限办成。"),
        ("fee", "是否按公示价格收费，有没有额外收费。"),
        ("manner", "沟通是否及时、耐心。"),
    ),
)
RATE_APPLICANT = ActWords(
    title="评价申请人",
    lead=RATE_AGENCY.lead,
    button="提交评价",
    done=RATE_AGENCY.done,
    hints=(
        ("quality", "材料是否完整、真实。"),
        ("speed", "是否及时配合。"),
        ("fee", "是否按约定付款。"),
        ("manner", "沟通是否顺畅。"),
    ),
)


def write_message(order_id: UUID) -> ResponseReturnValue:
    """Write to the other side, with a file or without."""
    form = MessageForm()
    given = upload_of(form.file)  # read once: the act may be run again

    def work(act: Act) -> None:
        kept = add_document(act, world().files, order_id, given) if given else None
        send_message(act, order_id, body=form.body.data, document_id=kept.id if kept else None)

    return act_on_order(order_id, form, MESSAGE, work)


def rate_other_side(order_id: UUID) -> ResponseReturnValue:
    """Rate the other side of a settled order."""
    form = RateForm()
    words = RATE_AGENCY if current_actor().role is Role.APPLICANT else RATE_APPLICANT

    def work(act: Act) -> None:
        marks = (form.quality, form.speed, form.fee, form.manner)
        scores = Scores(*(int(field.data) for field in marks))
        rate_order(act, order_id, scores, body=form.body.data or "")

    return act_on_order(order_id, form, words, work)
