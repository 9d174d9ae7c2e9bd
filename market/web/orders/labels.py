"""Chinese words of the enumerations that order pages show."""

from market.courier.states import ShipmentStatus
from market.handling.models import ItemState
from market.orders.lights import Light
from market.orders.models import DeliveryMethod
from market.orders.queries import Tab
from market.orders.states import Fault, FundSource, Holder, OrderState
from market.orders.suspensions import SuspensionCode
from market.web.labels import add_labels

add_labels(
    OrderState,
    {
        OrderState.AWAIT_PAY: "待付款",
        OrderState.CLOSED_UNPAID: "未付款，已关闭",
        OrderState.ESCROWED: "已付款，待接单",
        OrderState.COLLECTING: "收集材料",
        OrderState.IN_SERVICE: "办理中",
        OrderState.SUSPENDED: "已挂起",
        OrderState.AT_DEPT: "部门审批中",
        OrderState.REWORK: "退回整改",
        OrderState.DELIVERING: "送达中",
        OrderState.IN_ACCEPT: "待确认",
        OrderState.DISPUTE: "争议处理",
        OrderState.SETTLED: "已结算",
        OrderState.CLOSED: "已归档",
        OrderState.OUTCOME_FAIL: "未获批准",
        OrderState.REFUNDING: "退款中",
        OrderState.REFUNDED: "已退款",
    },
)
add_labels(
    Tab,
    {
        Tab.ALL: "全部",
        Tab.TO_PAY: "待付款",
        Tab.TO_ACCEPT: "待接单",
        Tab.COLLECTING: "收集材料",
        Tab.WORKING: "办理中",
        Tab.DELIVERING: "送达中",
        Tab.TO_CONFIRM: "待确认",
        Tab.TO_RATE: "待评价",
        Tab.AFTER_SALE: "退款与争议",
        Tab.DONE: "已结束",
    },
)
add_labels(
    Holder,
    {
        Holder.AGENCY: "机构",
        Holder.APPLICANT: "申请人",
        Holder.DEPARTMENT: "审批部门",
        Holder.EXTERNAL: "外部环节",
    },
)
add_labels(
    Light,
    {
        Light.OFF: "未计时",
        Light.GREEN: "正常",
        Light.YELLOW: "临期",
        Light.RED: "超时",
        Light.DEEP_RED: "严重超时",
    },
)
add_labels(
    SuspensionCode,
    {
        SuspensionCode.S1: "等待申请人补正",
        SuspensionCode.S2: "主管部门评审中",
        SuspensionCode.S3: "专家评审、踏勘",
        SuspensionCode.S4: "现场不具备条件",
        SuspensionCode.S5: "不可抗力、季节性监测窗口",
        SuspensionCode.S6: "争议、投诉处理",
        SuspensionCode.S7: "申请人变更合同",
    },
)
add_labels(
    Fault,
    {
        Fault.AGENCY: "机构的责任",
        Fault.APPLICANT: "申请人的责任",
        Fault.DEPARTMENT: "部门要求变化",
    },
)
add_labels(FundSource, {FundSource.PRIVATE: "自有资金", FundSource.GOVERNMENT: "政府投资资金"})
add_labels(
    DeliveryMethod,
    {DeliveryMethod.ELECTRONIC: "电子送达", DeliveryMethod.COURIER: "快递送达"},
)
add_labels(
    ItemState,
    {
        ItemState.WAITING: "待交",
        ItemState.RECEIVED: "已交待核",
        ItemState.REJECTED: "退回",
        ItemState.OK: "已收",
    },
)
add_labels(
    ShipmentStatus,
    {
        ShipmentStatus.UNKNOWN: "情况不明",
        ShipmentStatus.PENDING: "已下单",
        ShipmentStatus.PICKED_UP: "已揽收",
        ShipmentStatus.IN_TRANSIT: "运输中",
        ShipmentStatus.ON_HOLD: "滞留",
        ShipmentStatus.DELAYED: "延误",
        ShipmentStatus.OUT_FOR_DELIVERY: "派送中",
        ShipmentStatus.READY_FOR_PICKUP: "待自取",
        ShipmentStatus.FAILED: "派送失败",
        ShipmentStatus.DELIVERED: "已签收",
        ShipmentStatus.RETURNED: "退回寄件人",
        ShipmentStatus.CANCELLED: "已取消",
    },
)
