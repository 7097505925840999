"""A journal is its title, its abbreviations, its acronym and its ISSNs, and no other journal."""

from __future__ import annotations

import pytest

from medlit.record import Journal
from medlit.verification.journals import is_same

MOSS = Journal(
    title="The Northern England journal of moss and medicine : official organ (Leeds, England)",
    iso_abbrev="North. Engl. J. Moss Med.",
    medline_ta="North Engl J Moss Med",
    issn_print="9999-001X",
    issn_electronic="9999-0028",
)
LICHEN = Journal(title="Lichen (London, England)", medline_ta="Lichen")


@pytest.mark.parametrize(
    "written",
    [
        "North Engl J Moss Med",
        "NORTH ENGL J MOSS MED",
        "North. Engl. J. Moss Med.",
        "Northern England Journal of Moss and Medicine",
        "The Northern England Journal of Moss & Medicine",
        "N Engl J Moss Med",
        "Nthn Engl J Moss Med",
        "NEJMM",
        "9999-001x",
        "ISSN: 99990028",
    ],
)
def test_a_journal_goes_by_many_names(written: str) -> None:
    assert is_same(written, MOSS)


@pytest.mark.parametrize(
    "written",
    ["Northern England Journal of Moss", "North Engl J Med", "J Moss Med", "NEJ", "9999-0036", "Moss", "Lichen", "?"],
)
def test_other_journals_are_others(written: str) -> None:
    assert not is_same(written, MOSS)


def test_a_place_behind_the_title_is_not_part_of_it() -> None:
    assert is_same("The Lichen", LICHEN)
    assert not is_same("Lichen Oncology", LICHEN)
    assert not is_same("London", LICHEN)
