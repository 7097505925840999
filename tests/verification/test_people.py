"""Names agree in any order, style and transcription, and differ when they are another person's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.verification.people import Person, compare, is_nobody, is_same

MUELLER = Person(last="Müller", fore="Jörg Karl", initials="JK")
BERG = Person(last="van der Berg", fore="Ida", initials="I")
GARCIA = Person(last="García López", fore="Ana María", initials="AM")
PETROV = Person(last="Petrov", fore="Iuriĭ A", initials="IuA")
GROUP = Person(collective="Moss and Related Disorders Study Group")
EVERYBODY = [MUELLER, BERG, GARCIA, PETROV, GROUP]


@pytest.mark.parametrize(
    "written",
    [
        "Müller JK",
        "Muller JK",
        "Mueller J",
        "Müller",
        "Müller, Jörg Karl",
        "Müller, Jörg K",
        "Müller, Jörg K, and Petrov, Iuriĭ A",
        "Jörg Karl Müller",
        "J. K. Müller",
        "J.K. Müller",
        "MÜLLER, J. K.",
        "Müller JK, et al.",
        "Müller et al",
        "Müller JK Jr",
        "Müller JK, van der Berg I, García López AM",
        "Müller, J. K., van der Berg, I., & García López, A. M.",
        "Müller, Jörg, and Berg, Ida",
        "Jörg Müller, Ida van der Berg and Ana María García López",
        "Müller JK; van der Berg I; Petrov IA",
        "Müller JK, Petrov IuA; Moss and Related Disorders Study Group",
    ],
)
def test_the_authors_are_recognized(written: str) -> None:
    assert compare(written, EVERYBODY) == (True, True)


@pytest.mark.parametrize("written", ["van der Berg I", "Berg I", "Van Der Berg, Ida", "Garcia A", "Lopez AM"])
def test_an_author_who_is_not_the_first_is_an_author(written: str) -> None:
    agreement = compare(written, EVERYBODY)
    assert (agreement.agree, agreement.in_order) == (written != "Lopez AM", False)


def test_another_order_is_told() -> None:
    assert compare("Berg I, Müller JK", EVERYBODY) == (True, False)


@pytest.mark.parametrize(
    "written",
    ["Moor A", "Müller A", "Müller JA", "Müller JK, Moor A", "Petrov B", "Smith", "Jörg", "Moss Growers Union", ","],
)
def test_other_people_are_not_recognized(written: str) -> None:
    assert not compare(written, EVERYBODY).agree


@pytest.mark.parametrize(
    ("written", "agrees"),
    [
        ("Moss and Related Disorders Study Group", True),
        ("Moss & Related Disorders Study Group.", True),
        ("The Moss and Related Disorders Group", True),
        ("Lichen Study Group", False),
    ],
)
def test_groups(written: str, *, agrees: bool) -> None:
    assert compare(written, EVERYBODY).agree is agrees


def test_two_last_names_with_a_comma_may_be_two_authors() -> None:
    assert compare("Müller, Petrov", EVERYBODY).agree


def test_a_full_name_with_a_comma_is_not_two_of_many_authors() -> None:
    assert not compare("Garcia, Petrov", EVERYBODY).agree


def test_a_list_that_the_record_cuts_short_cannot_refute_the_others() -> None:
    assert not compare("Müller JK, Moor A", [MUELLER]).agree
    assert compare("Müller JK, Moor A", [MUELLER], complete=False).agree
    assert not compare("Moor A", [MUELLER], complete=False).agree


@pytest.mark.parametrize("written", ["Anonymous", "[No authors listed]", "anon."])
def test_nobody(written: str) -> None:
    assert is_nobody(written)


letters = st.text(st.characters(categories=["Ll"], max_codepoint=0x24F), min_size=2, max_size=10).map(str.capitalize)


@given(letters, letters, st.text(max_size=30))
def test_names_are_those_of_the_record_whatever_they_are(last: str, fore: str, other: str) -> None:
    author = Person(last=last, fore=fore, initials=fore[0])
    if author.name.split()[0][0].isupper():
        for written in (f"{last}, {fore}", f"{fore} {last}", f"{last} {fore[0]}", last):
            assert is_same(written, author), written
    is_same(other, author)
    compare(other, [author])
