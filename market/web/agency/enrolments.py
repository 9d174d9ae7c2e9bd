"""Enrolling in public draws: open notices, the pledge, receipts, and the answer to a win."""

from typing import Any
from uuid import UUID

from flask import Response, flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from market.draws import queries, services
from market.draws.board import OpenNotice, open_notices
from market.draws.rows import MyEnrolment, ProjectFilter
from market.draws.states import AttemptState, CandidateState, EnrolmentState, ProjectState
from market.errors import NotFoundError
from market.web.agency.blueprint import bp
from market.web.draw_access import draw_setup, log_files
from market.web.draw_words import reason_of
from market.web.form import Form, attempt, require_no_control_characters, succeeds
from market.web.i18n import _
from market.web.request import current_actor, perform, reading, world

MOST_OPEN = 100
GROUNDS = (
    ("force_majeure", "不可抗力"),
    ("key_staff_lost", "主要人员变动，无法履约"),
    ("owner_changed_terms", "业主变更了公告条件"),
    ("none", "没有上述理由"),
)


class EnrolForm(Form):
    """The pledge, and what an agency that trusts nobody may bring along."""

    pledge = BooleanField("本机构承诺", [InputRequired("请阅读并勾选承诺。")])
    nonce = StringField(
        "自备随机数",
        [Optional(), Regexp(r"^[0-9a-f]{32}$", message="应为 32 位小写十六进制数字。")],
    )


class DeclineForm(Form):
    """Why a win is given up."""

    ground = SelectField("理由", choices=[SelectChoice(*ground) for ground in GROUNDS])
    statement = TextAreaField(
        "说明",
        [
            InputRequired("请说明情况。"),
            Length(max=1000, message="不超过 1000 个字。"),
            require_no_control_characters,
        ],
    )


@bp.route("/enrolments")
def enrolments() -> ResponseReturnValue:
    """List what is open to this agency, and its own draws."""
    with reading() as session:
        open_rows = _open(session)
        mine = queries.my_enrolments(session, current_actor())
    return render_template(
        "agency/enrolments/list.html", open_rows=open_rows, mine=mine, reason_of=reason_of
    )


def _open(session: Session) -> list[OpenNotice]:
    wanted = ProjectFilter(state=ProjectState.ENROLLING.value, per_page=MOST_OPEN)
    found = queries.list_projects(session, current_actor(), wanted)
    return open_notices(session, current_actor(), found.rows, at=world().runtime.now())


@bp.context_processor
def desk_part() -> dict[str, Any]:
    """Give the part of the desk about draws a function to ask with; other pages do not ask."""
    return {"enrolment_summary": _summary}


def _summary() -> dict[str, Any]:
    with reading() as session:
        open_rows = [row for row in _open(session) if not row.fault and not row.is_enrolled]
        mine = queries.my_enrolments(session, current_actor())
    return {
        "open_rows": open_rows[:5],
        "open_count": len(open_rows),
        "to_answer": [row for row in mine if row.candidate_state is CandidateState.PROPOSED],
        "running": [row for row in mine if is_running(row)][:5],
    }


def is_running(row: MyEnrolment) -> bool:
    """Tell whether a draw of an agency is still to come."""
    over = {AttemptState.DRAWN, AttemptState.VOID}
    return row.state is EnrolmentState.ENROLLED and row.attempt_state not in over


@bp.route("/enrolments/<project_no>", methods=["GET", "POST"])
def enrolment(project_no: str) -> ResponseReturnValue:
    """Show one notice with the pledge; a POST enrols."""
    form = EnrolForm()
    with reading() as session:
        found = queries.get_project(session, current_actor(), project_no)
        notice = next(
            iter(open_notices(session, current_actor(), [found.row], at=world().runtime.now())),
            None,
        )
        mine = _mine(session, project_no, found.row.attempts)
    if mine is None and notice is not None and form.validate_on_submit():
        choice = services.EnrolmentChoice(nonce=form.nonce.data or "", has_pledged=form.pledge.data)
        draw_id = notice.draw_id
        receipt = attempt(form, lambda act: services.enrol(act, draw_setup(), draw_id, choice))
        if receipt is not None:
            cookie["enrol_nonce"] = [str(receipt.enrolment_id), receipt.nonce]
            flash(_("已报名，请保存回执。"), "success")
            return redirect(url_for("agency.my_draw", enrolment_id=receipt.enrolment_id))
    if mine is not None:
        return redirect(url_for("agency.my_draw", enrolment_id=mine.id))
    page = render_template(
        "agency/enrolments/enrol.html",
        form=form,
        project=found.row,
        detail=found,
        notice=notice,
        fault=reason_of(notice.fault) if notice and notice.fault else "",
    )
    return page, 422 if form.errors else 200


def _mine(session: Session, project_no: str, number: int) -> MyEnrolment | None:
    rows = queries.my_enrolments(session, current_actor())
    return next((r for r in rows if (r.project_no, r.number) == (project_no, number)), None)


@bp.route("/enrolments/mine/<uuid:enrolment_id>")
def my_draw(enrolment_id: UUID) -> ResponseReturnValue:
    """Show one's own enrolment: the receipt, and what became of it."""
    return _own_page(enrolment_id, DeclineForm())


def _own_page(enrolment_id: UUID, form: DeclineForm) -> ResponseReturnValue:
    with reading() as session:
        row = _own(session, enrolment_id)
    fresh = cookie.get("enrol_nonce") or ["", ""]
    now = world().runtime.now()
    page = render_template(
        "agency/enrolments/mine.html",
        row=row,
        form=form,
        nonce=fresh[1] if fresh[0] == str(enrolment_id) else "",
        reason=reason_of(row.reason_code),
        may_withdraw=row.state is EnrolmentState.ENROLLED
        and row.attempt_state is AttemptState.ENROLLING
        and now < row.enroll_close_at,
        may_answer=row.candidate_state is CandidateState.PROPOSED
        and row.project_state is ProjectState.PUBLICITY,
    )
    return page, 422 if form.errors else 200


def _own(session: Session, enrolment_id: UUID) -> MyEnrolment:
    for row in queries.my_enrolments(session, current_actor()):
        if row.id == enrolment_id:
            return row
    raise NotFoundError(kind="enrolment")


@bp.route("/enrolments/mine/<uuid:enrolment_id>/receipt.tlog-proof")
def receipt(enrolment_id: UUID) -> ResponseReturnValue:
    """Give the proof that the enrolment is in the log; anyone can check it."""
    with reading() as session:
        data = log_files().receipt(session, current_actor(), enrolment_id)
    response = Response(data, content_type="text/plain; charset=utf-8")
    name = f"receipt-{enrolment_id}.tlog-proof"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.route("/enrolments/mine/<uuid:enrolment_id>/withdraw", methods=["POST"])
def withdraw(enrolment_id: UUID) -> ResponseReturnValue:
    """Take the enrolment back; it is final for this attempt."""
    with reading() as session:
        draw_id = _own(session, enrolment_id).draw_id
    perform(lambda act: services.withdraw(act, draw_id))
    flash(_("已撤回报名，本次摇号不能再报。"), "success")
    return redirect(url_for("agency.my_draw", enrolment_id=enrolment_id))


@bp.route("/enrolments/mine/<uuid:enrolment_id>/confirm", methods=["POST"])
def confirm_win(enrolment_id: UUID) -> ResponseReturnValue:
    """Accept the proposed win."""
    with reading() as session:
        draw_id = _own(session, enrolment_id).draw_id
    perform(lambda act: services.confirm_win(act, draw_id))
    flash(_("已确认。公示期满无异议后发中选通知。"), "success")
    return redirect(url_for("agency.my_draw", enrolment_id=enrolment_id))


@bp.route("/enrolments/mine/<uuid:enrolment_id>/decline", methods=["POST"])
def decline_win(enrolment_id: UUID) -> ResponseReturnValue:
    """Give the proposed win up with a ground of the list."""
    form = DeclineForm()
    with reading() as session:
        draw_id = _own(session, enrolment_id).draw_id
    if form.validate_on_submit():
        ground, statement = form.ground.data, form.statement.data
        if succeeds(
            form,
            lambda act: services.decline_win(
                act, draw_setup(), draw_id, ground=ground, statement=statement
            ),
        ):
            flash(_("已放弃，由候补递补。"), "success")
            return redirect(url_for("agency.my_draw", enrolment_id=enrolment_id))
    return _own_page(enrolment_id, form)
