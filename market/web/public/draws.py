"""Draws for everyone: the list, the page of one attempt, its bundle, and the live page."""

import hashlib
from dataclasses import replace
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.draws.board import DRAW_STAGES, count_attempt_states, holder_names
from market.draws.queries import bundle_for, get_attempt, get_project, list_draws
from market.draws.rows import AttemptDetail
from market.draws.states import AttemptState
from market.paging import Page
from market.web.draw_access import log_files, office
from market.web.draw_history import chain_of
from market.web.draw_rows import sitting_of
from market.web.draw_words import reason_of, tone_of
from market.web.filters import local
from market.web.i18n import _
from market.web.labels import label_of
from market.web.paging import asked_page
from market.web.public import draw_page
from market.web.public.blueprint import bp
from market.web.public.verdicts import Verdict, give_verdict, prepare_verdict
from market.web.request import current_actor, reading, world

STAGE_NAMES = (
    ("", "全部"),
    ("coming", "即将"),
    ("running", "进行中"),
    ("drawn", "已公布"),
    ("void", "已作废"),
)
OVER = frozenset({AttemptState.DRAWN, AttemptState.VOID})
AFTER_DRAW = frozenset(
    {"publicity_begun", "confirmed", "declined", "promoted", "awarded", "failed"}
)
QUICKNET_RELAYS = (
    "https://api.drand.sh",
    "https://api2.drand.sh",
    "https://api3.drand.sh",
    "https://drand.cloudflare.com",
)


@bp.route("/draws")
def draws() -> ResponseReturnValue:
    """List every attempt there ever was, void ones among them."""
    stage = request.args.get("stage", "")
    stage = stage if stage in DRAW_STAGES else ""
    with reading() as session:
        found = list_draws(session, page=asked_page(), states=DRAW_STAGES.get(stage, frozenset()))
        counts = count_attempt_states(session)
        names = holder_names(session, found.rows)
    rows = tuple(sitting_of(row, names) for row in found.rows)
    return render_template(
        "public/draws/list.html",
        page=Page(rows, found.total, found.is_capped, found.page, found.per_page),
        tabs=[
            (
                _(name),
                url_for("public.draws", stage=key or None),
                sum(counts.get(state, 0) for state in DRAW_STAGES.get(key, counts)),
                key == stage,
            )
            for key, name in STAGE_NAMES
        ],
        shows_demo_beacon=any(row.is_demo_chain for row in rows),
    )


@bp.route("/draws/<project_no>/<int:attempt>")
def draw(project_no: str, attempt: int) -> ResponseReturnValue:
    """Show one attempt, with the verdict as soon as there is a result."""
    with reading() as session:
        found = get_attempt(session, current_actor(), project_no, attempt)
        context = _context(found)
        context["others"] = [
            other
            for other in get_project(session, current_actor(), project_no).draws
            if other.number != attempt
        ]
        pending = prepare_verdict(session, found)
    context["report"] = judge(give_verdict(pending), found)
    return render_template("public/draws/draw.html", **context)


def judge(verdict: Verdict | None, found: AttemptDetail) -> Verdict | None:
    """Never show a green banner above rows that do not follow from the records."""
    if verdict is None or found.recomputes is not False:
        return verdict
    text = _("本页显示的排名与重算结果不一致，请以核验包为准，并向监管部门反映。")
    return replace(verdict, kind="fail", text=text)


def _context(found: AttemptDetail) -> dict[str, Any]:
    text, at = draw_page.next_of(found)
    draw_row = found.draw
    return {
        "found": found,
        "draw": draw_row,
        "beacon": found.beacon,
        "is_void": draw_row.state is AttemptState.VOID,
        "is_over": draw_row.state in OVER,
        "is_demo_chain": not found.beacon.is_public,
        "tone": tone_of(draw_row.state),
        "void_reason": reason_of(draw_row.void_code),
        "next_text": text,
        "next_at": at,
        "boxes": draw_page.boxes_of(found),
        "ranking": draw_page.places_of(found),
        "roster": draw_page.roster_of(found),
        "refused": draw_page.refused_of(found),
        "counts_text": draw_page.counts_text(found),
        "after": chain_of(
            [event for event in found.events if event.kind in AFTER_DRAW],
            draw_row.project_no,
            newest_first=False,
        ),
        "proofs": draw_page.proofs_of(found),
        "commit_line": draw_page.commit_line(found),
        "randomness_line": draw_page.randomness_line(found.beacon),
        "seed_line": draw_page.seed_line(found),
        "relays": relay_links(found),
        "bundle_url": _bundle_url(found),
    }


def _bundle_url(found: AttemptDetail) -> str:
    path = url_for("public.bundle", project_no=found.draw.project_no, attempt=found.draw.number)
    return world().runtime.settings.public_url + path


def relay_links(found: AttemptDetail) -> list[str]:
    """Give addresses from which anyone can fetch the round; the value proves itself."""
    beacon = found.beacon
    bases = QUICKNET_RELAYS if beacon.is_public else office().relays
    return [f"{base}/{beacon.chain_hash}/public/{beacon.round}" for base in bases]


@bp.route("/draws/<project_no>/<int:attempt>/bundle.zip")
def bundle(project_no: str, attempt: int) -> ResponseReturnValue:
    """Give everything needed to verify the attempt, as far as it has come."""
    with reading() as session:
        get_attempt(session, current_actor(), project_no, attempt)
        data = bundle_for(session, log_files(), project_no, attempt)
    response = Response(data, content_type="application/zip")
    name = f"draw-{project_no}-{attempt}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
    response.set_etag(hashlib.sha256(data).hexdigest())
    return response.make_conditional(request)


@bp.route("/draws/<project_no>/<int:attempt>/live")
def live(project_no: str, attempt: int) -> ResponseReturnValue:
    """Show the attempt on a large screen; without script there is a link to refresh."""
    with reading() as session:
        found = get_attempt(session, current_actor(), project_no, attempt)
        context = _context(found)
    return render_template("public/draws/live.html", version=_version(found), **context)


@bp.route("/draws/<project_no>/<int:attempt>/live.json")
def live_json(project_no: str, attempt: int) -> ResponseReturnValue:
    """Give the same as a small answer for the script of the live page."""
    with reading() as session:
        found = get_attempt(session, current_actor(), project_no, attempt)
        context = _context(found)
    at = context["next_at"]
    return {
        "version": _version(found),
        "state": _(label_of(found.draw.state)),
        "is_over": context["is_over"],
        "next_text": context["next_text"],
        "next_at": at.isoformat() if at else "",
        "next_at_text": local(at) if at else "",
        "body": render_template("public/draws/_live_body.html", **context),
    }


def _version(found: AttemptDetail) -> str:
    """Name what is shown: any new event, position or result changes it."""
    boxes = (found.announce, found.freeze, found.go, found.result, found.void)
    positions = [box.position if box else None for box in boxes]
    parts = (found.draw.state.value, found.seed, len(found.events), positions)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
