"""From refusal to page: the only place that knows HTTP status codes of domain errors."""

import structlog
from flask import Flask, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from market.errors import (
    ConflictError,
    MarketError,
    NotAllowedError,
    NotFoundError,
    TooManyAttemptsError,
)
from market.payments.errors import PaymentUnavailableError
from market.web.i18n import _
from market.web.messages import sentence

log = structlog.get_logger()

STATUS: dict[type[MarketError], int] = {
    NotFoundError: 404,
    NotAllowedError: 403,
    ConflictError: 409,
    TooManyAttemptsError: 429,
    PaymentUnavailableError: 503,
}

PAGES: dict[int, tuple[str, str]] = {
    400: ("请求没有看懂", "页面可能放得太久，请返回上一页刷新后再试。"),
    401: ("请先登录", "登录后继续办理。"),
    403: ("不能进入", "这里只对相应身份开放。您可以换一个账户登录。"),
    404: ("没有找到", "您要的页面不存在，可能已被移走，或不属于您的账户。"),
    405: ("不能这样打开", "请从页面上的按钮进入。"),
    409: ("情况已经变化", "请刷新页面查看最新状态。"),
    413: ("文件太大", "单个文件不超过 10 MB，请压缩或拆分后再上传。"),
    422: ("填写有误", "请检查标出的内容。"),
    429: ("请稍候再试", "尝试次数过多，请过一会儿再来。"),
    500: ("系统出了问题", "我们已经记下这次故障，您填写的内容没有提交。请稍后再试。"),
    503: ("正在维护", "服务马上恢复，请稍后再试。"),
}


def page(status: int, text: str = "") -> ResponseReturnValue:
    """Show the page of an error: what happened, what to do, and the case id to quote."""
    title, advice = PAGES.get(status, PAGES[400 if status < 500 else 500])
    body = render_template(
        "error.html",
        status=status,
        title=_(title),
        text=text or _(advice),
        case_id=g.get("request_id", ""),
    )
    return body, status


def register_errors(app: Flask) -> None:
    """Install the handlers of expected refusals, HTTP errors and bugs."""

    @app.errorhandler(MarketError)
    def refuse(error: MarketError) -> ResponseReturnValue:
        status = next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)
        log.info("refused", code=error.code, status=status)
        return page(status, sentence(error))

    @app.errorhandler(CSRFError)
    def stale_form(error: CSRFError) -> ResponseReturnValue:
        log.info("csrf", reason=error.description)
        return page(400)

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> ResponseReturnValue:
        if request.path.startswith("/api/"):
            return {"error": {"status": error.code, "message": error.name}}, error.code or 500
        return page(error.code or 500)

    @app.errorhandler(Exception)
    def bug(error: Exception) -> ResponseReturnValue:
        log.error("bug", endpoint=request.endpoint, exc_info=error)
        return page(500)
