"""One tokenizer for both databases: unigrams and bigrams of the normalised text.

Chinese has no spaces, and dictionary words lose every substring that is not one of them. All pairs
of neighbouring characters find any substring of two or more, all single ones the rest. Latin
letters and digits are treated the same way.
"""

import unicodedata

MAX_QUERY_CHARS = 60
LIKE_ESCAPE = "\\"


def normalise(text: str) -> str:
    """Fold width, case and compatibility forms; white space becomes single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def index_terms(text: str) -> str:
    """Make the terms to store for ``text``: distinct, parted by single spaces, in text order."""
    return " ".join(_distinct(text, unigrams=True))


def query_terms(query: str) -> list[str]:
    """Make the terms that a stored text must all have to contain every word of ``query``.

    A run of two or more characters needs only its bigrams; a single one needs its unigram.
    """
    return _distinct(query[:MAX_QUERY_CHARS], unigrams=False)


def query_words(query: str) -> list[str]:
    """Split ``query`` at white space into normalised words; each must occur as a substring."""
    return normalise(query[:MAX_QUERY_CHARS]).split()


def is_decided_by_terms(word: str) -> bool:
    """Tell whether the terms alone prove the substring; a longer word could be scattered."""
    return len(word) <= 2 and word.isalnum()


def like_pattern(word: str) -> str:
    """Make a LIKE pattern that finds ``word`` literally; escape character ``LIKE_ESCAPE``."""
    for special in (LIKE_ESCAPE, "%", "_"):
        word = word.replace(special, LIKE_ESCAPE + special)
    return f"%{word}%"


def _distinct(text: str, *, unigrams: bool) -> list[str]:
    found: dict[str, None] = {}
    for run in _runs(normalise(text)):
        if unigrams or len(run) == 1:
            found.update(dict.fromkeys(run))
        found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run) - 1)))
    return list(found)


def _runs(text: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in text).split()
