"""Records to cite, made up, and hypothesis' supply of them."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from medlit.record import (
    Article,
    ArticleDate,
    Author,
    Book,
    CommentCorrection,
    ElocationId,
    Journal,
    Pages,
    PartialDate,
    Term,
)


def person(last: str, fore: str = "", suffix: str | None = None) -> Author:
    """An author with the initials of the fore names."""
    initials = "".join(name[0] for name in fore.replace("-", " ").split())
    return Author(last=last, fore=fore or None, initials=initials or None, suffix=suffix)


def people(number: int) -> list[Author]:
    """That many authors: ``Alpha A``, ``Beta B``, … by letters of the alphabet."""
    return [person(f"Name{chr(97 + at)}", chr(65 + at)) for at in range(number)]


def article(**changes: Any) -> Article:
    """An article with everything that a citation shows, changed as told."""
    plain = Article(
        pmid=101,
        status="MEDLINE",
        pub_model="Print",
        title="Moss tea in made-up fevers.",
        languages=["eng"],
        authors=[person("Brindle", "Otto M"), person("Tansy", "Petra")],
        journal=Journal(
            title="Annals of imaginary medicine",
            medline_ta="Ann Imag Med",
            iso_abbrev="Ann. Imag. Med.",
            issn_print="9999-0017",
        ),
        volume="12",
        issue="3",
        pages=Pages(raw="737-8", start="737", end="738"),
        pub_date=PartialDate(year=2014, month=5, day=6),
        ids={"pubmed": "101", "doi": "10.9999/moss_1", "pmcid": "PMC77"},
    )
    return msgspec.structs.replace(plain, **changes)


def book(**changes: Any) -> Article:
    """A book of two editors."""
    plain = Article(
        pmid=102,
        record_type="book",
        title="Imaginary herbals",
        languages=["eng"],
        pub_date=PartialDate(year=2014),
        ids={"pubmed": "102"},
        book=Book(
            title="Imaginary herbals",
            publisher="Nowhere Press",
            place="Nowhere",
            edition="2nd",
            isbn=["9990000000017"],
            editors=[person("Moor", "Ida"), person("Fell", "Uwe")],
        ),
    )
    return msgspec.structs.replace(plain, **changes)


def chapter(**changes: Any) -> Article:
    """A chapter of that book."""
    plain = msgspec.structs.replace(
        book(), pmid=103, record_type="chapter", title="Moss in theory", authors=[person("Tansy", "Petra")]
    )
    return msgspec.structs.replace(plain, **changes)


RETRACTED = {
    "publication_types": [Term(name="Retracted Publication")],
    "comments_corrections": [
        CommentCorrection(ref_type="RetractionIn", source="Ann Imag Med. 2016 Feb;14(1):9-10", pmid=105)
    ],
}

text = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40).filter(
    lambda value: any(character.isalnum() for character in value)
)
names = st.text(st.characters(categories=["L"]) | st.sampled_from(" -'.{},\\&"), min_size=1, max_size=20).filter(
    lambda value: any(character.isalpha() for character in value)
)
dates = st.builds(
    PartialDate,
    year=st.integers(1800, 2099),
    month=st.none() | st.integers(1, 12),
) | st.builds(PartialDate, year=st.just(2001), medline_date=st.just("2001 Dec-2002 Jan"))
authors = st.lists(
    st.builds(Author, last=names, fore=st.none() | names, suffix=st.none() | st.sampled_from(["Jr", "3rd"]))
    | st.builds(Author, collective=text),
    max_size=4,
)
articles = st.builds(
    article,
    pmid=st.integers(1, 99_999_999),
    title=text,
    vernacular_title=st.none() | text,
    languages=st.lists(st.sampled_from(["eng", "ger", "und"]), max_size=2, unique=True),
    authors=authors,
    volume=st.none() | st.from_regex(r"\A[0-9]{1,3}\Z"),
    issue=st.none() | st.from_regex(r"\A[0-9]{1,2} Suppl [0-9]\Z"),
    pages=st.none()
    | st.sampled_from(["1-9", "e12", "S3-10; discussion S11", "iii-v", "7"]).map(lambda p: Pages(raw=p)),
    pub_date=st.none() | dates,
    article_dates=st.lists(dates.map(lambda date: ArticleDate(date_type="Electronic", date=date)), max_size=1),
    elocation_ids=st.lists(st.just(ElocationId(type="pii", value="e1234")), max_size=1),
    comments_corrections=st.sampled_from([[], RETRACTED["comments_corrections"]]),
)
