"""One attempt from announcement to promotion, and the bundle of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lottery.bundle import BeaconFile, BundleParts, bundle_files, pack
from lottery.commitments import contribution_commit
from lottery.encoding import sha256, time_text, unix_time
from lottery.entropy.drand import beacon_line, verify_beacon
from lottery.log.proof import TlogProof
from lottery.log.writer import LogWriter
from lottery.records import (
    Attempted,
    BeaconUnavailable,
    Close,
    Decline,
    Disqualify,
    Enroll,
    Freeze,
    Go,
    Insert,
    LotResult,
    Promote,
    Record,
    Reject,
    Result,
    Withdraw,
)
from lottery.rehearsal.plan import HOUR, Plan
from lottery.rehearsal.stage import (
    Stage,
    make_announce,
    make_policy,
    secret_of,
    void_attempt,
    void_leaf,
)
from lottery.roster import (
    Contribution,
    Opening,
    contribution_root,
    roster_root,
    write_openings,
    write_roster,
)
from lottery.selection import Outcome, make_seed, ranking_sha256, select


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What came out."""

    plan: Plan
    policy_text: str
    writer: LogWriter
    parts: BundleParts
    outcome: Outcome
    files: dict[str, bytes]

    def bundle(self) -> bytes:
        """Return the zip."""
        return pack(self.files)


def rehearse(plan: Plan | None = None) -> Rehearsal:
    """Hold a draw and return it with its bundle."""
    wanted = plan or Plan()
    stage = Stage(wanted)
    at = unix_time(wanted.draw_at)
    staged = {"policy": stage.staged(make_policy(stage), at - 200 * HOUR)}
    for attempt in range(1, wanted.voided + 1):
        void_attempt(stage, attempt, at - (190 - attempt) * HOUR)
    draw = Rehearsed(stage, wanted.voided + 1, at)
    staged |= draw.until_go()
    staged["result"] = draw.result()
    draw.afterwards()
    parts = BundleParts(
        draw_id=draw.draw_id,
        policy_text=stage.policy_text,
        staged=staged,
        checkpoint=stage.writer.note(),
        entry_indices=stage.entries,
        roster=draw.roster,
        openings=draw.openings,
        contributions=draw.contributions,
        beacon=draw.beacon_file,
        outcome=draw.outcome,
        whole_log=wanted.whole_log,
    )
    return Rehearsal(
        plan=wanted,
        policy_text=stage.policy_text,
        writer=stage.writer,
        parts=parts,
        outcome=draw.outcome,
        files=bundle_files(parts, stage.writer.reader()),
    )


class Rehearsed:
    """The attempt that is drawn."""

    outcome: Outcome
    beacon_file: BeaconFile

    def __init__(self, stage: Stage, attempt: int, at: int) -> None:
        self.stage, self.plan, self.at = stage, stage.plan, at
        self.announce = make_announce(stage.plan, attempt, void_leaf(stage.plan, attempt - 1))
        self.draw_id = self.announce.draw_id
        self.roster = [item for item in self.plan.entrants if item.id not in self.plan.omitted]
        self.openings: list[Opening] = []
        self.hidden: dict[str, Opening] = {}  # of omitted entrants
        kept = self.roster[: self.plan.contributors]
        self.contributions = [Contribution(item.id, self._x(item.id)) for item in kept]

    def _nonce(self, entrant_id: str) -> str:
        return sha256(f"nonce {self.draw_id} {entrant_id}".encode())[:16].hex()

    def _x(self, entrant_id: str) -> str:
        return sha256(f"x {self.draw_id} {entrant_id}".encode()).hex()

    def until_go(self) -> dict[str, TlogProof]:
        """Announce, enrol, close, screen, freeze, go."""
        announced = self.stage.staged(self.announce, self.at - 180 * HOUR)
        self.stage.entries.append(announced.index)
        refused = self._enrol()
        close = Close(draw_id=self.draw_id, log_size=self.stage.size)
        closed = self.stage.staged(close, self.at - 24 * HOUR)
        self._refuse(refused)
        freeze = self._freeze()
        frozen = self.stage.staged(freeze, self.at - self.plan.freeze_lead)
        go = Go(draw_id=self.draw_id, freeze_leaf=freeze.leaf())
        gone = self.stage.staged(go, self.at - self.plan.go_lead)
        return {"announce": announced, "close": closed, "freeze": frozen, "go": gone}

    def _enrol(self) -> list[int]:
        records: list[Record] = []
        contributors = {item.id for item in self.contributions}
        for number, entrant in enumerate(self.plan.entrants):
            nonce = self._nonce(entrant.id)
            opening = Opening(self.stage.size + number, entrant.id, entrant.weight, nonce)
            promised = entrant.id in contributors
            commit = contribution_commit(self.draw_id, entrant.id, self._x(entrant.id))
            records.append(
                Enroll(
                    commit=opening.commit(self.draw_id),
                    contribution_commit=commit if promised else "",
                )
            )
            if entrant.id in self.plan.omitted:
                self.hidden[entrant.id] = opening
            else:
                self.openings.append(opening)
        count = self.plan.rejected + self.plan.withdrawn
        for number in range(count):
            commit = sha256(b"refused %d" % number).hex()
            records.append(Enroll(commit=commit, contribution_commit=""))
        indices = self.stage.write(records, self.at - 100 * HOUR)
        return indices[len(indices) - count :]

    def _refuse(self, indices: list[int]) -> None:
        for number, index in enumerate(indices):
            about: dict[str, Any] = {
                "draw_id": self.draw_id,
                "enroll_index": index,
                "decided_by": "screening",
            }
            refused = number < self.plan.rejected
            record: Record = (
                Reject(**about, reason_code="not_qualified")
                if refused
                else Withdraw(**about, reason_code="by_entrant")
            )
            self.stage.write([record], self.at - 20 * HOUR)

    def _freeze(self) -> Freeze:
        freeze = Freeze(
            draw_id=self.draw_id,
            enrolled=len(self.roster) + self.plan.rejected + self.plan.withdrawn,
            rejected=self.plan.rejected,
            withdrawn=self.plan.withdrawn,
            roster_size=len(self.roster),
            roster_root=roster_root(self.roster).hex(),
            operator_secret=secret_of(self.draw_id),
            contributions=len(self.contributions),
            contribution_root=contribution_root(self.contributions).hex(),
            roster_sha256=sha256(write_roster(self.roster)).hex(),
            openings_sha256=sha256(write_openings(self.openings)).hex(),
            exclusions=tuple(self.plan.exclusions),
        )
        tampered = self.plan.tamper(freeze)
        return tampered if isinstance(tampered, Freeze) else freeze

    def result(self) -> TlogProof:
        """Take the beacon, compute, publish."""
        freeze = self._freeze()
        beacons = self._give_up() if self.plan.fallback_lines else self._beacons()
        seed = make_seed(self.draw_id, self.announce.leaf(), freeze.leaf(), beacons)
        self.outcome = select(
            seed,
            self.roster,
            self.announce.lot_rules(),
            max_wins=self.announce.max_wins,
            exclusions=freeze.excluded(),
        )
        return self.stage.staged(self._result_record(beacons), self.at + 26 * HOUR)

    def _beacons(self) -> list[str]:
        chain, number = self.plan.beacon.chain, self.announce.beacon.round
        signature = self.plan.beacon.sign(number)
        extra = tuple(self.plan.extra_lines)
        self.beacon_file = BeaconFile(round=number, signature=signature.hex(), lottery=extra)
        return [*extra, beacon_line(chain, number, verify_beacon(chain, number, signature))]

    def _give_up(self) -> list[str]:
        at = self.at + 25 * HOUR
        attempt = Attempted(at=time_text(at), source="relay", outcome="no answer")
        record = BeaconUnavailable(
            draw_id=self.draw_id,
            chain=self.announce.beacon.chain,
            round=self.announce.beacon.round,
            observed_at=time_text(at),
            attempts=(attempt,),
            witnesses=("observer",),
            waited_seconds=25 * HOUR,
        )
        self.stage.write([record], at)
        self.beacon_file = BeaconFile(lottery=tuple(self.plan.fallback_lines))
        return list(self.plan.fallback_lines)

    def _result_record(self, beacons: Sequence[str]) -> Result:
        lots = tuple(
            LotResult(
                lot=lot,
                ranking_sha256=ranking_sha256(self.draw_id, lot, self.outcome.rankings[lot]),
                winners=award.winners,
                reserves=award.reserves,
            )
            for lot, award in sorted(self.outcome.awards.items())
        )
        seed = self.outcome.seed
        return Result(draw_id=self.draw_id, beacons=tuple(beacons), seed=seed, lots=lots)

    def afterwards(self) -> None:
        """Insert the omitted, then let the first winner go if the plan says so."""
        names = {item.id: item for item in self.plan.entrants}
        for entrant_id, opening in self.hidden.items():
            record = Insert(
                draw_id=self.draw_id,
                enroll_index=opening.index,
                id=entrant_id,
                weight=opening.weight,
                name=names[entrant_id].name,
                nonce=opening.nonce,
                decided_by="operator",
            )
            self.stage.write([record], self.at + 27 * HOUR)
        if self.plan.disqualify or self.plan.decline:
            self._replace_winner()

    def _replace_winner(self) -> None:
        award = self.outcome.awards[min(self.outcome.awards)]
        until = time_text(self.at + 72 * HOUR)
        loses = Disqualify(
            **self._act(award.lot, award.winners[0], until), reason_code="false_materials"
        )
        gives_up = Decline(**self._act(award.lot, award.winners[0], until), reason_code="no_reply")
        first = loses if self.plan.disqualify else gives_up
        self.stage.write([first], self.at + 28 * HOUR)
        promote = Promote(
            **self._act(award.lot, award.reserves[0], time_text(self.at + 150 * HOUR)),
            replaces=award.winners[0],
            reason_code=f"after_{first.TYPE}",
        )
        self.stage.write([promote], self.at + 80 * HOUR)

    def _act(self, lot: int, entrant_id: str, until: str) -> dict[str, Any]:
        return {
            "draw_id": self.draw_id,
            "lot": lot,
            "id": entrant_id,
            "evidence_sha256": sha256(b"evidence").hex(),
            "signers": ("officer1", "officer2"),
            "objection_until": until,
        }
