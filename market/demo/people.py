"""Who can sign in to the demo, and the organisations that are not agencies."""

from dataclasses import dataclass

from market.accounts.models import OrganisationKind

DEMO_PASSWORD = "sunlit-demo"  # noqa: S105 - published with the demo, refused in production


@dataclass(frozen=True, slots=True)
class DemoParty:
    """An organisation with its one member; ``code`` is kind and body of its 统一社会信用代码."""

    login: str
    person: str
    organisation: str
    kind: OrganisationKind
    region: str
    code: tuple[str, str] | None


PARTIES = (
    DemoParty(
        "applicant@demo",
        "演示申请人",
        "演示申请人",
        OrganisationKind.PERSON,
        "360702",
        None,
    ),
    DemoParty(
        "owner@demo",
        "演示业主经办人甲",
        "演示项目业主·章贡区学校建设中心",
        OrganisationKind.OWNER,
        "360702",
        ("12", "DEM10001"),
    ),
    DemoParty(
        "owner2@demo",
        "演示业主经办人乙",
        "演示项目业主·南康区水利工程建设中心",
        OrganisationKind.OWNER,
        "360703",
        ("12", "DEM10002"),
    ),
    DemoParty(
        "regulator@demo",
        "演示主管部门工作人员",
        "演示行业主管部门·赣州市",
        OrganisationKind.REGULATOR,
        "360700",
        ("11", "DEM20001"),
    ),
    DemoParty(
        "supervisor@demo",
        "演示监管工作人员",
        "演示监管部门·赣州市",
        OrganisationKind.SUPERVISOR,
        "360700",
        ("11", "DEM20002"),
    ),
    DemoParty(
        "operator@demo",
        "演示运营人员",
        "演示运营方·赣州市行政管理服务中心",
        OrganisationKind.OPERATOR,
        "360700",
        ("12", "DEM20003"),
    ),
)
