"""Ratings back to back: sealed until both are in, averages without a default."""

from functools import partial

import pytest

from market.act import SYSTEM
from market.errors import InvalidInputError, NotFoundError
from market.files import FileStore
from market.orders import services as orders
from market.orders.states import OrderState
from market.reviews.queries import (
    get_order_reviews,
    list_reviews,
    summarise_agency,
    summarise_listing,
)
from market.reviews.services import (
    NotRatableError,
    RatedAlreadyError,
    Scores,
    rate_order,
    rating_ends_at,
    tick_unseal,
)
from tests.support.shop import make_shop

GOOD, POOR = Scores(5, 4, 5, 4), Scores(2, 2, 3, 2)


@pytest.fixture
def shop(runtime):
    return make_shop(runtime)


@pytest.fixture
def settled(shop, tmp_path):
    order = shop.delivered(FileStore(tmp_path / "files"))
    return shop.do(shop.applicant, orders.confirm_receipt, order.id)


def ask(shop, query, *args):
    with shop.runtime.reading() as session:
        return query(session, *args)


def test_neither_side_sees_the_other_before_both_have_rated(shop, settled):
    shop.do(shop.applicant, rate_order, settled.id, GOOD, body="按时完成")
    seen = ask(shop, get_order_reviews, shop.agency, settled.id)
    assert (seen.own, seen.other, seen.is_other_given) == (None, None, True)
    assert ask(shop, summarise_listing, shop.listing_id).count == 0
    shop.do(shop.agency, rate_order, settled.id, POOR)
    seen = ask(shop, get_order_reviews, shop.agency, settled.id)
    assert (seen.own.quality, seen.other.body) == (2, "按时完成")
    assert shop.read(settled.id).order.state is OrderState.CLOSED


def test_averages_count_only_what_applicants_gave(shop, settled):
    shop.do(shop.applicant, rate_order, settled.id, GOOD, body="按时完成")
    shop.do(shop.agency, rate_order, settled.id, POOR)
    for summary in (
        ask(shop, summarise_listing, shop.listing_id),
        ask(shop, summarise_agency, shop.agency.organisation_id),
    ):
        assert (summary.count, summary.quality, summary.overall) == (1, 500, 450)
    page = ask(shop, partial(list_reviews, listing_id=shop.listing_id))
    assert [row.body for row in page.rows] == ["按时完成"]


def test_nobody_rated_is_not_five_stars(shop):
    summary = ask(shop, summarise_listing, shop.listing_id)
    assert (summary.count, summary.quality, summary.overall) == (0, None, None)


def test_a_lone_rating_is_shown_after_ten_working_days(shop, settled, clock):
    shop.do(shop.applicant, rate_order, settled.id, GOOD)
    clock.advance(days=10)
    shop.do(SYSTEM, tick_unseal)
    assert ask(shop, summarise_listing, shop.listing_id).count == 0
    clock.at = rating_ends_at(settled)
    with pytest.raises(NotRatableError):
        shop.do(shop.agency, rate_order, settled.id, GOOD)
    shop.do(SYSTEM, tick_unseal)
    assert ask(shop, summarise_listing, shop.listing_id).count == 1
    assert shop.read(settled.id).order.state is OrderState.CLOSED


def test_a_rating_is_given_once_and_only_by_a_party(shop, settled):
    shop.do(shop.applicant, rate_order, settled.id, GOOD)
    with pytest.raises(RatedAlreadyError):
        shop.do(shop.applicant, rate_order, settled.id, POOR)
    with pytest.raises(NotFoundError):
        shop.do(shop.stranger, rate_order, settled.id, POOR)


def test_an_unsettled_order_cannot_be_rated(shop):
    order = shop.paid()
    with pytest.raises(NotRatableError):
        shop.do(shop.applicant, rate_order, order.id, GOOD)


@pytest.mark.parametrize("scores", [Scores(0, 1, 1, 1), Scores(1, 1, 1, 6), Scores(5, -1, 5, 5)])
def test_scores_are_one_to_five(shop, settled, scores):
    with pytest.raises(InvalidInputError):
        shop.do(shop.applicant, rate_order, settled.id, scores)


def test_a_text_has_at_most_five_hundred_characters(shop, settled):
    with pytest.raises(InvalidInputError):
        shop.do(shop.applicant, rate_order, settled.id, GOOD, body="字" * 501)
    shop.do(shop.applicant, rate_order, settled.id, GOOD, body="字" * 500)
