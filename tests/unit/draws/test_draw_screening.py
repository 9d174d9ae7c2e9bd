"""Screening as a function of plain facts."""

from dataclasses import replace

from market.draws.screening import MIN_CREDIT, Standing, screen_all, standing_fault

GOOD = Standing("A", "甲", is_active=True, credit_score=75, is_qualified=True)


def test_a_sound_agency_passes():
    assert standing_fault(GOOD) == ""
    assert screen_all([GOOD], {}) == {}


def test_a_paused_or_badly_rated_agency_is_suspended():
    assert standing_fault(replace(GOOD, is_active=False)) == "suspended"
    assert standing_fault(replace(GOOD, credit_score=MIN_CREDIT - 1)) == "suspended"
    assert standing_fault(replace(GOOD, credit_score=MIN_CREDIT)) == ""


def test_an_expired_certificate_disqualifies():
    assert screen_all([replace(GOOD, is_qualified=False)], {}) == {"A": ("not_qualified", "")}


def test_of_linked_agencies_only_the_first_enrolled_stays():
    linked = [GOOD, replace(GOOD, uscc="B"), replace(GOOD, uscc="C", controller="乙")]
    assert screen_all(linked, {}) == {"B": ("affiliated", "H3")}


def test_a_refused_agency_does_not_take_the_place_of_its_relative():
    linked = [replace(GOOD, is_qualified=False), replace(GOOD, uscc="B")]
    assert screen_all(linked, {}) == {"A": ("not_qualified", "")}


def test_unknown_controllers_are_not_related():
    strangers = [replace(GOOD, controller=""), replace(GOOD, uscc="B", controller="")]
    assert screen_all(strangers, {}) == {}


def test_an_avoided_agency_is_told_the_ground():
    assert screen_all([GOOD], {"A": "H4"}) == {"A": ("conflict_of_interest", "H4")}


def test_a_closed_commitment_cannot_take_part():
    assert screen_all([replace(GOOD, is_opened=False)], {}) == {"A": ("not_opened", "")}
