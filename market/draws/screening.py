"""Who may be in a draw: the automatic checks, as functions of plain facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MIN_CREDIT = 60  # grade C; below it an agency may not enrol
AFFILIATED = "affiliated"
CONFLICT = "conflict_of_interest"
NOT_OPENED = "not_opened"
NOT_QUALIFIED = "not_qualified"
SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one agency at one moment."""

    uscc: str
    controller: str  # 法定代表人; "" when unknown
    is_active: bool
    credit_score: int
    is_qualified: bool  # holds what the service needs, up to the end of the work
    is_opened: bool = True  # the platform can open the enrolment commitment


def standing_fault(standing: Standing) -> str:
    """Return why an agency may not be in any draw of this kind, "" when it may.

    H6 is the state of the agency: paused, removed or of too low credit.
    """
    if not standing.is_active or standing.credit_score < MIN_CREDIT:
        return SUSPENDED
    return "" if standing.is_qualified else NOT_QUALIFIED


def screen_all(
    standings: Sequence[Standing], avoided: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """Return uscc -> (reason code, H-code or "") of those who are refused.

    Args:
        standings: in the order of enrolment: of linked agencies (H3) only the first stays.
        avoided: uscc -> H-code, as the owner named them with a statutory ground.
    """
    refused: dict[str, tuple[str, str]] = {}
    controllers: set[str] = set()
    for standing in standings:
        fault = _fault(standing, avoided)
        if not fault[0] and standing.controller in controllers:
            fault = (AFFILIATED, "H3")
        if fault[0]:
            refused[standing.uscc] = fault
        elif standing.controller:
            controllers.add(standing.controller)
    return refused


def _fault(standing: Standing, avoided: Mapping[str, str]) -> tuple[str, str]:
    fault = standing_fault(standing)
    if fault:
        return fault, "H6" if fault == SUSPENDED else ""
    if standing.uscc in avoided:
        return CONFLICT, avoided[standing.uscc]
    return ("", "") if standing.is_opened else (NOT_OPENED, "")
