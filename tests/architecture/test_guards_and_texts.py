"""Every route is guarded, and every refusal has a sentence."""

import importlib
import pkgutil

import pytest

import market
from market.errors import MarketError
from market.web.guard import AnyoneGuard, LoopbackGuard, RoleGuard, SignedInGuard
from market.web.texts import MESSAGES

GUARDS = (AnyoneGuard, LoopbackGuard, RoleGuard, SignedInGuard)
OPEN_TO_ALL = {"public", "account", "hooks", "dev", "health"}


def test_every_route_stands_behind_a_guard(app):
    guarded = {
        blueprint
        for blueprint, checks in app.before_request_funcs.items()
        if any(isinstance(check, GUARDS) for check in checks)
    }
    bare = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in guarded
    }
    assert bare == {"static"}


def test_only_named_areas_are_open_to_all(app):
    open_areas = {
        blueprint
        for blueprint, checks in app.before_request_funcs.items()
        if any(isinstance(check, AnyoneGuard) for check in checks)
    }
    assert open_areas <= OPEN_TO_ALL


def all_errors(kind):
    for child in kind.__subclasses__():
        yield child
        yield from all_errors(child)


@pytest.fixture(scope="module", autouse=True)
def whole_market():
    """Import everything, so that every error class is known."""
    for module in pkgutil.walk_packages(market.__path__, "market."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def test_every_refusal_has_a_sentence():
    codes = {error.code for error in all_errors(MarketError)}
    assert codes - MESSAGES.keys() == set()


def test_every_refusal_has_a_code_of_its_own():
    owners = {}
    for error in all_errors(MarketError):
        owners.setdefault(error.code, set()).add(error)
    assert {code: kinds for code, kinds in owners.items() if len(kinds) > 1} == {}
