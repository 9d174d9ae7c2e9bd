"""关怀版 and theme: kept in the cookie of the browser, for everybody."""

from flask import redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from market.web.context import THEMES
from market.web.public.blueprint import bp
from market.web.redirects import own_path


@bp.route("/preferences", methods=["POST"])
def preferences() -> ResponseReturnValue:
    """Set large type or theme, and go back to where the person was."""
    care, theme = request.form.get("care"), request.form.get("theme")
    if care in {"0", "1"}:
        cookie["care"] = care == "1"
    if theme in THEMES:
        cookie["theme"] = theme
    return redirect(own_path(request.form.get("next", "")) or url_for("public.home"))
