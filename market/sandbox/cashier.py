"""The payment provider of the demo over HTTP: its wire and its cashier page."""

import json
import socket
from http import HTTPStatus

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from billing.errors import NotFoundError
from billing.sandbox.cashier import Button
from billing.sandbox.desk import FaultKind
from billing.sandbox.psp import LOST, Sandbox

WIRE = "/sandbox/stripe"
BUTTONS = (
    (Button.SUCCESS, "支付成功", "primary"),
    (Button.LATER, "稍后到账", "secondary"),
    (Button.FAIL, "支付失败", "secondary"),
    (Button.CANCEL, "取消付款", "quiet"),
)


def payment_blueprint(psp: Sandbox) -> Blueprint:
    """Bind the provider to its addresses."""
    bp = Blueprint("payment", __name__, url_prefix="/sandbox")

    @bp.route("/stripe/<path:path>", methods=["GET", "POST"])
    def wire(path: str) -> ResponseReturnValue:
        source = request.form if request.method == "POST" else request.args
        pairs = list(source.items(multi=True))
        status, body, headers = psp.handle(request.method, f"/{path}", pairs, dict(request.headers))
        if status == LOST:
            _hang_up()
        response = Response(response=_json(body), status=status)
        response.headers.update(headers)
        return response

    @bp.route("/pay/<target>", methods=["GET"])
    def cashier(target: str) -> ResponseReturnValue:
        try:
            view = psp.view(target)
        except NotFoundError:
            abort(HTTPStatus.NOT_FOUND)
        return render_template("sandbox/cashier.html", view=view, buttons=BUTTONS)

    @bp.route("/pay/<target>", methods=["POST"])
    def press(target: str) -> ResponseReturnValue:
        try:
            result = psp.press(target, Button(request.form.get("button", "")))
        except (NotFoundError, ValueError):
            abort(HTTPStatus.NOT_FOUND)
        return redirect(result.next_url or request.path, code=303)

    @bp.route("/faults", methods=["POST"])
    def order_fault() -> ResponseReturnValue:
        kind = FaultKind(request.form["kind"])
        psp.set_fault(
            kind, times=int(request.form.get("times", "1")), path=request.form.get("path", "")
        )
        return {"ordered": kind.value}

    return bp


def _hang_up() -> None:
    """Close the connection without an answer, as a network that fails does."""
    connection = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)


def _json(body: object) -> str:
    return json.dumps(body, ensure_ascii=False)
