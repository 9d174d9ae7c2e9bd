"""Tables of projects, attempts, enrolments and what a draw decides."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from market.db import Base, new_id, text_enum
from market.draws.states import AttemptState, CandidateState, EnrolmentState, ProjectState


class Project(Base):
    """One purchase of a service with public money."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint("length(region) = 6", name="region_six_digits"),
        CheckConstraint("fee_fen > 0", name="fee_positive"),
        CheckConstraint("days > 0", name="days_positive"),
        CheckConstraint("winners > 0 AND reserves >= 0", name="places"),
        Index(None, "state", "published_at"),
        Index(None, "owner_id", "service_code"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    project_no: Mapped[str] = mapped_column(String(40), unique=True)  # public; no counter in it
    region: Mapped[str] = mapped_column(String(6))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    title: Mapped[str] = mapped_column(String(120))
    summary: Mapped[str] = mapped_column(String(2000))
    service_code: Mapped[str] = mapped_column(String(20))  # 服务事项, code of the catalogue
    budget_sha256: Mapped[str] = mapped_column(String(64))  # of the budget document
    budget_name: Mapped[str] = mapped_column(String(200))
    fee_fen: Mapped[int]  # fixed fee; a draw is no auction
    days: Mapped[int]  # promised working days
    requirement: Mapped[str] = mapped_column(String(200))  # in words, as the notice says it
    requirement_note: Mapped[str] = mapped_column(String(1000))
    winners: Mapped[int] = mapped_column(default=1)
    reserves: Mapped[int] = mapped_column(default=2)
    avoidance: Mapped[dict[str, Any]]  # {"items": [{"uscc", "h_code", "evidence"}]}
    state: Mapped[ProjectState] = mapped_column(text_enum(ProjectState), default=ProjectState.DRAFT)
    route: Mapped[dict[str, Any]]  # RouteDecision.stored(), {} before the gate
    exempt_code: Mapped[str] = mapped_column(String(40), default="")
    return_reason: Mapped[str] = mapped_column(String(500), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    is_demo: Mapped[bool] = mapped_column(default=False)
    is_replay: Mapped[bool] = mapped_column(default=False)  # 历史信标核验演示: shows checking only
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # awarded, failed, exempt or cancelled


class ProjectEvent(Base):
    """One link of the public history of a project; each carries the hash of the one before."""

    __tablename__ = "project_events"
    __table_args__ = (UniqueConstraint("project_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    number: Mapped[int]  # 1, 2, 3 … within the project
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))  # "published", "frozen" …
    attempt: Mapped[int]  # 0 when it concerns the project as a whole
    role: Mapped[str] = mapped_column(String(20))  # who acted, never a person's name
    details: Mapped[dict[str, Any]]  # public values only
    log_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    previous_sha256: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))


class DrawAttempt(Base):
    """One announced draw; never deleted, and fixed from the freeze on."""

    __tablename__ = "draw_attempts"
    __table_args__ = (
        UniqueConstraint("project_id", "number"),
        CheckConstraint("minimum > 0", name="minimum_positive"),
        CheckConstraint("(frozen_at IS NULL) = (roster_root IS NULL)", name="freeze_whole"),
        Index(None, "state", "draw_at"),
        Index(None, "due_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id"))
    region: Mapped[str] = mapped_column(String(6))
    number: Mapped[int]
    draw_id: Mapped[str] = mapped_column(String(80), unique=True)  # project_no/number
    state: Mapped[AttemptState] = mapped_column(
        text_enum(AttemptState), default=AttemptState.ENROLLING
    )
    announced_at: Mapped[datetime]
    enroll_close_at: Mapped[datetime]
    freeze_by_at: Mapped[datetime]
    draw_at: Mapped[datetime]
    chain_hash: Mapped[str] = mapped_column(String(64))
    round: Mapped[int]  # derived from draw_at
    round_at: Mapped[datetime]
    minimum: Mapped[int]  # fewest valid entrants
    operator_commit: Mapped[str] = mapped_column(String(64))
    sealed_secret: Mapped[str] = mapped_column(String(300))  # until the freeze opens it
    announce_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    close_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    freeze_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    go_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    result_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    void_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    closed_at: Mapped[datetime | None]
    screened_at: Mapped[datetime | None]
    frozen_at: Mapped[datetime | None]
    roster_root: Mapped[str | None] = mapped_column(String(64))
    roster_size: Mapped[int | None]
    signature: Mapped[str | None] = mapped_column(String(96))  # of the beacon round, hex
    randomness: Mapped[str | None] = mapped_column(String(64))
    seed: Mapped[str | None] = mapped_column(String(64))
    drawn_at: Mapped[datetime | None]
    publicity_ends_at: Mapped[datetime | None]
    void_code: Mapped[str] = mapped_column(String(40), default="")
    due_at: Mapped[datetime | None]  # when the timers look at it next; None when never again


class Enrolment(Base):
    """One agency's enrolment; who and how many is told to nobody before the freeze."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("attempt_id", "agency_id"), Index(None, "agency_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("draw_attempts.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    uscc: Mapped[str] = mapped_column(String(18))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[EnrolmentState] = mapped_column(
        text_enum(EnrolmentState), default=EnrolmentState.ENROLLED
    )
    commitment: Mapped[str] = mapped_column(String(64))
    sealed_nonce: Mapped[str] = mapped_column(String(300))
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("log_entries.id"), unique=True)
    left_entry_id: Mapped[UUID | None] = mapped_column(ForeignKey("log_entries.id"))
    enrolled_at: Mapped[datetime]
    left_at: Mapped[datetime | None]  # withdrawn or rejected
    reason_code: Mapped[str] = mapped_column(String(40), default="")
    reason_detail: Mapped[str] = mapped_column(String(300), default="")


class RosterEntry(Base):
    """One line of a frozen roster; the database refuses every change after the freeze."""

    __tablename__ = "roster_entries"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("draw_attempts.id"), primary_key=True)
    uscc: Mapped[str] = mapped_column(String(18), primary_key=True)
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str] = mapped_column(String(120))
    weight: Mapped[int]
    log_index: Mapped[int]
    nonce: Mapped[str] = mapped_column(String(32))  # opened with the freeze


class RankedEntry(Base):
    """One place of a drawn ranking, as anyone recomputes it."""

    __tablename__ = "ranked_entries"
    __table_args__ = (UniqueConstraint("attempt_id", "uscc"),)

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("draw_attempts.id"), primary_key=True)
    rank: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    uscc: Mapped[str] = mapped_column(String(18))
    ticket: Mapped[str] = mapped_column(String(64))
    copy: Mapped[int]


class Candidate(Base):
    """A winner or reserve and what became of it."""

    __tablename__ = "candidates"
    __table_args__ = (UniqueConstraint("attempt_id", "rank"), Index(None, "agency_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("draw_attempts.id"))
    agency_id: Mapped[UUID] = mapped_column(ForeignKey("organisations.id"))
    uscc: Mapped[str] = mapped_column(String(18))
    rank: Mapped[int]
    state: Mapped[CandidateState] = mapped_column(text_enum(CandidateState))
    answer_by_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    reason_code: Mapped[str] = mapped_column(String(40), default="")
