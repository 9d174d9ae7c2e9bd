from dataclasses import replace
from datetime import timedelta

import pytest

from lottery import records, standing
from lottery.commitments import operator_commit
from lottery.encoding import parse_time, sha256, time_text
from lottery.entropy.drand import QUICKNET, round_for
from lottery.errors import ProtocolError
from lottery.protocol import Actor, Draw, Stage
from lottery.selection import LotAward

H = "ab" * 32
DRAW = "P-1/1"
DRAW_AT = parse_time("2026-12-01T02:00:00Z")
CLOSE_AT = DRAW_AT - timedelta(hours=24)
FREEZE_BY = DRAW_AT - timedelta(hours=1)
SECRET = sha256(b"secret").hex()
POLICY = records.Policy(
    origin="log.example",
    log_vkeys=("x",),
    policy_sha256=H,
    drand=records.DrandPin.of(QUICKNET),
)
ANNOUNCE = records.Announce(
    project_id="P-1",
    attempt=1,
    draw_id=DRAW,
    supersedes="",
    lots=(records.Lot(lot=1, winners=1, reserves=2),),
    max_wins=1,
    enroll_close="2026-11-30T02:00:00Z",
    freeze_by="2026-12-01T01:00:00Z",
    draw_at="2026-12-01T02:00:00Z",
    beacon=records.BeaconChoice(
        kind="drand", chain=QUICKNET.hash, round=round_for(QUICKNET, "2026-12-01T02:00:00Z")
    ),
    fallback=("cwl-kl8/2026320",),
    operator_commit=operator_commit(DRAW, SECRET),
)
ENROLL = records.Enroll(commit=H, contribution_commit="")
REJECT = records.Reject(draw_id=DRAW, enroll_index=11, reason_code="not_qualified", decided_by="x")
WITHDRAW = records.Withdraw(draw_id=DRAW, enroll_index=12, reason_code="by_entrant", decided_by="x")
CLOSE = records.Close(draw_id=DRAW, log_size=14)
FREEZE = records.Freeze(
    draw_id=DRAW,
    enrolled=3,
    rejected=1,
    withdrawn=1,
    roster_size=1,
    roster_root=H,
    operator_secret=SECRET,
    contributions=0,
    contribution_root=H,
)
GO = records.Go(draw_id=DRAW, freeze_leaf=FREEZE.leaf())
RESULT = records.Result(
    draw_id=DRAW,
    beacons=(f"drand/{QUICKNET.hash}/{ANNOUNCE.beacon.round}/{H}",),
    seed=H,
    lots=(records.LotResult(lot=1, ranking_sha256=H, winners=("a",), reserves=()),),
)
UNAVAILABLE = records.BeaconUnavailable(
    draw_id=DRAW,
    chain=QUICKNET.hash,
    round=ANNOUNCE.beacon.round,
    observed_at="2026-12-02T02:00:00Z",
    attempts=(records.Attempted(at="2026-12-02T02:00:00Z", source="a", outcome="b"),),
    witnesses=("w",),
    waited_seconds=86_400,
)


def void(reason):
    return records.Void(draw_id=DRAW, reason_code=reason, document_sha256=H, decided_by="x")


def announced():
    return Draw.begin(ANNOUNCE, index=10, policy=POLICY, at=CLOSE_AT - timedelta(days=5))


STEPS = [
    (ENROLL, 11, CLOSE_AT - timedelta(hours=9), Actor.ENTRANT),
    (ENROLL, 12, CLOSE_AT - timedelta(hours=8), Actor.ENTRANT),
    (ENROLL, 13, CLOSE_AT - timedelta(hours=7), Actor.ENTRANT),
    (WITHDRAW, 14, CLOSE_AT - timedelta(hours=1), Actor.ENTRANT),
    (CLOSE, 15, CLOSE_AT, Actor.CLOCK),
    (REJECT, 16, CLOSE_AT + timedelta(hours=1), Actor.OPERATOR),
    (FREEZE, 17, FREEZE_BY, Actor.OPERATOR),
    (GO, 18, DRAW_AT - timedelta(minutes=1), Actor.CLOCK),
    (RESULT, 19, DRAW_AT, Actor.CLOCK),
]


def drawn_until(count):
    draw = announced()
    for record, index, at, actor in STEPS[:count]:
        draw = draw.after(record, index=index, at=at, actor=actor)
    return draw


def test_a_draw_goes_from_notice_to_result():
    stages = [drawn_until(count).stage for count in range(len(STEPS) + 1)]
    assert stages == [Stage.ANNOUNCED] * 5 + [Stage.CLOSED] * 2 + [
        Stage.FROZEN,
        Stage.GO,
        Stage.DRAWN,
    ]
    assert drawn_until(9).result == RESULT


def refuse(count, record, *, at=None, actor=None, index=None):
    _, usual_index, usual_at, usual_actor = STEPS[min(count, len(STEPS) - 1)]
    with pytest.raises(ProtocolError):
        drawn_until(count).after(
            record, index=index or usual_index, at=at or usual_at, actor=actor or usual_actor
        )


@pytest.mark.parametrize("count", range(len(STEPS)))
def test_a_step_out_of_turn_is_refused(count):
    draw = drawn_until(count)
    for record, index, at, actor in STEPS:
        if record.TYPE not in {"enroll", "withdraw", "reject", draw.stage} and (
            record is not STEPS[count][0]
        ):
            usual = {Stage.ANNOUNCED: "close", Stage.CLOSED: "freeze"}.get(draw.stage)
            if usual != record.TYPE:
                with pytest.raises(ProtocolError):
                    draw.after(record, index=index, at=at, actor=actor)


def test_late_or_early_steps_are_refused():
    second = timedelta(seconds=1)
    refuse(0, ENROLL, at=CLOSE_AT)
    refuse(4, CLOSE, at=CLOSE_AT - second)
    refuse(6, FREEZE, at=FREEZE_BY + second)
    refuse(7, GO, at=DRAW_AT - timedelta(seconds=59))
    refuse(8, RESULT, at=DRAW_AT - second)


def test_steps_by_the_wrong_person_are_refused():
    for count, actor in ((0, Actor.OPERATOR), (4, Actor.ENTRANT), (6, Actor.OWNER)):
        refuse(count, STEPS[count][0], actor=actor)


def test_records_that_contradict_the_ones_before_are_refused():
    refuse(1, ENROLL, index=11)
    refuse(0, ENROLL, index=9)
    refuse(3, replace(WITHDRAW, enroll_index=99))
    refuse(4, replace(CLOSE, log_size=13))
    refuse(4, replace(CLOSE, log_size=16))
    refuse(5, replace(REJECT, enroll_index=12))
    refuse(6, replace(FREEZE, rejected=0, roster_size=2))
    refuse(6, replace(FREEZE, roster_size=2))
    refuse(6, replace(FREEZE, operator_secret=H))
    refuse(6, replace(FREEZE, exclusions=(records.Exclusion(lot=9, ids=("a",)),)))
    refuse(6, replace(FREEZE, draw_id="P-1/2"))
    refuse(7, replace(GO, freeze_leaf=H))
    refuse(8, replace(RESULT, beacons=(f"drand/{QUICKNET.hash}/1/{H}",)))


@pytest.mark.parametrize(
    "change",
    [
        {"beacon": records.BeaconChoice(kind="drand", chain=QUICKNET.hash, round=5)},
        {"beacon": records.BeaconChoice(kind="drand", chain=H, round=5)},
        {"freeze_by": "2026-12-01T01:50:01Z"},
    ],
)
def test_an_announcement_with_a_chosen_round_or_short_margin_is_refused(change):
    with pytest.raises(ProtocolError):
        Draw.begin(replace(ANNOUNCE, **change), index=0, policy=POLICY, at=CLOSE_AT - timedelta(1))


def test_an_announcement_after_its_own_deadline_is_refused():
    with pytest.raises(ProtocolError):
        Draw.begin(ANNOUNCE, index=0, policy=POLICY, at=CLOSE_AT)


def test_void_reasons_depend_on_go():
    after = {"court_or_authority_order", "beacons_unavailable"}
    for reason in after:
        refuse(7, void(reason), actor=Actor.REGULATOR)
        done = drawn_until(8).after(void(reason), index=30, at=DRAW_AT, actor=Actor.REGULATOR)
        assert done.stage is Stage.VOID
    refuse(8, void("no_valid_freeze"), actor=Actor.OPERATOR)
    lapsed = drawn_until(7).after(void("no_valid_freeze"), index=30, at=DRAW_AT, actor=Actor.CLOCK)
    with pytest.raises(ProtocolError):
        lapsed.after(GO, index=31, at=DRAW_AT - timedelta(hours=1), actor=Actor.CLOCK)


def test_a_draw_lapses_when_freeze_or_go_is_missing():
    second = timedelta(seconds=1)
    assert not drawn_until(6).lapsed(FREEZE_BY)
    assert drawn_until(6).lapsed(FREEZE_BY + second)
    assert not drawn_until(7).lapsed(DRAW_AT - timedelta(seconds=60))
    assert drawn_until(7).lapsed(DRAW_AT - timedelta(seconds=59))
    assert not drawn_until(8).lapsed(DRAW_AT + timedelta(days=9))


def test_the_fallback_needs_a_day_of_waiting():
    late = DRAW_AT + timedelta(hours=24)
    draw = drawn_until(8)
    assert draw.beacon_sources() == [f"drand/{QUICKNET.hash}/{ANNOUNCE.beacon.round}"]
    on = draw.after(UNAVAILABLE, index=19, at=late, actor=Actor.CLOCK)
    assert on.beacon_sources() == ["cwl-kl8/2026320"]
    refuse(8, UNAVAILABLE, at=late - timedelta(seconds=1))
    early = replace(UNAVAILABLE, observed_at=time_text(int(late.timestamp()) - 1))
    refuse(8, early, at=late)
    refuse(8, replace(UNAVAILABLE, round=3), at=late)
    with pytest.raises(ProtocolError):
        on.after(RESULT, index=20, at=late, actor=Actor.CLOCK)
    with pytest.raises(ProtocolError):
        on.after(UNAVAILABLE, index=20, at=late, actor=Actor.CLOCK)


ACT = {
    "draw_id": DRAW,
    "lot": 1,
    "evidence_sha256": H,
    "signers": ("x", "y"),
    "objection_until": "2026-12-09T00:00:00Z",
}
START = standing.start({1: LotAward(1, ("a",), ("b", "c"))})


def disqualify(entrant):
    return records.Disqualify(**ACT, id=entrant, reason_code="false_materials")


def promote(entrant, replaces, reason="after_disqualify"):
    return records.Promote(**ACT, id=entrant, replaces=replaces, reason_code=reason)


def test_the_next_reserve_takes_a_lost_place():
    state = standing.apply(START, disqualify("a"))
    assert state[1].holders == ()
    state = standing.apply(state, promote("b", "a"))
    assert state[1].holders == ("b",)
    assert state[1].reserves == ("c",)


def test_a_reserve_that_declines_is_passed_over():
    gives_up = records.Decline(**ACT, id="b", reason_code="no_reply")
    state = standing.apply(standing.apply(START, gives_up), disqualify("a"))
    assert standing.apply(state, promote("c", "a"))[1].holders == ("c",)


@pytest.mark.parametrize(
    "acts",
    [
        [disqualify("z")],
        [promote("b", "a")],
        [disqualify("a"), promote("c", "a")],
        [disqualify("a"), promote("b", "a", "after_decline")],
        [disqualify("a"), promote("b", "a"), promote("c", "a")],
        [disqualify("b"), promote("c", "b")],
        [replace(disqualify("a"), lot=2)],
    ],
)
def test_skipping_to_a_favourite_is_refused(acts):
    state = START
    for act in acts[:-1]:
        state = standing.apply(state, act)
    with pytest.raises(ProtocolError):
        standing.apply(state, acts[-1])
