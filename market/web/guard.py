"""Who may enter an area: one guard for each audience blueprint."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from market.act import Role
from market.web.request import current_actor

SECRET_FIELDS = ("password", "csrf_token", "token")


class AnyoneGuard:
    """Lets everybody in; it stands here so that an open area is a decision, not an oversight."""

    def __call__(self) -> None:
        """Refuse nobody."""


class RoleGuard:
    """Lets in only people who act in one of the roles."""

    def __init__(self, *roles: Role) -> None:
        self.roles = frozenset(roles)

    def __call__(self) -> ResponseReturnValue | None:
        """Send a stranger to the sign-in page; another role is refused."""
        actor = current_actor()
        if actor.role in self.roles:
            return None
        if actor.role is not Role.ANONYMOUS:
            abort(403)
        if request.method == "GET":
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
        return ask_again()


class SignedInGuard:
    """Lets in everybody who is signed in."""

    def __call__(self) -> ResponseReturnValue | None:
        """Send a stranger to the sign-in page."""
        if current_actor().role is not Role.ANONYMOUS:
            return None
        if request.method == "GET":
            return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
        return ask_again()


class LoopbackGuard:
    """Lets in only programs on the same machine: probes and the metrics collector."""

    def __call__(self) -> None:
        """Refuse whoever comes from elsewhere, or through a proxy."""
        if request.remote_addr not in {"127.0.0.1", "::1"} or "X-Forwarded-For" in request.headers:
            abort(404)


def ask_again() -> ResponseReturnValue:
    """Keep what was typed when the session has ended meanwhile; nothing is lost.

    The page carries the fields through the sign-in; the person then sends them again.
    """
    return render_template(
        "account/session_ended.html",
        fields=kept_fields(request.form.items(multi=True)),
        target=request.full_path.rstrip("?"),
    ), 401


def kept_fields(items: object) -> list[tuple[str, str]]:
    """Choose what may be carried: no secrets, no files."""
    pairs = list(items) if hasattr(items, "__iter__") else []
    return [(name, text) for name, text in pairs if not _is_secret(name)]


def _is_secret(name: str) -> bool:
    return any(word in name for word in SECRET_FIELDS)
