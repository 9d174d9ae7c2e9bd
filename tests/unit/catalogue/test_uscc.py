"""统一社会信用代码: the check character of GB 32100-2015."""

import pytest

from market.accounts.uscc import (
    ALPHABET,
    check_character,
    complete_uscc,
    is_valid_uscc,
    normalise_uscc,
    organisation_check,
)
from market.demo.agencies import AGENCIES

PUBLISHED = ["91350100M000100Y43", "91310110666007217T", "914403001922038216"]


@pytest.mark.parametrize("code", PUBLISHED)
def test_published_codes_are_valid_and_so_is_their_organisation_code(code):
    assert is_valid_uscc(code)
    assert code[16] == organisation_check(code[8:16])


@pytest.mark.parametrize("code", PUBLISHED)
def test_any_single_wrong_character_is_found(code):
    for place, right in enumerate(code):
        for wrong in ALPHABET:
            if wrong != right:
                assert not is_valid_uscc(code[:place] + wrong + code[place + 1 :])


def test_two_neighbours_swapped_are_found():
    code = PUBLISHED[0]
    for place in range(17):
        swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
        assert swapped == code or not is_valid_uscc(swapped)


@pytest.mark.parametrize(
    "text", ["", "91350100M000100Y4", "91350100M000100Y433", "9135O100M000100Y43", "９" * 18]
)
def test_other_shapes_are_refused(text):
    assert not is_valid_uscc(text)


def test_a_typed_code_is_normalised_before():
    assert is_valid_uscc(normalise_uscc(" 91350100 m000100y43\n"))


def test_a_completed_code_is_valid_for_every_demo_agency():
    for agency in AGENCIES:
        assert is_valid_uscc(complete_uscc("91", agency.region, f"DEM{agency.no:05}"))


def test_parts_of_the_wrong_length_are_refused():
    with pytest.raises(ValueError, match="17"):
        check_character("123")
    with pytest.raises(ValueError, match="8"):
        organisation_check("短")
