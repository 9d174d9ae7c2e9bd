"""The applicant's messages and rating."""

from uuid import UUID

from flask.typing import ResponseReturnValue

from market.web.applicant.blueprint import bp
from market.web.orders.talking import rate_other_side, write_message


@bp.route("/orders/<uuid:order_id>/messages", methods=["GET", "POST"])
def message(order_id: UUID) -> ResponseReturnValue:
    """Write to the agency."""
    return write_message(order_id)


@bp.route("/orders/<uuid:order_id>/rate", methods=["GET", "POST"])
def rate(order_id: UUID) -> ResponseReturnValue:
    """Rate the agency."""
    return rate_other_side(order_id)
