"""What a listing must be, stage scaling and percentiles: pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market.catalogue.models import FeeBasis, ListingState
from market.catalogue.rules import (
    ServiceTerms,
    Stage,
    parse_stages,
    percentile,
    require_listing,
    require_notice,
    require_price,
    scale_stages,
    stage_faults,
)
from market.catalogue.states import MOVES, ListingStateError, require_move
from market.errors import InvalidInputError
from tests.support.listings import DRAFT

TERMS = ServiceTerms(FeeBasis.MARKET, 1_000_000, 5_000_000, 25, qualification_required=True)
BROKEN = [
    ("title", "title", {"title": " "}),
    ("title", "title", {"title": "长" * 121}),
    ("price_fen", "free", {"price_fen": 0}),
    ("price_fen", "negative", {"price_fen": -1}),
    ("price_fen", "absurd", {"price_fen": 10**12}),
    ("promised_days", "over cap", {"promised_days": 26}),
    ("promised_days", "no day", {"promised_days": 0}),
    ("stages", "shares", {"stages": (Stage("踏勘", 5, 30), Stage("编制", 10, 69))}),
    ("stages", "days", {"stages": (Stage("踏勘", 5, 30), Stage("编制", 9, 70))}),
    ("stages", "none", {"stages": ()}),
    ("stages", "nameless", {"stages": (Stage(" ", 15, 100),)}),
    ("stages", "negative", {"stages": (Stage("a", 16, 50), Stage("b", -1, 50))}),
    ("stages", "no share", {"stages": (Stage("a", 15, 100), Stage("b", 0, 0))}),
    ("materials", "none", {"materials": ()}),
    ("materials", "empty", {"materials": ("",)}),
    ("regions", "none", {"regions": ()}),
    ("regions", "no code", {"regions": ("赣州",)}),
    ("includes", "missing", {"includes": ""}),
    ("refund_text", "missing", {"refund_text": ""}),
    ("excludes", "too long", {"excludes": "长" * 4001}),
]


def test_a_right_draft_passes():
    require_listing(DRAFT, TERMS, is_qualified=True)


@pytest.mark.parametrize(("field", "_why", "changes"), BROKEN)
def test_a_broken_draft_is_refused_with_its_field(field, _why, changes):
    with pytest.raises(InvalidInputError) as refused:
        require_listing(replace(DRAFT, **changes), TERMS, is_qualified=True)
    assert refused.value.params["field"] == field


def test_a_required_certificate_must_be_held():
    with pytest.raises(InvalidInputError) as refused:
        require_listing(DRAFT, TERMS, is_qualified=False)
    assert refused.value.params["reason"] == "qualification_missing"
    require_listing(DRAFT, replace(TERMS, qualification_required=False), is_qualified=False)


@pytest.mark.parametrize("basis", [FeeBasis.GOVERNMENT_SET, FeeBasis.GOVERNMENT_GUIDED])
def test_a_government_fee_stays_in_its_range_and_a_market_fee_is_free(basis):
    bound = replace(TERMS, fee_basis=basis)
    require_price(5_000_000, bound)
    require_price(5_000_001, TERMS)
    for outside in (999_999, 5_000_001):
        with pytest.raises(InvalidInputError):
            require_price(outside, bound)


def test_a_price_is_announced_before_it_is_in_force():
    now = datetime(2026, 11, 24, tzinfo=UTC)
    require_notice(now, now)
    with pytest.raises(InvalidInputError):
        require_notice(now, now - timedelta(seconds=1))


@given(
    days=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    target=st.integers(1, 400),
)
def test_scaled_stages_add_up_and_keep_names_and_shares(days, target):
    shares = [100 - len(days) + 1, *([1] * (len(days) - 1))]
    stages = [
        Stage(f"{i}", n, share) for i, (n, share) in enumerate(zip(days, shares, strict=True))
    ]
    scaled = scale_stages(stages, target)
    assert stage_faults(scaled, target) == []
    assert [(s.name, s.share) for s in scaled] == [(s.name, s.share) for s in stages]


@pytest.mark.parametrize("row", [{"name": "a"}, {"name": "a", "days": "1", "share": 100}])
def test_malformed_stages_are_a_type_error(row):
    with pytest.raises(TypeError):
        parse_stages([row])


def test_percentiles_are_existing_values():
    prices = [100, 200, 300, 400, 500]
    assert [percentile(prices, p) for p in (25, 50, 75, 100)] == [200, 300, 400, 500]
    assert percentile([7], 25) == 7


def test_every_move_that_is_not_listed_is_refused():
    for current in ListingState:
        for target in ListingState:
            if target in MOVES[current]:
                require_move(current, target)
            else:
                with pytest.raises(ListingStateError):
                    require_move(current, target)
