"""The route gate: the draw is the default, every exemption has its rule."""

import json

import pytest

from market.draws.routes import ExemptCode, Route, RouteInputs, RouteLimits, decide_route

LIMITS = RouteLimits()


def decide(**changes):
    values = {"fee_fen": 5_000_000, "service_code": "HJ-01"}
    return decide_route(RouteInputs(**{**values, **changes}), LIMITS)


def test_an_ordinary_project_goes_to_the_draw():
    decision = decide()
    assert (decision.route, decision.code, decision.rule) == (Route.DRAW, "", 8)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"is_secret": True}, ExemptCode.STATE_SECRET),
        (
            {"is_above_tender_scale": True, "service_code": "ZJ-05", "fee_fen": 100_000_000},
            ExemptCode.MUST_TENDER,
        ),
        ({"in_procurement_catalogue": True}, ExemptCode.GOVERNMENT_PROCUREMENT),
        ({"fee_fen": 100_000_000}, ExemptCode.GOVERNMENT_PROCUREMENT),
        ({"law_article": "某法第 1 条"}, ExemptCode.NAMED_BY_LAW),
        ({"is_emergency": True}, ExemptCode.EMERGENCY),
    ],
)
def test_each_exemption_has_its_own_ground(changes, code):
    decision = decide(**changes)
    assert (decision.route, decision.code) == (Route.EXEMPT, code)


def test_a_blank_article_is_no_ground():
    assert decide(law_article="   ").route is Route.DRAW


def test_supervision_below_the_threshold_is_drawn():
    decision = decide(is_above_tender_scale=True, service_code="ZJ-05", fee_fen=99_999_999)
    assert decision.route is Route.DRAW


def test_work_by_own_staff_buys_nothing():
    assert decide(by_own_staff=True).route is Route.NO_PURCHASE


@pytest.mark.parametrize(
    ("before", "route"), [(94_999_999, "draw"), (95_000_000, "split_suspected")]
)
def test_parts_that_pass_the_threshold_together_are_stopped(before, route):
    assert decide(same_service_year_fen=before).route == route


def test_the_first_rule_that_speaks_wins():
    assert decide(is_secret=True, is_emergency=True).code == ExemptCode.STATE_SECRET


def test_the_stored_decision_is_plain_json_with_all_inputs():
    stored = decide(is_emergency=True).stored()
    assert json.loads(json.dumps(stored)) == stored
    assert stored["inputs"]["is_emergency"] is True
