from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from billing.errors import SignatureError
from billing.money import Money
from billing.providers import signatures
from billing.wire import decode_form, flatten

amounts = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any)


@given(amounts, weights)
def test_parts_add_up_and_stay_within_a_fen_of_their_share(minor, parts):
    split = Money(minor).split(parts)
    assert sum(part.minor for part in split) == minor
    for part, weight in zip(split, parts, strict=True):
        assert abs(part.minor * sum(parts) - minor * weight) < sum(parts)


@given(amounts, st.integers(0, 10_000))
def test_a_portion_and_the_rest_are_the_whole(minor, bp):
    whole = Money(minor)
    assert whole.portion(bp) + (whole - whole.portion(bp)) == whole
    assert whole.portion(bp).minor <= minor * bp / 10_000 + 1


@given(st.binary(max_size=200), st.text(max_size=200))
def test_arbitrary_signatures_leak_no_other_error(raw, header):
    try:
        signatures.check(raw, header, ["whsec_x"], now=datetime(2026, 1, 1, tzinfo=UTC))
    except SignatureError:
        return
    raise AssertionError(header)


names = st.from_regex(r"[a-z]{1,6}", fullmatch=True)
leaves = st.one_of(st.text(max_size=8), st.integers(), st.booleans())
forms = st.dictionaries(
    names,
    st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.dictionaries(names, inner, min_size=1, max_size=3),
            st.lists(inner, min_size=1, max_size=3),
        ),
        max_leaves=6,
    ),
    max_size=4,
)


@given(forms.filter(lambda form: all(pair[0].count("[") < 5 for pair in flatten(form))))
def test_a_form_survives_the_wire(form):
    assert decode_form(list(flatten(form))) == _as_text(form)


def _as_text(value):
    if isinstance(value, dict):
        return {name: _as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return {str(index): _as_text(inner) for index, inner in enumerate(value)}
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
