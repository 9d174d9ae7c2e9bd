"""The published example draw, step by step."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest

from lottery import commitments, selection
from lottery.encoding import lines, tag
from lottery.errors import LotteryError
from lottery.merkle import leaf_hash
from lottery.records import parse_record
from lottery.roster import (
    Contribution,
    Entrant,
    Opening,
    contribution_root,
    read_contributions,
    read_openings,
    read_roster,
    roster_root,
    write_contributions,
    write_openings,
    write_roster,
)

EXAMPLE = json.loads(Path("lottery/vectors/yaohao.json").read_text())
ROSTER = [Entrant(*item) for item in EXAMPLE["roster"]]
DRAW = EXAMPLE["draw_id"]


def test_commitments_are_those_of_the_example():
    assert (
        commitments.operator_commit(DRAW, EXAMPLE["operator_secret"]) == EXAMPLE["operator_commit"]
    )
    first = EXAMPLE["enroll_commit"]
    found = commitments.enroll_commit(DRAW, first["entrant"], first["weight"], first["nonce"])
    assert found == first["commit"]
    opening = Opening(4, first["entrant"], first["weight"], first["nonce"])
    assert opening.commit(DRAW) == first["commit"]
    for (entrant, x), (_, commit) in zip(
        EXAMPLE["contributions"], EXAMPLE["contribution_commits"], strict=True
    ):
        assert commitments.contribution_commit(DRAW, entrant, x) == commit


def test_roots_are_those_of_the_example():
    assert roster_root(reversed(ROSTER)).hex() == EXAMPLE["roster_root"]
    contributions = [Contribution(*item) for item in EXAMPLE["contributions"]]
    assert contribution_root(contributions).hex() == EXAMPLE["contribution_root"]
    assert contribution_root([]) == hashlib.sha256(b"").digest()


def test_records_of_the_example_parse_and_come_back():
    for name in ("announce", "freeze"):
        data = EXAMPLE[f"{name}_bytes"].encode()
        record = parse_record(data)
        assert record.to_bytes() == data
        assert record.leaf() == EXAMPLE[f"{name}_leaf"] == leaf_hash(data).hex()


def test_seed_is_that_of_the_example():
    arguments = (DRAW, EXAMPLE["announce_leaf"], EXAMPLE["freeze_leaf"], EXAMPLE["beacons"])
    assert selection.seed_preimage(*arguments) == EXAMPLE["seed_preimage"].encode()
    assert selection.make_seed(*arguments) == EXAMPLE["seed"]


def test_tickets_rankings_and_awards_are_those_of_the_example():
    found = [selection.ticket(EXAMPLE["seed"], 1, copy, ROSTER[2].id) for copy in (1, 2, 3)]
    assert found == EXAMPLE["tickets_id3"]
    rules = [selection.LotRule(2, 1, 2), selection.LotRule(1, 1, 2)]
    outcome = selection.select(EXAMPLE["seed"], ROSTER, rules, max_wins=EXAMPLE["max_wins"])
    for lot in (1, 2):
        ranking = outcome.rankings[lot]
        assert [[item.key, item.id] for item in ranking] == EXAMPLE[f"ranking_lot{lot}"]
        award = outcome.awards[lot]
        assert [list(award.winners), list(award.reserves)] == EXAMPLE["award"][str(lot)]
        digest = selection.ranking_sha256(DRAW, lot, ranking)
        assert digest == EXAMPLE["ranking_sha256"][str(lot)]
    first = outcome.rankings[1][0]
    assert selection.ticket_number(first.key) == EXAMPLE["ticket_number_of_rank_1_lot_1"]


def test_the_printed_shell_line_gives_the_ticket():
    line = selection.ticket_shell_line(EXAMPLE["seed"], 1, 2, ROSTER[2].id)
    done = subprocess.run(["sh", "-c", line], capture_output=True, check=True, text=True)
    assert done.stdout.split()[0] == EXAMPLE["tickets_id3"][1]


def test_ticket_numbers_lie_between_zero_and_one():
    assert selection.ticket_number("0" * 64) == "0.000000000000"
    assert selection.ticket_number("f" * 64) == "0.999999999999"
    assert selection.percentile(1, 3) == "33.3"
    assert selection.percentile(3, 3) == "100.0"
    with pytest.raises(LotteryError):
        selection.percentile(4, 3)


def test_exclusions_and_win_caps_pass_to_the_next():
    rules = [selection.LotRule(1, 2, 1), selection.LotRule(2, 1, 5)]
    barred = {1: frozenset({ROSTER[4].id})}
    outcome = selection.select(EXAMPLE["seed"], ROSTER, rules, max_wins=1, exclusions=barred)
    order = [item.id for item in outcome.rankings[1] if item.id != ROSTER[4].id]
    assert list(outcome.awards[1].winners) == order[:2]
    assert not set(outcome.awards[1].winners) & set(outcome.awards[2].winners)
    assert ROSTER[4].id in {item.id for item in outcome.rankings[2]}


@pytest.mark.parametrize(
    "call",
    [
        lambda: selection.award([selection.LotRule(1, 1, 1)], {}, max_wins=1),
        lambda: selection.award([], {}, max_wins=0),
        lambda: selection.award([selection.LotRule(1, 1, 1)] * 2, {1: []}, max_wins=1),
        lambda: selection.rank("00", 1, ROSTER),
        lambda: selection.rank("0" * 64, 1, [ROSTER[0], ROSTER[0]]),
        lambda: selection.make_seed(DRAW, "0" * 64, "0" * 64, []),
        lambda: selection.make_seed("bad id/1", "0" * 64, "0" * 64, ["x"]),
        lambda: selection.ticket("0" * 64, 1, 1, "空"),
        lambda: commitments.make_draw_id("p", 0),
        lambda: commitments.enroll_commit(DRAW, "x", 0, "aa" * 16),
        lambda: commitments.enroll_commit(DRAW, "x", 1001, "aa" * 16),
        lambda: Entrant("x", 1, ""),
        lambda: Entrant("x", 1, "e\u0301"),
        lambda: Entrant("x", 1, "a\tb"),
        lambda: Entrant("x", 1, "長" * 200),
        lambda: Entrant("x y", 1, "n"),
        lambda: Entrant("x", 1, "\ud800"),
        lambda: roster_root([ROSTER[0], ROSTER[0]]),
    ],
)
def test_what_the_specification_does_not_allow_is_refused(call):
    with pytest.raises(LotteryError):
        call()


def test_a_roster_leaf_is_the_lines_of_the_specification():
    for entrant in ROSTER:
        fields = (entrant.id, entrant.weight, entrant.name)
        assert entrant.leaf() == lines(tag("entrant"), *fields)


def test_list_files_come_back():
    openings = [Opening(9, "b", 1, "aa" * 16), Opening(3, "a", 2, "bb" * 16)]
    contributions = [Contribution("b", "11" * 32), Contribution("a", "22" * 32)]
    assert read_roster(write_roster(reversed(ROSTER))) == ROSTER
    assert write_roster(ROSTER).decode() == EXAMPLE["roster_txt"]
    assert read_openings(write_openings(openings)) == sorted(openings)
    assert read_contributions(write_contributions(contributions)) == sorted(contributions)
    assert read_roster(b"") == []


@pytest.mark.parametrize(
    "data",
    [b"a\t1\tn", b"a\t1\n", b"b\t1\tn\na\t1\tn\n", b"a\t1\tn\na\t1\tn\n", b"a\t01\tn\n", b"\xff\n"],
)
def test_a_list_file_names_the_line_that_is_wrong(data):
    with pytest.raises(LotteryError, match=r"line|UTF-8"):
        read_roster(data)
