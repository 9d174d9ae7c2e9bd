"""The closed list of suspension reasons 挂起 with their caps; pure.

Queueing, missing staff and approvals inside the agency are not on the list, on purpose.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from market.orders.errors import SuspensionRefusedError
from market.orders.states import Holder

MAX_SAME_CODE = 2
MAX_NOTE_LENGTH = 500


class SuspensionCode(StrEnum):
    """Why a promise clock may stand still."""

    S1 = "S1"  # 待申请人补正
    S2 = "S2"  # 主管部门评审中
    S3 = "S3"  # 专家评审、踏勘
    S4 = "S4"  # 现场不具备条件
    S5 = "S5"  # 不可抗力、季节性监测窗口
    S6 = "S6"  # 争议、投诉处理; by the platform only
    S7 = "S7"  # 申请人变更合同


@dataclass(frozen=True, slots=True)
class SuspensionRule:
    """What one code allows."""

    cap_workdays: int
    holder: Holder


RULES: dict[SuspensionCode, SuspensionRule] = {
    SuspensionCode.S1: SuspensionRule(20, Holder.APPLICANT),
    SuspensionCode.S2: SuspensionRule(30, Holder.DEPARTMENT),
    SuspensionCode.S3: SuspensionRule(10, Holder.EXTERNAL),
    SuspensionCode.S4: SuspensionRule(15, Holder.APPLICANT),
    SuspensionCode.S5: SuspensionRule(60, Holder.EXTERNAL),
    SuspensionCode.S6: SuspensionRule(30, Holder.EXTERNAL),
    SuspensionCode.S7: SuspensionRule(10, Holder.APPLICANT),
}


def require_may_suspend(
    code: SuspensionCode,
    *,
    by_platform: bool,
    at: datetime,
    due_at: datetime | None,
    earlier_same_code: int,
) -> SuspensionRule:
    """Give the rule of ``code``, or refuse.

    Raises:
        SuspensionRefusedError: ``reason`` is "platform_only", "after_deadline" or "too_often".
    """
    if code is SuspensionCode.S6 and not by_platform:
        raise SuspensionRefusedError(reason="platform_only", code=code.value)
    if due_at is not None and at >= due_at:
        raise SuspensionRefusedError(reason="after_deadline", code=code.value)
    if earlier_same_code >= MAX_SAME_CODE:
        raise SuspensionRefusedError(reason="too_often", code=code.value)
    return RULES[code]
