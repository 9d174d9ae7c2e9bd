"""Rows of projects and draws as the lists of all audiences show them."""

from dataclasses import dataclass
from datetime import datetime

from market.draws.rows import DrawRow, ProjectRow
from market.draws.states import AttemptState, ProjectState
from market.draws.verifying import is_public_chain
from market.web.draw_history import next_step
from market.web.draw_words import meaning_of, reason_of, tone_of
from market.web.i18n import _


@dataclass(frozen=True, slots=True)
class Docket:
    """A project in a list, with what comes next."""

    project_no: str
    title: str
    state: ProjectState
    tone: str
    region: str
    service_name: str
    owner_name: str
    fee_fen: int
    days: int
    attempts: int
    is_demo: bool
    is_replay: bool
    published_at: datetime | None
    next_text: str
    next_at: datetime | None


def docket_of(row: ProjectRow) -> Docket:
    """Add to a row the word for its state and what comes next."""
    text, at = next_step(row.state, enroll_close_at=row.enroll_close_at, draw_at=row.draw_at)
    return Docket(
        project_no=row.project_no,
        title=row.title,
        state=row.state,
        tone=tone_of(row.state),
        region=row.region,
        service_name=row.service_name,
        owner_name=row.owner_name,
        fee_fen=row.fee_fen,
        days=row.days,
        attempts=row.attempts,
        is_demo=row.is_demo,
        is_replay=row.is_replay,
        published_at=row.published_at,
        next_text=text or meaning_of(row.state),
        next_at=at,
    )


@dataclass(frozen=True, slots=True)
class Sitting:
    """An attempt in a list."""

    project_no: str
    number: int
    draw_id: str
    title: str
    owner_name: str
    state: AttemptState
    tone: str
    is_void: bool
    void_reason: str
    is_replay: bool
    is_demo_chain: bool
    roster_size: int | None
    draw_at: datetime
    winner_names: tuple[str, ...]
    next_text: str
    next_at: datetime | None


def sitting_of(row: DrawRow, names: dict[str, list[str]]) -> Sitting:
    """Add to a row the word for its state, who holds a place, and what comes next."""
    is_void = row.state is AttemptState.VOID
    text, at = _wait(row)
    return Sitting(
        project_no=row.project_no,
        number=row.number,
        draw_id=row.draw_id,
        title=row.title,
        owner_name=row.owner_name,
        state=row.state,
        tone=tone_of(row.state),
        is_void=is_void,
        void_reason=reason_of(row.void_code) if is_void else "",
        is_replay=row.is_replay,
        is_demo_chain=not is_public_chain(row.chain_hash),
        roster_size=row.roster_size,
        draw_at=row.draw_at,
        winner_names=tuple(names.get(row.draw_id, ())),
        next_text=text,
        next_at=at,
    )


def _wait(row: DrawRow) -> tuple[str, datetime | None]:
    waits: dict[AttemptState, tuple[str, datetime | None]] = {
        AttemptState.ENROLLING: (_("报名截止"), row.enroll_close_at),
        AttemptState.CLOSED: (_("摇号"), row.draw_at),
        AttemptState.FROZEN: (_("摇号"), row.draw_at),
        AttemptState.GO: (_("摇号"), row.draw_at),
        AttemptState.DRAWN: (_("结果已公布，可以自己核验"), None),
    }
    return waits.get(row.state, ("", None))
