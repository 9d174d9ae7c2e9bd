"""Who looks at the page: the person flask-login knows, or nobody in particular."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, url_for
from flask_login import LoginManager, current_user

from market.accounts.models import SignInSession
from market.accounts.queries import SignedIn, find_signed_in
from market.act import SYSTEM, Act, Role
from market.notices.queries import count_unread
from market.web.request import world

TOUCH_AFTER = timedelta(minutes=5)

HOME_OF_ROLE: dict[Role, str] = {
    Role.APPLICANT: "applicant.orders",
    Role.AGENCY: "agency.desk",
    Role.OWNER: "owner.projects",
    Role.REGULATOR: "regulator.desk",
    Role.SUPERVISOR: "regulator.desk",
    Role.OPERATOR: "operator.desk",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person in the shape that flask-login and the templates ask for."""

    signed_in: SignedIn
    token: str

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """Give the session token: what the cookie holds can be revoked by ending its row."""
        return self.token

    @property
    def is_signed_in(self) -> bool:
        """Always, for this class."""
        return True

    @property
    def name(self) -> str:
        """The person's name."""
        return self.signed_in.name

    @property
    def role(self) -> str:
        """The role acted in, as its stable value."""
        return self.signed_in.role.value

    @property
    def organisation_name(self) -> str:
        """The organisation acted for."""
        return self.signed_in.organisation_name

    @property
    def home_url(self) -> str:
        """Where this role works."""
        return url_for(HOME_OF_ROLE[self.signed_in.role])

    @property
    def unread(self) -> int:
        """Notices that the organisation has not read."""
        with world().runtime.reading() as session:
            return count_unread(session, self.signed_in.organisation_id)


@dataclass(frozen=True, slots=True)
class Nobody:
    """A visitor who is not signed in."""

    is_authenticated = False
    is_active = False
    is_anonymous = True
    is_signed_in = False
    name = ""
    role = Role.ANONYMOUS.value
    organisation_name = ""
    home_url = ""
    unread = 0

    def get_id(self) -> None:
        """Nobody has no session."""


def viewer() -> Viewer | Nobody:
    """Give the person behind this request."""
    person: Viewer | Nobody = current_user._get_current_object()  # noqa: SLF001 - the proxy's way
    return person


def load_viewer(token: str) -> Viewer | None:
    """Find the person behind the session token in the cookie."""
    runtime = world().runtime
    now = runtime.now()
    with runtime.reading(fresh=True) as session:
        found = find_signed_in(session, token, now=now)
    if found is None:
        return None
    if now - found.seen_at > TOUCH_AFTER:
        runtime.act(SYSTEM, lambda act: _touch(act, found))
    return Viewer(found, token)


def _touch(act: Act, found: SignedIn) -> None:
    row = act.session.get(SignInSession, found.session_id)
    if row is not None:
        row.seen_at = act.at


def install(app: Flask) -> None:
    """Let flask-login carry the session token."""
    manager = LoginManager()
    manager.session_protection = None  # the row decides, not a fingerprint of the browser
    manager.anonymous_user = Nobody
    manager.user_loader(load_viewer)
    manager.init_app(app)
