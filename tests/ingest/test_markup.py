"""Text out of mixed content: whatever the markup, a reader sees the same characters and never a tag."""

from __future__ import annotations

import re
from typing import NamedTuple, cast
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from ingest.formats.element import Element
from ingest.formats.markup import SUBSCRIPTS, SUPERSCRIPTS, marked_up, text_of, tidy

TAGS = ("b", "i", "sub", "sup", "u")
WHITE = re.compile(r"[ \t\r\n]+")
ON_THE_LINE = {
    script: {"−": "-"}.get(chr(sign), chr(sign))
    for table in (SUPERSCRIPTS, SUBSCRIPTS)
    for sign, script in table.items()
} | {ord("−"): "-"}

# Digits and signs may become scripts, white space is layout, and no reader can tell a bare "<" from a tag's.
LETTERS = st.text(st.sampled_from("Aa0129+-−=()[].,;/βж水𝛽é\u00a0%" + 4 * " " + "\n\t\r"), max_size=8)
LOOKS_LIKE_MARKUP = st.sampled_from(["<", ">", "P<0.001", "<AA>", "</b>", "& ", "R&D", "n>5"])
ENCODED = st.sampled_from(
    ["&", "amp;", "lt;", "#38;", "#x26;", "nbsp;", "#13;", "#1;", "quot;", " ", "\n", "x", "para", ";"]
)


class Inline(NamedTuple):
    """An inline element with what is in it."""

    tag: str
    content: list[str | Inline]


Content = list[str | Inline]


def contents(text: st.SearchStrategy[str]) -> st.SearchStrategy[Content]:
    """Mixed content: text and inline elements, some levels deep."""
    return st.recursive(
        st.lists(text, max_size=3),
        lambda inner: st.lists(text | st.builds(Inline, st.sampled_from(TAGS), inner), max_size=5),
        max_leaves=12,
    )


def as_xml(content: Content) -> str:
    """The content as it stands in a file."""
    return "".join(
        escape(part, {"\r": "&#13;"}) if isinstance(part, str) else f"<{part.tag}>{as_xml(part.content)}</{part.tag}>"
        for part in content
    )


def letters(content: Content) -> str:
    """The text alone."""
    return "".join(part if isinstance(part, str) else letters(part.content) for part in content)


def element(xml: str) -> Element:
    """An ``AbstractText`` with this inside."""
    return cast("Element", etree.fromstring(f"<AbstractText>{xml}</AbstractText>"))


def seen(text: str | None) -> str:
    """What a reader sees: layout is one space, a script is its character."""
    return WHITE.sub(" ", text or "").strip(" ").translate(ON_THE_LINE)


def formula(inside: str) -> str | None:
    """The text of a MathML formula."""
    return text_of(element(f'<m:math xmlns:m="http://www.w3.org/1998/Math/MathML">{inside}</m:math>'))


@given(contents(LETTERS | LOOKS_LIKE_MARKUP))
def test_every_character_that_a_reader_sees_is_kept_in_its_place(content: Content) -> None:
    assert seen(text_of(element(as_xml(content)))) == seen(letters(content))


@given(contents(LETTERS))
def test_no_tag_is_ever_in_the_text(content: Content) -> None:
    assert not set("<>") & set(text_of(element(as_xml(content))) or "")


@given(contents(LETTERS | LOOKS_LIKE_MARKUP))
def test_layout_is_single_spaces_between_words(content: Content) -> None:
    text = text_of(element(as_xml(content)))
    assert text is None or text == WHITE.sub(" ", text).strip(" ") != ""


@given(contents(LETTERS | LOOKS_LIKE_MARKUP))
def test_text_already_read_stays_as_it_is_when_tidied_again(content: Content) -> None:
    text = text_of(element(as_xml(content)))
    assert text is None or tidy(text) == text


@given(st.lists(ENCODED, max_size=12).map("".join))
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    once = tidy(text)
    assert tidy(once or "") == once


@given(contents(LETTERS | LOOKS_LIKE_MARKUP))
@example(["\u00a0", Inline("b", ["x"])])
def test_marked_up_text_is_the_same_text_with_its_tags(content: Content) -> None:
    whole = element(as_xml(content))
    marked = marked_up(whole)
    assert (marked is None) == (len(whole) == 0)
    if marked is not None:
        assert seen(text_of(element(marked))) == seen(text_of(whole))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Fund &amp;amp; Sons", "Fund & Sons"),
        ("Fundaci&amp;amp;#x00F3;n", "Fundación"),
        ("P &amp;lt; 0.05", "P < 0.05"),
        ("R&amp;para, Fund &amp;amp; Sons", "R&para, Fund & Sons"),
    ],
)
def test_a_character_encoded_too_often_is_one_character(written: str, meant: str) -> None:
    assert text_of(element(written)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("H<sub>2</sub>O", "H₂O"),
        ("Ca<sup>2+</sup>", "Ca²⁺"),
        ("10<sup>−3</sup>", "10⁻³"),
        ("IC<sub>50</sub>", "IC₅₀"),
        ("V<sub>max</sub>", "Vmax"),
        ("<i>x<sup>n</sup></i>", "xn"),
    ],
)
def test_a_script_is_written_in_unicode_where_unicode_has_it(written: str, meant: str) -> None:
    assert text_of(element(written)) == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("<m:msup><m:mi>r</m:mi><m:mn>2</m:mn></m:msup> <m:mo>=</m:mo> <m:mn>0.97</m:mn>", "r²=0.97"),
        ("<m:mfrac><m:mi>a</m:mi><m:mrow><m:mi>b</m:mi><m:mo>+</m:mo><m:mn>1</m:mn></m:mrow></m:mfrac>", "a/(b+1)"),
        ("<m:msqrt><m:mi>n</m:mi></m:msqrt>", "√(n)"),
        ("<m:mroot><m:mi>n</m:mi><m:mn>3</m:mn></m:mroot>", "³√(n)"),
        ("<m:msubsup><m:mi>x</m:mi><m:mi>i</m:mi><m:mn>2</m:mn></m:msubsup>", "x_i²"),
        ("<m:mfenced><m:mi>a</m:mi><m:mi>b</m:mi></m:mfenced>", "(a,b)"),
        ('<m:mfenced open="|" close="|"><m:mi>a</m:mi></m:mfenced>', "|a|"),
        ("<m:mn>5</m:mn><m:mtext>\u00a0mm </m:mtext>", "5\u00a0mm"),
        ("<m:semantics><m:mi>x</m:mi><m:annotation>\\bar x</m:annotation></m:semantics>", "x"),
    ],
)
def test_a_formula_is_written_on_one_line(written: str, meant: str) -> None:
    assert formula(written) == meant
