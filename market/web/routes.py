"""All blueprints of the site; importing a module of views binds them to their blueprint."""

from flask import Blueprint

from market.web import health
from market.web.account import notices, signing
from market.web.account.blueprint import bp as account
from market.web.agency import desk as agency_desk
from market.web.agency import ending, enrolments, listings, working
from market.web.agency import orders as agency_orders
from market.web.agency.blueprint import bp as agency
from market.web.applicant import acting, paying, placing, talking
from market.web.applicant import orders as applicant_orders
from market.web.applicant.blueprint import bp as applicant
from market.web.dev.blueprint import bp as dev
from market.web.hooks import courier, stripe
from market.web.hooks.blueprint import bp as hooks
from market.web.operator import desk as operator_desk
from market.web.operator import draws as operator_draws
from market.web.operator import notices as operator_notices
from market.web.operator.blueprint import bp as operator
from market.web.owner import projects as owner_projects
from market.web.owner.blueprint import bp as owner
from market.web.public import (
    agencies,
    draws,
    home,
    log,
    matters,
    navigation,
    preferences,
    projects,
    services,
    supervision,
    verify,
)
from market.web.public.blueprint import bp as public
from market.web.regulator import desk as regulator_desk
from market.web.regulator.blueprint import bp as regulator

VIEWS = (
    placing,
    applicant_orders,
    acting,
    talking,
    agency_desk,
    agency_orders,
    working,
    ending,
    listings,
    regulator_desk,
    courier,
    paying,
    stripe,
    signing,
    notices,
    preferences,
    home,
    services,
    agencies,
    matters,
    navigation,
    projects,
    draws,
    log,
    verify,
    supervision,
    enrolments,
    owner_projects,
    operator_desk,
    operator_draws,
    operator_notices,
)
"""Modules whose import binds views; named here so that none is imported only for its effect."""


def blueprints(*, production: bool) -> list[Blueprint]:
    """List the blueprints of an installation."""
    areas = [public, account, applicant, agency, owner, regulator, operator]
    machines = [hooks, health.bp, health.metrics_bp]
    return [*areas, *machines] if production else [*areas, *machines, dev]
