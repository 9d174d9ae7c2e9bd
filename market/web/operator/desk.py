"""The operator's worklist: notices to review, draws that run, and messages given up."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from market.draws import queries
from market.draws.attempt_queries import get_attempt_row
from market.draws.board import DRAW_STAGES
from market.draws.rows import DrawRow
from market.draws.states import AttemptState, ProjectState
from market.jobs.dead import list_dead, retry_message
from market.web.draw_rows import Sitting, sitting_of
from market.web.i18n import _
from market.web.operator.blueprint import bp
from market.web.request import perform, reading, world

RUNNING = DRAW_STAGES["coming"] | DRAW_STAGES["running"]


@dataclass(frozen=True, slots=True)
class DeskDraw:
    """A running attempt with the acts that the rules leave to a person."""

    row: Sitting
    acts: tuple[tuple[str, str], ...]  # name of the step, words of the button
    has_screening: bool


@bp.route("/desk")
def desk() -> ResponseReturnValue:
    """Show what waits for the operator."""
    now = world().runtime.now()
    with reading() as session:
        reviews = queries.worklist(session, ProjectState.REVIEW)
        running = queries.list_draws(session, per_page=50, states=RUNNING)
        draws = [_desk_draw(session, row, now=now) for row in running.rows]
        dead = list_dead(session)
    return render_template("operator/desk.html", reviews=reviews, draws=draws, dead=dead)


def _desk_draw(session: Session, row: DrawRow, *, now: datetime) -> DeskDraw:
    return DeskDraw(
        sitting_of(row, {}),
        tuple(possible_acts(session, row, now=now)),
        row.state is AttemptState.CLOSED,
    )


def possible_acts(session: Session, row: DrawRow, *, now: datetime) -> list[tuple[str, str]]:
    """Name the step that a person may take now; a timer takes the same ones by itself."""
    attempt = get_attempt_row(session, row.draw_id)
    if row.state is AttemptState.ENROLLING and now >= row.enroll_close_at:
        return [("close", _("截止报名"))]
    if row.state is AttemptState.CLOSED:
        if attempt.screened_at is None:
            return [("screen", _("运行资格核对"))]
        return [("freeze", _("冻结名单"))]
    if row.state is AttemptState.FROZEN and attempt.go_entry_id is None:
        return [("go", _("检查并放行"))]
    return []


@bp.route("/messages/<uuid:message_id>/retry", methods=["POST"])
def retry(message_id: UUID) -> ResponseReturnValue:
    """Let the worker try a given-up message again, from the first try on."""
    perform(lambda act: retry_message(act, message_id))
    flash(_("已放回队列，稍后自动再试。"), "success")
    return redirect(url_for("operator.desk"))
