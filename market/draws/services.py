"""What the edges may ask of draws: every writing use case under one roof."""

from market.draws.announcing import publish_notice
from market.draws.award import award, confirm_win, decline_win
from market.draws.closing import close_enrolment, reject_enrolment, screen
from market.draws.enrolment import (
    EnrolmentChoice,
    ProvisionalReceipt,
    enrol,
    open_enrolment,
    withdraw,
)
from market.draws.freezing import freeze, go, lapse, settle_go
from market.draws.projects import (
    Avoidance,
    ProjectDraft,
    RouteClaims,
    cancel_project,
    decide_exemption,
    draft_project,
    edit_project,
    return_project,
    submit_project,
)
from market.draws.result import publish_result
from market.draws.sole import decide_sole_entrant
from market.draws.timers import advance_draw, due_draws

__all__ = [
    "Avoidance",
    "EnrolmentChoice",
    "ProjectDraft",
    "ProvisionalReceipt",
    "RouteClaims",
    "advance_draw",
    "award",
    "cancel_project",
    "close_enrolment",
    "confirm_win",
    "decide_exemption",
    "decide_sole_entrant",
    "decline_win",
    "draft_project",
    "due_draws",
    "edit_project",
    "enrol",
    "freeze",
    "go",
    "lapse",
    "open_enrolment",
    "publish_notice",
    "publish_result",
    "reject_enrolment",
    "return_project",
    "screen",
    "settle_go",
    "submit_project",
    "withdraw",
]
