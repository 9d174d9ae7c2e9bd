"""The area of one audience; nobody of another role comes in."""

from flask import Blueprint

from market.act import Role
from market.web.guard import RoleGuard

bp = Blueprint("owner", __name__, url_prefix="/owner")
bp.before_request(RoleGuard(Role.OWNER))
