"""Citations for people: the words and signs that the two styles prescribe."""

from __future__ import annotations

import pytest
from hypothesis import given

from medlit.citation.apa import apa
from medlit.citation.parts import with_notices
from medlit.citation.vancouver import vancouver
from medlit.record import Article, ArticleDate, Author, CommentCorrection, ElocationId, Journal, Pages, PartialDate
from tests.citation.records import RETRACTED, article, articles, book, chapter, people, person


def test_an_article_as_nlm_cites_it() -> None:
    assert vancouver(article()) == (
        "Brindle OM, Tansy P. Moss tea in made-up fevers. Ann Imag Med. 2014 May 6;12(3):737-8. "
        "doi: 10.9999/moss_1. PMID: 101; PMCID: PMC77."
    )


def test_an_article_as_apa_cites_it() -> None:
    assert apa(article()) == (
        "Brindle, O. M., & Tansy, P. (2014). Moss tea in made-up fevers. "
        "Annals of imaginary medicine, 12(3), 737–738. https://doi.org/10.9999/moss_1"
    )


NONE = Article(pmid=1)


def test_nothing_is_made_up_for_what_a_record_lacks() -> None:
    assert vancouver(NONE) == "[date unknown]. PMID: 1."
    assert apa(NONE) == "(n.d.)."
    assert vancouver(article(volume=None, issue=None, pages=None, ids={})).endswith(
        "Ann Imag Med. 2014 May 6. PMID: 101."
    )


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        (people(6), "Namea A, Nameb B, Namec C, Named D, Namee E, Namef F."),
        (people(7), "Namea A, Nameb B, Namec C, Named D, Namee E, Namef F, et al."),
        ([person("Moor", "I"), Author(collective="Moss Group")], "Moor I; Moss Group."),
        ([Author(collective="Moss Group"), person("Moor", "I")], "Moss Group; Moor I."),
        ([person("Moor", "Ida", "Jr"), person("Fell", "Uwe", "3rd")], "Moor I Jr, Fell U 3rd."),
        ([person("Old", "I"), Author(last="Gone", valid=False)], "Old I."),
        ([Author(last="Madonna")], "Madonna."),
        ([Author(last="Petrov", initials="IuA")], "Petrov IuA."),
        ([Author(last="Moor", fore="Ida-Maria K")], "Moor IMK."),
        ([], ""),
    ],
)
def test_authors_in_vancouver(authors: list[Author], shown: str) -> None:
    assert vancouver(article(authors=authors)).startswith(f"{shown} Moss tea".lstrip())


@pytest.mark.parametrize(
    ("authors", "shown"),
    [
        (people(1), "Namea, A."),
        (people(3), "Namea, A., Nameb, B., & Namec, C."),
        (people(20), "R., Names, S., & Namet, T."),
        (people(21), "R., Names, S., . . . Nameu, U."),
        ([person("Moor", "Ida", "Jr"), Author(collective="Moss Group")], "Moor, I., Jr., & Moss Group."),
        ([person("Moor", "Jean-Paul M")], "Moor, J.-P. M."),
        ([Author(last="Petrov", initials="IuA")], "Petrov, Iu. A."),
    ],
)
def test_authors_in_apa(authors: list[Author], shown: str) -> None:
    by, _, _ = apa(article(authors=authors)).partition(" (2014)")
    assert by.endswith(shown)


def test_a_list_of_authors_that_the_record_cuts_short_says_so() -> None:
    assert vancouver(article(author_list_complete=False)).startswith("Brindle OM, Tansy P, et al. Moss")
    assert apa(article(author_list_complete=False)).startswith("Brindle, O. M., Tansy, P., et al. (2014)")


@pytest.mark.parametrize(
    ("pages", "in_vancouver", "in_apa"),
    [
        ("737-8", ":737-8.", ", 737–738."),
        ("737-738", ":737-8.", ", 737–738."),
        ("99-101", ":99-101.", ", 99–101."),
        ("S12-S14", ":S12-4.", ", S12–S14."),
        ("S12-4; discussion S15", ":S12-4; discussion S15.", ", S12-4; discussion S15."),
        ("126A-127A", ":126A-127A.", ", 126A–127A."),
        ("iii-v", ":iii-v.", ", iii–v."),
        ("5", ":5.", ", 5."),
        ("e1019", ":e1019.", ", Article e1019."),
        ("684096", ":684096.", ", Article 684096."),
    ],
)
def test_pages(pages: str, in_vancouver: str, in_apa: str) -> None:
    record = article(pages=Pages(raw=pages))
    assert f"12(3){in_vancouver} doi" in vancouver(record)
    assert f"12(3){in_apa} https" in apa(record)


def test_an_article_number_stands_for_pages() -> None:
    record = article(pages=None, elocation_ids=[ElocationId(type="pii", value="e4711")])
    assert ";12(3):e4711." in vancouver(record)
    assert ", 12(3), Article e4711." in apa(record)


@pytest.mark.parametrize(
    "place",
    [
        ElocationId(type="pii", value="S0140-6736(20)30183-5"),
        ElocationId(type="pii", value="e4711", valid=False),
        ElocationId(type="doi", value="10.9999/4711"),
    ],
)
def test_a_publishers_code_is_no_article_number(place: ElocationId) -> None:
    assert ";12(3). doi" in vancouver(article(pages=None, elocation_ids=[place]))


@pytest.mark.parametrize(
    ("date", "shown", "year"),
    [
        (PartialDate(year=2014), "2014;", "(2014)"),
        (PartialDate(year=2014, month=5), "2014 May;", "(2014)"),
        (PartialDate(year=2014, season="Summer"), "2014 Summer;", "(2014)"),
        (PartialDate(year=2014, medline_date="2014 Dec-2015 Jan"), "2014 Dec-2015 Jan;", "(2014)"),
        (None, "[date unknown];", "(n.d.)"),
    ],
)
def test_dates_are_as_precise_as_the_record(date: PartialDate | None, shown: str, year: str) -> None:
    assert f"Ann Imag Med. {shown}12(3)" in vancouver(article(pub_date=date))
    assert f" {year}. Moss" in apa(article(pub_date=date))


@pytest.mark.parametrize(
    ("model", "source", "other"),
    [
        ("Print-Electronic", "2014 May 6;", "Epub 2013 Dec 9."),
        ("Electronic-eCollection", "2013 Dec 9;", "eCollection 2014 May 6."),
        ("Electronic-Print", "2013 Dec 9;", "Print 2014 May 6."),
        ("Electronic", "2014 May 6;", ""),
    ],
)
def test_the_date_of_the_other_medium_is_told(model: str, source: str, other: str) -> None:
    online = [ArticleDate(date_type="Electronic", date=PartialDate(year=2013, month=12, day=9))]
    said = vancouver(article(pub_model=model, article_dates=online, ids={}))
    assert f"Ann Imag Med. {source}12(3):737-8. {other} PMID".replace("  ", " ") in said


def test_a_translated_title_stands_in_brackets_with_its_language() -> None:
    record = article(title="[Moss tea].", vernacular_title="Moostee.", languages=["ger"])
    assert " [Moss tea]. Ann Imag Med. " in vancouver(record)
    assert " German. PMID" in vancouver(record)
    assert " Moostee [Moss tea]. Annals" in apa(record)


def test_where_there_is_no_english_title_the_vernacular_one_stands() -> None:
    record = article(title="[Not Available].", vernacular_title="Moostee.", languages=["ger"])
    assert " Moostee. Ann Imag Med. " in vancouver(record)
    assert " Moostee. Annals" in apa(record)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Does moss help?", "Does moss help? Ann"),
        ("Moss helps!", "Moss helps! Ann"),
        ("Moss, moss, and more ...", "Moss, moss, and more ... Ann"),
        ("[A] and [B].", "[A] and [B]. Ann"),
        ("Moss  tea\n again.", "Moss tea again. Ann"),
    ],
)
def test_a_title_ends_once(title: str, shown: str) -> None:
    assert shown in vancouver(article(title=title))


def test_a_retracted_article_is_marked_in_every_way_a_reader_may_look() -> None:
    said = vancouver(article(**RETRACTED))
    assert " made-up fevers [Retracted]. " in said
    assert " Retraction in: Ann Imag Med. 2016 Feb;14(1):9-10. PMID: 105. " in said
    assert apa(article(**RETRACTED)).endswith(" (Retraction published 2016, Ann Imag Med, 14[1], 9–10)")


def test_a_retraction_that_only_the_notice_tells_is_marked_too() -> None:
    record = with_notices(article(), [("RetractionOf", 105)])
    assert "[Retracted]" in vancouver(record)
    assert "Retraction in: PMID: 105." in vancouver(record)
    assert apa(record).endswith("(Retracted)")
    known = article(comments_corrections=[CommentCorrection(ref_type="RetractionIn", pmid=105)])
    assert with_notices(known, [("RetractionOf", 105)]) == known


def test_books_and_chapters() -> None:
    assert (
        vancouver(book())
        == "Moor I, Fell U, editors. Imaginary herbals. 2nd ed. Nowhere: Nowhere Press; 2014. PMID: 102."
    )
    assert apa(book()) == "Moor, I., & Fell, U. (Eds.). (2014). Imaginary herbals (2nd ed.). Nowhere Press."
    assert vancouver(chapter(pages=Pages(raw="11-19"))) == (
        "Tansy P. Moss in theory. 2014. In: Moor I, Fell U, editors. Imaginary herbals. 2nd ed. "
        "Nowhere: Nowhere Press; 2014. p. 11-9. PMID: 103."
    )
    assert apa(chapter(pages=Pages(raw="11-19"))) == (
        "Tansy, P. (2014). Moss in theory. In I. Moor & U. Fell (Eds.), Imaginary herbals (2nd ed., pp. 11–19). "
        "Nowhere Press."
    )


def test_a_journal_without_an_abbreviation_is_cited_by_its_title() -> None:
    assert "Mossiana. 2014" in vancouver(article(journal=Journal(title="Mossiana")))


@given(articles)
def test_a_citation_is_one_line_and_says_nothing_twice(record: Article) -> None:
    for said in (vancouver(record), apa(record)):
        assert "\n" not in said
        assert said == said.strip()
        assert "None" not in said.replace(str(record.title), "")
