"""The twelve demo agencies: profile and certificates. None of them exists."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DemoCertificate:
    """A certificate; its number is made from the agency's and its own place in the list."""

    name: str
    level: str
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """An agency; ``no`` makes its login, its code and its numbers."""

    no: int
    name: str
    kind: str
    region: str
    legal_person: str
    founded_on: date
    staff_count: int
    capacity: int
    credit_score: int
    intro: str
    regions: tuple[str, ...]
    certificates: tuple[DemoCertificate, ...]


AGENCIES = (
    DemoAgency(
        no=1,
        name="演示·赣江环境咨询有限公司",
        kind="环境影响评价",
        region="360702",
        legal_person="演示·张一",
        founded_on=date(2009, 3, 18),
        staff_count=42,
        capacity=30,
        credit_score=91,
        intro="专注环境影响评价与环保验收，报告编制与现场踏勘由同一小组负责到底。",
        regions=("360700",),
        certificates=(
            DemoCertificate("环境影响评价信用平台登记", "", ("HJ-01", "HJ-02")),
            DemoCertificate("检验检测机构资质认定（CMA）", "", ("HJ-03",)),
        ),
    ),
    DemoAgency(
        no=2,
        name="演示·章贡生态环保技术有限公司",
        kind="环境影响评价",
        region="360702",
        legal_person="演示·李二",
        founded_on=date(2016, 6, 1),
        staff_count=18,
        capacity=15,
        credit_score=78,
        intro="服务中小企业的环评与水保编制，进度每周公开。",
        regions=("360702", "360703", "360704"),
        certificates=(DemoCertificate("环境影响评价信用平台登记", "", ("HJ-01",)),),
    ),
    DemoAgency(
        no=3,
        name="演示·客家测绘地理信息有限公司",
        kind="测绘",
        region="360704",
        legal_person="演示·王三",
        founded_on=date(2005, 11, 9),
        staff_count=65,
        capacity=40,
        credit_score=88,
        intro="多测合一、房产测绘与用地勘测，自有外业队伍。",
        regions=("360700",),
        certificates=(
            DemoCertificate("测绘资质证书", "甲级", ("ZR-03", "ZR-04")),
            DemoCertificate("地质灾害危险性评估资质", "乙级", ("ZR-01",)),
        ),
    ),
    DemoAgency(
        no=4,
        name="演示·南康工程勘察设计有限公司",
        kind="勘察设计",
        region="360703",
        legal_person="演示·赵四",
        founded_on=date(1998, 5, 20),
        staff_count=120,
        capacity=60,
        credit_score=85,
        intro="岩土勘察、建筑设计与初步设计概算一体化。",
        regions=("360000",),
        certificates=(
            DemoCertificate("工程勘察资质（岩土工程）", "甲级", ("ZJ-01",)),
            DemoCertificate("工程设计资质", "乙级", ("FG-04", "ZJ-02")),
            DemoCertificate("文物保护工程勘察设计资质", "乙级", ("WW-01",)),
        ),
    ),
    DemoAgency(
        no=5,
        name="演示·阳明造价咨询有限公司",
        kind="造价",
        region="360702",
        legal_person="演示·孙五",
        founded_on=date(2011, 8, 8),
        staff_count=36,
        capacity=35,
        credit_score=83,
        intro="招标控制价、概预算评审与结算审核，注册一级造价工程师 9 人。",
        regions=("360700",),
        certificates=(DemoCertificate("财政投资评审协作库入库证明", "", ("CZ-01", "CZ-02")),),
    ),
    DemoAgency(
        no=6,
        name="演示·红土施工图审查中心有限公司",
        kind="施工图审查",
        region="360702",
        legal_person="演示·周六",
        founded_on=date(2013, 2, 25),
        staff_count=28,
        capacity=50,
        credit_score=86,
        intro="房屋建筑与市政基础设施施工图审查。",
        regions=("360700",),
        certificates=(DemoCertificate("施工图审查机构认定书", "一类", ("ZJ-03",)),),
    ),
    DemoAgency(
        no=7,
        name="演示·虔州工程咨询有限公司",
        kind="工程咨询",
        region="360702",
        legal_person="演示·吴七",
        founded_on=date(2003, 9, 15),
        staff_count=58,
        capacity=45,
        credit_score=87,
        intro="可研、核准评估、节能与稳评，兼办环评报告表。",
        regions=("360000",),
        certificates=(
            DemoCertificate("工程咨询单位备案", "甲级资信", ("FG-01", "FG-02", "FG-03")),
            DemoCertificate("环境影响评价信用平台登记", "", ("HJ-01",)),
        ),
    ),
    DemoAgency(
        no=8,
        name="演示·信丰检验检测有限公司",
        kind="检验检测",
        region="360722",
        legal_person="演示·郑八",
        founded_on=date(2014, 4, 11),
        staff_count=47,
        capacity=60,
        credit_score=80,
        intro="防雷、消防设施与公共场所卫生检测。",
        regions=("360700",),
        certificates=(
            DemoCertificate("雷电防护装置检测资质", "甲级", ("QX-01",)),
            DemoCertificate("消防技术服务机构从业备案", "", ("XF-01",)),
            DemoCertificate("检验检测机构资质认定（CMA）", "", ("DB-03", "HJ-03")),
        ),
    ),
    DemoAgency(
        no=9,
        name="演示·便民政务代办服务有限公司",
        kind="政务代办",
        region="360702",
        legal_person="演示·冯九",
        founded_on=date(2018, 1, 16),
        staff_count=12,
        capacity=80,
        credit_score=82,
        intro="公司设立、餐饮许可、卫生许可与施工许可代办，一次讲清材料。",
        regions=("360700",),
        certificates=(DemoCertificate("检验检测合作协议（CMA 机构）", "", ("DB-03",)),),
    ),
    DemoAgency(
        no=10,
        name="演示·瑞金水利生态技术有限公司",
        kind="水利水保",
        region="360781",
        legal_person="演示·陈十",
        founded_on=date(2010, 10, 10),
        staff_count=31,
        capacity=25,
        credit_score=84,
        intro="水土保持、水资源论证与洪水影响评价。",
        regions=("360700",),
        certificates=(
            DemoCertificate("水土保持方案编制水平评价", "四星", ("SL-01",)),
            DemoCertificate("环境影响评价信用平台登记", "", ("HJ-01",)),
        ),
    ),
    DemoAgency(
        no=11,
        name="演示·安衡安全评价有限公司",
        kind="安全与职业卫生",
        region="360702",
        legal_person="演示·褚十一",
        founded_on=date(2012, 12, 3),
        staff_count=39,
        capacity=30,
        credit_score=81,
        intro="安全预评价与职业病危害评价。",
        regions=("360000",),
        certificates=(
            DemoCertificate("安全评价机构资质证书", "", ("AJ-01",)),
            DemoCertificate("职业卫生技术服务机构资质", "乙级", ("WJ-01",)),
        ),
    ),
    DemoAgency(
        no=12,
        name="演示·宁都综合工程服务有限公司",
        kind="综合服务",
        region="360730",
        legal_person="演示·卫十二",
        founded_on=date(2007, 7, 7),
        staff_count=76,
        capacity=40,
        credit_score=75,
        intro="监理、林业调查、土地估价等县域综合服务，新入驻。",
        regions=("360700",),
        certificates=(
            DemoCertificate("工程咨询单位备案", "乙级资信", ("FG-01",)),
            DemoCertificate("工程监理资质（房屋建筑）", "甲级", ("ZJ-05",)),
            DemoCertificate("林业调查规划设计资质", "乙级", ("LY-01",)),
            DemoCertificate("土地估价机构备案", "", ("ZR-05",)),
            DemoCertificate("环境影响评价信用平台登记", "", ("HJ-01",)),
            DemoCertificate("测绘资质证书", "乙级", ("ZR-03", "ZR-04")),
        ),
    ),
)
