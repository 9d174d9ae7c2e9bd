import base64
import json
from pathlib import Path

import pytest

from lottery import merkle
from lottery.errors import LotteryError

VECTORS = json.loads(Path("lottery/vectors/merkle.json").read_text())
LEAVES = [merkle.leaf_hash(bytes.fromhex(item)) for item in VECTORS["leaves"]]
TREE = merkle.MemoryTree(LEAVES)


def decoded(path):
    return [base64.b64decode(item) for item in path]


def test_roots_are_the_reference_roots():
    for size, expected in enumerate(VECTORS["roots"], start=1):
        assert merkle.root(LEAVES[:size]).hex() == expected
        assert TREE.root(size).hex() == expected
    assert merkle.root([]).hex() == VECTORS["empty_root"] == TREE.root(0).hex()


def test_the_reference_proofs_are_made_and_accepted():
    for case in VECTORS["inclusion"]:
        path = merkle.make_inclusion(case["index"], case["size"], TREE.node)
        assert path == decoded(case["path"])
        root = TREE.root(case["size"])
        merkle.verify_inclusion(LEAVES[case["index"]], case["index"], case["size"], path, root)
    for case in VECTORS["consistency"]:
        path = merkle.make_consistency(case["old"], case["new"], TREE.node)
        assert path == decoded(case["path"])
        merkle.verify_consistency(
            case["old"], case["new"], path, TREE.root(case["old"]), TREE.root(case["new"])
        )


@pytest.mark.parametrize("size", range(1, 9))
def test_every_inclusion_proof_fits_its_leaf_only(size):
    root = TREE.root(size)
    for index in range(size):
        path = merkle.make_inclusion(index, size, TREE.node)
        merkle.verify_inclusion(LEAVES[index], index, size, path, root)
        wrong = [
            (LEAVES[index], (index + 1) % size if size > 1 else 1, size, path, root),
            (LEAVES[(index + 1) % 8], index, size, path, root),
            (LEAVES[index], index, size, [*path, root], root),
            (LEAVES[index], index, size, path, LEAVES[0][::-1]),
            (LEAVES[index], index, size, [b"short", *path], root),
            (LEAVES[index], -1, size, path, root),
            (LEAVES[index], size, size, path, root),
        ]
        if path:
            wrong.append((LEAVES[index], index, size, path[:-1], root))
        for arguments in wrong:
            with pytest.raises(LotteryError):
                merkle.verify_inclusion(*arguments)


def test_every_consistency_proof_fits_its_sizes_only():
    for new in range(9):
        for old in range(new + 1):
            path = merkle.make_consistency(old, new, TREE.node)
            merkle.verify_consistency(old, new, path, TREE.root(old), TREE.root(new))
            with pytest.raises(LotteryError):
                merkle.verify_consistency(
                    old, new, [*path, LEAVES[0]], TREE.root(old), TREE.root(new)
                )
            with pytest.raises(LotteryError):
                merkle.verify_consistency(old, new, path, LEAVES[2], TREE.root(new))
            if path:
                with pytest.raises(LotteryError):
                    merkle.verify_consistency(old, new, path[:-1], TREE.root(old), TREE.root(new))


def test_sizes_out_of_order_are_refused():
    with pytest.raises(LotteryError):
        merkle.make_consistency(5, 4, TREE.node)
    with pytest.raises(LotteryError):
        merkle.verify_consistency(5, 4, [], TREE.root(5), TREE.root(4))
    with pytest.raises(LotteryError):
        merkle.make_inclusion(8, 8, TREE.node)
    with pytest.raises(LotteryError):
        TREE.node(3, 1)


def test_a_missing_consistency_proof_is_too_short():
    with pytest.raises(LotteryError, match="too short"):
        merkle.verify_consistency(6, 8, [], TREE.root(6), TREE.root(8))
