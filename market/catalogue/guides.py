"""Approval matters: the list and the guide of each."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from market.catalogue.details import service_row, service_rows
from market.catalogue.models import Matter, MatterService, ServiceKind
from market.catalogue.rows import MatterDetail, MatterRow
from market.errors import NotFoundError


def list_matters(session: Session, *, department: str = "") -> list[MatterRow]:
    """List all approval matters in the order of the catalogue; there are some dozens."""
    statement = (
        select(
            Matter.code,
            Matter.name,
            Matter.department,
            Matter.statutory_days,
            Matter.promised_days,
            Matter.self_possible,
            func.count(MatterService.service_code),
        )
        .outerjoin(MatterService, MatterService.matter_code == Matter.code)
        .group_by(
            Matter.code,
            Matter.name,
            Matter.department,
            Matter.statutory_days,
            Matter.promised_days,
            Matter.self_possible,
            Matter.position,
        )
        .order_by(Matter.position)
    )
    if department:
        statement = statement.where(Matter.department == department)
    return [MatterRow(*row) for row in session.execute(statement)]


def get_matter(session: Session, code: str) -> MatterDetail:
    """Read a matter with the services that it needs, in two queries.

    Raises:
        NotFoundError: no such matter.
    """
    matter: tuple[Any, ...] | None = session.execute(
        select(
            Matter.code,
            Matter.name,
            Matter.department,
            Matter.legal_basis,
            Matter.statutory_days,
            Matter.promised_days,
            Matter.steps,
            Matter.materials,
            Matter.self_possible,
            Matter.self_note,
        ).where(Matter.code == code)
    ).one_or_none()
    if matter is None:
        raise NotFoundError(kind="matter")
    statement = (
        service_rows()
        .join(MatterService, MatterService.service_code == ServiceKind.code)
        .where(MatterService.matter_code == code)
        .order_by(MatterService.position)
    )
    services = tuple(service_row(row) for row in session.execute(statement))
    fields: tuple[Any, ...] = (*matter, services)
    return MatterDetail(*fields)
