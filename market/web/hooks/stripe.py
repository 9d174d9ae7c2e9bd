"""Callbacks of the payment provider."""

from flask import request
from flask.typing import ResponseReturnValue

from market.act import SYSTEM
from market.payments.errors import WebhookError
from market.payments.paying import receive_event
from market.web.hooks.blueprint import bp
from market.web.request import world

MAX_EVENT_BYTES = 256 * 1024


@bp.route("/stripe", methods=["POST"])
def stripe() -> ResponseReturnValue:
    """Check the signature over the raw body, store it, answer; the worker does the rest."""
    if (request.content_length or 0) > MAX_EVENT_BYTES:
        return {"error": "too large"}, 413
    raw = request.get_data(cache=False)
    header = request.headers.get("Stripe-Signature", "")
    running = world()
    secrets = running.payments.webhook_secrets
    try:
        running.runtime.act(SYSTEM, lambda act: receive_event(act, raw, header, secrets))
    except WebhookError:
        return {"error": "signature or event not valid"}, 400
    return {"received": True}
