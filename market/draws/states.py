"""What may follow what: projects, attempts, enrolments and candidates; pure."""

from enum import StrEnum

from market.errors import ConflictError


class ProjectState(StrEnum):
    """Where a project stands, from the owner's draft to the award."""

    DRAFT = "draft"
    ROUTE_CHECK = "route_check"  # the route table decides; never left to a person
    EXEMPT_PENDING = "exempt_pending"  # the regulator decides on the claimed exemption
    EXEMPT = "exempt"
    REVIEW = "review"  # the operator reads the notice before it is published
    RETURNED = "returned"
    ENROLLING = "enrolling"
    SCREENING = "screening"
    TOO_FEW = "too_few"
    FROZEN = "frozen"
    GO = "go"
    DRAWN = "drawn"
    PUBLICITY = "publicity"
    AWARDED = "awarded"
    FAILED = "failed"  # 流标
    CANCELLED = "cancelled"
    VOID = "void"  # the attempt lapsed; a new one must be announced


class AttemptState(StrEnum):
    """Where one attempt at a draw stands; every attempt stays visible."""

    ENROLLING = "enrolling"
    CLOSED = "closed"
    FROZEN = "frozen"
    GO = "go"
    DRAWN = "drawn"
    VOID = "void"


class EnrolmentState(StrEnum):
    """What became of one enrolment."""

    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


class CandidateState(StrEnum):
    """What became of a winner or reserve."""

    RESERVE = "reserve"  # 候补
    PROPOSED = "proposed"  # 拟中选, answer awaited
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    AWARDED = "awarded"  # 中选


P = ProjectState
MOVES: dict[P, frozenset[P]] = {
    P.DRAFT: frozenset({P.ROUTE_CHECK, P.CANCELLED}),
    P.ROUTE_CHECK: frozenset({P.REVIEW, P.EXEMPT_PENDING, P.RETURNED}),
    P.EXEMPT_PENDING: frozenset({P.EXEMPT, P.REVIEW}),
    P.EXEMPT: frozenset(),
    P.REVIEW: frozenset({P.ENROLLING, P.RETURNED, P.CANCELLED}),
    P.RETURNED: frozenset({P.ROUTE_CHECK, P.CANCELLED}),
    P.ENROLLING: frozenset({P.SCREENING, P.VOID}),
    P.SCREENING: frozenset({P.FROZEN, P.TOO_FEW, P.VOID}),
    P.TOO_FEW: frozenset({P.ENROLLING, P.FAILED, P.AWARDED}),  # awarded: by consent only
    P.FROZEN: frozenset({P.GO, P.VOID}),
    # From here nothing that was knowable before the beacon can stop the draw.
    P.GO: frozenset({P.DRAWN}),
    P.DRAWN: frozenset({P.PUBLICITY}),
    P.PUBLICITY: frozenset({P.AWARDED, P.FAILED}),
    P.AWARDED: frozenset(),
    P.FAILED: frozenset(),
    P.CANCELLED: frozenset(),
    P.VOID: frozenset({P.ENROLLING}),
}

A = AttemptState
ATTEMPT_MOVES: dict[A, frozenset[A]] = {
    A.ENROLLING: frozenset({A.CLOSED, A.VOID}),
    A.CLOSED: frozenset({A.FROZEN, A.VOID}),
    A.FROZEN: frozenset({A.GO, A.VOID}),
    A.GO: frozenset({A.DRAWN}),
    A.DRAWN: frozenset(),
    A.VOID: frozenset(),
}

C = CandidateState
CANDIDATE_MOVES: dict[C, frozenset[C]] = {
    C.RESERVE: frozenset({C.PROPOSED}),
    C.PROPOSED: frozenset({C.CONFIRMED, C.DECLINED}),
    C.CONFIRMED: frozenset({C.AWARDED, C.DECLINED}),
    C.DECLINED: frozenset(),
    C.AWARDED: frozenset(),
}

EDITABLE = frozenset({P.DRAFT, P.RETURNED})
LISTED = frozenset(P) - {P.DRAFT, P.ROUTE_CHECK, P.EXEMPT_PENDING, P.REVIEW, P.RETURNED}
"""States in which the public may see a project at all."""


class DrawStateError(ConflictError):
    """The project or attempt cannot make this move from its present state."""

    code = "draws.bad_state"


class EnrolmentClosedError(ConflictError):
    """The time of enrolment has not begun or is over."""

    code = "draws.enrolment_closed"


class AlreadyEnrolledError(ConflictError):
    """The agency has enrolled (or withdrawn) in this attempt before."""

    code = "draws.already_enrolled"


class NotQualifiedError(ConflictError):
    """The agency may not enrol; ``reason`` is one of the screening reasons."""

    code = "draws.not_qualified"


class NotYetLoggedError(ConflictError):
    """The record before this step is not in the log yet; the step can be tried again at once."""

    code = "draws.not_yet_logged"


def require_move(current: ProjectState, target: ProjectState) -> None:
    """Refuse a move that ``MOVES`` does not list.

    Raises:
        DrawStateError: with ``current`` and ``target`` as parameters.
    """
    if target not in MOVES[current]:
        raise DrawStateError(current=current.value, target=target.value)


def require_attempt_move(current: AttemptState, target: AttemptState) -> None:
    """Refuse a move that ``ATTEMPT_MOVES`` does not list.

    Raises:
        DrawStateError: with ``current`` and ``target`` as parameters.
    """
    if target not in ATTEMPT_MOVES[current]:
        raise DrawStateError(current=current.value, target=target.value)


def require_candidate_move(current: CandidateState, target: CandidateState) -> None:
    """Refuse a move that ``CANDIDATE_MOVES`` does not list.

    Raises:
        DrawStateError: with ``current`` and ``target`` as parameters.
    """
    if target not in CANDIDATE_MOVES[current]:
        raise DrawStateError(current=current.value, target=target.value)
