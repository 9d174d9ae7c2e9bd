"""The proof bundle of one attempt, for anyone."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.orm import Session

from lottery.bundle import BeaconFile, BundleParts, build_bundle
from lottery.entropy.drand import Chain, beacon_line
from lottery.log.proof import TlogProof
from lottery.records import Announce, Policy, parse_record
from lottery.selection import Outcome, make_seed
from lottery.selection import select as select_outcome
from market.draws import log
from market.draws.log_files import LogFiles
from market.draws.log_models import LogEntry
from market.draws.models import DrawAttempt, Enrolment, Project, ProjectEvent
from market.draws.roster import frozen_roster, openings_of
from market.draws.states import AttemptState, NotYetLoggedError
from market.errors import NotFoundError

WHOLE_LOG_LIMIT = 20_000  # entries; above it the verifier asks the log itself
EVENT_RECORDS = ("published", "declined", "promoted", "voided", "go")


def bundle_for(session: Session, files: LogFiles, project_no: str, number: int) -> bytes:
    """Return the zip of an attempt as far as it has come; before the freeze it names nobody.

    Raises:
        NotFoundError: no such attempt.
        NotYetLoggedError: its announcement is not in the log yet.
    """
    row = session.execute(
        select(Project, DrawAttempt)
        .join(DrawAttempt, DrawAttempt.project_id == Project.id)
        .where(Project.project_no == project_no, DrawAttempt.number == number)
    ).one_or_none()
    if row is None:
        raise NotFoundError(kind="draw")
    project, attempt = row[0], row[1]
    policy_entry = _policy_before(session, attempt)
    policy = parse_record(policy_entry.leaf)
    if not isinstance(policy, Policy):
        raise NotYetLoggedError(entry="policy")
    parts = BundleParts(
        draw_id=attempt.draw_id,
        policy_text=policy_text(policy),
        staged=_staged(session, files, attempt, policy_entry),
        checkpoint=files.newest_note(session),
        entry_indices=_indices(session, project, attempt),
        roster=frozen_roster(session, attempt.id),
        openings=openings_of(session, attempt.id),
        beacon=_beacon(attempt),
        outcome=_outcome(session, attempt, policy.drand.to_chain()),
        whole_log=log.published_size(session) <= WHOLE_LOG_LIMIT,
    )
    return build_bundle(parts, files.tree(session))


def policy_text(policy: Policy) -> str:
    """Return the C2SP tlog-policy text of a policy record: our keys, and no witness yet."""
    return "".join(f"log {vkey}\n" for vkey in policy.log_vkeys) + "quorum none\n"


def _policy_before(session: Session, attempt: DrawAttempt) -> LogEntry:
    """Return the policy that held when the attempt was announced."""
    announced = log.require_position(session, attempt.announce_entry_id)
    statement = (
        select(LogEntry)
        .where(LogEntry.kind == Policy.TYPE, LogEntry.position < announced)
        .order_by(LogEntry.position.desc())
        .limit(1)
    )
    return session.execute(statement).scalar_one()


def _staged(
    session: Session, files: LogFiles, attempt: DrawAttempt, policy: LogEntry
) -> dict[str, TlogProof]:
    stages: dict[str, UUID | None] = {
        "policy": policy.id,
        "announce": attempt.announce_entry_id,
        "close": attempt.close_entry_id,
        "freeze": attempt.freeze_entry_id,
        "go": attempt.go_entry_id,
        "result": attempt.result_entry_id,
    }
    size = log.published_size(session)
    proofs: dict[str, TlogProof] = {}
    for name, entry_id in stages.items():
        entry = log.find_entry(session, entry_id)
        if entry is not None and entry.position is not None and entry.position < size:
            proofs[name] = files.proof(session, entry.position)
    return proofs


def _indices(session: Session, project: Project, attempt: DrawAttempt) -> list[int]:
    """Name the entries that the checks look at, as far as they are published."""
    events = select(ProjectEvent.log_entry_id).where(
        ProjectEvent.project_id == project.id,
        ProjectEvent.kind.in_(EVENT_RECORDS),
        ProjectEvent.log_entry_id.is_not(None),
    )
    wanted: sa.ColumnElement[bool] = LogEntry.id.in_(events)
    if attempt.frozen_at is not None:
        mine = Enrolment.attempt_id == attempt.id
        wanted = (
            wanted
            | LogEntry.id.in_(select(Enrolment.entry_id).where(mine))
            | LogEntry.id.in_(
                select(Enrolment.left_entry_id).where(mine, Enrolment.left_entry_id.is_not(None))
            )
        )
    positions = select(LogEntry.position).where(
        wanted, LogEntry.position < log.published_size(session)
    )
    return [position for position in session.execute(positions).scalars() if position is not None]


def _beacon(attempt: DrawAttempt) -> BeaconFile | None:
    if attempt.signature is None:
        return None
    return BeaconFile(round=attempt.round, signature=attempt.signature)


def _outcome(session: Session, attempt: DrawAttempt, chain: Chain) -> Outcome | None:
    """Recompute the outcome; a bundle never trusts the stored rows."""
    if attempt.state is not AttemptState.DRAWN or attempt.randomness is None:
        return None
    announce = log.record_of(session, attempt.announce_entry_id)
    freeze = log.record_of(session, attempt.freeze_entry_id)
    if not isinstance(announce, Announce):
        raise NotYetLoggedError(entry=str(attempt.announce_entry_id))
    line = beacon_line(chain, attempt.round, bytes.fromhex(attempt.randomness))
    seed = make_seed(attempt.draw_id, announce.leaf(), freeze.leaf(), [line])
    return select_outcome(
        seed,
        frozen_roster(session, attempt.id),
        announce.lot_rules(),
        max_wins=announce.max_wins,
    )
