"""Read one attempt and enrolments; nothing here names or counts entrants before the freeze."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.entropy.drand import QUICKNET
from lottery.records import Announce, Freeze
from lottery.selection import make_seed, percentile, rank, ticket_number, ticket_shell_line
from market.act import Actor, Role
from market.draws import log
from market.draws.log_models import LogEntry
from market.draws.models import Candidate, DrawAttempt, Enrolment, Project, RankedEntry
from market.draws.project_queries import draw_rows, events_of, visible_to
from market.draws.result import LOT
from market.draws.roster import frozen_roster, roster_entries
from market.draws.rows import (
    AttemptDetail,
    BeaconBox,
    DrawRow,
    MyEnrolment,
    RankRow,
    RecordBox,
    RosterRow,
    ScreeningRow,
)
from market.draws.states import AttemptState, EnrolmentState
from market.draws.store import candidates_of, enrolments_of
from market.errors import NotFoundError


def get_attempt(session: Session, actor: Actor, project_no: str, number: int) -> AttemptDetail:
    """Read everything public about an attempt at this moment.

    Raises:
        NotFoundError: no such attempt.
    """
    wanted = (
        Project.project_no == project_no,
        DrawAttempt.number == number,
        visible_to(actor),
    )
    row = session.execute(draw_rows().where(*wanted)).one_or_none()
    found = session.execute(
        select(Project, DrawAttempt)
        .join(DrawAttempt, DrawAttempt.project_id == Project.id)
        .where(*wanted)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or found is None:
        raise NotFoundError(kind="draw")
    project, attempt = found[0], found[1]
    return AttemptDetail(
        draw=DrawRow(*row),
        winners=project.winners,
        reserves=project.reserves,
        freeze_by_at=attempt.freeze_by_at,
        frozen_at=attempt.frozen_at,
        publicity_ends_at=attempt.publicity_ends_at,
        minimum=attempt.minimum,
        operator_commit=attempt.operator_commit,
        operator_secret=_opened_secret(session, attempt),
        roster_root=attempt.roster_root or "",
        announce=_box(session, attempt.announce_entry_id),
        close=_box(session, attempt.close_entry_id),
        freeze=_box(session, attempt.freeze_entry_id),
        go=_box(session, attempt.go_entry_id),
        result=_box(session, attempt.result_entry_id),
        void=_box(session, attempt.void_entry_id),
        beacon=_beacon(attempt),
        seed=attempt.seed or "",
        ranking=_ranking(session, attempt),
        entrants=_entrants(session, attempt),
        recomputes=_recomputes(session, attempt),
        is_witnessed=False,  # the policy of this installation names no witness yet
        events=events_of(session, project.id, attempt.number),
    )


def get_attempt_row(session: Session, draw_id: str) -> DrawAttempt:
    """Read an attempt as it stands now; for the platform itself.

    Raises:
        NotFoundError: no such attempt.
    """
    statement = select(DrawAttempt).where(DrawAttempt.draw_id == draw_id)
    found = session.execute(
        statement.execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(kind="draw")
    return found


def _opened_secret(session: Session, attempt: DrawAttempt) -> str:
    if attempt.freeze_entry_id is None:
        return ""
    record = log.record_of(session, attempt.freeze_entry_id)
    return record.operator_secret if isinstance(record, Freeze) else ""


def _box(session: Session, entry_id: UUID | None) -> RecordBox | None:
    entry = log.find_entry(session, entry_id)
    if entry is None:
        return None
    return RecordBox(
        kind=entry.kind,
        position=entry.position,
        leaf_sha256=entry.leaf_sha256,
        text=entry.leaf.decode(),
        at=entry.appended_at,
    )


def _beacon(attempt: DrawAttempt) -> BeaconBox:
    return BeaconBox(
        chain_hash=attempt.chain_hash,
        round=attempt.round,
        at=attempt.round_at,
        is_public=attempt.chain_hash == QUICKNET.hash,
        signature=attempt.signature or "",
        randomness=attempt.randomness or "",
    )


def _ranked(session: Session, attempt: DrawAttempt) -> list[RankedEntry]:
    statement = select(RankedEntry).where(RankedEntry.attempt_id == attempt.id)
    return list(session.execute(statement.order_by(RankedEntry.rank)).scalars())


def _ranking(session: Session, attempt: DrawAttempt) -> tuple[RankRow, ...]:
    ranked = _ranked(session, attempt)
    roster = {item.uscc: item for item in roster_entries(session, attempt.id)}
    places = {item.uscc: item for item in candidates_of(session, attempt.id)}
    rows = []
    for item in ranked:
        place = places.get(item.uscc)
        rows.append(
            RankRow(
                rank=item.rank,
                uscc=item.uscc,
                name=roster[item.uscc].name,
                agency_id=roster[item.uscc].agency_id,
                number=ticket_number(item.ticket),
                ticket=item.ticket,
                copy=item.copy,
                percentile=percentile(item.rank, len(ranked)),
                state=place.state if place else None,
                answer_by_at=place.answer_by_at if place else None,
                reason_code=place.reason_code if place else "",
                shell_line=ticket_shell_line(attempt.seed or "", LOT, item.copy, item.uscc),
            )
        )
    return tuple(rows)


def _entrants(session: Session, attempt: DrawAttempt) -> tuple[RosterRow, ...]:
    """Return roster, refused and withdrawn from the freeze on, nothing before."""
    if attempt.frozen_at is None:
        return ()
    indices = {item.uscc: item.log_index for item in roster_entries(session, attempt.id)}
    rows = [
        RosterRow(
            uscc=item.uscc,
            name=item.name,
            log_index=indices.get(item.uscc),
            state=item.state,
            reason_code=item.reason_code,
            reason_detail=item.reason_detail,
        )
        for item in enrolments_of(session, attempt.id)
    ]
    return tuple(sorted(rows, key=lambda row: (row.state is not EnrolmentState.ENROLLED, row.uscc)))


def _recomputes(session: Session, attempt: DrawAttempt) -> bool | None:
    """Tell whether seed and stored ranking follow from announce, freeze, roster and beacon."""
    if attempt.state is not AttemptState.DRAWN or attempt.randomness is None:
        return None
    announce = log.record_of(session, attempt.announce_entry_id)
    freeze = log.record_of(session, attempt.freeze_entry_id)
    if not isinstance(announce, Announce):
        return False
    line = f"drand/{attempt.chain_hash}/{attempt.round}/{attempt.randomness}"
    seed = make_seed(attempt.draw_id, announce.leaf(), freeze.leaf(), [line])
    again = rank(seed, LOT, frozen_roster(session, attempt.id))
    stored = [(row.rank, row.uscc, row.ticket) for row in _ranked(session, attempt)]
    return seed == attempt.seed and stored == [(row.rank, row.id, row.key) for row in again]


def my_enrolments(session: Session, actor: Actor) -> list[MyEnrolment]:
    """List the enrolments of the actor's agency, the newest first."""
    statement = (
        select(Enrolment, DrawAttempt, Project, LogEntry, Candidate, RankedEntry.rank)
        .join(DrawAttempt, DrawAttempt.id == Enrolment.attempt_id)
        .join(Project, Project.id == DrawAttempt.project_id)
        .join(LogEntry, LogEntry.id == Enrolment.entry_id)
        .outerjoin(
            Candidate,
            (Candidate.attempt_id == Enrolment.attempt_id) & (Candidate.uscc == Enrolment.uscc),
        )
        .outerjoin(
            RankedEntry,
            (RankedEntry.attempt_id == Enrolment.attempt_id) & (RankedEntry.uscc == Enrolment.uscc),
        )
        .where(Enrolment.agency_id == actor.organisation_id)
        .order_by(Enrolment.enrolled_at.desc(), Enrolment.id.desc())
        .execution_options(populate_existing=True)
    )
    return [_mine(*row) for row in session.execute(statement)]


def _mine(
    enrolment: Enrolment,
    attempt: DrawAttempt,
    project: Project,
    entry: LogEntry,
    candidate: Candidate | None,
    rank_number: int | None,
) -> MyEnrolment:
    is_over = attempt.frozen_at is not None or attempt.state is AttemptState.VOID
    is_told = is_over or enrolment.state is EnrolmentState.WITHDRAWN
    return MyEnrolment(
        id=enrolment.id,
        project_no=project.project_no,
        number=attempt.number,
        draw_id=attempt.draw_id,
        title=project.title,
        project_state=project.state,
        attempt_state=attempt.state,
        state=enrolment.state if is_told else EnrolmentState.ENROLLED,
        enrolled_at=enrolment.enrolled_at,
        enroll_close_at=attempt.enroll_close_at,
        draw_at=attempt.draw_at,
        commitment=enrolment.commitment,
        leaf_sha256=entry.leaf_sha256,
        log_position=entry.position,
        reason_code=enrolment.reason_code if is_told else "",
        rank=rank_number,
        candidate_state=candidate.state if candidate else None,
        answer_by_at=candidate.answer_by_at if candidate else None,
    )


def screening_rows(session: Session, actor: Actor, draw_id: str) -> list[ScreeningRow]:
    """List enrolments for the operator's checks, between close and freeze only.

    Raises:
        NotFoundError: not the operator, no such attempt, or enrolment is still open.
    """
    statement = select(DrawAttempt).where(DrawAttempt.draw_id == draw_id)
    attempt = session.execute(statement).scalar_one_or_none()
    if (
        actor.role is not Role.OPERATOR
        or attempt is None
        or attempt.state is AttemptState.ENROLLING
    ):
        raise NotFoundError(kind="screening")
    return [
        ScreeningRow(
            id=item.id,
            uscc=item.uscc,
            name=item.name,
            agency_id=item.agency_id,
            state=item.state,
            reason_code=item.reason_code,
            reason_detail=item.reason_detail,
            enrolled_at=item.enrolled_at,
        )
        for item in enrolments_of(session, attempt.id)
    ]
