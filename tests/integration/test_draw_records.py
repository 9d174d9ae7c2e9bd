"""The records that the market writes obey the library's protocol, and a bundle hides no change."""

import io
import zipfile

import pytest
from sqlalchemy import select

from lottery.protocol import Actor, Draw, Stage
from lottery.records import Announce, Enroll, Policy, parse_record
from lottery.verify import Verdict, verify_bytes
from market.draws import services
from market.draws.log_models import LogEntry
from tests.support.draws import make_draw_world


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock, agencies=5)


@pytest.fixture
def drawn(world):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    world.do(world.agencies[4], services.withdraw, draw_id)
    world.integrate()
    world.drawn(draw_id)
    setup, winner = world.office.setup, world.winner(draw_id)
    world.do(winner, services.decline_win, setup, draw_id, ground="none", statement="不接")
    world.integrate()
    return draw_id


WRITERS = {"enroll": Actor.ENTRANT, "withdraw": Actor.ENTRANT, "decline": Actor.ENTRANT}


def test_every_record_may_follow_the_ones_before(world, runtime, drawn):
    with runtime.reading() as session:
        entries = list(session.execute(select(LogEntry).order_by(LogEntry.position)).scalars())
    policy, draw = None, None
    for entry in entries:
        record = parse_record(entry.leaf)
        if isinstance(record, Policy):
            policy = record
        elif isinstance(record, Announce):
            draw = Draw.begin(record, index=entry.position, policy=policy, at=entry.appended_at)
        else:
            actor = WRITERS.get(record.TYPE, Actor.CLOCK)
            draw = draw.after(record, index=entry.position, at=entry.integrated_at, actor=actor)
    assert draw.stage is Stage.DRAWN
    assert len(draw.enrolled) == sum(isinstance(parse_record(e.leaf), Enroll) for e in entries)


def flipped(bundle: bytes, name: str) -> bytes:
    """The bundle with one bit of one file turned, in the middle of it."""
    source, target = zipfile.ZipFile(io.BytesIO(bundle)), io.BytesIO()
    with source, zipfile.ZipFile(target, "w") as archive:
        for item in source.namelist():
            data = bytearray(source.read(item))
            if item == name:
                data[len(data) // 2] ^= 1
            archive.writestr(item, bytes(data))
    return target.getvalue()


def test_one_flipped_bit_in_any_file_is_found(world, drawn):
    bundle = world.bundle(drawn)
    assert verify_bytes(bundle).verdict is Verdict.PASS_UNWITNESSED
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        names = [name for name in archive.namelist() if archive.read(name)]
    assert len(names) >= 20
    for name in names:
        report = verify_bytes(flipped(bundle, name))
        assert report.verdict in {Verdict.FAIL, Verdict.INCOMPLETE}, name


@pytest.mark.parametrize("stage", ["announced", "screened", "frozen", "go"])
def test_a_bundle_of_an_unfinished_draw_never_fails(world, stage):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    world.integrate()
    if stage != "announced":
        getattr(world, f"to_{stage}")(draw_id)
    report = verify_bytes(world.bundle(draw_id))
    assert report.verdict is not Verdict.FAIL, report.findings


def void_by_too_few(world, draw_id):
    world.to_frozen(draw_id)


def void_by_late_go(world, draw_id):
    world.to_frozen(draw_id)
    world.clock.at = world.attempt(draw_id).round_at
    world.settle()


def void_by_missed_freeze(world, draw_id):
    world.clock.at = world.attempt(draw_id).round_at
    world.settle()


@pytest.mark.parametrize(
    ("count", "end"), [(2, void_by_too_few), (4, void_by_late_go), (4, void_by_missed_freeze)]
)
def test_the_bundle_of_a_void_attempt_verifies_too(world, count, end):
    draw_id = world.announced()
    for agency in world.agencies[:count]:
        world.enrol(agency, draw_id)
    world.integrate()
    end(world, draw_id)
    world.settle()
    report = verify_bytes(world.bundle(draw_id))
    assert report.state == "void"
    assert report.verdict is not Verdict.FAIL, report.findings
