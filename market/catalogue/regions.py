"""Names of 行政区划代码 (GB/T 2260), from the versioned data file."""

from functools import cache

from market.catalogue.load import read_regions


@cache
def region_names() -> dict[str, str]:
    """Give all known regions, code to name, in the order of the file."""
    return {region.code: region.name for region in read_regions()}


def region_name(code: str) -> str:
    """Name a region; an unknown code names itself."""
    return region_names().get(code, code)
