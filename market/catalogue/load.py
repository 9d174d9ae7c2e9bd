"""Read the versioned data files of the catalogue, strictly: an unknown or missing key is a fault.

The files are part of the product. ``sync_catalogue`` brings the tables to what they say.
"""

import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from market.catalogue.models import Commission, FeeBasis
from market.catalogue.rules import Stage, parse_stages, stage_faults

DATA = Path(__file__).parent / "data"
DATA_VERSION = 1
FILE_KEYS = {"version", "sources", "caution", "rows"}

T = TypeVar("T")


class CatalogueDataError(ValueError):
    """A data file of the product is not as it must be; names the file and the row."""


@dataclass(frozen=True, slots=True)
class CategoryData:
    """A row of categories.v1.json."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class RegionData:
    """A row of regions.v1.json."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class MatterData:
    """A row of matters.v1.json; days are working days."""

    code: str
    name: str
    department: str
    legal_basis: str
    statutory_days: int
    promised_days: int
    steps: tuple[str, ...]
    materials: tuple[str, ...]
    services: tuple[str, ...]
    self_possible: bool
    self_note: str


@dataclass(frozen=True, slots=True)
class ServiceData:
    """A row of services.v1.json; days are working days, ``marks`` tell where a row is from."""

    code: str
    name: str
    short_name: str
    category: str
    qualification: str
    qualification_required: bool
    regulator: str
    commission: Commission
    self_possible: bool
    self_note: str
    fee_basis: FeeBasis
    fee_unit: str
    fee_formula: str
    fee_min_fen: int
    fee_max_fen: int
    typical_days: int
    cap_days: int
    materials: tuple[str, ...]
    stages: tuple[Stage, ...]
    result_document: str
    note: str
    marks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogueData:
    """All data files together, checked against each other."""

    categories: tuple[CategoryData, ...]
    matters: tuple[MatterData, ...]
    services: tuple[ServiceData, ...]


def read_catalogue(folder: Path = DATA) -> CatalogueData:
    """Read categories, matters and services.

    Raises:
        CatalogueDataError: a file is malformed or refers to what is not there.
    """
    data = CatalogueData(
        categories=_read(folder / "categories.v1.json", CategoryData),
        matters=_read(folder / "matters.v1.json", MatterData),
        services=_read(folder / "services.v1.json", ServiceData),
    )
    faults = [*_dangling(data), *(fault for row in data.services for fault in _bad_service(row))]
    if faults:
        raise CatalogueDataError("; ".join(faults))
    return data


def read_regions(folder: Path = DATA) -> tuple[RegionData, ...]:
    """Read the known regions.

    Raises:
        CatalogueDataError: the file is malformed.
    """
    regions = _read(folder / "regions.v1.json", RegionData)
    bad = [row.code for row in regions if len(row.code) != 6 or not row.code.isdigit()]
    if bad:
        raise CatalogueDataError(f"regions.v1.json: not six digits: {bad}")
    return regions


def _read(path: Path, kind: type[T]) -> tuple[T, ...]:
    document = json.loads(path.read_text("utf-8"))
    if set(document) != FILE_KEYS or document["version"] != DATA_VERSION:
        raise CatalogueDataError(f"{path.name}: keys must be {sorted(FILE_KEYS)}, version 1")
    rows = tuple(_parse(path.name, row, kind) for row in document["rows"])
    codes = [row["code"] for row in document["rows"]]
    if len(set(codes)) != len(codes):
        raise CatalogueDataError(f"{path.name}: a code stands twice")
    return rows


def _parse(file: str, row: dict[str, Any], kind: type[T]) -> T:
    expected = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    if set(row) != set(expected):
        wrong = sorted(set(row) ^ set(expected))
        raise CatalogueDataError(f"{file} {row.get('code')}: missing or unknown {wrong}")
    try:
        return kind(**{name: _value(row[name], expected[name]) for name in expected})
    except (TypeError, ValueError) as error:
        raise CatalogueDataError(f"{file} {row['code']}: {error}") from error


def _value(value: Any, kind: Any) -> Any:  # noqa: ANN401 - any JSON value, any field type
    if kind in {Commission, FeeBasis}:
        return kind(value)
    if kind == tuple[Stage, ...]:
        return parse_stages(value)
    if kind == tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise TypeError(f"not a list of texts: {value!r}")
        return tuple(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not {kind.__name__}")
    return value


def _dangling(data: CatalogueData) -> list[str]:
    categories = {row.code for row in data.categories}
    services = {row.code for row in data.services}
    needed = {code for matter in data.matters for code in matter.services}
    return [
        *(
            f"{row.code}: no category {row.category}"
            for row in data.services
            if row.category not in categories
        ),
        *(f"no service {code} that a matter needs" for code in sorted(needed - services)),
        *(f"{code}: no matter needs it" for code in sorted(services - needed)),
    ]


def _bad_service(row: ServiceData) -> list[str]:
    rules = (
        (row.typical_days > row.cap_days, "typical days over the cap"),
        (not 0 < row.fee_min_fen <= row.fee_max_fen, "fee range"),
        (not row.marks, "no mark of its source"),
        *((True, fault) for fault in stage_faults(row.stages, row.typical_days)),
    )
    return [f"{row.code}: {text}" for broken, text in rules if broken]
