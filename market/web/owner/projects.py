"""An owner's projects: drafts, submission through the route gate, and what may be done now."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from market.act import Act
from market.catalogue.details import list_services
from market.draws import queries, services
from market.draws.rows import ProjectDetail
from market.draws.states import EDITABLE, LISTED, ProjectState
from market.errors import InvalidInputError, NotFoundError
from market.files import Upload, keep_document
from market.web.draw_access import draw_setup
from market.web.draw_history import chain_of, upcoming
from market.web.draw_rows import docket_of
from market.web.draw_words import meaning_of, reason_of, tone_of
from market.web.form import Form, attempt, succeeds
from market.web.i18n import _
from market.web.owner.blueprint import bp
from market.web.owner.drafting import DraftForm, RouteForm
from market.web.request import current_actor, reading, world
from market.web.route_words import RouteView, route_view

BEFORE_FREEZE = frozenset({ProjectState.ENROLLING, ProjectState.SCREENING, ProjectState.TOO_FEW})


@bp.route("/projects")
def projects() -> ResponseReturnValue:
    """List the owner's own projects."""
    with reading() as session:
        rows = [docket_of(row) for row in queries.owner_projects(session, current_actor())]
    return render_template("owner/projects.html", rows=rows)


@bp.route("/projects/new", methods=["GET", "POST"])
def new_project() -> ResponseReturnValue:
    """Write a new draft."""
    form = DraftForm()
    with reading() as session:
        form.offer(list_services(session))
    if form.validate_on_submit():
        drafted = attempt(form, lambda act: _draft(act, form))
        if drafted is not None:
            flash(_("草稿已保存。核对后提交，系统会判定是否摇号。"), "success")
            return redirect(url_for("owner.project", project_no=drafted))
    return _draft_page(form, None)


def _draft(act: Act, form: DraftForm) -> str:
    sha256, name = _budget(act, form.upload(), ("", ""))
    draft = form.to_draft(
        region=world().runtime.settings.region, budget_sha256=sha256, budget_name=name
    )
    return services.draft_project(act, draft).project_no


def _budget(act: Act, upload: Upload | None, kept: tuple[str, str]) -> tuple[str, str]:
    """Keep the budget file and give its hash and name; without a new one, the one kept before."""
    owner = act.actor.organisation_id
    if upload is None:
        if not kept[0]:
            raise InvalidInputError(field="budget", reason="missing")
        return kept
    if owner is None:
        raise InvalidInputError(field="budget", reason="missing")
    document = keep_document(act, world().files, upload, owner_org_id=owner, order_id=None)
    return document.sha256, document.name


def _draft_page(form: Form, project: ProjectDetail | None) -> ResponseReturnValue:
    page = render_template(
        "owner/draft.html",
        form=form,
        project=project.row if project else None,
        budget_name=project.budget_name if project else "",
    )
    return page, 422 if form.errors else 200


def _own(session: Session, project_no: str) -> ProjectDetail:
    """Read a project of the actor; another owner's is not found, though the public may see it."""
    actor = current_actor()
    own = {row.project_no for row in queries.owner_projects(session, actor)}
    if project_no not in own:
        raise NotFoundError(kind="project")
    return queries.get_project(session, actor, project_no)


@bp.route("/projects/<project_no>")
def project(project_no: str) -> ResponseReturnValue:
    """Show one project: what the owner may do now, and how the route was decided."""
    with reading() as session:
        found = _own(session, project_no)
    row = found.row
    route: RouteView | None = route_view(found.route) if found.route else None
    return render_template(
        "owner/project.html",
        project=row,
        detail=found,
        tone=tone_of(row.state),
        meaning=meaning_of(row.state),
        reason=reason_of(found.return_reason),
        may_edit=row.state in EDITABLE,
        is_public=row.state in LISTED,
        hides_entrants=row.state in BEFORE_FREEZE,
        next_steps=upcoming(row.state, enroll_close_at=row.enroll_close_at, draw_at=row.draw_at),
        route=route,
        chain=chain_of(found.events, project_no),
    )


@bp.route("/projects/<project_no>/edit", methods=["GET", "POST"])
def edit_project(project_no: str) -> ResponseReturnValue:
    """Change a draft, or a notice that came back."""
    with reading() as session:
        found = _own(session, project_no)
        kinds = list_services(session)
    if found.row.state not in EDITABLE:
        return redirect(url_for("owner.project", project_no=project_no))
    form = DraftForm.of(found)
    form.offer(kinds)
    if form.validate_on_submit() and succeeds(form, lambda act: _edit(act, form, found)):
        flash(_("修改已保存。"), "success")
        return redirect(url_for("owner.project", project_no=project_no))
    return _draft_page(form, found)


def _edit(act: Act, form: DraftForm, found: ProjectDetail) -> None:
    sha256, name = _budget(act, form.upload(), (found.budget_sha256, found.budget_name))
    draft = form.to_draft(region=found.row.region, budget_sha256=sha256, budget_name=name)
    services.edit_project(act, found.row.project_no, draft)


@bp.route("/projects/<project_no>/submit", methods=["GET", "POST"])
def submit_project(project_no: str) -> ResponseReturnValue:
    """Declare the facts of the route gate and hand the project in."""
    with reading() as session:
        found = _own(session, project_no)
    form = RouteForm()
    limits = draw_setup().limits
    if form.validate_on_submit() and succeeds(
        form, lambda act: services.submit_project(act, project_no, form.to_claims(), limits)
    ):
        flash(_("已提交，判定结果见下方。"), "success")
        return redirect(url_for("owner.project", project_no=project_no))
    page = render_template("owner/submit.html", form=form, project=found.row)
    return page, 422 if form.errors else 200
