"""Headers, cookies and origin checks that every answer carries, errors included."""

from flask import Flask, Response, abort, g, request

from market.ids import new_id
from market.settings import Settings

MAX_BODY_BYTES = 12 * 1024 * 1024
"""A little above the largest upload (10 MB), so that the upload's own message is reached first."""

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FOREIGN_CALLERS = ("/hooks/",)
"""Paths that other machines post to; they prove themselves by signature instead."""


def policy(settings: Settings) -> str:
    """Write the Content-Security-Policy: own files only, nothing inline."""
    parts = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": f"'self' {settings.cashier_origin}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "manifest-src": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())


def secure(app: Flask, settings: Settings) -> None:
    """Set limits, cookie flags, the origin check and the headers."""
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        SESSION_COOKIE_NAME="__Host-sunlit" if settings.is_production else "sunlit",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # a form may stay open as long as its session
    )
    csp = policy(settings)

    @app.before_request
    def name_request() -> None:
        g.request_id = new_id().hex

    @app.before_request
    def refuse_foreign_forms() -> None:
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        foreign = site not in {"same-origin", "none"}
        if request.method in UNSAFE and foreign and not request.path.startswith(FOREIGN_CALLERS):
            abort(403)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", csp)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "geolocation=(), camera=(), microphone=()"
        headers["X-Request-Id"] = g.get("request_id", "")
        if settings.is_production:
            headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        if "Cache-Control" not in headers and request.endpoint != "static":
            headers["Cache-Control"] = "no-store"
        return response
