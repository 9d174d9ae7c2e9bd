"""Chinese words for the members of enumerations.

A feature's page module adds its own at import::

    add_labels(OrderState, {OrderState.DRAFT: lazy("草稿"), ...})

The words are source texts of gettext; the filter ``label`` translates them when they are shown.
"""

from collections.abc import Mapping
from enum import StrEnum

from market.accounts.models import Duty, OrganisationKind
from market.act import Role
from market.agencies.models import AgencyState
from market.catalogue.models import Commission, FeeBasis, ListingState
from market.web.i18n import lazy

LABELS: dict[type[StrEnum], dict[str, str]] = {}


def add_labels(kind: type[StrEnum], words: Mapping[StrEnum, str]) -> None:
    """Say what the members of one enumeration are called.

    Raises:
        ValueError: a member has no word.
    """
    missing = set(kind) - set(words)
    if missing:
        raise ValueError(f"{kind.__name__} without a label: {sorted(missing)}")
    LABELS[kind] = {member.value: word for member, word in words.items()}


def label_of(member: StrEnum) -> str:
    """Give the word of a member; one without a word shows its value."""
    return LABELS.get(type(member), {}).get(member.value, member.value)


def label_of_value(kind: type[StrEnum], value: str) -> str:
    """Give the word of a member that is known by its value only, such as a query argument."""
    return LABELS.get(kind, {}).get(value, value)


add_labels(
    Role,
    {
        Role.ANONYMOUS: lazy("公众"),
        Role.APPLICANT: lazy("申请人"),
        Role.OWNER: lazy("项目业主"),
        Role.AGENCY: lazy("中介机构"),
        Role.REGULATOR: lazy("行业主管部门"),
        Role.SUPERVISOR: lazy("监管部门"),
        Role.OPERATOR: lazy("运营方"),
        Role.SYSTEM: lazy("平台"),
    },
)
add_labels(
    OrganisationKind,
    {
        OrganisationKind.PERSON: lazy("个人"),
        OrganisationKind.ENTERPRISE: lazy("企业"),
        OrganisationKind.OWNER: lazy("项目业主"),
        OrganisationKind.AGENCY: lazy("中介机构"),
        OrganisationKind.REGULATOR: lazy("行业主管部门"),
        OrganisationKind.SUPERVISOR: lazy("监管部门"),
        OrganisationKind.OPERATOR: lazy("运营方"),
    },
)
add_labels(
    Duty, {Duty.ADMIN: lazy("管理员"), Duty.HANDLER: lazy("经办人"), Duty.STAFF: lazy("从业人员")}
)
add_labels(
    FeeBasis,
    {
        FeeBasis.GOVERNMENT_SET: lazy("政府定价"),
        FeeBasis.GOVERNMENT_GUIDED: lazy("政府指导价"),
        FeeBasis.MARKET: lazy("市场调节价"),
    },
)
add_labels(
    Commission,
    {
        Commission.APPLICANT: lazy("申请人委托并付费"),
        Commission.DEPARTMENT: lazy("审批部门委托并付费"),
        Commission.EITHER: lazy("申请人或部门委托"),
    },
)
add_labels(
    ListingState,
    {
        ListingState.DRAFT: lazy("草稿"),
        ListingState.PUBLISHED: lazy("在售"),
        ListingState.PAUSED: lazy("已下架"),
        ListingState.SUSPENDED: lazy("平台下架"),
    },
)
add_labels(
    AgencyState,
    {
        AgencyState.ACTIVE: lazy("正常"),
        AgencyState.PAUSED: lazy("暂停承接"),
        AgencyState.REMOVED: lazy("已清退"),
    },
)
