"""Public supervision: limits, promises kept and draws, for a page and for a screen on a wall."""

from typing import Any

from flask import render_template
from flask.typing import ResponseReturnValue

from market.supervision.queries import LIGHTS, get_figures
from market.web.public.blueprint import bp
from market.web.request import reading, world


@bp.route("/supervision")
def supervision() -> ResponseReturnValue:
    """Show the figures with unit, period and number of cases."""
    return render_template("public/supervision/supervision.html", **_figures())


@bp.route("/supervision/screen")
def supervision_screen() -> ResponseReturnValue:
    """Show the same figures large and dark, without controls."""
    return render_template("public/supervision/screen.html", **_figures())


def _figures() -> dict[str, Any]:
    with reading() as session:
        found = get_figures(session, at=world().runtime.now())
    return {"figures": found, "lights": [light.value for light in LIGHTS]}
