"""Who is signed in, and in whose name."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from market.accounts.models import (
    ROLE_OF_KIND,
    Duty,
    Membership,
    Organisation,
    SignInSession,
    User,
)
from market.accounts.services import IDLE_MINUTES, token_hash
from market.act import Actor, Role


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, the organisation acted for, and the session that proves it."""

    session_id: UUID
    user_id: UUID
    name: str
    login: str
    organisation_id: UUID
    organisation_name: str
    role: Role
    duty: Duty
    seen_at: datetime

    @property
    def actor(self) -> Actor:
        """The actor of every act of this person."""
        return Actor(
            role=self.role,
            user_id=self.user_id,
            organisation_id=self.organisation_id,
            name=self.name,
        )


def find_signed_in(session: Session, token: str, *, now: datetime) -> SignedIn | None:
    """Find the person behind a session token; None once it ended, idled or was disabled."""
    statement = (
        select(SignInSession, Membership, User, Organisation)
        .join(Membership, SignInSession.membership_id == Membership.id)
        .join(User, Membership.user_id == User.id)
        .join(Organisation, Membership.organisation_id == Organisation.id)
        .where(
            SignInSession.token_hash == token_hash(token),
            SignInSession.ended_at.is_(None),
            SignInSession.ends_at > now,
            SignInSession.seen_at > now - timedelta(minutes=IDLE_MINUTES),
            User.is_active,
        )
    )
    row = session.execute(statement).first()
    if row is None:
        return None
    opened, membership, user, organisation = row
    return SignedIn(
        session_id=opened.id,
        user_id=user.id,
        name=user.name,
        login=user.login,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        role=ROLE_OF_KIND[organisation.kind],
        duty=membership.duty,
        seen_at=opened.seen_at,
    )


def list_memberships(session: Session, user_id: UUID) -> list[tuple[UUID, str, Role]]:
    """List the organisations a person may act for: membership id, name, role."""
    statement = (
        select(Membership.id, Organisation.name, Organisation.kind)
        .join(Organisation, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.created_at, Membership.id)
    )
    return [(row[0], row[1], ROLE_OF_KIND[row[2]]) for row in session.execute(statement)]


def organisation_names(session: Session, ids: set[UUID]) -> dict[UUID, str]:
    """Name the organisations with these ids."""
    statement = select(Organisation.id, Organisation.name).where(Organisation.id.in_(ids))
    return {row[0]: row[1] for row in session.execute(statement)}
