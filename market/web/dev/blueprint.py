"""Pages for developers; the composition leaves them out in production."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from market.notices.queries import list_mails
from market.web.guard import AnyoneGuard
from market.web.request import world

bp = Blueprint("dev", __name__, url_prefix="/dev")
bp.before_request(AnyoneGuard())


@bp.route("/mail")
def mail() -> ResponseReturnValue:
    """Show the mails that a real installation would have sent."""
    with world().runtime.reading(fresh=True) as session:
        return render_template("dev/mail.html", mails=list_mails(session))
