"""The open area: everybody may read, nobody needs to sign in."""

from flask import Blueprint

from market.web.guard import AnyoneGuard

bp = Blueprint("public", __name__)
bp.before_request(AnyoneGuard())
