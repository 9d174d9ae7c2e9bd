"""The forms of an owner: the draft of a project, and what is declared at the route gate."""

from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import (
    BooleanField,
    DecimalField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp

from market.catalogue.rows import ServiceRow
from market.draws.rows import ProjectDetail
from market.draws.services import Avoidance, ProjectDraft, RouteClaims
from market.files import MAX_BYTES, Upload
from market.web.form import Form, require_no_control_characters

FEN_PER_YUAN = 100
MOST_YUAN = 1_000_000_000
H_CODES = (
    ("", "请选择"),
    ("H1", "H1 编制与评审不得为同一单位或有控股、管理关系"),
    ("H2", "H2 审批部门的下属单位及其举办企业"),
    ("H3", "H3 同一法定代表人、控股或管理关系"),
    ("H4", "H4 监理与施工、材料设备供应有隶属关系"),
    ("H5", "H5 与业主、运营方或监督人员有利害关系"),
    ("H6", "H6 处在处罚、暂停或严重失信期间"),
)


class AvoidanceForm(PlainForm):  # type: ignore[misc] # wtforms carries no types
    """One agency that should be kept out, with the statutory ground."""

    uscc = StringField(
        "统一社会信用代码",
        [Optional(), Regexp(r"^[0-9A-Z]{18}$", message="统一社会信用代码为 18 位数字或大写字母。")],
    )
    h_code = SelectField(
        "回避情形", choices=[SelectChoice(*code) for code in H_CODES], validate_choice=False
    )
    evidence = StringField(
        "依据和证据",
        [Length(max=300, message="不超过 300 个字。"), require_no_control_characters],
    )


class DraftForm(Form):
    """What the owner writes about the purchase."""

    title = StringField(
        "项目名称",
        [
            InputRequired("请填写项目名称。"),
            Length(max=120, message="项目名称不超过 120 个字。"),
            require_no_control_characters,
        ],
    )
    service_code = SelectField("购买的服务", validate_choice=True)
    summary = TextAreaField(
        "项目概况",
        [Length(max=2000, message="不超过 2000 个字。"), require_no_control_characters],
    )
    fee = DecimalField(
        "服务费（元）",
        [
            InputRequired("请填写服务费，例如 48000。"),
            NumberRange(Decimal("0.01"), MOST_YUAN, message="服务费应大于 0 元。"),
        ],
        places=2,
    )
    days = IntegerField(
        "要求完成的工作日",
        [
            InputRequired("请填写工作日数。"),
            NumberRange(1, 365, message="工作日数在 1 到 365 之间。"),
        ],
    )
    winners = IntegerField(
        "选取机构数",
        [
            InputRequired("请填写选取机构数。"),
            NumberRange(1, 50, message="在 1 到 50 之间。"),
        ],
        default=1,
    )
    reserves = IntegerField(
        "候补机构数", [NumberRange(0, 50, message="在 0 到 50 之间。")], default=2
    )
    requirement_note = TextAreaField(
        "对机构的其他要求及理由",
        [Length(max=1000, message="不超过 1000 个字。"), require_no_control_characters],
    )
    budget = FileField("预算文件")
    avoidance = FieldList(FormField(AvoidanceForm), "回避", min_entries=2, max_entries=10)

    @classmethod
    def of(cls, found: ProjectDetail) -> "DraftForm":
        """Fill the form with what is written already; a sent form keeps what was typed."""
        return cls(
            data={
                "title": found.row.title,
                "service_code": found.row.service_code,
                "summary": found.summary,
                "fee": Decimal(found.row.fee_fen) / FEN_PER_YUAN,
                "days": found.row.days,
                "winners": found.winners,
                "reserves": found.reserves,
                "requirement_note": found.requirement_note,
                "avoidance": list(found.avoidance),
            }
        )

    def offer(self, services: list[ServiceRow]) -> None:
        """Offer the kinds of service of the catalogue."""
        self.service_code.choices = [
            SelectChoice(row.code, f"{row.name}（{row.code}）") for row in services
        ]

    def upload(self) -> Upload | None:
        """Give the budget file, if one was sent."""
        sent: FileStorage | None = self.budget.data or None
        if sent is None or not sent.filename:
            return None
        return Upload(sent.filename, sent.stream.read(MAX_BYTES + 1))

    def to_draft(self, *, region: str, budget_sha256: str, budget_name: str) -> ProjectDraft:
        """Give what was typed as the draft that the service takes."""
        return ProjectDraft(
            title=self.title.data,
            service_code=self.service_code.data,
            fee_fen=int(self.fee.data * FEN_PER_YUAN),
            days=self.days.data,
            budget_sha256=budget_sha256,
            budget_name=budget_name,
            region=region,
            summary=self.summary.data or "",
            requirement_note=self.requirement_note.data or "",
            winners=self.winners.data,
            reserves=self.reserves.data or 0,
            avoidance=tuple(
                Avoidance(row["uscc"], row["h_code"] or "", (row["evidence"] or "").strip())
                for row in self._avoided()
            ),
        )

    def _avoided(self) -> list[dict[str, Any]]:
        return [row for row in self.avoidance.data if row["uscc"]]


class RouteForm(Form):
    """What the owner declares; the table decides."""

    is_secret = BooleanField("项目涉及国家秘密")
    is_above_tender_scale = BooleanField("整个工程达到必须招标的规模标准")
    in_procurement_catalogue = BooleanField("服务在集中采购目录内")
    law_article = StringField(
        "法律法规指定了机构或选取方式（写明条款）",
        [Length(max=300, message="不超过 300 个字。"), require_no_control_characters],
    )
    is_emergency = BooleanField("抢险救灾、安全事故等紧急情形")
    by_own_staff = BooleanField("由本单位人员自行完成，不购买服务")

    def to_claims(self) -> RouteClaims:
        """Give the declarations as the service takes them."""
        return RouteClaims(
            is_secret=self.is_secret.data,
            is_above_tender_scale=self.is_above_tender_scale.data,
            in_procurement_catalogue=self.in_procurement_catalogue.data,
            law_article=self.law_article.data or "",
            is_emergency=self.is_emergency.data,
            by_own_staff=self.by_own_staff.data,
        )
