"""The verdict on a citation, given the records it may mean."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medlit.library.codec import pack, unpack
from medlit.record import Article, ArticleDate, ElocationId, HistoryDate, Journal, PartialDate
from medlit.verification.verdict import Verdict, judge
from medlit.verification.work import Citation, Work
from scripts.citations import noise
from tests.citation.records import article, book, person

MOSS = article(title="Moss tea in made-up fevers: a trial that never was.")
LICHEN = article(
    pmid=202,
    title="Lichen soup for imaginary colds.",
    authors=[person("Fell", "Uwe")],
    journal=Journal(title="Mossiana", medline_ta="Mossiana"),
    pub_date=PartialDate(year=1999),
    ids={"doi": "10.9999/lichen"},
)
RIGHT = Citation(title="Moss tea in made-up fevers", author="Brindle OM", year=2014, journal="Ann Imag Med")


def work(record: Article) -> Work:
    """A record as the library hands it out."""
    return unpack(pack(record), Work)


def said(citation: Citation, *records: Article) -> Verdict:
    return judge(citation, [work(record) for record in records])


def changed(**changes: Any) -> Citation:
    return msgspec.structs.replace(RIGHT, **changes)


def fields(verdict: Verdict) -> list[str]:
    return [difference.field for difference in verdict.differs]


def test_a_right_citation_matches() -> None:
    verdict = said(RIGHT, LICHEN, MOSS)
    assert verdict.kind == "match"
    assert verdict.work
    assert verdict.work.pmid == MOSS.pmid
    assert verdict.notes == ["title: spelled or shortened differently in the record"]
    assert verdict.candidates == []


@pytest.mark.parametrize(
    ("citation", "field", "found"),
    [
        (changed(author="Moor I"), "author", "Brindle OM, Tansy P"),
        (changed(year=2011), "year", "2014"),
        (changed(journal="Mossiana"), "journal", "Ann Imag Med"),
        (changed(doi="10.9999/lichen.2"), "doi", "10.9999/moss_1"),
        (changed(pmid=999), "pmid", "101"),
        (changed(title="Moss soup in made-up fevers"), "title", "Moss tea in made-up fevers: a trial that never was."),
    ],
)
def test_one_field_that_is_not_the_records_is_a_mismatch(citation: Citation, field: str, found: str) -> None:
    verdict = said(citation, MOSS, LICHEN)
    assert (verdict.kind, verdict.work and verdict.work.pmid) == ("mismatch", 101)
    assert verdict.differs == [(field, found)]


def test_a_pmid_of_another_work_says_whose_it_is_and_offers_the_right_one() -> None:
    verdict = said(changed(pmid=202), MOSS, LICHEN)
    assert (verdict.kind, verdict.work and verdict.work.pmid) == ("mismatch", 202)
    assert fields(verdict) == ["title", "author", "year", "journal"]
    assert [candidate.pmid for candidate in verdict.candidates] == [101]


def test_a_doi_of_another_work_does_too() -> None:
    verdict = said(changed(doi="10.9999/LICHEN"), MOSS, LICHEN)
    assert (verdict.work and verdict.work.pmid, [candidate.pmid for candidate in verdict.candidates]) == (202, [101])


def test_the_pmid_alone_matches_what_it_is() -> None:
    assert said(Citation(pmid=101), MOSS).kind == "match"
    assert said(Citation(pmid=101), LICHEN).kind == "not_found"


def test_a_title_of_one_work_with_the_rest_of_another_is_a_mismatch() -> None:
    verdict = said(changed(author="Fell U", year=1999, journal="Mossiana"), MOSS, LICHEN)
    assert (verdict.kind, verdict.work and verdict.work.pmid) == ("mismatch", 101)
    assert fields(verdict) == ["author", "year", "journal"]


def test_what_is_like_nothing_is_not_found() -> None:
    verdict = said(Citation(title="A history of the umbrella"), MOSS, LICHEN)
    assert (verdict.kind, verdict.work, verdict.candidates) == ("not_found", None, [])


def test_a_title_half_remembered_without_more_is_not_found_but_offered() -> None:
    verdict = said(Citation(title="Moss tea in invented fevers: a trial that was"), MOSS, LICHEN)
    assert (verdict.kind, [candidate.pmid for candidate in verdict.candidates]) == ("not_found", [101])


def test_several_that_agree_are_ambiguous() -> None:
    twin = article(pmid=303, title=MOSS.title)
    assert said(RIGHT, MOSS, twin).kind == "ambiguous"
    assert said(changed(pmid=303), MOSS, twin).kind == "match"
    assert [candidate.pmid for candidate in said(RIGHT, MOSS, twin).candidates] == [101, 303]


def test_one_of_several_with_the_same_title_is_told_by_the_other_fields() -> None:
    twin = article(pmid=303, title=MOSS.title, pub_date=PartialDate(year=2009))
    verdict = said(changed(year=2009), MOSS, twin)
    assert (verdict.kind, verdict.work and verdict.work.pmid) == ("match", 303)


def test_a_title_that_is_there_word_for_word_beats_a_longer_one() -> None:
    longer = article(pmid=303, title="Moss tea in made-up fevers. Reply.")
    exact = article(pmid=304, title="Moss tea in made-up fevers.")
    verdict = said(RIGHT, longer, exact)
    assert (verdict.kind, verdict.work and verdict.work.pmid) == ("match", 304)


def test_author_year_and_journal_together_can_name_a_work() -> None:
    citation = Citation(author="Brindle O", year=2014, journal="Annals of Imaginary Medicine")
    assert said(citation, MOSS, LICHEN).kind == "match"
    assert said(citation, MOSS, article(pmid=303)).kind == "ambiguous"
    assert said(citation, LICHEN).kind == "not_found"


ONLINE = [ArticleDate(date_type="Electronic", date=PartialDate(year=2013, month=12))]


@pytest.mark.parametrize(
    ("changes", "year", "kind", "noted"),
    [
        ({}, 2014, "match", False),
        ({}, 2013, "mismatch", False),
        ({}, 2015, "mismatch", False),
        ({"article_dates": ONLINE}, 2013, "match", True),
        ({"article_dates": ONLINE}, 2015, "mismatch", False),
        ({"history": [HistoryDate(status="pubmed", date=PartialDate(year=2013))]}, 2013, "match", True),
        ({"history": [HistoryDate(status="received", date=PartialDate(year=2013))]}, 2013, "mismatch", False),
        ({"pub_date": PartialDate(year=2014, medline_date="2014 Dec-2015 Jan")}, 2015, "match", False),
        ({"article_dates": [ArticleDate(date=PartialDate(year=2009))]}, 2009, "mismatch", False),
    ],
)
def test_the_year_may_be_the_other_versions(changes: dict[str, Any], year: int, kind: str, *, noted: bool) -> None:
    verdict = said(changed(title=None, doi="10.9999/moss_1", year=year), article(**changes))
    assert (verdict.kind, any(note.startswith("year") for note in verdict.notes)) == (kind, noted)


def test_what_the_record_lacks_is_unchecked_and_no_agreement() -> None:
    bare = Article(pmid=404, title="Moss tea in made-up fevers")
    verdict = said(changed(doi="10.9999/moss_1"), bare)
    assert (verdict.kind, verdict.unchecked) == ("match", ["doi", "author", "year", "journal"])
    assert said(RIGHT, Article(pmid=404)).kind == "not_found"


def test_nlm_would_name_the_authors_if_there_were_any() -> None:
    anonymous = article(authors=[])
    assert fields(said(changed(title="Moss tea in made-up fevers"), anonymous)) == ["author"]
    assert said(changed(title="Moss tea in made-up fevers", author="[No authors listed]"), anonymous).kind == "match"


def test_a_doi_may_stand_only_as_a_location() -> None:
    record = article(ids={}, elocation_ids=[ElocationId(type="doi", value="10.9999/Moss_2")])
    assert said(Citation(doi="10.9999/mOSS_2"), record).kind == "match"


def test_a_vernacular_title_will_do() -> None:
    record = article(title="[Moss tea].", vernacular_title="Thé de mousse.")
    for title in ("The de mousse", "Moss tea", "Thé de mousse [Moss tea]"):
        assert said(changed(title=title), record).kind == "match"


def test_a_book_is_found_by_its_editors() -> None:
    citation = Citation(title="Imaginary herbals", author="Moor I, Fell U", year=2014, journal="Nowhere Press")
    assert said(citation, book()).kind == "match"
    assert fields(said(msgspec.structs.replace(citation, author="Tansy P"), book())) == ["author"]


def test_the_order_of_the_records_does_not_matter() -> None:
    twins = [article(pmid=pmid, title=MOSS.title, volume=str(pmid)) for pmid in (301, 302, 303)]

    def outcome(records: Sequence[Article]) -> object:
        verdict = said(changed(year=2001), *records)
        return verdict.kind, verdict.work and verdict.work.pmid, [candidate.pmid for candidate in verdict.candidates]

    assert outcome(twins) == outcome(twins[::-1]) == ("mismatch", 301, [302, 303])


word = st.text(st.characters(categories=["L"], max_codepoint=0x17F), min_size=1, max_size=9)
name = st.text(st.characters(categories=["Ll"], max_codepoint=0xFF), min_size=2, max_size=9).map(str.capitalize)
records = st.builds(
    article,
    title=st.lists(word, min_size=2, max_size=12).map(" ".join),
    authors=st.lists(st.builds(person, name, name), min_size=1, max_size=9),
    pub_date=st.builds(PartialDate, year=st.integers(1900, 2030)),
)


@given(records, st.integers(0, 10_000))
def test_a_citation_made_from_a_record_matches_it_however_it_is_formatted(record: Article, seed: int) -> None:
    citation = noise.formatted(record, Random(seed))  # noqa: S311  # a chance to repeat, no secret
    verdict = said(citation, record)
    assert (verdict.kind, verdict.differs) == ("match", [])
