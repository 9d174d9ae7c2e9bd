"""The transparency log: one order, one tree, whatever stops in between."""

import stat
import threading

import pytest
from sqlalchemy import select

from lottery.errors import InconsistentLogError
from lottery.log.checkpoint import open_checkpoint
from lottery.log.note import NoteVerifier
from lottery.log.store import DiskStore
from lottery.log.tree import TileReader
from market.act import SYSTEM
from market.draws import sequencer
from market.draws.log_files import FOLDER, KEY_FILE, load_signer
from market.draws.log_models import LogEntry
from market.errors import NotFoundError
from tests.support.draws import make_draw_world


class StoppedError(Exception):
    """The process ended here."""


@pytest.fixture
def world(runtime, clock):
    return make_draw_world(runtime, clock)


def positions(runtime) -> list[int | None]:
    with runtime.sessions() as session:
        statement = select(LogEntry.position).order_by(LogEntry.id)
        return list(session.execute(statement).scalars())


def require_sound(world, runtime) -> int:
    """The checkpoint verifies, and tiles and database hold the same entries."""
    log = NoteVerifier.from_vkey(world.office.setup.log_vkey)
    checkpoint, _ = open_checkpoint(world.office.files.checkpoint(), log)
    tree = TileReader(DiskStore(runtime.settings.data / FOLDER), checkpoint.size)
    assert tree.root() == checkpoint.root
    with runtime.sessions() as session:
        leaves = session.execute(select(LogEntry.leaf).order_by(LogEntry.position)).scalars()
        assert tree.entries(0, checkpoint.size) == list(leaves)[: checkpoint.size]
    return checkpoint.size


def test_the_first_entry_is_the_policy(world, runtime):
    world.announced()
    with runtime.sessions() as session:
        kinds = session.execute(select(LogEntry.kind).order_by(LogEntry.position)).scalars()
        assert list(kinds) == ["policy", "announce"]
    assert require_sound(world, runtime) == 2


def test_nothing_new_signs_nothing_new(world, runtime):
    world.announced()
    before = world.office.files.checkpoint()
    assert world.integrate() == 0
    assert world.office.files.checkpoint() == before


@pytest.mark.parametrize("point", ["after_numbering", "in_tiles", "before_commit"])
def test_a_sequencer_that_dies_is_replayed(world, runtime, monkeypatch, point):
    draw_id = world.announced()
    world.enrol(world.agencies[0], draw_id)
    run = lambda work: runtime.act(SYSTEM, work)  # noqa: E731
    if point == "after_numbering":
        run(sequencer.number_pending)
    elif point == "in_tiles":
        write = DiskStore.write

        def die_at_checkpoint(self, path, data):
            if path == "checkpoint":
                raise StoppedError
            write(self, path, data)

        with monkeypatch.context() as patch, pytest.raises(StoppedError):
            patch.setattr(DiskStore, "write", die_at_checkpoint)
            world.integrate()
    else:
        run(sequencer.number_pending)

        def publish_and_die(act):
            sequencer.publish(act, world.office.writer)
            raise StoppedError

        with pytest.raises(StoppedError):
            run(publish_and_die)
    world.enrol(world.agencies[1], draw_id)
    world.integrate()
    assert positions(runtime) == [0, 1, 2, 3]
    assert require_sound(world, runtime) == 4


def test_two_sequencers_at_once_are_harmless(world, runtime):
    draw_id = world.announced()
    for agency in world.agencies:
        world.enrol(agency, draw_id)
    faults = []

    def work():
        try:
            world.integrate()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            faults.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    assert positions(runtime) == [0, 1, 2, 3, 4, 5]
    assert require_sound(world, runtime) == 6


def test_a_lost_folder_is_filled_again_from_the_database(world, runtime):
    draw_id = world.announced()
    before = world.office.files.checkpoint()
    folder = runtime.settings.data / FOLDER
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    world.integrate()
    assert world.office.files.checkpoint() == before
    world.enrol(world.agencies[0], draw_id)
    world.integrate()
    assert require_sound(world, runtime) == 3


def test_a_folder_with_another_history_is_never_signed_over(world, runtime):
    world.office.writer.create()
    world.office.writer.extend([b"another", b"history"], start=0)
    published = world.office.files.checkpoint()
    with pytest.raises(InconsistentLogError):
        world.announced()
    with pytest.raises(InconsistentLogError):
        world.integrate()
    assert world.office.files.checkpoint() == published


def test_the_key_is_made_once_and_kept_private(world, runtime):
    data = runtime.settings.data
    again = load_signer(data, "sunlit.example/log1")
    assert again.vkey == world.office.setup.log_vkey
    assert stat.S_IMODE((data / KEY_FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "path", ["../log.key", "tile/0/x1", "tile/9/000", "", ".lock", "tile/0/007"]
)
def test_only_files_of_the_log_are_readable(world, path):
    world.announced()
    with pytest.raises(NotFoundError):
        world.office.files.read(path)


def test_a_policy_is_written_once_and_again_only_on_change(world, runtime):
    world.announced()
    world.tick()
    world.tick()
    with runtime.sessions() as session:
        kinds = list(session.execute(select(LogEntry.kind)).scalars())
    assert kinds.count("policy") == 1
