"""Tables of people and organisations."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from market.act import Role
from market.db import Base, new_id, text_enum


class OrganisationKind(StrEnum):
    """What an organisation is; it decides which area its members may enter."""

    PERSON = "person"  # 自然人申请人: an organisation of one
    ENTERPRISE = "enterprise"  # 企业申请人
    OWNER = "owner"  # 项目业主
    AGENCY = "agency"  # 中介机构
    REGULATOR = "regulator"  # 行业主管部门
    SUPERVISOR = "supervisor"  # 监管
    OPERATOR = "operator"  # 运营方


ROLE_OF_KIND: dict[OrganisationKind, Role] = {
    OrganisationKind.PERSON: Role.APPLICANT,
    OrganisationKind.ENTERPRISE: Role.APPLICANT,
    OrganisationKind.OWNER: Role.OWNER,
    OrganisationKind.AGENCY: Role.AGENCY,
    OrganisationKind.REGULATOR: Role.REGULATOR,
    OrganisationKind.SUPERVISOR: Role.SUPERVISOR,
    OrganisationKind.OPERATOR: Role.OPERATOR,
}


class Duty(StrEnum):
    """What a member may do within the organisation."""

    ADMIN = "admin"  # 管理员, 采购管理人
    HANDLER = "handler"  # 经办人, 采购受托人
    STAFF = "staff"  # 从业人员


class Organisation(Base):
    """A party of the market; one row for the whole province, whatever cities it works in."""

    __tablename__ = "organisations"
    __table_args__ = (
        CheckConstraint("length(region) = 6", name="region_six_digits"),
        Index(None, "kind", "region"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[OrganisationKind] = mapped_column(text_enum(OrganisationKind))
    name: Mapped[str] = mapped_column(String(120))
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)  # 统一社会信用代码
    region: Mapped[str] = mapped_column(String(6))  # 行政区划代码, GB/T 2260
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class User(Base):
    """One person who can sign in."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(120), unique=True)  # lower-case mail address
    name: Mapped[str] = mapped_column(String(60))
    password_hash: Mapped[str] = mapped_column(String(200))  # argon2id, encoded form
    is_active: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Membership(Base):
    """A person in an organisation."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "organisation_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    duty: Mapped[Duty] = mapped_column(text_enum(Duty))
    created_at: Mapped[datetime]

    user: Mapped[User] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")


class SignInSession(Base):
    """One signed-in browser; ending the row ends the session, wherever the cookie is."""

    __tablename__ = "sign_in_sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the cookie value
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("memberships.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # absolute end, however busy
    ended_at: Mapped[datetime | None]

    membership: Mapped[Membership] = relationship(lazy="raise")


class PasswordReset(Base):
    """A request for a new password; the token itself is only in the mail."""

    __tablename__ = "password_resets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), index=True)
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Attempt(Base):
    """How often something sensitive was tried: one row per subject and kind."""

    __tablename__ = "attempts"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))  # "sign_in", "sign_up", "reset"
    subject: Mapped[str] = mapped_column(String(64))  # SHA-256 of login or address: no plain data
    failures: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]
