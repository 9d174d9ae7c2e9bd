"""The data files, and that a faulty one is refused."""

import json
import shutil

import pytest

from market.catalogue.load import DATA, CatalogueDataError, read_catalogue, read_regions
from market.catalogue.models import Commission
from market.catalogue.regions import region_name, region_names


@pytest.fixture
def folder(tmp_path):
    """A copy of the data files that a test may spoil."""
    target = tmp_path / "data"
    shutil.copytree(DATA, target)
    return target


def spoil(folder, name, change):
    path = folder / name
    document = json.loads(path.read_text("utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False), "utf-8")


def test_the_catalogue_has_all_services_in_twelve_categories():
    data = read_catalogue()
    assert len(data.services) == 34
    assert len(data.categories) == 12
    assert {row.category for row in data.services} == {row.code for row in data.categories}


def test_every_service_has_a_fee_basis_a_range_and_marked_sources():
    known = {
        row["mark"] for row in json.loads((DATA / "services.v1.json").read_text("utf-8"))["sources"]
    }
    for service in read_catalogue().services:
        assert service.fee_min_fen % 100 == service.fee_max_fen % 100 == 0
        assert service.materials
        assert set(service.marks) <= known
        assert {"P", "R"} & set(service.marks)


def test_what_a_department_commissions_is_marked_so():
    bought = {s.code for s in read_catalogue().services if s.commission is Commission.DEPARTMENT}
    assert bought == {"FG-03", "ZJ-03", "CZ-01", "CZ-02"}


def test_no_matter_quotes_a_law_that_nobody_checked():
    assert all("待核对" in matter.legal_basis for matter in read_catalogue().matters)


def test_regions_have_names():
    assert region_name("360700") == "江西省赣州市"
    assert region_name("999999") == "999999"
    assert len(region_names()) == len(read_regions())


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("services.v1.json", lambda d: d["rows"][0].pop("name")),
        ("services.v1.json", lambda d: d["rows"][0].update(extra=1)),
        ("services.v1.json", lambda d: d["rows"][0].update(fee_min_fen="1")),
        ("services.v1.json", lambda d: d["rows"][0].update(fee_min_fen=True)),
        ("services.v1.json", lambda d: d["rows"][0].update(fee_min_fen=10**12)),
        ("services.v1.json", lambda d: d["rows"][0].update(fee_basis="cheap")),
        ("services.v1.json", lambda d: d["rows"][0].update(materials="一")),
        ("services.v1.json", lambda d: d["rows"][0].update(category="nowhere")),
        ("services.v1.json", lambda d: d["rows"][0]["stages"][0].update(share=1)),
        ("services.v1.json", lambda d: d["rows"][0].update(typical_days=99)),
        ("services.v1.json", lambda d: d["rows"].append(d["rows"][0])),
        ("services.v1.json", lambda d: d.update(version=2)),
        ("services.v1.json", lambda d: d.pop("caution")),
        ("matters.v1.json", lambda d: d["rows"][0].update(services=["XX-99"])),
        ("matters.v1.json", lambda d: d["rows"].pop(4)),
    ],
)
def test_a_faulty_file_is_refused(folder, name, change):
    spoil(folder, name, change)
    with pytest.raises(CatalogueDataError):
        read_catalogue(folder)


def test_a_region_of_five_digits_is_refused(folder):
    spoil(folder, "regions.v1.json", lambda d: d["rows"][0].update(code="36000"))
    with pytest.raises(CatalogueDataError):
        read_regions(folder)
