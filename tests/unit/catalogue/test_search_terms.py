"""The tokenizer: every substring of one or more characters is found."""

from hypothesis import given
from hypothesis import strategies as st

from market.catalogue.search_terms import (
    MAX_QUERY_CHARS,
    index_terms,
    is_decided_by_terms,
    like_pattern,
    normalise,
    query_terms,
    query_words,
)

texts = st.text(
    alphabet=st.sampled_from("环境影响报告表编制水土保持ABcd09Ａ㎡·（）- \n"), max_size=40
)


def test_chinese_gives_single_characters_and_pairs():
    assert index_terms("环评表") == "环 评 表 环评 评表"


def test_a_query_of_two_or_more_needs_only_its_pairs():
    assert query_terms("环评表") == ["环评", "评表"]
    assert query_terms("环") == ["环"]


def test_pairs_do_not_cross_punctuation_or_space():
    assert query_terms("环评，报告 表") == ["环评", "报告", "表"]


def test_width_case_and_compatibility_forms_are_one():
    assert normalise("ＨＪ－０１　㎡") == "hj-01 m2"
    assert query_terms("HJ-01") == query_terms("ｈｊ-０１") == ["hj", "01"]


def test_punctuation_alone_has_no_terms():
    assert query_terms("!?，。") == []


def test_a_very_long_query_is_cut():
    assert len(query_terms("".join(chr(0x4E00 + i) for i in range(1000)))) == MAX_QUERY_CHARS - 1


def test_like_patterns_are_literal():
    assert like_pattern("100%_\\") == "%100\\%\\_\\\\%"


def test_only_short_plain_words_are_decided_by_terms():
    assert is_decided_by_terms("环评")
    assert not is_decided_by_terms("环评表")
    assert not is_decided_by_terms("a-")


@given(text=texts, data=st.data())
def test_a_substring_never_has_a_term_that_the_text_lacks(text, data):
    stored = normalise(text)
    start = data.draw(st.integers(0, max(len(stored) - 1, 0)))
    length = data.draw(st.integers(1, 12))
    part = stored[start : start + length]
    assert set(query_terms(part)) <= set(index_terms(text).split())
    assert all(word in stored for word in query_words(part))


@given(text=st.text(max_size=60))
def test_any_text_gives_terms_of_letters_and_digits_only(text):
    assert normalise(normalise(text)) == normalise(text)
    assert all(term.isalnum() and len(term) <= 2 for term in index_terms(text).split())
