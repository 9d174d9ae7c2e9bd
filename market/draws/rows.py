"""What pages get to see of projects and draws; plain values, no rows of the database."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from market.draws.states import AttemptState, CandidateState, EnrolmentState, ProjectState


@dataclass(frozen=True, slots=True)
class ProjectFilter:
    """What the list of projects is asked for; an empty value does not restrict."""

    q: str = ""  # part of title or project number
    state: str = ""  # a ProjectState value
    states: frozenset[ProjectState] = frozenset()  # a stage: any of these
    region: str = ""
    service_code: str = ""
    page: int = 1
    per_page: int = 20


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project in a list."""

    project_no: str
    title: str
    state: ProjectState
    region: str
    service_code: str
    service_name: str
    owner_name: str
    fee_fen: int
    days: int
    attempts: int
    is_demo: bool
    is_replay: bool
    published_at: datetime | None
    created_at: datetime
    enroll_close_at: datetime | None  # of the newest attempt
    draw_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One link of the public history."""

    number: int
    at: datetime
    kind: str
    attempt: int
    role: str
    details: dict[str, Any]
    sha256: str
    log_position: int | None
    leaf_sha256: str  # "" when the event is no log entry


@dataclass(frozen=True, slots=True)
class DrawRow:
    """An attempt in a list; void ones are in it like all others."""

    project_no: str
    number: int
    draw_id: str
    title: str
    region: str
    state: AttemptState
    project_state: ProjectState
    owner_name: str
    enroll_close_at: datetime
    draw_at: datetime
    round: int
    chain_hash: str
    roster_size: int | None
    drawn_at: datetime | None
    void_code: str
    is_demo: bool
    is_replay: bool


@dataclass(frozen=True, slots=True)
class ProjectDetail:
    """A project with its whole public history."""

    row: ProjectRow
    summary: str
    requirement: str
    requirement_note: str
    winners: int
    reserves: int
    budget_name: str
    budget_sha256: str
    avoidance: tuple[dict[str, str], ...]  # empty for the public before the freeze
    route: dict[str, Any]
    exempt_code: str
    return_reason: str
    submitted_at: datetime | None
    ended_at: datetime | None
    events: tuple[EventRow, ...]
    draws: tuple[DrawRow, ...]
    is_history_intact: bool

    @property
    def void_count(self) -> int:
        """How many attempts were voided (本项目共摇号 N 次,作废 M 次)."""
        return sum(draw.state is AttemptState.VOID for draw in self.draws)


@dataclass(frozen=True, slots=True)
class RecordBox:
    """One record of an attempt in the log."""

    kind: str
    position: int | None  # None while it waits for its place
    leaf_sha256: str
    text: str  # the canonical JSON itself
    at: datetime


@dataclass(frozen=True, slots=True)
class BeaconBox:
    """The last mover: one round of a beacon."""

    chain_hash: str
    round: int
    at: datetime
    is_public: bool  # False: 演示信标,不具公信力
    signature: str  # "" before the round
    randomness: str


@dataclass(frozen=True, slots=True)
class RankRow:
    """One place of the ranking."""

    rank: int
    uscc: str
    name: str
    agency_id: UUID
    number: str  # 摇号数: ticket / 2^256 as decimal, 12 digits
    ticket: str  # 64 hex digits
    copy: int
    percentile: str
    state: CandidateState | None  # None: neither winner nor reserve
    answer_by_at: datetime | None
    reason_code: str
    shell_line: str  # recomputes the ticket


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One entrant of a frozen roster, or one who was refused or withdrew (shown from freeze)."""

    uscc: str
    name: str
    log_index: int | None
    state: EnrolmentState
    reason_code: str
    reason_detail: str


@dataclass(frozen=True, slots=True)
class AttemptDetail:
    """Everything public about one attempt at this moment."""

    draw: DrawRow
    winners: int
    reserves: int
    freeze_by_at: datetime
    frozen_at: datetime | None
    publicity_ends_at: datetime | None
    minimum: int
    operator_commit: str
    operator_secret: str  # "" before the freeze
    roster_root: str
    announce: RecordBox | None
    close: RecordBox | None
    freeze: RecordBox | None
    go: RecordBox | None
    result: RecordBox | None
    void: RecordBox | None
    beacon: BeaconBox
    seed: str
    ranking: tuple[RankRow, ...]
    entrants: tuple[RosterRow, ...]  # empty before the freeze
    recomputes: bool | None  # stored ranking equals recomputation; None before the draw
    is_witnessed: bool  # cosignatures of independent witnesses on the freeze
    events: tuple[EventRow, ...]


@dataclass(frozen=True, slots=True)
class MyEnrolment:
    """An enrolment as its own agency sees it."""

    id: UUID
    project_no: str
    number: int
    draw_id: str
    title: str
    project_state: ProjectState
    attempt_state: AttemptState
    state: EnrolmentState
    enrolled_at: datetime
    enroll_close_at: datetime
    draw_at: datetime
    commitment: str
    leaf_sha256: str
    log_position: int | None  # None: provisional receipt only
    reason_code: str  # shown from the freeze on; "" before
    rank: int | None
    candidate_state: CandidateState | None
    answer_by_at: datetime | None


@dataclass(frozen=True, slots=True)
class ScreeningRow:
    """An enrolment as the operator sees it between close and freeze."""

    id: UUID
    uscc: str
    name: str
    agency_id: UUID
    state: EnrolmentState
    reason_code: str
    reason_detail: str
    enrolled_at: datetime
