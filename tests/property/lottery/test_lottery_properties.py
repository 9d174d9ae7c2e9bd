"""Laws of selection and of the tree, over generated inputs."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lottery import merkle
from lottery.log.store import MemoryStore
from lottery.log.tree import TileReader, integrate
from lottery.roster import Entrant, contribution_root, read_roster, roster_root, write_roster
from lottery.selection import LotRule, rank, select

seeds = st.binary(min_size=32, max_size=32).map(bytes.hex)
ids = st.text("0123456789ABCXYZabcxyz._:-", min_size=1, max_size=12)
names = st.sampled_from(["甲", "示例机构", "a,b", 'q"q', "x"])
entrants = st.builds(Entrant, ids, st.integers(1, 4), names)
rosters = st.lists(entrants, max_size=12, unique_by=lambda item: item.id)
hashes = st.binary(max_size=8).map(merkle.leaf_hash)


@given(seed=seeds, roster=rosters, shuffle=st.randoms(use_true_random=False))
def test_the_order_of_the_roster_has_no_effect(seed, roster, shuffle):
    other = list(roster)
    shuffle.shuffle(other)
    assert rank(seed, 1, roster) == rank(seed, 1, other)
    assert roster_root(roster) == roster_root(other)
    assert write_roster(roster) == write_roster(other)
    assert roster_root(read_roster(write_roster(roster))) == roster_root(roster)


@given(seed=seeds, roster=rosters, extra=entrants)
def test_a_newcomer_or_a_leaver_never_swaps_two_others(seed, roster, extra):
    assume(extra.id not in {item.id for item in roster})
    others = {item.id for item in roster}
    before = [(item.id, item.key) for item in rank(seed, 1, roster)]
    after = [(item.id, item.key) for item in rank(seed, 1, [*roster, extra]) if item.id in others]
    assert before == after


@given(seed=seeds, roster=rosters)
def test_ranks_count_up_and_keys_ascend(seed, roster):
    ranking = rank(seed, 7, roster)
    assert [item.rank for item in ranking] == list(range(1, len(roster) + 1))
    assert [(item.key, item.id) for item in ranking] == sorted(
        (item.key, item.id) for item in ranking
    )


@given(
    seed=seeds,
    roster=rosters,
    sizes=st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4)), min_size=1, max_size=4),
    cap=st.integers(1, 3),
    data=st.data(),
)
def test_awards_respect_caps_exclusions_and_ranks(seed, roster, sizes, cap, data):
    rules = [LotRule(lot, *size) for lot, size in enumerate(sizes, start=1)]
    everybody = [item.id for item in roster]
    barred = {
        rule.lot: frozenset(data.draw(st.sets(st.sampled_from(everybody))))
        if everybody
        else frozenset()
        for rule in rules
    }
    outcome = select(seed, roster, rules, max_wins=cap, exclusions=barred)
    wins = [winner for award in outcome.awards.values() for winner in award.winners]
    assert all(wins.count(winner) <= cap for winner in wins)
    for rule in rules:
        award = outcome.awards[rule.lot]
        chosen = [*award.winners, *award.reserves]
        assert not set(chosen) & barred[rule.lot]
        assert len(set(chosen)) == len(chosen)
        assert len(award.winners) <= rule.winners
        order = [item.id for item in outcome.rankings[rule.lot]]
        assert sorted(chosen, key=order.index) == chosen


def naive_root(leaves):
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return merkle.node_hash(naive_root(leaves[:split]), naive_root(leaves[split:]))


@given(st.lists(hashes, max_size=70))
def test_roots_equal_the_definition(leaves):
    assert merkle.root(leaves) == naive_root(leaves) == merkle.MemoryTree(leaves).root()


@given(leaves=st.lists(hashes, min_size=1, max_size=70), data=st.data())
def test_every_proof_made_is_accepted_and_none_else(leaves, data):
    tree = merkle.MemoryTree(leaves)
    new = data.draw(st.integers(1, len(leaves)))
    old = data.draw(st.integers(0, new))
    index = data.draw(st.integers(0, new - 1))
    path = merkle.make_inclusion(index, new, tree.node)
    merkle.verify_inclusion(leaves[index], index, new, path, tree.root(new))
    growth = merkle.make_consistency(old, new, tree.node)
    merkle.verify_consistency(old, new, growth, tree.root(old), tree.root(new))
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        broken = [*path[:at], merkle.leaf_hash(b"other leaf"), *path[at + 1 :]]
        try:
            merkle.verify_inclusion(leaves[index], index, new, broken, tree.root(new))
        except merkle.LotteryError:
            return
        raise AssertionError("a changed proof was accepted")


@settings(max_examples=40, deadline=None)
@given(steps=st.lists(st.integers(0, 400), min_size=1, max_size=8), data=st.data())
def test_tiles_lead_to_the_plain_root_however_the_log_grows(steps, data):
    store, entries = MemoryStore(), []
    for step in steps:
        fresh = [b"entry %d" % number for number in range(len(entries), len(entries) + step)]
        root = integrate(store, len(entries), fresh)
        assert integrate(store, len(entries), fresh) == root
        entries += fresh
        assert root == merkle.root_of(entries)
    reader = TileReader(store, len(entries))
    start = data.draw(st.integers(0, len(entries)))
    assert reader.entries(start, len(entries)) == entries[start:]
    assert reader.root(start) == merkle.root_of(entries[:start])
    if start:
        path = reader.inclusion(start - 1)
        leaf = merkle.leaf_hash(entries[start - 1])
        merkle.verify_inclusion(leaf, start - 1, len(entries), path, reader.root())
    growth = reader.consistency(start)
    merkle.verify_consistency(start, len(entries), growth, reader.root(start), reader.root())


def test_no_contributions_have_the_root_of_nothing():
    assert contribution_root([]) == merkle.EMPTY_ROOT
