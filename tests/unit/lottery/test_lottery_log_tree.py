import hashlib
import json
from pathlib import Path

import pytest

from lottery.errors import InconsistentLogError, LogError, MissingTileError
from lottery.log import note as notes
from lottery.log.checkpoint import Checkpoint, open_checkpoint
from lottery.log.cosign import Cosigner, CosignVerifier, cosigned_at
from lottery.log.proof import TlogProof, parse_proof, verify_proof
from lottery.log.store import DiskStore, MemoryStore
from lottery.log.tiles import changed_paths, entries_path, read_bundle, tile_path, write_bundle
from lottery.log.tree import TileReader, integrate
from lottery.log.writer import LogWriter, merge_notes
from lottery.merkle import EMPTY_ROOT, root_of

VECTORS = json.loads(Path("lottery/vectors/log.json").read_text())
LOG = VECTORS["log"]
SIGNER = notes.NoteSigner(LOG["log_name"], hashlib.sha256(b"log").digest())
WITNESS = Cosigner(LOG["witness_name"], hashlib.sha256(b"wit").digest())
ENTRIES = [f'{{"n":{n},"type":"test"}}'.encode() for n in range(12345)]


def make_log(store=None, count=0):
    writer = LogWriter(store or MemoryStore(), SIGNER)
    writer.create()
    if count:
        writer.extend(ENTRIES[:count], start=0)
    return writer


def test_the_published_log_comes_out_byte_for_byte():
    assert SIGNER.vkey == LOG["log_vkey"]
    assert WITNESS.vkey == LOG["witness_vkey"]
    writer = make_log()
    writer.extend(ENTRIES[:10_000], start=0)
    cosign = lambda text: [WITNESS.cosign(text, LOG["witness_time"])]  # noqa: E731
    assert writer.extend(ENTRIES[9_000:], start=9_000, cosign=cosign).decode() == LOG["checkpoint"]
    proof = writer.receipt(7777)
    again = parse_proof(proof.to_bytes())
    assert again == proof
    checkpoint, note = verify_proof(again, ENTRIES[7777], SIGNER.verifier())
    assert checkpoint.size == 12345
    witness = CosignVerifier.from_vkey(WITNESS.vkey, plain=True)
    assert [cosigned_at(item) for item in notes.check_note(note, [witness])] == [1795500000]
    with pytest.raises(LogError):
        verify_proof(again, ENTRIES[7778], SIGNER.verifier())


def test_tile_paths_follow_the_convention():
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 0, 7) == "tile/1/000.p/7"
    assert entries_path(999, 255) == "tile/entries/999.p/255"
    with pytest.raises(LogError):
        tile_path(0, 0, 257)
    assert read_bundle(write_bundle([b"a", b"bc"]), 2) == [b"a", b"bc"]
    for data, width in ((b"\0\x05a", 1), (b"\0", 1), (b"\0\x01a", 2)):
        with pytest.raises(LogError):
            read_bundle(data, width)
    with pytest.raises(LogError):
        write_bundle([b"a" * 65_536])


def test_the_announced_paths_are_the_ones_that_growth_writes():
    store = MemoryStore()
    integrate(store, 0, ENTRIES[:300])
    for old, new in ((300, 300), (300, 511), (511, 512), (512, 600)):
        before = set(store.files)
        integrate(store, old, ENTRIES[old:new])
        assert set(changed_paths(old, new)) == set(store.files) - before
    with pytest.raises(LogError):
        changed_paths(2, 1)


def test_a_log_on_disk_survives_and_serves_plain_files(tmp_path):
    writer = make_log(DiskStore(tmp_path), 300)
    again = LogWriter(DiskStore(tmp_path), SIGNER)
    assert again.create() == writer.note()
    assert again.checkpoint().root == root_of(ENTRIES[:300])
    assert (tmp_path / "tile/0/000").stat().st_size == 256 * 32
    assert (tmp_path / "tile/entries/001.p/44").exists()
    assert again.reader().entries(250, 260) == ENTRIES[250:260]
    assert not list(tmp_path.rglob(".new-*"))


@pytest.mark.parametrize(
    "path", ["../x", "tile/0/000/../../x", "tile/9/000", "/etc/passwd", "note"]
)
def test_paths_outside_the_log_are_refused(tmp_path, path):
    with pytest.raises(LogError):
        DiskStore(tmp_path).read(path)
    with pytest.raises(LogError):
        MemoryStore().write(path, b"")


def test_a_missing_file_is_named(tmp_path):
    for store in (DiskStore(tmp_path), MemoryStore()):
        with pytest.raises(MissingTileError, match="tile/0/000"):
            store.read("tile/0/000")


def test_extending_again_changes_nothing():
    writer = make_log(count=10)
    before = writer.note()
    assert writer.extend(ENTRIES[:10], start=0) == before
    assert writer.extend(ENTRIES[3:7], start=3) == before
    assert writer.extend([], start=10) == before
    with pytest.raises(LogError, match="gap"):
        writer.extend(ENTRIES[11:12], start=11)


class DyingStore(MemoryStore):
    """Fails at the n-th write, as a process that is killed would."""

    def __init__(self, files, lives):
        super().__init__()
        self.files = dict(files)
        self.lives = lives

    def write(self, path, data):
        if self.lives == 0:
            raise KeyboardInterrupt
        self.lives -= 1
        super().write(path, data)


@pytest.mark.parametrize("lives", range(12))
def test_a_writer_killed_at_any_write_is_replaced_by_the_next(lives):
    first = make_log(count=200)
    store = DyingStore(first._store.files, lives)
    try:
        LogWriter(store, SIGNER).extend(ENTRIES[200:600], start=200)
    except KeyboardInterrupt:
        store.lives = -1
    note = LogWriter(store, SIGNER).extend(ENTRIES[200:600], start=200)
    assert open_checkpoint(note, SIGNER.verifier())[0].root == root_of(ENTRIES[:600])
    assert store.files["checkpoint"] == note


def refuses(store, entries=ENTRIES[300:301], start=300):
    before = store.files.get("checkpoint")
    with pytest.raises(InconsistentLogError):
        LogWriter(store, SIGNER).extend(entries, start=start)
    assert store.files.get("checkpoint") == before


def test_nothing_is_signed_when_a_tile_was_changed():
    store = make_log(count=300)._store
    tile = bytearray(store.files["tile/0/001.p/44"])
    tile[5] ^= 1
    store.files["tile/0/001.p/44"] = bytes(tile)
    refuses(store)


def test_nothing_is_signed_when_a_tile_is_missing():
    store = make_log(count=300)._store
    del store.files["tile/0/001.p/44"]
    refuses(store)


def test_nothing_is_signed_when_the_checkpoint_is_foreign_or_damaged():
    store = make_log(count=300)._store
    other = notes.NoteSigner(SIGNER.name, bytes(32))
    text = notes.parse_note(store.files["checkpoint"]).text
    for note in (notes.sign_note(text, [other]).to_bytes(), b"rubbish"):
        store.files["checkpoint"] = note
        refuses(store)


def test_nothing_is_signed_when_an_old_entry_would_change():
    refuses(make_log(count=300)._store, [b"other"], 299)


def test_nothing_is_signed_when_a_leftover_tile_differs():
    store = make_log(count=300)._store
    integrate(store, 300, [b"never committed"])
    refuses(store)


def test_nothing_is_signed_for_a_log_of_another_size():
    store = make_log(count=300)._store
    text = Checkpoint(SIGNER.name, 299, root_of(ENTRIES[:300])).text()
    store.files["checkpoint"] = notes.sign_note(text, [SIGNER]).to_bytes()
    refuses(store, start=299)


def test_entries_that_no_bundle_can_hold_are_refused():
    with pytest.raises(LogError):
        make_log().extend([b""], start=0)
    with pytest.raises(LogError):
        make_log().extend([b"a" * 65_536], start=0)


def test_cosignatures_are_added_to_the_published_checkpoint_only():
    writer = make_log(count=3)
    text = notes.parse_note(writer.note()).text
    data = writer.add_cosignatures(text, [WITNESS.cosign(text, 9)])
    assert writer.note() == data
    assert len(notes.parse_note(data).signatures) == 2
    assert writer.add_cosignatures("other\n", [WITNESS.cosign(text, 10)]) == data
    bare = notes.sign_note(text, [SIGNER]).to_bytes()
    assert merge_notes(bare, data) == data
    with pytest.raises(LogError):
        merge_notes(bare, notes.sign_note("other\n", [SIGNER]).to_bytes())


def test_a_receipt_can_be_given_against_an_old_checkpoint():
    writer = make_log(count=5)
    old = writer.note()
    writer.extend(ENTRIES[5:700], start=5)
    proof = writer.receipt(4, old)
    assert verify_proof(proof, ENTRIES[4], SIGNER.verifier())[0].size == 5
    with pytest.raises(LogError):
        writer.receipt(5, old)


def test_a_reader_refuses_what_lies_outside():
    reader = make_log(count=5).reader()
    for call in (
        lambda: reader.entries(3, 6),
        lambda: reader.inclusion(5),
        lambda: reader.consistency(6),
        lambda: reader.root(6),
        lambda: reader.node(3, 0),
        lambda: reader.node(0, 5),
        lambda: reader.node(8, 0),
    ):
        with pytest.raises(LogError):
            call()
    assert TileReader(MemoryStore(), 0).root() == EMPTY_ROOT


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v2\nindex 0\n\nx",
        b"c2sp.org/tlog-proof@v1\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 00\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx",
        b"c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx",
        b"c2sp.org/tlog-proof@v1\nindex 0\n" + b"A" * 43 + b"=\n" * 70 + b"\n\nx",
        b"\xff\n\nx",
    ],
)
def test_malformed_proofs_are_refused(data):
    with pytest.raises(LogError):
        parse_proof(data)


def test_a_proof_carries_extra_bytes():
    proof = TlogProof(0, (), b"note", b"extra")
    assert parse_proof(proof.to_bytes()) == proof
