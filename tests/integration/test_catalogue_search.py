"""Search on both databases: nothing missed, nothing wrong, pages and sorts right."""

import sqlalchemy as sa

from market.catalogue.models import ListingFigures
from market.catalogue.queries import (
    SORTS,
    compare_listings,
    hot_words,
    list_categories,
    search_listings,
)
from market.catalogue.rows import ListingFilter
from market.catalogue.search_terms import normalise
from market.catalogue.services import pause_listing, publish_listing
from market.db import new_id
from tests.support.listings import make_agency, make_catalogue, make_listing

WORDS = [
    "环",
    "环评",
    "境影",
    "影响报告",
    "报告表编制",
    "5%",
    "hj-01",
    "ＨＪ",
    "㎡",
    "测试机构",
    "a_b",
]


def titles(session, **wanted):
    return [row.title for row in search_listings(session, ListingFilter(**wanted)).rows]


def some_listings(runtime):
    make_catalogue(runtime)
    actor = make_agency(runtime, services=("HJ-01", "HJ-02"))
    return actor, [
        make_listing(
            runtime, actor, title="环境影响报告表编制", price_fen=300, summary="含 5% 优惠"
        ),
        make_listing(runtime, actor, title="报告环境表影响", price_fen=200, summary="每 ㎡ a_b"),
        make_listing(runtime, actor, title="评环", price_fen=100, regions=("360722",)),
        make_listing(runtime, actor, title="书", service_code="HJ-02", price_fen=400),
    ]


def test_every_word_is_found_exactly_where_it_stands(runtime):
    some_listings(runtime)
    with runtime.reading() as session:
        stored = dict(
            session.execute(sa.text("SELECT listing_id, content FROM listing_search")).all()
        )
        for word in WORDS:
            expected = sum(normalise(word) in content for content in stored.values())
            found = search_listings(session, ListingFilter(q=word))
            assert (word, found.total) == (word, expected)
            assert len(found.rows) == expected


def test_scattered_pairs_are_no_hit_and_several_words_must_all_occur(runtime):
    some_listings(runtime)
    with runtime.reading() as session:
        assert "报告环境表影响" not in titles(session, q="环境影响报告表编制 5%")
        assert titles(session, q="环境影响报告表编制 优惠") == ["环境影响报告表编制"]
        assert titles(session, q="优惠 a_b") == []


def test_hostile_and_empty_queries_do_no_harm(runtime):
    some_listings(runtime)
    with runtime.reading() as session:
        for query in ('"', "' OR 1=1 --", 'a" OR "b', "NEAR(a b)", "terms:环", "*", "\\", "%"):
            assert search_listings(session, ListingFilter(q=query)).total <= 4
        assert search_listings(session, ListingFilter(q="。，")).total == 0
        assert search_listings(session, ListingFilter(q="  ")).total == 4
        assert search_listings(session, ListingFilter(page=-3)).page == 1
        assert search_listings(session, ListingFilter(page=10**9)).rows == ()


def test_filters_and_sorts(runtime):
    actor, ids = some_listings(runtime)
    with runtime.acting(actor) as act:
        for sold, listing_id in enumerate(ids):
            act.session.get_one(ListingFigures, listing_id).sold_12m = sold
    with runtime.reading() as session:
        assert titles(session, sort="price") == [
            "评环",
            "报告环境表影响",
            "环境影响报告表编制",
            "书",
        ]
        assert titles(session, sort="price_desc")[0] == "书"
        assert titles(session) == titles(session, sort="sold")
        assert titles(session)[0] == "书"
        assert titles(session, max_fee_fen=200, sort="price") == ["评环", "报告环境表影响"]
        assert titles(session, max_days=14) == []
        assert (
            titles(session, service="HJ-02") == titles(session, max_fee_fen=400, q="书") == ["书"]
        )
        assert titles(session, category="errands") == []
        assert len(titles(session, agency_id=actor.organisation_id)) == 4
        assert titles(session, agency_id=new_id()) == []
        for sort in SORTS:
            assert len(titles(session, sort=sort, q="环评", category="environment")) == 4


def test_a_region_is_served_from_above_from_itself_and_from_within(runtime):
    some_listings(runtime)
    with runtime.reading() as session:
        assert len(titles(session, region="360722")) == 4
        assert len(titles(session, region="360702")) == 3
        assert len(titles(session, region="360700")) == 4
        assert len(titles(session, region="360000")) == 4
        assert titles(session, region="360100") == []


def test_pages_never_overlap_and_the_count_is_right(runtime):
    make_catalogue(runtime)
    actor = make_agency(runtime)
    made = {make_listing(runtime, actor, title=f"第 {i} 号") for i in range(7)}
    with runtime.reading() as session:
        pages = [
            search_listings(session, ListingFilter(q="号", page=n, per_page=3)) for n in (1, 2, 3)
        ]
    assert [len(page.rows) for page in pages] == [3, 3, 1]
    assert {row.id for page in pages for row in page.rows} == made
    assert {(page.total, page.page_count, page.is_capped) for page in pages} == {(7, 3, False)}
    assert not pages[2].has_next
    assert pages[2].has_previous


def test_a_paused_listing_is_not_found_and_counts_follow(runtime):
    actor, ids = some_listings(runtime)
    with runtime.reading() as session:
        assert {row.code: row.count for row in list_categories(session)}["environment"] == 4
        assert hot_words(session) == ["环评报告表", "环评报告书"]
    with runtime.acting(actor) as act:
        pause_listing(act, ids[3])
    with runtime.reading() as session:
        assert titles(session, q="书") == []
        assert {row.code: row.count for row in list_categories(session)}["environment"] == 3
        assert compare_listings(session, ids[::-1] + ids)[0].id == ids[2]
    with runtime.acting(actor) as act:
        publish_listing(act, ids[3])
    with runtime.reading() as session:
        assert titles(session, q="书") == ["书"]


def test_the_index_of_the_database_follows_a_changed_text(runtime):
    actor, _ids = some_listings(runtime)
    with runtime.acting(actor) as act:
        act.session.execute(sa.text("UPDATE listing_search SET terms = '新 词', content = '新词'"))
    with runtime.reading() as session:
        assert search_listings(session, ListingFilter(q="环评")).total == 0
        assert search_listings(session, ListingFilter(q="新")).total == 4
    with runtime.acting(actor) as act:
        act.session.execute(sa.text("DELETE FROM listing_search"))
    with runtime.reading() as session:
        assert search_listings(session, ListingFilter(q="新")).total == 0
