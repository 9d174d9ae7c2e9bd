"""Sign up, sign in, sign out, new password."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from market import audit
from market.accounts import throttle
from market.accounts.models import (
    Duty,
    Membership,
    Organisation,
    OrganisationKind,
    PasswordReset,
    SignInSession,
    User,
)
from market.accounts.passwords import PasswordRules, require_good_password
from market.act import Act
from market.db import new_id
from market.errors import ConflictError, InvalidInputError, MarketError, NotFoundError
from market.notices import services as notices

SESSION_HOURS = 12
IDLE_MINUTES = 120
RESET_MINUTES = 30
SIGN_UP_KINDS = frozenset({OrganisationKind.PERSON, OrganisationKind.ENTERPRISE})
"""Who may enter by himself; the others are entered by the operator after a check of papers."""


class WrongPasswordError(MarketError):
    """Login and password do not belong together; which of both is wrong is not told."""

    code = "accounts.wrong_password"


class LoginTakenError(ConflictError):
    """Somebody signs in with this address already."""

    code = "accounts.login_taken"


class ResetLinkError(MarketError):
    """The link for a new password is unknown, used or too old."""

    code = "accounts.reset_link"


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What a person gives to sign up."""

    login: str
    name: str
    password: str
    kind: OrganisationKind
    organisation_name: str
    region: str


def normal_login(login: str) -> str:
    """Compare addresses without case and outer blanks."""
    return login.strip().lower()


def sign_up(act: Act, rules: PasswordRules, person: NewPerson) -> UUID:
    """Make a person with an organisation of the kind given; gives the membership's id.

    Raises:
        InvalidInputError: a kind that only the operator enters, or a weak password.
        LoginTakenError: the address is in use.
    """
    login = normal_login(person.login)
    if person.kind not in SIGN_UP_KINDS:
        raise InvalidInputError(field="kind", reason="not_self_service")
    require_good_password(person.password, login=login)
    if act.session.execute(select(User.id).where(User.login == login)).first() is not None:
        raise LoginTakenError
    organisation = Organisation(
        id=new_id(),
        kind=person.kind,
        name=person.organisation_name or person.name,
        region=person.region,
        created_at=act.at,
    )
    user = User(
        id=new_id(),
        login=login,
        name=person.name,
        password_hash=rules.hash(person.password),
        created_at=act.at,
    )
    act.session.add_all([organisation, user])
    act.session.flush()  # the membership refers to both rows
    membership = _join(act, user.id, organisation.id, Duty.ADMIN)
    audit.record(act, "account.signed_up", subject=user.id, kind=person.kind.value)
    return membership.id


def _join(act: Act, user_id: UUID, organisation_id: UUID, duty: Duty) -> Membership:
    membership = Membership(
        id=new_id(),
        user_id=user_id,
        organisation_id=organisation_id,
        duty=duty,
        created_at=act.at,
    )
    act.session.add(membership)
    return membership


def check_password(
    session: Session, rules: PasswordRules, login: str, password: str
) -> UUID | None:
    """Give the id of the active user with this login and password, or None.

    Hashes even for an unknown login, so that the time taken does not tell who has an account.
    Writes nothing: call it outside of the act, since hashing must not hold a write lock.
    """
    statement = select(User).where(User.login == normal_login(login))
    user = session.execute(statement).scalar_one_or_none()
    encoded = user.password_hash if user else _DUMMY_HASH
    right = rules.is_right(encoded, password)
    return user.id if user and user.is_active and right else None


_DUMMY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def open_session(act: Act, membership_id: UUID) -> str:
    """Open a session for a membership; gives the token whose hash alone is stored."""
    token = secrets.token_urlsafe(32)
    act.session.add(
        SignInSession(
            token_hash=token_hash(token),
            membership_id=membership_id,
            created_at=act.at,
            seen_at=act.at,
            ends_at=act.at + timedelta(hours=SESSION_HOURS),
        )
    )
    audit.record(act, "account.signed_in", subject=membership_id)
    return token


def token_hash(token: str) -> str:
    """Hash a random token for storing; it needs no salt, it has 256 bits of its own."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in(act: Act, user_id: UUID | None, login: str, *, address: str) -> str:
    """Open a session for a user whose password was checked; count the failure otherwise.

    The caller must commit also when the user is None and then refuse: the count has to stay.

    Returns:
        The session token, or "" where the password was wrong.
    """
    if user_id is None:
        throttle.count_failure(act, "sign_in", normal_login(login))
        throttle.count_failure(act, "sign_in_from", address)
        return ""
    throttle.forget_failures(act, "sign_in", normal_login(login))
    statement = (
        select(Membership.id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.created_at, Membership.id)
        .limit(1)
    )
    membership_id = act.session.execute(statement).scalar_one_or_none()
    if membership_id is None:
        raise NotFoundError
    return open_session(act, membership_id)


def sign_out(act: Act, token: str) -> None:
    """End the session of this browser; safe to repeat."""
    act.session.execute(
        update(SignInSession)
        .where(SignInSession.token_hash == token_hash(token), SignInSession.ended_at.is_(None))
        .values(ended_at=act.at)
    )


def request_reset(act: Act, login: str, *, link_base: str, text: tuple[str, str]) -> None:
    """Mail a link for a new password, if the login exists; the answer is the same if not.

    Args:
        act: the act.
        login: the address typed.
        link_base: address of the page; the token is appended.
        text: subject and body of the mail; the body has ``{link}`` in it.
    """
    throttle.require_calm(act, "reset", normal_login(login))
    throttle.count_failure(act, "reset", normal_login(login))
    statement = select(User).where(User.login == normal_login(login), User.is_active)
    user = act.session.execute(statement).scalar_one_or_none()
    if user is None:
        return
    token = secrets.token_urlsafe(32)
    act.session.add(
        PasswordReset(
            token_hash=token_hash(token),
            user_id=user.id,
            ends_at=act.at + timedelta(minutes=RESET_MINUTES),
        )
    )
    subject, body = text
    notices.write_mail(
        act, user.login, subject=subject, body=body.format(link=f"{link_base}{token}")
    )
    audit.record(act, "account.reset_requested", subject=user.id)


def reset_password(act: Act, rules: PasswordRules, token: str, password: str) -> None:
    """Set a new password by the mailed token, once, and end all sessions of the person.

    Raises:
        ResetLinkError: the link is unknown, used or too old.
        InvalidInputError: a weak password.
    """
    statement = (
        select(PasswordReset).where(PasswordReset.token_hash == token_hash(token)).with_for_update()
    )
    reset = act.session.execute(statement).scalar_one_or_none()
    if reset is None or reset.used_at is not None or reset.ends_at <= act.at:
        raise ResetLinkError
    user = act.session.get_one(User, reset.user_id)
    require_good_password(password, login=user.login)
    reset.used_at = act.at
    user.password_hash = rules.hash(password)
    _end_all_sessions(act, user.id)
    throttle.forget_failures(act, "sign_in", user.login)
    audit.record(act, "account.password_reset", subject=user.id)


def _end_all_sessions(act: Act, user_id: UUID) -> None:
    mine = select(Membership.id).where(Membership.user_id == user_id)
    act.session.execute(
        update(SignInSession)
        .where(SignInSession.membership_id.in_(mine), SignInSession.ended_at.is_(None))
        .values(ended_at=act.at)
        .execution_options(synchronize_session=False)
    )
