"""Notices of projects that buy a service with public money: the list, and each one's record."""

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.catalogue.details import list_services
from market.draws.board import STAGES, count_project_states, holder_names
from market.draws.queries import ProjectFilter, get_project, list_projects
from market.draws.rows import ProjectDetail
from market.draws.verifying import is_public_chain
from market.paging import Page
from market.web.draw_history import chain_of, upcoming
from market.web.draw_rows import docket_of, sitting_of
from market.web.draw_words import meaning_of, tone_of
from market.web.i18n import _
from market.web.paging import asked_page
from market.web.public.blueprint import bp
from market.web.request import current_actor, reading

STAGE_NAMES = (
    ("", "全部"),
    ("enrolling", "报名中"),
    ("waiting", "待摇号"),
    ("publicity", "公示中"),
    ("awarded", "已中选"),
    ("ended", "流标或作废"),
    ("exempt", "不摇号"),
)
LONGEST_QUERY = 60


@bp.route("/projects")
def projects() -> ResponseReturnValue:
    """List the notices, by stage, words and service."""
    stage = request.args.get("stage", "")
    stage = stage if stage in STAGES else ""
    words = request.args.get("q", "").strip()[:LONGEST_QUERY]
    service = request.args.get("service", "")[:20]
    wanted = ProjectFilter(
        q=words, states=STAGES.get(stage, frozenset()), service_code=service, page=asked_page()
    )
    with reading() as session:
        found = list_projects(session, current_actor(), wanted)
        counts = count_project_states(session)
        kinds = list_services(session)
    page = Page(
        tuple(docket_of(row) for row in found.rows),
        found.total,
        found.is_capped,
        found.page,
        found.per_page,
    )
    return render_template(
        "public/projects/list.html",
        page=page,
        tabs=[
            (
                _(name),
                _stage_url(key),
                sum(counts.get(state, 0) for state in STAGES.get(key, counts)),
                key == stage,
            )
            for key, name in STAGE_NAMES
        ],
        stage=stage,
        q=words,
        service=service,
        services=kinds,
    )


def _stage_url(stage: str) -> str:
    return url_for("public.projects", stage=stage or None)


@bp.route("/projects/<project_no>")
def project(project_no: str) -> ResponseReturnValue:
    """Show one project: state, what comes next, every attempt, and the chain of its records."""
    with reading() as session:
        found = get_project(session, current_actor(), project_no)
        names = holder_names(session, found.draws)
    row = found.row
    return render_template(
        "public/projects/project.html",
        project=row,
        detail=found,
        tone=tone_of(row.state),
        meaning=meaning_of(row.state),
        chain=chain_of(found.events, project_no),
        attempts=[sitting_of(draw, names) for draw in reversed(found.draws)],
        next_steps=upcoming(row.state, enroll_close_at=row.enroll_close_at, draw_at=row.draw_at),
        shows_demo_beacon=_shows_demo_beacon(found),
        enrol_url=f"/agency/enrolments/{project_no}",
    )


def _shows_demo_beacon(found: ProjectDetail) -> bool:
    return any(not is_public_chain(draw.chain_hash) for draw in found.draws)
