"""The beacon and what follows from it: everything here is recomputation, nothing is decided."""

from datetime import datetime
from typing import Any

from lottery.entropy.drand import beacon_line, verify_beacon
from lottery.records import Announce, LotResult, Result
from lottery.selection import Outcome, Ranked, make_seed, ranking_sha256, select
from market import audit, outbox
from market.act import Act, Role
from market.draws import log
from market.draws.history import add_event
from market.draws.models import Candidate, DrawAttempt, Project, RankedEntry
from market.draws.roster import frozen_roster, roster_entries
from market.draws.setup import DrawSetup
from market.draws.states import (
    AttemptState,
    CandidateState,
    DrawStateError,
    NotYetLoggedError,
    ProjectState,
)
from market.draws.store import lock_attempt, move, move_attempt

LOT = 1


def publish_result(act: Act, setup: DrawSetup, draw_id: str, signature: bytes) -> DrawAttempt:
    """Check the beacon, compute the ranking, and write it to the log and the page.

    Anyone with roster and signature computes the same; publishing it is a courtesy.

    Raises:
        BeaconError: the signature is not that of the announced round and chain.
        DrawStateError: no go, or already drawn.
    """
    act.require_role(Role.SYSTEM, Role.OPERATOR)
    project, attempt = lock_attempt(act, draw_id)
    if attempt.state is not AttemptState.GO:
        raise DrawStateError(current=attempt.state.value, target="drawn")
    if setup.chain.hash != attempt.chain_hash:
        raise DrawStateError(current="go", target="drawn", fault="chain")
    randomness = verify_beacon(setup.chain, attempt.round, signature)
    line = beacon_line(setup.chain, attempt.round, randomness)
    outcome = compute(act, attempt, line)
    record = _record(attempt, outcome, line)
    entry = log.append(act, record)
    move_attempt(attempt, AttemptState.DRAWN)
    attempt.signature = signature.hex()
    attempt.randomness = randomness.hex()
    attempt.seed = outcome.seed
    attempt.result_entry_id = entry.id
    attempt.drawn_at = act.at
    attempt.due_at = act.at
    attempt.publicity_ends_at = setup.pace.publicity.after(act.at)
    move(project, ProjectState.DRAWN)
    add_event(
        act, project, "drawn", attempt=attempt.number, entry=entry, seed=outcome.seed, beacon=line
    )
    _store(act, attempt, outcome, answer_by=setup.pace.confirm.after(act.at))
    _begin_publicity(act, project, attempt, outcome)
    return attempt


def compute(act: Act, attempt: DrawAttempt, line: str) -> Outcome:
    """Rank and award from the stored announce, freeze and roster."""
    announce = log.record_of(act.session, attempt.announce_entry_id)
    freeze = log.record_of(act.session, attempt.freeze_entry_id)
    if not isinstance(announce, Announce):
        raise NotYetLoggedError(entry=str(attempt.announce_entry_id))
    seed = make_seed(attempt.draw_id, announce.leaf(), freeze.leaf(), [line])
    roster = frozen_roster(act.session, attempt.id)
    return select(seed, roster, announce.lot_rules(), max_wins=announce.max_wins)


def _record(attempt: DrawAttempt, outcome: Outcome, line: str) -> Result:
    lots = tuple(
        LotResult(
            lot=lot,
            ranking_sha256=ranking_sha256(attempt.draw_id, lot, ranking),
            winners=outcome.awards[lot].winners,
            reserves=outcome.awards[lot].reserves,
        )
        for lot, ranking in sorted(outcome.rankings.items())
    )
    return Result(draw_id=attempt.draw_id, beacons=(line,), seed=outcome.seed, lots=lots)


def _store(act: Act, attempt: DrawAttempt, outcome: Outcome, *, answer_by: datetime) -> None:
    ranking = outcome.rankings[LOT]
    act.session.add_all(
        RankedEntry(
            attempt_id=attempt.id, rank=row.rank, uscc=row.id, ticket=row.key, copy=row.copy
        )
        for row in ranking
    )
    agencies = {item.uscc: item.agency_id for item in roster_entries(act.session, attempt.id)}
    award = outcome.awards[LOT]
    for row in ranking:
        if row.id in award.winners + award.reserves:
            is_winner = row.id in award.winners
            act.session.add(
                Candidate(
                    attempt_id=attempt.id,
                    agency_id=agencies[row.id],
                    uscc=row.id,
                    rank=row.rank,
                    state=CandidateState.PROPOSED if is_winner else CandidateState.RESERVE,
                    answer_by_at=answer_by if is_winner else None,
                )
            )
    act.session.flush()


def _begin_publicity(act: Act, project: Project, attempt: DrawAttempt, outcome: Outcome) -> None:
    move(project, ProjectState.PUBLICITY)
    award = outcome.awards[LOT]
    names = {item.uscc: item.name for item in roster_entries(act.session, attempt.id)}
    add_event(
        act,
        project,
        "publicity_begun",
        attempt=attempt.number,
        winners=", ".join(names[item] for item in award.winners),
        reserves=", ".join(names[item] for item in award.reserves),
    )
    audit.record(act, "draw.drawn", subject=attempt.id)
    outbox.put(act, "draw.drawn", draw_id=attempt.draw_id)


def ranking_of(rows: list[RankedEntry]) -> list[Ranked]:
    """Return stored rows as the library's ranking."""
    return [Ranked(row.rank, row.uscc, row.ticket, row.copy) for row in rows]


def beacon_json(attempt: DrawAttempt) -> dict[str, Any]:
    """Return the beacon of a drawn attempt as drand serves it."""
    return {
        "round": attempt.round,
        "signature": attempt.signature or "",
        "randomness": attempt.randomness or "",
    }
