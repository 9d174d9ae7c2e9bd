"""Who does something, in which transaction, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from market.errors import NotAllowedError


class Role(StrEnum):
    """The audience a person acts for at this moment; one guarded area of the site each."""

    ANONYMOUS = "anonymous"  # 公众, observers
    APPLICANT = "applicant"  # 申请人
    OWNER = "owner"  # 项目业主
    AGENCY = "agency"  # 中介机构
    REGULATOR = "regulator"  # 行业主管部门
    SUPERVISOR = "supervisor"  # 监管 (编办, 市场监管, 纪检)
    OPERATOR = "operator"  # 运营方 (行管委)
    SYSTEM = "system"  # timers and reactions of the platform itself


@dataclass(frozen=True, slots=True)
class Actor:
    """One person in one capacity."""

    role: Role
    user_id: UUID | None = None
    organisation_id: UUID | None = None
    name: str = ""  # shown on timelines and in the audit record


SYSTEM = Actor(Role.SYSTEM, name="system")
ANYONE = Actor(Role.ANONYMOUS)


@dataclass(frozen=True, slots=True)
class Act:
    """The first argument of every writing use case.

    The edge that made it opens and commits the transaction; a use case never does.
    """

    session: Session
    actor: Actor
    at: datetime  # aware UTC; the only "now" a use case knows

    def require_role(self, *roles: Role) -> None:
        """Refuse an actor of any other role.

        Raises:
            NotAllowedError: the actor has none of ``roles``.
        """
        if self.actor.role not in roles:
            raise NotAllowedError(role=self.actor.role.value)
