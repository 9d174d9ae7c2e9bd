"""The strip of draws on the home page: what comes next first, then the newest results."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from market.draws.board import DRAW_STAGES
from market.draws.queries import list_draws
from market.draws.rows import DrawRow
from market.draws.states import AttemptState
from market.web.i18n import _
from market.web.labels import label_of

MOST = 4
OPEN = DRAW_STAGES["coming"] | DRAW_STAGES["running"]


@dataclass(frozen=True, slots=True)
class StripDraw:
    """One draw of the strip, as ``public/_draw_strip.html`` shows it."""

    title: str
    url: str
    at: datetime
    text: str
    is_open: bool


def strip_draws(session: Session) -> list[StripDraw]:
    """Choose the draws that come next, the nearest first, and fill up with the newest results."""
    coming = list_draws(session, per_page=50, states=OPEN).rows
    drawn = list_draws(session, per_page=MOST, states=frozenset({AttemptState.DRAWN})).rows
    nearest = sorted(coming, key=_next_at)[:MOST]
    return [_strip(row) for row in [*nearest, *drawn][:MOST]]


def _next_at(row: DrawRow) -> datetime:
    return row.enroll_close_at if row.state is AttemptState.ENROLLING else row.draw_at


def _strip(row: DrawRow) -> StripDraw:
    return StripDraw(
        title=row.title,
        url=url_for("public.draw", project_no=row.project_no, attempt=row.number),
        at=_next_at(row),
        text=_("历史信标核验演示") if row.is_replay else _(label_of(row.state)),
        is_open=row.state in OPEN,
    )
