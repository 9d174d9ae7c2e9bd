"""The area of regulators and supervisors; nobody of another role comes in."""

from flask import Blueprint

from market.act import Role
from market.web.guard import RoleGuard

bp = Blueprint("regulator", __name__, url_prefix="/regulator")
bp.before_request(RoleGuard(Role.REGULATOR, Role.SUPERVISOR))
