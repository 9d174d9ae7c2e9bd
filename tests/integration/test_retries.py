"""Acts under serialization failures: retried whole, nothing lost, nothing twice."""

import threading

import psycopg.errors
import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from market import audit
from market.act import SYSTEM
from market.audit import AuditRecord

ACTS = 100


@pytest.fixture
def every_tenth_commit_fails(engine):
    """Raise 40001 in place of every tenth commit, as a serializable database may."""
    seen = {"commits": 0, "failed": 0}
    lock = threading.Lock()

    @event.listens_for(engine, "commit")
    def fail_sometimes(_connection):
        with lock:
            seen["commits"] += 1
            due = seen["commits"] % 10 == 0
            seen["failed"] += due
        if due:
            cause = psycopg.errors.SerializationFailure("could not serialize access")
            raise OperationalError("COMMIT", {}, cause)

    yield seen
    event.remove(engine, "commit", fail_sometimes)


def test_ten_percent_serialization_failures_lose_and_double_nothing(
    runtime, every_tenth_commit_fails
):
    for number in range(ACTS):
        runtime.act(SYSTEM, lambda act, n=number: audit.record(act, "counted", subject=str(n)))
    with runtime.reading() as session:
        subjects = list(session.execute(select(AuditRecord.subject)).scalars())
    assert every_tenth_commit_fails["failed"] >= ACTS // 10
    assert sorted(subjects, key=int) == [str(n) for n in range(ACTS)]


def test_a_real_fault_is_not_retried(runtime):
    calls = []

    def broken(act):
        calls.append(1)
        act.session.execute(select(func.no_such_function()))

    with pytest.raises(Exception, match="no_such_function"):
        runtime.act(SYSTEM, broken)
    assert len(calls) == 1


def test_many_threads_writing_at_once_all_get_their_turn(runtime):
    def work(name):
        for number in range(10):
            runtime.act(
                SYSTEM, lambda act, n=number: audit.record(act, "counted", subject=f"{name}:{n}")
            )

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with runtime.reading() as session:
        assert session.execute(select(func.count()).select_from(AuditRecord)).scalar_one() == 80
