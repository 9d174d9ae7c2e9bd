"""The area of one audience; nobody of another role comes in."""

from flask import Blueprint

from market.act import Role
from market.web.guard import RoleGuard

bp = Blueprint("applicant", __name__, url_prefix="/applicant")
bp.before_request(RoleGuard(Role.APPLICANT))
