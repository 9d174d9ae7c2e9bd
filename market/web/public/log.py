"""The transparency log as static files: checkpoint, tiles, entries and the witness policy."""

import re

from flask import Response, request
from flask.typing import ResponseReturnValue

from market.web.draw_access import draw_setup, log_files
from market.web.public.blueprint import bp

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"
MOMENT = "public, max-age=1, must-revalidate"
SOON = "public, max-age=300"
PARTIAL = re.compile(r"\.p/[0-9]+$")


@bp.route("/log/checkpoint")
def log_checkpoint() -> ResponseReturnValue:
    """Give the newest signed checkpoint; it changes with every entry."""
    return _file(log_files().checkpoint(), TEXT, MOMENT)


@bp.route("/log/tile/<path:path>")
def log_tile(path: str) -> ResponseReturnValue:
    """Give a tile or a bundle of entries; a path that a log cannot have is not found.

    A full tile never changes. A partial one neither, but a full one takes its place, so that
    nobody needs to keep it for long.
    """
    is_partial = PARTIAL.search(path) is not None
    return _file(log_files().read(f"tile/{path}"), BYTES, SOON if is_partial else FOREVER)


@bp.route("/log/policy")
def log_policy() -> ResponseReturnValue:
    """Give the tlog-policy: which keys to believe, and how many witnesses."""
    return _file(draw_setup().policy_text.encode(), TEXT, SOON)


def _file(data: bytes, content_type: str, caching: str) -> ResponseReturnValue:
    response = Response(data, content_type=content_type)
    response.headers["Cache-Control"] = caching
    response.headers["Access-Control-Allow-Origin"] = "*"  # verifiers run in other pages too
    response.add_etag()
    return response.make_conditional(request)
