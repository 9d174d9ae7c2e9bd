"""Callbacks of payment providers and carriers: no session, no cookie, a signature instead."""

from flask import Blueprint

from market.web.guard import AnyoneGuard

bp = Blueprint("hooks", __name__, url_prefix="/hooks")
bp.before_request(AnyoneGuard())
