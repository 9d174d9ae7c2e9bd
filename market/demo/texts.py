"""The longer texts of demo listings, by what kind of work it is."""

from market.catalogue.load import ServiceData
from market.catalogue.models import Commission

REFUND = (
    "机构接单前取消：全额退款。收集材料期间取消：退还全款，扣除已发生的快递费。"
    "办理中因机构原因无法完成：全额退款。办理中由申请人撤回：按页面列明的环节占比扣除已完成环节后退款。"
    "超过承诺时限的，自第 1 个工作日起每日按费用的 1% 补偿，最高 30%。"
)
NO_OFFICIAL_FEES = "不含行政事业性收费；如有，由申请人直接缴入非税渠道，机构不代收。"


def summary_of(service: ServiceData, days: int) -> str:
    """Say in one line what is delivered in which time."""
    return f"{days} 个工作日交付{service.result_document}；{service.fee_formula}。"


def includes_of(service: ServiceData) -> str:
    """Say what the price covers."""
    stages = "、".join(stage.name for stage in service.stages)
    return f"全包价，含：{stages}；审批部门退回时因机构原因的修改不另收费。"


def excludes_of(service: ServiceData) -> str:
    """Say what the price does not cover."""
    if service.commission is Commission.DEPARTMENT:
        return f"本服务由部门委托并付费，申请人不承担费用。{NO_OFFICIAL_FEES}"
    return f"不含因申请人变更方案引起的重做。{NO_OFFICIAL_FEES}"
