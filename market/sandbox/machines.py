"""Carrier and beacon of the demo over HTTP; only machines talk to them."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from market.courier.signature import HEADER
from market.sandbox.beacon import SandboxBeacon
from market.sandbox.carrier import SandboxCourier


def courier_blueprint(carrier: SandboxCourier) -> Blueprint:
    """Bind the carrier to its addresses."""
    bp = Blueprint("courier", __name__, url_prefix="/sandbox/courier")

    @bp.route("/<path:path>", methods=["GET", "POST"])
    def wire(path: str) -> ResponseReturnValue:
        signature = request.headers.get(HEADER, "")
        status, body = carrier.handle(request.method, f"/{path}", request.get_data(), signature)
        return body, status

    return bp


def beacon_blueprint(beacon: SandboxBeacon) -> Blueprint:
    """Bind the demo chain to the paths of a drand relay."""
    bp = Blueprint("beacon", __name__, url_prefix="/drand")

    @bp.route("/<path:path>")
    def relay(path: str) -> ResponseReturnValue:
        status, body = beacon.handle(f"/{path}")
        return body if isinstance(body, list) else dict(body), status

    return bp
