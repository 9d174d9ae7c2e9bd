"""统一社会信用代码: 18 characters of which the last proves the others.

Source: GB 32100-2015. The alphabet leaves out I, O, S, V and Z; the character at place i weighs
3^(i-1) mod 31, and all eighteen together, the last with weight 1, make a multiple of 31.
Places 9 to 17 are an organisation code, whose own last character is made as GB 11714-1997 says.
"""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
MODULUS = len(ALPHABET)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def normalise_uscc(text: str) -> str:
    """Drop white space and raise letters, as people type a code; proves nothing."""
    return "".join(text.split()).upper()


def is_valid_uscc(text: str) -> bool:
    """Tell whether ``text`` (normalised) has the right form and the right last character.

    Whether such an organisation exists is another question.
    """
    if len(text) != LENGTH or any(char not in ALPHABET for char in text):
        return False
    region = text[2:8]
    return region.isdigit() and text[-1] == check_character(text[:-1])


def check_character(first: str) -> str:
    """Make the last character for the first 17.

    Raises:
        ValueError: not 17 characters of the alphabet.
    """
    if len(first) != LENGTH - 1:
        raise ValueError(f"{len(first)} characters, not {LENGTH - 1}")
    total = sum(ALPHABET.index(char) * pow(3, place, MODULUS) for place, char in enumerate(first))
    return ALPHABET[-total % MODULUS]


def organisation_check(first: str) -> str:
    """Make the last character of an organisation code for its first 8.

    Raises:
        ValueError: not 8 digits and capital letters.
    """
    if len(first) != len(ORGANISATION_WEIGHTS) or not (first.isascii() and first.isalnum()):
        raise ValueError("not 8 digits or letters")
    values = [int(char, 36) for char in first]
    total = sum(v * weight for v, weight in zip(values, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def complete_uscc(kind: str, region: str, body: str) -> str:
    """Make a whole code from 2 characters of kind, 6 digits of region and 8 of an organisation.

    Raises:
        ValueError: a part has the wrong length or alphabet.
    """
    first = kind + region + body + organisation_check(body)
    return first + check_character(first)
