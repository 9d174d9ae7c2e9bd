"""Forms of acts on an order; shape only, the rules live in the services."""

from collections.abc import Callable

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from market.files import Upload
from market.orders.states import Fault
from market.orders.suspensions import SuspensionCode
from market.web.form import Form, require_no_control_characters
from market.web.labels import label_of
from market.web.orders import labels  # noqa: F401 - the choices below need the words

ACCEPTED_FILES = ".pdf,.jpg,.jpeg,.png,.docx,.xlsx,.zip,.dwg"
FILE_HINT = "PDF、图片、Word、Excel、ZIP 或 DWG，单个文件不超过 10 MB。"
STARS = [SelectChoice(str(mark), f"{mark} 分") for mark in range(5, 0, -1)]

DECLINE_REASONS = {
    "scope": "超出本机构的服务范围或资质",
    "conflict": "与申请人或项目有利害关系，应当回避",
    "capacity": "在手业务已满，无法按承诺时限办理",
    "material": "申请人的情况不符合办理条件",
    "other": "其他原因",
}

Rule = Callable[..., None]


def needed(most: int, message: str) -> list[Rule]:
    """Give the rules of a text that must be there and has at most ``most`` characters."""
    return [InputRequired(message), *short(most)]


def short(most: int) -> list[Rule]:
    """Give the rules of a text of at most ``most`` characters."""
    message = f"最多 {most} 个字，请缩短后再提交。"
    return [Length(max=most, message=message), require_no_control_characters]


class ConfirmForm(Form):
    """Nothing to fill in: the button is the answer."""


class ReasonForm(Form):
    """Why."""

    reason = TextAreaField("原因", needed(500, "请写明原因。"))


class MessageForm(Form):
    """A message to the other side, with a file or without."""

    body = TextAreaField("留言", needed(2_000, "请写下要说的话。"))
    file = FileField("附件", [Optional()])


class UploadForm(Form):
    """One file."""

    file = FileField("选择文件", [FileRequired("请选择要上传的文件。")])


class AddressForm(Form):
    """Where the result goes."""

    name = StringField("收件人", needed(60, "请填写收件人。"))
    phone = StringField("联系电话", needed(20, "请填写联系电话。"))
    address = StringField("收件地址", needed(200, "请填写收件地址。"))


class ReceiptForm(Form):
    """The number of the department's receipt."""

    receipt_no = StringField("部门回执号", needed(120, "请填写部门回执号。"))


class AcceptForm(Form):
    """Who answers for the order."""

    handler_name = StringField("经办人", needed(60, "请写明经办人姓名。"))


class DeclineForm(Form):
    """Why the agency does not take the order."""

    code = RadioField(
        "不接单的原因",
        choices=[SelectChoice(code, words) for code, words in DECLINE_REASONS.items()],
        validators=[InputRequired("请选择原因。")],
    )
    note = TextAreaField("补充说明", short(400))

    @property
    def reason(self) -> str:
        """The reason as the applicant reads it."""
        words = DECLINE_REASONS[self.code.data]
        note = (self.note.data or "").strip()
        return f"{words}：{note}" if note else words


class SuspendForm(Form):
    """Why the promise clock should stand still: the closed list."""

    code = SelectField(
        "挂起原因",
        choices=[
            SelectChoice(code.value, f"{code.value} {label_of(code)}")
            for code in SuspensionCode
            if code is not SuspensionCode.S6
        ],
    )
    note = TextAreaField("说明", needed(500, "请写明依据、日期或需补正的清单。"))


class ReturnForm(Form):
    """What the department wants changed, point by point."""

    fault = RadioField(
        "退回是谁的责任",
        choices=[SelectChoice(fault.value, label_of(fault)) for fault in Fault],
        validators=[InputRequired("请选择责任方。")],
    )
    reasons = TextAreaField("退回理由", needed(5_000, "请逐条写明退回理由。"))

    @property
    def points(self) -> list[str]:
        """The reasons, one for each line."""
        return [line.strip() for line in (self.reasons.data or "").splitlines() if line.strip()]


class ResultForm(Form):
    """The department's decision."""

    document_no = StringField("结果文号", needed(120, "请填写结果文号。"))
    file = FileField("结果文件", [Optional()])


class RateForm(Form):
    """Four marks and a text; no mark is chosen beforehand."""

    quality = RadioField("质量", choices=STARS, validators=[InputRequired("请给质量打分。")])
    speed = RadioField("时效", choices=STARS, validators=[InputRequired("请给时效打分。")])
    fee = RadioField("收费", choices=STARS, validators=[InputRequired("请给收费打分。")])
    manner = RadioField("态度", choices=STARS, validators=[InputRequired("请给态度打分。")])
    body = TextAreaField("评价内容", short(500))


def upload_of(field: FileField) -> Upload | None:
    """Read the file of a field; None where none was chosen."""
    given = field.data
    if given is None or not getattr(given, "filename", ""):
        return None
    return Upload(name=given.filename, data=given.read())
