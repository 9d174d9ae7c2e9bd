"""Steps of a draw that the rules leave to a person, and the checks between close and freeze."""

from collections.abc import Callable
from uuid import UUID

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from market.act import Act
from market.draws import queries, services
from market.draws.states import EnrolmentState
from market.web.draw_access import draw_setup
from market.web.draw_words import REASONS, reason_of
from market.web.form import Form, require_no_control_characters, succeeds
from market.web.i18n import _
from market.web.operator.blueprint import bp
from market.web.request import current_actor, perform, reading

BY_HAND = (
    "not_qualified",
    "conflict_of_interest",
    "affiliated",
    "suspended",
    "over_capacity",
    "false_materials",
)
STEPS: dict[str, Callable[[Act, str], object]] = {
    "close": lambda act, draw_id: services.close_enrolment(act, draw_id).number,
    "screen": services.screen,
    "freeze": lambda act, draw_id: services.freeze(act, draw_setup(), draw_id).number,
    "go": lambda act, draw_id: services.go(act, draw_setup(), draw_id).number,
}
DONE: dict[str, str] = {
    "close": "报名已截止。",
    "screen": "资格核对已运行。",
    "freeze": "名单已冻结，秘密数已公开。",
    "go": "已放行，只等公共信标。",
}


class RejectForm(Form):
    """Why one enrolment is refused by hand."""

    code = SelectField("理由", choices=[SelectChoice(code, REASONS[code]) for code in BY_HAND])
    evidence = TextAreaField(
        "证据",
        [
            InputRequired("请写明证据，冻结时公开。"),
            Length(max=300, message="不超过 300 个字。"),
            require_no_control_characters,
        ],
    )


def draw_id_of(project_no: str, attempt: int) -> str:
    """Name an attempt."""
    return f"{project_no}/{attempt}"


@bp.route(
    "/draws/<project_no>/<int:attempt>/<any(close, screen, freeze, go):act>", methods=["POST"]
)
def step(project_no: str, attempt: int, act: str) -> ResponseReturnValue:
    """Take the next step of a draw; the domain refuses whatever is not its time."""
    take = STEPS.get(act) or abort(404)
    perform(lambda running: take(running, draw_id_of(project_no, attempt)))
    flash(_(DONE[act]), "success")
    return redirect(url_for("operator.desk"))


@bp.route("/draws/<project_no>/<int:attempt>/screening")
def screening(project_no: str, attempt: int) -> ResponseReturnValue:
    """Show the enrolments between close and freeze; nobody else sees them yet."""
    return _page(project_no, attempt, RejectForm())


def _page(project_no: str, attempt: int, form: RejectForm) -> ResponseReturnValue:
    with reading() as session:
        rows = queries.screening_rows(session, current_actor(), draw_id_of(project_no, attempt))
    page = render_template(
        "operator/screening.html",
        project_no=project_no,
        attempt=attempt,
        rows=[(row, reason_of(row.reason_code)) for row in rows],
        live=EnrolmentState.ENROLLED,
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.route("/draws/<project_no>/<int:attempt>/screening/<uuid:enrolment_id>", methods=["POST"])
def reject(project_no: str, attempt: int, enrolment_id: UUID) -> ResponseReturnValue:
    """Refuse one enrolment for a listed reason with evidence."""
    form = RejectForm()
    draw_id = draw_id_of(project_no, attempt)
    if form.validate_on_submit() and succeeds(
        form,
        lambda act: services.reject_enrolment(
            act, draw_id, enrolment_id, code=form.code.data, evidence=form.evidence.data
        ),
    ):
        flash(_("已写入记录，冻结名单时公开理由。"), "success")
        return redirect(url_for("operator.screening", project_no=project_no, attempt=attempt))
    return _page(project_no, attempt, form)
