"""Bring the tables of the catalogue to what the data files say."""

from dataclasses import dataclass

from sqlalchemy import delete

from market import audit
from market.act import Act
from market.catalogue.load import (
    DATA_VERSION,
    CatalogueData,
    MatterData,
    ServiceData,
    read_catalogue,
)
from market.catalogue.models import Category, Matter, MatterService, ServiceKind


@dataclass(frozen=True, slots=True)
class SyncedCounts:
    """How many rows the data files hold."""

    categories: int
    matters: int
    services: int


def sync_catalogue(act: Act, data: CatalogueData | None = None) -> SyncedCounts:
    """Insert or update categories, matters, kinds of service and their links; safe to repeat.

    Nothing is deleted but links: listings and orders refer to kinds of service for ever.

    Raises:
        CatalogueDataError: a data file is faulty.
    """
    data = data or read_catalogue()
    for position, category in enumerate(data.categories):
        act.session.merge(Category(code=category.code, name=category.name, position=position))
    act.session.flush()
    for position, service in enumerate(data.services):
        act.session.merge(_service(service, position))
    for position, matter in enumerate(data.matters):
        act.session.merge(_matter(matter, position))
    act.session.flush()
    act.session.execute(delete(MatterService))
    for matter in data.matters:
        act.session.add_all(
            MatterService(matter_code=matter.code, service_code=code, position=position)
            for position, code in enumerate(matter.services)
        )
    act.session.flush()
    audit.record(act, "catalogue.synced", subject="catalogue", data_version=DATA_VERSION)
    return SyncedCounts(len(data.categories), len(data.matters), len(data.services))


def _service(row: ServiceData, position: int) -> ServiceKind:
    return ServiceKind(
        code=row.code,
        category_code=row.category,
        name=row.name,
        short_name=row.short_name,
        position=position,
        qualification=row.qualification,
        qualification_required=row.qualification_required,
        regulator=row.regulator,
        commission=row.commission,
        self_possible=row.self_possible,
        self_note=row.self_note,
        fee_basis=row.fee_basis,
        fee_unit=row.fee_unit,
        fee_formula=row.fee_formula,
        fee_min_fen=row.fee_min_fen,
        fee_max_fen=row.fee_max_fen,
        typical_days=row.typical_days,
        cap_days=row.cap_days,
        materials=list(row.materials),
        stages=[stage.as_json() for stage in row.stages],
        result_document=row.result_document,
        note=row.note,
        data_version=DATA_VERSION,
    )


def _matter(row: MatterData, position: int) -> Matter:
    return Matter(
        code=row.code,
        name=row.name,
        department=row.department,
        legal_basis=row.legal_basis,
        statutory_days=row.statutory_days,
        promised_days=row.promised_days,
        steps=list(row.steps),
        materials=list(row.materials),
        self_possible=row.self_possible,
        self_note=row.self_note,
        position=position,
    )
