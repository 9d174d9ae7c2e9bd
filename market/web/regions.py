"""Regions as pages name and offer them."""

from market.catalogue.regions import region_names


def regions_within(code: str) -> list[tuple[str, str]]:
    """List a region and those within it, for a filter: pairs of code and name."""
    stem = code.removesuffix("00").removesuffix("00")
    return [(key, name) for key, name in region_names().items() if key.startswith(stem)]
