"""Two titles are one when every word with meaning is there, however it is typeset or spelt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.verification.titles import likeness, read_title, same
from medlit.verification.words import slip

LONG = "Moss tea and oedema in paediatric tumours: a randomised trial of 12 children with TNF-α"


def is_same(given: str, found: str) -> bool:
    return same(read_title(given), read_title(found))


@pytest.mark.parametrize(
    "written",
    [
        LONG.upper(),
        LONG.lower() + ".",
        f"[{LONG}].",
        LONG.replace("-", "–").replace(" and ", " & "),
        LONG.replace("α", "alpha"),
        LONG.replace("oedema", "edema").replace("paediatric", "pediatric").replace("tumours", "tumors"),
        LONG.replace("randomised", "randomized"),
        LONG.replace("children", "chidlren"),
        LONG.replace("Moss tea", "<i>Moss</i> tea"),
        LONG.split(":")[0],
        "Moss tea and oedema in paediatric tumours: a randomised trial …",
        f"RETRACTED: {LONG}",
        f"{LONG} [Retracted]",
        f"{LONG} (author's transl)",
        LONG.replace("a randomised", "randomised"),
    ],
)
def test_what_typography_spelling_and_shortening_do_is_no_difference(written: str) -> None:
    assert is_same(written, LONG)


@pytest.mark.parametrize(
    "written",
    [
        LONG.replace("oedema", "anaemia"),
        LONG.replace("12", "13"),
        LONG.replace("with", "without"),
        LONG.replace("tea and", "tea but not"),
        LONG.replace("children", "adults"),
        f"{LONG}: a second look",
        "Moss",
        "Moss tea",
        "Another thing altogether",
        "",
        "…",
    ],
)
def test_a_word_of_meaning_makes_another_title(written: str) -> None:
    assert not is_same(written, LONG)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hypotension in mossers", "Hypertension in mossers"),
        ("Moss in men", "Moss in women"),
        ("Type 1 moss", "Type 2 moss"),
        ("Prenatal moss care", "Postnatal moss care"),
        ("Intraocular moss", "Interocular moss"),
        ("Moss effective in fever", "Moss ineffective in fever"),
    ],
)
def test_words_that_look_alike_but_mean_another_thing_differ(one: str, other: str) -> None:
    assert not is_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Healthcare for mossers", "Health care for mossers"),
        ("Follow-up of moss", "Followup of moss"),
        ("Moss H₂O balance", "Moss H2O balance"),
        ("Mossläufer in Göteborg", "Mosslaufer in Goteborg"),
        ("The moss's lament", "The moss’s lament"),
    ],
)
def test_one_word_or_two_makes_no_difference(one: str, other: str) -> None:
    assert is_same(one, other)
    assert is_same(other, one)


titles = st.lists(st.sampled_from([*LONG.split(), "gene", "therapy", "of", "the"]), max_size=12).map(" ".join)


@given(titles | st.text(max_size=40), titles | st.text(max_size=40))
def test_likeness_is_the_same_in_both_directions_and_between_0_and_1(one: str, other: str) -> None:
    there, back = likeness(read_title(one), read_title(other)), likeness(read_title(other), read_title(one))
    assert there.score == back.score
    assert (there.only_one, there.only_other) == (back.only_other, back.only_one)
    assert 0 <= there.score <= 1


@given(titles | st.text(max_size=40))
def test_a_title_is_like_itself(title: str) -> None:
    read = read_title(title)
    assert likeness(read, read).score == (1 if read.words else 0)
    assert same(read, read) == bool(read.words)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("moss", "mosss", False),
        ("mosses", "moses", True),
        ("mosses", "mossse", True),
        ("mosses", "msosse", False),
        ("mosses", "mosses", True),
        ("mosser", "mosses", True),
        ("12345", "12346", False),
        ("men", "ten", False),
    ],
)
def test_a_slip_is_one_letter(one: str, other: str, *, expected: bool) -> None:
    assert slip(one, other) is expected
    assert slip(other, one) is expected
