"""The account area: signing in is open to everybody; each page inside asks by itself."""

from flask import Blueprint

from market.web.guard import AnyoneGuard

bp = Blueprint("account", __name__, url_prefix="/account")
bp.before_request(AnyoneGuard())
