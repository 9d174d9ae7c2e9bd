"""What the steps of a project and of a draw are called, and what each means to a reader."""

from market.draws.routes import ExemptCode, Route
from market.draws.states import AttemptState, CandidateState, EnrolmentState, ProjectState
from market.web.i18n import _
from market.web.labels import add_labels

P = ProjectState

add_labels(
    ProjectState,
    {
        P.DRAFT: "草稿",
        P.ROUTE_CHECK: "路径判定中",
        P.EXEMPT_PENDING: "待主管部门核定",
        P.EXEMPT: "不进入摇号",
        P.REVIEW: "待运营方审核",
        P.RETURNED: "已退回",
        P.ENROLLING: "报名中",
        P.SCREENING: "报名截止，资格核对中",
        P.TOO_FEW: "报名不足",
        P.FROZEN: "名单已冻结",
        P.GO: "等待公共信标",
        P.DRAWN: "已摇号",
        P.PUBLICITY: "中选公示中",
        P.AWARDED: "已发中选通知",
        P.FAILED: "流标",
        P.CANCELLED: "已取消",
        P.VOID: "本次摇号作废",
    },
)
add_labels(
    AttemptState,
    {
        AttemptState.ENROLLING: "报名中",
        AttemptState.CLOSED: "报名截止",
        AttemptState.FROZEN: "名单已冻结",
        AttemptState.GO: "等待公共信标",
        AttemptState.DRAWN: "已摇号",
        AttemptState.VOID: "已作废",
    },
)
add_labels(
    EnrolmentState,
    {
        EnrolmentState.ENROLLED: "已报名",
        EnrolmentState.WITHDRAWN: "已撤回",
        EnrolmentState.REJECTED: "未通过资格核对",
    },
)
add_labels(
    CandidateState,
    {
        CandidateState.RESERVE: "候补",
        CandidateState.PROPOSED: "拟中选，待确认",
        CandidateState.CONFIRMED: "已确认",
        CandidateState.DECLINED: "已放弃",
        CandidateState.AWARDED: "中选",
    },
)
add_labels(
    Route,
    {
        Route.DRAW: "公开摇号",
        Route.EXEMPT: "申请不摇号",
        Route.NO_PURCHASE: "无需购买服务",
        Route.SPLIT_SUSPECTED: "疑似拆分，不能受理",
    },
)
add_labels(
    ExemptCode,
    {
        ExemptCode.STATE_SECRET: "涉及国家秘密",
        ExemptCode.MUST_TENDER: "依法必须招标",
        ExemptCode.GOVERNMENT_PROCUREMENT: "属于政府采购范围",
        ExemptCode.NAMED_BY_LAW: "法律指定机构或方式",
        ExemptCode.EMERGENCY: "抢险救灾等应急",
    },
)

MEANINGS: dict[ProjectState, str] = {
    P.DRAFT: "只有您自己看得到。写完后提交，系统按规则判定是否摇号。",
    P.ROUTE_CHECK: "系统正在按规则判定是否摇号，不由人决定。",
    P.EXEMPT_PENDING: "业主提出不进入摇号的理由，主管部门核定后公布。",
    P.EXEMPT: "经主管部门核定，本项目不进入摇号，理由已公开。",
    P.REVIEW: "运营方正在核对公告内容，核对后发布并开放报名。",
    P.RETURNED: "公告需要修改，请看退回理由，改好后可以再次提交。",
    P.ENROLLING: "符合条件的机构都可以报名。冻结前谁报了名、报了几家，任何人都看不到。",
    P.SCREENING: "报名已截止，正在核对资格。核对后名单冻结，不能再改。",
    P.TOO_FEW: "有效报名不足三家，按规则再开放一轮报名。",
    P.FROZEN: "名单与平台的秘密数都已公开锁定，此时谁也不知道结果。",
    P.GO: "冻结内容已通过检查，只等事先约定的公共随机数出现。",
    P.DRAWN: "公共随机数已出现，排名人人可以自己算出来。",
    P.PUBLICITY: "拟中选机构正在公示，公示期内可以查看全部记录并提出异议。",
    P.AWARDED: "公示期满无异议，中选通知已发出。",
    P.FAILED: "没有产生中选机构，本项目流标，全部记录保留。",
    P.CANCELLED: "业主取消了本项目，全部记录保留。",
    P.VOID: "本次摇号按规则作废，记录保留；如继续，会发布新的公告和新的摇号。",
}

REASONS: dict[str, str] = {
    "by_entrant": "机构自己提出",
    "no_reply": "逾期未确认",
    "affiliated": "与其他报名机构同一控制人，只保留最先报名的一家",
    "conflict_of_interest": "依法应当回避",
    "not_opened": "机构未在截止前出示报名凭据",
    "not_qualified": "资质不符合或有效期不足",
    "suspended": "机构处于暂停承接或信用等级不足",
    "duplicate": "重复报名",
    "over_capacity": "在办项目已达上限",
    "false_materials": "材料不实",
    "no_valid_freeze": "没有产生有效的名单冻结（报名不足，或未按时冻结），在结果产生之前自动作废",
    "procurement_cancelled": "业主取消采购",
    "court_or_authority_order": "法院或主管机关的决定",
    "beacons_unavailable": "约定的公共随机数一直没有出现",
    "too_few": "有效报名不足",
    "qualification_lost": "中选后丧失资质",
    "conflict_found": "发现应当回避的情形",
    "no_purchase": "由本单位人员完成，无需购买服务",
    "split_suspected": "十二个月内同类服务合计超过限额，疑似拆分",
    "reserves_exhausted": "中选与候补机构全部放弃",
    "force_majeure": "不可抗力",
    "key_staff_lost": "主要人员变动，无法履约",
    "owner_changed_terms": "业主变更了公告条件",
    "none": "无正当理由",
}
TONES: dict[str, str] = {
    "enrolling": "brand",
    "review": "info",
    "returned": "yellow",
    "too_few": "yellow",
    "exempt_pending": "info",
    "drawn": "verify",
    "publicity": "verify",
    "awarded": "verify",
    "void": "red",
    "failed": "red",
}
"""Kind of badge by state value, of projects and of attempts; the word always stands beside it."""


def meaning_of(state: ProjectState) -> str:
    """Say what a state means to somebody who reads the page for the first time."""
    return _(MEANINGS[state])


def reason_of(code: str) -> str:
    """Say a reason of the closed lists in words; one without words shows its code."""
    return _(REASONS.get(code, code))


def tone_of(state: ProjectState | AttemptState) -> str:
    """Choose the badge of a state."""
    return TONES.get(state.value, "plain")
