"""The outbox: nothing lost, nothing done twice, failures wait longer and longer."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from market import audit, outbox
from market.act import SYSTEM
from market.audit import AuditRecord
from market.jobs.table import Reactions
from market.jobs.worker import Worker
from market.outbox import MessageState, OutboxMessage


def put(runtime, kind="thing.happened", **values):
    runtime.act(SYSTEM, lambda act: outbox.put(act, kind, **values))


def states(runtime):
    with runtime.reading() as session:
        return list(session.execute(select(OutboxMessage.state)).scalars())


def effects_done(runtime):
    with runtime.reading() as session:
        return session.execute(select(func.count()).select_from(AuditRecord)).scalar_one()


def worker_with(runtime, effect):
    return Worker(runtime, Reactions(effects={"thing.happened": (effect,)}))


def note(act, payload):
    audit.record(act, "effect.done", subject=payload.get("number", 0))


def test_a_message_is_answered_once(runtime):
    put(runtime, number=1)
    worker = worker_with(runtime, note)
    assert worker.drain() == 1
    assert worker.drain() == 0
    assert states(runtime) == [MessageState.DONE]
    assert effects_done(runtime) == 1


def test_the_same_dedup_key_is_put_only_once(runtime):
    put(runtime, dedup="order:1:paid")
    put(runtime, dedup="order:1:paid")
    assert len(states(runtime)) == 1


def test_a_message_of_an_undone_act_never_existed(runtime):
    with pytest.raises(ZeroDivisionError), runtime.acting(SYSTEM) as act:
        outbox.put(act, "thing.happened")
        raise ZeroDivisionError
    assert states(runtime) == []


def test_an_effect_that_fails_leaves_nothing_and_is_tried_again_later(runtime, clock):
    def fails_once(act, payload):
        note(act, payload)
        if effects_at_call.pop():
            raise RuntimeError("carrier is out")

    effects_at_call = [False, True]
    put(runtime)
    worker = worker_with(runtime, fails_once)
    worker.drain()
    assert effects_done(runtime) == 0
    assert worker.drain() == 0  # not before its time
    clock.advance(seconds=5)
    worker.drain()
    assert effects_done(runtime) == 1
    assert states(runtime) == [MessageState.DONE]


def test_a_message_that_always_fails_ends_dead_and_visible(runtime, clock):
    def always_fails(_act, _payload):
        raise RuntimeError("no")

    put(runtime)
    worker = worker_with(runtime, always_fails)
    for _ in range(outbox.MAX_TRIES):
        worker.drain()
        clock.advance(hours=1)
    assert states(runtime) == [MessageState.DEAD]
    with runtime.reading() as session:
        assert session.execute(select(OutboxMessage.error)).scalar_one() == "RuntimeError: no"


def test_a_worker_that_died_with_a_message_gives_it_back_when_its_lease_ends(runtime, clock):
    put(runtime)
    runtime.act(SYSTEM, lambda act: outbox.claim(act.session, now=act.at))  # and then dies
    worker = worker_with(runtime, note)
    assert worker.drain() == 0
    clock.advance(seconds=outbox.LEASE_SECONDS + 1)
    assert worker.drain() == 1
    assert effects_done(runtime) == 1


def test_a_worker_whose_lease_was_taken_over_changes_nothing(runtime, clock):
    put(runtime)
    slow = runtime.act(SYSTEM, lambda act: outbox.claim(act.session, now=act.at))
    clock.advance(seconds=outbox.LEASE_SECONDS + 1)
    worker_with(runtime, note).drain()
    taken = runtime.act(SYSTEM, lambda act: outbox.finish(act.session, slow, now=act.at))
    assert taken is False
    assert effects_done(runtime) == 1


def test_messages_come_in_the_order_of_their_time(runtime, clock):
    seen = []
    put(runtime, number=2, run_at=clock() + timedelta(seconds=2))
    put(runtime, number=1, run_at=clock() + timedelta(seconds=1))
    clock.advance(seconds=3)
    worker_with(runtime, lambda _act, payload: seen.append(payload["number"])).drain()
    assert seen == [1, 2]


def test_audit_records_cannot_be_changed_or_deleted(runtime):
    runtime.act(SYSTEM, lambda act: audit.record(act, "x.happened", subject="1"))
    for statement in (
        update(AuditRecord).values(kind="y"),
        AuditRecord.__table__.delete(),
    ):
        with pytest.raises(Exception, match="append-only"), runtime.acting(SYSTEM) as act:
            act.session.execute(statement)
    assert effects_done(runtime) == 1
