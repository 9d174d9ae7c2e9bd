"""Callbacks of carriers: the signature says who sent them."""

from flask import Response, abort, request
from flask.typing import ResponseReturnValue

from market.act import SYSTEM
from market.courier.carriers.base import CallbackRejectedError
from market.courier.services import apply_events
from market.web.hooks.blueprint import bp
from market.web.request import world


@bp.route("/courier/<carrier>", methods=["POST"])
def courier(carrier: str) -> ResponseReturnValue:
    """Take what a carrier reports; each step is stored once, however often it is told."""
    running = world()
    adapter = running.carriers.get(carrier)
    if adapter is None:
        abort(404)
    try:
        events = adapter.verify_callback(dict(request.headers), request.get_data())
    except CallbackRejectedError:
        abort(401)
    running.runtime.act(SYSTEM, lambda act: apply_events(act, carrier, events))
    return Response(adapter.acknowledge(), mimetype="application/json")
