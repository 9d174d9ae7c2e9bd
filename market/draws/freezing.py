"""Freeze, go, and the lapse of an attempt that has neither in time; all of it before the beacon."""

from datetime import datetime, timedelta

from lottery.commitments import operator_commit
from lottery.encoding import format_time, sha256
from lottery.entropy.drand import round_for
from lottery.merkle import EMPTY_ROOT
from lottery.records import Enroll, Freeze, Go, Void
from lottery.roster import Entrant, Opening, roster_root, write_openings, write_roster
from market import outbox
from market.act import Act, Role
from market.draws import log
from market.draws.enrolment import WEIGHT, nonce_place
from market.draws.history import add_event, tell
from market.draws.models import DrawAttempt, Enrolment, Project, RosterEntry
from market.draws.roster import frozen_roster, openings_of
from market.draws.setup import DrawSetup
from market.draws.states import (
    AttemptState,
    DrawStateError,
    EnrolmentState,
    ProjectState,
)
from market.draws.store import enrolments_of, lock_attempt, move, move_attempt, require_state

PLATFORM = "platform"
BEACON_GRACE = timedelta(seconds=1)


def freeze(act: Act, setup: DrawSetup, draw_id: str) -> DrawAttempt:
    """Fix the roster and open the operator's secret, or end an attempt with too few entrants.

    From here on the database refuses every change of roster and enrolments.

    Raises:
        DrawStateError: not screened, or the announced time of the freeze is over.
        NotYetLoggedError: a rejection is not in the log yet.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    project, attempt = lock_attempt(act, draw_id)
    require_state(attempt, AttemptState.CLOSED)
    if attempt.screened_at is None or act.at > attempt.freeze_by_at:
        raise DrawStateError(current=attempt.state.value, target="frozen")
    everyone = enrolments_of(act.session, attempt.id)
    for enrolment in everyone:
        if enrolment.left_entry_id is not None:
            log.require_position(act.session, enrolment.left_entry_id)
    alive = [item for item in everyone if item.state is EnrolmentState.ENROLLED]
    if len(alive) < attempt.minimum:
        _end_with_too_few(act, project, attempt)
        return attempt
    _write_roster(act, setup, attempt, alive)
    _freeze(act, setup, project, attempt, everyone)
    return attempt


def _write_roster(act: Act, setup: DrawSetup, attempt: DrawAttempt, alive: list[Enrolment]) -> None:
    for item in alive:
        place = nonce_place(attempt.draw_id, item.uscc)
        act.session.add(
            RosterEntry(
                attempt_id=attempt.id,
                uscc=item.uscc,
                agency_id=item.agency_id,
                name=item.name,
                weight=WEIGHT,
                log_index=log.require_position(act.session, item.entry_id),
                nonce=setup.sealer.unseal(item.sealed_nonce, place=place).hex(),
            )
        )
    act.session.flush()  # before frozen_at is set: afterwards the database takes no line


def _freeze(
    act: Act,
    setup: DrawSetup,
    project: Project,
    attempt: DrawAttempt,
    everyone: list[Enrolment],
) -> None:
    roster = frozen_roster(act.session, attempt.id)
    openings = openings_of(act.session, attempt.id)
    counts = dict.fromkeys(EnrolmentState, 0)
    for item in everyone:
        counts[item.state] += 1
    secret = setup.sealer.unseal(attempt.sealed_secret, place=f"operator-secret/{attempt.draw_id}")
    record = Freeze(
        draw_id=attempt.draw_id,
        enrolled=len(everyone),
        rejected=counts[EnrolmentState.REJECTED],
        withdrawn=counts[EnrolmentState.WITHDRAWN],
        roster_size=len(roster),
        roster_root=roster_root(roster).hex(),
        operator_secret=secret.hex(),
        contributions=0,
        contribution_root=EMPTY_ROOT.hex(),
        roster_sha256=sha256(write_roster(roster)).hex(),
        openings_sha256=sha256(write_openings(openings)).hex(),
    )
    entry = log.append(act, record)
    move_attempt(attempt, AttemptState.FROZEN)
    attempt.freeze_entry_id = entry.id
    attempt.roster_root = record.roster_root
    attempt.roster_size = record.roster_size
    attempt.frozen_at = act.at
    move(project, ProjectState.FROZEN)
    add_event(
        act,
        project,
        "frozen",
        attempt=attempt.number,
        entry=entry,
        roster_root=record.roster_root,
        roster_size=record.roster_size,
        rejected=record.rejected,
        withdrawn=record.withdrawn,
    )
    tell(act, attempt, "frozen")


def go(act: Act, setup: DrawSetup, draw_id: str) -> DrawAttempt:
    """Write down, still blind, that the freeze is good; the draw cannot be stopped afterwards.

    The move to GO follows when the record is in the log in time (``settle_go``).

    Raises:
        DrawStateError: not frozen, decided before, too late, or the freeze has a fault.
        NotYetLoggedError: the freeze is not in the log yet.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    _, attempt = lock_attempt(act, draw_id)
    require_state(attempt, AttemptState.FROZEN)
    if attempt.go_entry_id is not None:
        raise DrawStateError(current="frozen", target="go")
    log.require_position(act.session, attempt.freeze_entry_id)
    fault = freeze_fault(act, setup, attempt)
    if fault or act.at > go_deadline(setup, attempt):
        raise DrawStateError(current="frozen", target="go", fault=fault or "late")
    freeze_leaf = log.record_of(act.session, attempt.freeze_entry_id).leaf()
    entry = log.append(act, Go(draw_id=draw_id, freeze_leaf=freeze_leaf))
    attempt.go_entry_id = entry.id
    tell(act, attempt, "cleared")
    return attempt


def freeze_fault(act: Act, setup: DrawSetup, attempt: DrawAttempt) -> str:
    """Return the number of the first check V5 to V10 that the stored freeze fails, or ""."""
    record = log.record_of(act.session, attempt.freeze_entry_id)
    if not isinstance(record, Freeze):
        return "V4"
    roster = frozen_roster(act.session, attempt.id)
    checks = (
        ("V5", _is_frozen_in_time(act, setup, attempt)),
        (
            "V6",
            operator_commit(attempt.draw_id, record.operator_secret) == attempt.operator_commit,
        ),
        ("V7", _roster_matches(record, roster)),
        ("V8", _openings_match(act, attempt, openings_of(act.session, attempt.id))),
        ("V10", round_for(setup.chain, format_time(attempt.draw_at)) == attempt.round),
    )
    return next((number for number, holds in checks if not holds), "")


def _is_frozen_in_time(act: Act, setup: DrawSetup, attempt: DrawAttempt) -> bool:
    entry = log.find_entry(act.session, attempt.freeze_entry_id)
    latest = attempt.round_at - timedelta(seconds=setup.pace.freeze_lead_seconds)
    return entry is not None and entry.integrated_at is not None and entry.integrated_at <= latest


def _roster_matches(record: Freeze, roster: list[Entrant]) -> bool:
    left = record.enrolled - record.rejected - record.withdrawn
    return (
        roster_root(roster).hex() == record.roster_root
        and len(roster) == record.roster_size == left
    )


def _openings_match(act: Act, attempt: DrawAttempt, openings: list[Opening]) -> bool:
    for opening, entry in zip(openings, log.entries_at(act.session, openings), strict=True):
        expected = Enroll(commit=opening.commit(attempt.draw_id), contribution_commit="")
        if entry != expected.to_bytes():
            return False
    return True


def settle_go(act: Act, setup: DrawSetup, draw_id: str) -> bool:
    """Move to GO once the go record is in the log in time; False while it waits.

    Raises:
        DrawStateError: there is no go record, or the attempt is in another state.
    """
    act.require_role(Role.SYSTEM)
    project, attempt = lock_attempt(act, draw_id)
    entry = log.find_entry(act.session, attempt.go_entry_id)
    if attempt.state is not AttemptState.FROZEN or entry is None:
        raise DrawStateError(current=attempt.state.value, target="go")
    if entry.integrated_at is None or entry.integrated_at > go_deadline(setup, attempt):
        return False
    move_attempt(attempt, AttemptState.GO)
    move(project, ProjectState.GO)
    add_event(act, project, "go", attempt=attempt.number, entry=entry)
    tell(act, attempt, "go")
    outbox.put(
        act,
        "draw.beacon_due",
        run_at=attempt.round_at + BEACON_GRACE,
        dedup=f"draw.beacon_due/{draw_id}",
        draw_id=draw_id,
    )
    return True


def go_deadline(setup: DrawSetup, attempt: DrawAttempt) -> datetime:
    """Return the last instant at which the go record may enter the log."""
    return attempt.round_at - timedelta(seconds=setup.pace.go_lead_seconds)


def lapse_deadline(setup: DrawSetup, attempt: DrawAttempt) -> datetime:
    """Return the instant after which an attempt without the next record has lapsed."""
    is_frozen = attempt.state is AttemptState.FROZEN
    return go_deadline(setup, attempt) if is_frozen else attempt.freeze_by_at


def lapse(act: Act, setup: DrawSetup, draw_id: str) -> DrawAttempt:
    """Void an attempt that has no valid freeze and go in time; decided before anyone can know R.

    Raises:
        DrawStateError: there still is time, or the draw stands.
    """
    act.require_role(Role.SYSTEM)
    project, attempt = lock_attempt(act, draw_id)
    if act.at <= lapse_deadline(setup, attempt):
        raise DrawStateError(current="early", target="void")
    move(project, ProjectState.VOID)
    _void(act, project, attempt, code="no_valid_freeze", document="no freeze and go in time")
    return attempt


def _end_with_too_few(act: Act, project: Project, attempt: DrawAttempt) -> None:
    move(project, ProjectState.TOO_FEW)
    text = f"fewer than {attempt.minimum} valid enrolments"
    _void(act, project, attempt, code="no_valid_freeze", document=text)


def _void(act: Act, project: Project, attempt: DrawAttempt, *, code: str, document: str) -> None:
    record = Void(
        draw_id=attempt.draw_id,
        reason_code=code,
        document_sha256=sha256(document.encode()).hex(),
        decided_by=PLATFORM,
    )
    entry = log.append(act, record)
    move_attempt(attempt, AttemptState.VOID)
    attempt.void_entry_id = entry.id
    attempt.void_code = code
    add_event(
        act,
        project,
        "voided",
        attempt=attempt.number,
        entry=entry,
        code=code,
        document=document,
    )
    tell(act, attempt, "voided")
