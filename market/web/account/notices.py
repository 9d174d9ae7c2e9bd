"""The message centre."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from market.notices import queries, services
from market.web.account.blueprint import bp
from market.web.guard import SignedInGuard
from market.web.request import current_actor, perform, reading

signed_in = SignedInGuard()


@bp.route("/notices")
def notices() -> ResponseReturnValue:
    """Show what happened to the organisation's orders and projects."""
    stranger = signed_in()
    organisation_id = current_actor().organisation_id
    if stranger is not None or organisation_id is None:
        return stranger or redirect(url_for("account.sign_in"))
    with reading() as session:
        rows = queries.list_notices(session, organisation_id)
    return render_template("account/notices.html", rows=rows)


@bp.route("/notices/read", methods=["POST"])
def read_notices() -> ResponseReturnValue:
    """Mark all as read."""
    organisation_id = current_actor().organisation_id
    if organisation_id is not None:
        perform(lambda act: services.mark_all_read(act, organisation_id))
    return redirect(url_for("account.notices"))
