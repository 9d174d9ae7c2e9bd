"""Review a notice: publish it or give it back with a reason."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from market.catalogue.details import get_service
from market.catalogue.rows import FeeBand
from market.draws import queries, services
from market.draws.states import ProjectState
from market.web.draw_access import draw_setup
from market.web.filters import money
from market.web.form import Form, require_no_control_characters, succeeds
from market.web.i18n import _
from market.web.operator.blueprint import bp
from market.web.request import current_actor, perform, reading, world
from market.web.route_words import route_view

BAND_PERCENT = 20
"""A fee further from the median than this needs a look; prices of a band are published offers."""


class ReturnForm(Form):
    """Why a notice goes back."""

    reason = TextAreaField(
        "退回理由",
        [
            InputRequired("请写明理由，业主据此修改。"),
            Length(max=500, message="不超过 500 个字。"),
            require_no_control_characters,
        ],
    )


@bp.route("/projects/<project_no>")
def review(project_no: str) -> ResponseReturnValue:
    """Show a notice that waits, with what publishing it now would fix."""
    return _page(project_no, ReturnForm())


def _page(project_no: str, form: ReturnForm) -> ResponseReturnValue:
    with reading() as session:
        found = queries.get_project(session, current_actor(), project_no)
        band = get_service(session, found.row.service_code).band
    if found.row.state is not ProjectState.REVIEW:
        return redirect(url_for("public.project", project_no=project_no))
    row = found.row
    page = render_template(
        "operator/review.html",
        project=row,
        detail=found,
        form=form,
        band_text=_band_text(band),
        fee_note=_fee_note(row.fee_fen, band.median_fen),
        route=route_view(found.route) if found.route else None,
        plan=draw_setup().pace.plan(
            world().runtime.now(), fee_fen=row.fee_fen, attempt=row.attempts + 1
        ),
    )
    return page, 422 if form.errors else 200


def _band_text(band: FeeBand) -> str:
    if band.median_fen is None:
        return _("尚无机构上架，没有可比价格")
    return _("在售中位数 %(median)s，共 %(n)s 家") % {"median": money(band.median_fen), "n": band.n}


def _fee_note(fee_fen: int, median_fen: int | None) -> str:
    if not median_fen or abs(fee_fen - median_fen) * 100 <= median_fen * BAND_PERCENT:
        return ""
    return _("服务费与在售中位数相差超过两成，请核对依据。")


@bp.route("/projects/<project_no>/publish", methods=["POST"])
def publish(project_no: str) -> ResponseReturnValue:
    """Publish the notice: from now on everything about the draw is fixed."""
    perform(lambda act: services.publish_notice(act, draw_setup(), project_no).draw_id)
    flash(_("公告已发布，报名开始。"), "success")
    return redirect(url_for("operator.desk"))


@bp.route("/projects/<project_no>/return", methods=["POST"])
def return_notice(project_no: str) -> ResponseReturnValue:
    """Give the notice back to its owner."""
    form = ReturnForm()
    if not form.validate_on_submit():
        return _page(project_no, form)
    reason = form.reason.data
    if not succeeds(form, lambda act: services.return_project(act, project_no, reason=reason)):
        return _page(project_no, form)
    flash(_("已退回业主。"), "success")
    return redirect(url_for("operator.desk"))
