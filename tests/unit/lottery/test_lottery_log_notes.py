import hashlib
import json
from pathlib import Path

import pytest

from lottery import ed25519
from lottery.errors import LogError
from lottery.log import note as notes
from lottery.log.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint
from lottery.log.cosign import Cosigner, CosignVerifier
from lottery.log.policy import parse_policy
from lottery.merkle import EMPTY_ROOT

VECTORS = json.loads(Path("lottery/vectors/log.json").read_text())
LOG = VECTORS["log"]
SIGNER = notes.NoteSigner(LOG["log_name"], hashlib.sha256(b"log").digest())
WITNESS = Cosigner(LOG["witness_name"], hashlib.sha256(b"wit").digest())
ENTRIES = [f'{{"n":{n},"type":"test"}}'.encode() for n in range(12345)]


@pytest.mark.parametrize("plain", [True, False])
def test_the_published_note_example_opens(plain):
    verifier = notes.NoteVerifier.from_vkey(VECTORS["note"]["vkey"], plain=plain)
    note, found = notes.open_note(VECTORS["note"]["note"].encode(), [verifier])
    assert note.text == "This is an example message.\n"
    assert [item.name for item in found] == ["example.com/foo"]
    assert note.to_bytes() == VECTORS["note"]["note"].encode()


@pytest.mark.parametrize("seed", range(3))
def test_both_signature_checks_agree(seed):
    secret = bytes([seed]) * 32
    key, message = ed25519.public_key(secret), b"message"
    signature = ed25519.sign(secret, message)
    mutants = [signature, signature[:-1], signature + b"\0", bytes(64), b"\xff" * 64]
    mutants += [
        signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :] for at in (0, 31, 40, 63)
    ]
    s = int.from_bytes(signature[32:], "little") + ed25519.L
    mutants.append(signature[:32] + s.to_bytes(32, "little"))
    for item in mutants:
        fast = ed25519.is_valid(key, message, item)
        assert fast == ed25519.is_valid(key, message, item, plain=True) == (item == signature)


@pytest.mark.parametrize(
    "key", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"short", b"\x02" + bytes(31)]
)
def test_weak_and_malformed_keys_are_refused(key):
    assert not ed25519.is_key(key)
    assert not ed25519.is_valid(key, b"", bytes(64))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAA=",
        b"text\n\n- a AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a+b AAAAAAA=\n",
        b"text\n\n\xe2\x80\x94 a AAAA\n",
        b"text\n\n\xe2\x80\x94 a !!!!\n",
        b"text\n\n\xe2\x80\x94 a AAAAAAB=\n",
        b"te\0xt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"te\rxt\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"\xff\n\n\xe2\x80\x94 a AAAAAAA=\n",
        b"text\n\n" + b"\xe2\x80\x94 a AAAAAAA=\n" * 101,
        b"a" * 1_000_001,
    ],
)
def test_malformed_notes_are_refused(data):
    with pytest.raises(LogError):
        notes.parse_note(data)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a+b",
        LOG["log_vkey"].replace("85ddc592", "85ddc593"),
        LOG["log_vkey"][:-2],
        LOG["witness_vkey"],
        notes.make_vkey("x", 1, bytes(32)),
        notes.make_vkey("x", 9, b"\x02" * 32),
    ],
)
def test_malformed_keys_are_refused(vkey):
    with pytest.raises(LogError):
        notes.NoteVerifier.from_vkey(vkey)


def test_key_kinds_are_not_mixed_up():
    with pytest.raises(LogError):
        CosignVerifier.from_vkey(LOG["log_vkey"])
    with pytest.raises(LogError):
        notes.NoteSigner("a b", bytes(32))
    with pytest.raises(LogError):
        notes.NoteSigner("a", bytes(31))


def test_a_wrong_signature_by_a_known_key_spoils_the_note():
    note = notes.sign_note("text\n", [SIGNER])
    wrong = notes.Note("other\n", note.signatures)
    with pytest.raises(LogError, match="not valid"):
        notes.open_note(wrong.to_bytes(), [SIGNER.verifier()])
    with pytest.raises(LogError, match="no known key"):
        notes.open_note(note.to_bytes(), [])
    with pytest.raises(LogError):
        notes.sign_note("no line feed", [SIGNER])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\nAA==\n",
        "o\n1\nAA==\n",
        "\n0\n\n",
        "o\nx\nAA==\n",
        "o\n0\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=\nextension\n",
    ],
)
def test_malformed_checkpoints_are_refused(text):
    with pytest.raises(LogError):
        parse_checkpoint(text)


def test_a_checkpoint_of_another_log_is_refused():
    other = notes.NoteSigner("other", bytes(32))
    text = Checkpoint("other", 0, EMPTY_ROOT).text()
    with pytest.raises(LogError):
        open_checkpoint(notes.sign_note(text, [other]).to_bytes(), SIGNER.verifier())
    text = Checkpoint(SIGNER.name, 0, EMPTY_ROOT).text()
    with pytest.raises(LogError, match="not signed"):
        open_checkpoint(notes.sign_note(text, [other]).to_bytes(), SIGNER.verifier())


def test_cosignatures_need_a_checkpoint_and_a_time():
    with pytest.raises(LogError):
        WITNESS.cosign("any text\n", 1)
    text = Checkpoint("o", 0, EMPTY_ROOT).text()
    for at in (0, -1, 10**12):
        with pytest.raises(LogError):
            WITNESS.cosign(text, at)
    good = WITNESS.cosign(text, 5)
    assert WITNESS.verifier().is_valid(text, good.body)
    assert not WITNESS.verifier().is_valid(text, good.body[:-1])
    assert not WITNESS.verifier().is_valid(text, bytes(8) + good.body[8:])


def witness_lines(count):
    cosigners = [Cosigner(f"w{n}.example", bytes([n]) * 32) for n in range(1, count + 1)]
    rows = [f"witness w{n} {item.vkey}" for n, item in enumerate(cosigners, start=1)]
    return cosigners, f"log {SIGNER.vkey}\n# comment\n\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(
    ("signed", "reached"),
    [
        ({1: 10, 2: 20, 4: 15}, 20),
        ({1: 10, 3: 12, 4: 99}, 99),
        ({1: 10, 2: 20, 3: 30}, None),
        ({4: 5}, None),
        ({1: 10, 2: 20, 3: 30, 4: 5, 5: 1}, 20),
    ],
)
def test_groups_of_groups_are_satisfied_at_the_right_time(signed, reached):
    cosigners, rows = witness_lines(5)
    rows += "group entrants 2 w1 w2 w3\ngroup institutions any w4 w5\n"
    policy = parse_policy(rows + "group q all entrants institutions\nquorum q\n")
    text = Checkpoint(SIGNER.name, 0, EMPTY_ROOT).text()
    note = notes.sign_note(text, [SIGNER])
    note = note.with_signatures(cosigners[n - 1].cosign(text, at) for n, at in signed.items())
    quorum = policy.evaluate(note)
    assert quorum.reached_at == reached
    assert quorum.satisfied == (reached is not None)
    assert quorum.times == {f"w{n}": at for n, at in signed.items()}


def test_a_policy_may_ask_for_one_witness_or_for_nobody():
    cosigners, rows = witness_lines(1)
    text = Checkpoint(SIGNER.name, 0, EMPTY_ROOT).text()
    note = notes.sign_note(text, [SIGNER]).with_signatures([cosigners[0].cosign(text, 7)])
    assert parse_policy(rows + "quorum w1\n").evaluate(note).reached_at == 7
    nobody = parse_policy(rows + "quorum none\n").evaluate(note)
    assert nobody.satisfied
    assert not nobody.witnessed
    forged = notes.Note(
        text, (notes.Signature("w1.example", note.signatures[1].key_id, bytes(72)),)
    )
    with pytest.raises(LogError):
        parse_policy(rows + "quorum w1\n").evaluate(forged)


@pytest.mark.parametrize(
    "rows",
    [
        "quorum none\n",
        "log x\nquorum none\n",
        "{w}",
        "{w}quorum w9\n",
        "{w}quorum w1\nquorum w1\n",
        "{w}group g 3 w1 w2\nquorum g\n",
        "{w}group g 0 w1 w2\nquorum g\n",
        "{w}group g x w1 w2\nquorum g\n",
        "{w}group g 1 w1 w1\nquorum g\n",
        "{w}group g 1 w9\nquorum g\n",
        "{w}group w1 1 w2\nquorum w1\n",
        "{w}group none 1 w2\nquorum none\n",
        "{w}group g 1 w1\ngroup h 1 w1\nquorum h\n",
        "{w}group g 1\nquorum g\n",
        "{w}{w}quorum w1\n",
        "{w}whatever\nquorum w1\n",
        "#" * 100_001,
    ],
)
def test_policies_that_say_nothing_clear_are_refused(rows):
    with pytest.raises(LogError):
        parse_policy(rows.replace("{w}", witness_lines(2)[1]))


def test_the_policy_knows_its_logs():
    policy = parse_policy(f"log {SIGNER.vkey} https://log.example/\nquorum none\n")
    assert policy.log(SIGNER.name).name == SIGNER.name
    with pytest.raises(LogError):
        policy.log("other")
