"""RFC 3797 section 6, as a check of how we read entropy strings: not used by the product."""

import hashlib

SOURCES = [[9319], [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]]
POOL = [
    "John",
    "Mary",
    "Bashful",
    "Dopey",
    "Sleepy",
    "Grouchy",
    "Doc",
    "Sneazy",
    "Handsome",
    "Cassandra",
    "Pollyanna",
    "Pendragon",
    "Pandora",
    "Faith",
    "Hope",
    "Charity",
    "Lee",
    "Longsuffering",
    "Chastity",
    "Smith",
    "Pride",
    "Sloth",
    "Envy",
    "Anger",
    "Kasczynski",
]
SELECTED = [
    "Lee",
    "Doc",
    "Mary",
    "Charity",
    "Kasczynski",
    "Envy",
    "Sneazy",
    "Anger",
    "Chastity",
    "Pandora",
    "Sloth",
    "Sleepy",
    "Longsuffering",
    "Handsome",
    "John",
    "Dopey",
]


def test_the_published_selection_comes_out():
    key = "".join(".".join(map(str, sorted(source))) + "./" for source in SOURCES)
    assert key == "9319./2.5.8.10.12./9.18.26.34.41.45./"
    remaining, chosen = list(POOL), []
    for turn in range(len(SELECTED)):
        frame = turn.to_bytes(2, "big")
        digest = hashlib.md5(frame + key.encode() + frame).digest()  # noqa: S324 - the RFC's choice
        if turn == 0:
            assert digest.hex().upper() == "990DD0A5692A029A98B5E01AA28F3459"
        chosen.append(remaining.pop(int.from_bytes(digest, "big") % len(remaining)))
    assert chosen == SELECTED
