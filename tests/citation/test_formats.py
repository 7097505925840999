"""Citations for programs: what public parsers read is what the record says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings

from ingest.formats.pubmed_xml import PubmedXml
from ingest.source import unpacked
from medlit.citation import parts
from medlit.citation.bibtex import bibtex
from medlit.citation.csl_json import csl_json
from medlit.citation.nbib import LINE, LINKS, nbib
from medlit.citation.ris import ris
from medlit.citation.styles import joined
from medlit.library.codec import unpack
from medlit.record import Article, ArticleDate, Author, Book, ElocationId, Journal, Pages, PartialDate
from tests.citation.parsers import CSL, read_bibtex, read_nbib, read_ris
from tests.citation.records import RETRACTED, article, articles, book, chapter, person

VALID_CSL: Any = jsonschema.Draft7Validator(CSL)
CORPUS = Path(__file__).parents[1] / "conformance"


def spaced(text: str | None) -> str:
    """Text with all white space as single spaces, as parsers leave it."""
    return " ".join(parts.one_line(text).split())


def shown_title(record: Article) -> str:
    title = parts.title_of(record)
    assert title
    return spaced(f"[{title.text}]" if title.translated else title.text)


def shown_names(record: Article) -> list[tuple[str, str, str]]:
    """Last, fore, suffix; a group's name stands as a last name."""
    return [
        (spaced(person.collective), "", "")
        if person.collective
        else (spaced(person.last), spaced(person.fore), parts.suffix_of(person))
        for person in parts.authors_of(record)
    ]


@given(articles)
@settings(max_examples=60)
def test_bibtex_gives_back_what_went_in(record: Article) -> None:
    [entry] = read_bibtex(bibtex(record))
    assert (entry.kind, entry.fields["pmid"]) == ("article", str(record.pmid))
    assert spaced(entry.fields["title"]) == shown_title(record)
    found = [tuple(spaced(name) for name in names) for names in entry.people.get("author", [])]
    assert found == shown_names(record)
    assert entry.fields.get("doi") == record.ids["doi"]
    assert entry.fields.get("volume") == record.volume
    assert entry.fields.get("year") == (str(record.year) if record.year else None)
    assert ("note" in entry.fields) == bool(record.retracted)


@given(articles)
@settings(max_examples=60)
def test_ris_gives_back_what_went_in(record: Article) -> None:
    [entry] = read_ris(ris(record))
    assert (entry["type_of_reference"], entry["accession_number"]) == ("JOUR", str(record.pmid))
    assert spaced(entry["title"]) == shown_title(record)
    wanted = [", ".join(names).rstrip(", ") if not names[2] else ", ".join(names) for names in shown_names(record)]
    assert [spaced(name).rstrip(", ") for name in entry.get("authors", [])] == [name.rstrip(", ") for name in wanted]
    assert entry.get("volume") == record.volume
    assert entry.get("year") == (str(record.year) if record.year else None)
    assert ("notes" in entry) == bool(record.retracted)


@given(articles)
@settings(max_examples=60)
def test_csl_json_is_valid_and_gives_back_what_went_in(record: Article) -> None:
    items = json.loads(joined("csl-json", [csl_json(record), csl_json(chapter())]))
    VALID_CSL.validate(items)
    assert spaced(items[0]["title"]) == shown_title(record)
    found = [
        (spaced(name.get("family", name.get("literal"))), spaced(name.get("given")), name.get("suffix", ""))
        for name in items[0].get("author", [])
    ]
    assert found == shown_names(record)
    assert items[0].get("status") == ("retracted" if record.retracted else None)


@given(articles)
@settings(max_examples=60)
def test_nbib_gives_back_what_went_in(record: Article) -> None:
    text = nbib(record)
    [found] = read_nbib(text)
    assert found.pmid == record.pmid
    assert spaced(found.title) == spaced(record.title)
    assert (found.volume, found.issue, found.languages) == (record.volume, record.issue, record.languages)
    assert found.ids.items() >= {"doi": record.ids["doi"], "pmcid": record.ids["pmcid"]}.items()
    assert found.pub_date == record.pub_date
    assert [step.date for step in found.article_dates] == [
        msgspec.structs.replace(step.date, medline_date=None) for step in record.article_dates
    ]
    assert found.comments_corrections == record.comments_corrections
    assert all(len(line) <= LINE or " " not in line[6:] for line in text.split("\n"))


def test_every_real_export_is_written_as_it_was_read(data: Path) -> None:
    for file in sorted((data / "medline-text").rglob("*.*")):
        for record in read_nbib(b"".join(unpacked(file, lambda _: None)).decode()):
            [found] = read_nbib(nbib(record))
            assert found == record


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.xml")), ids=lambda file: file.stem)
def test_what_nbib_says_of_a_record_is_what_its_xml_says(file: Path) -> None:
    reader = PubmedXml()
    chunks = reader.split(iter([file.read_bytes()]))
    records = [unpack(row.body, Article) for chunk in chunks for row in reader.parse(chunk).rows if row.body]
    for record in records:
        [found] = read_nbib(nbib(record))
        assert found.pmid == record.pmid
        assert (found.title, found.vernacular_title) == (record.title, record.vernacular_title)
        assert [person.name for person in found.authors] == [a.name for a in record.authors if a.valid]
        assert [(p.orcid, p.affiliations and p.affiliations[0].text) for p in found.authors] == [
            (p.orcid, p.affiliations and p.affiliations[0].text) for p in record.authors if p.valid
        ]
        assert found.ids == {"pubmed": str(record.pmid)} | record.ids
        assert str(found.pub_date) == str(record.pub_date)
        assert [heading.name for heading in found.mesh] == [heading.name for heading in record.mesh]
        assert [(link.ref_type, link.pmid) for link in found.comments_corrections] == [
            (link.ref_type, link.pmid) for link in record.comments_corrections if link.ref_type in LINKS
        ]
        assert found.history == record.history
        assert found.grants == record.grants
        assert nbib(found).split("\n")[0] == f"PMID- {record.pmid}"


def test_a_long_field_is_folded_and_a_long_word_is_not_broken() -> None:
    lines = nbib(article(title="Moss " * 30 + "m" * 100)).split("\n")
    title = lines[lines.index(next(line for line in lines if line.startswith("TI  - "))) :][:4]
    assert title[0].startswith("TI  - Moss Moss")
    assert len(title[0]) <= LINE
    assert title[1].startswith("      Moss")
    assert f"      {'m' * 100}" in lines


def test_bibtex_escapes_what_tex_would_run() -> None:
    text = bibtex(article(title=r"50% of R&D_costs {in $} #1 ~ ^ \input{x}", authors=[Author(collective="A and B, C")]))
    assert r"50\% of R\&D\_costs \textbraceleft{}in \$\textbraceright{} \#1" in text
    assert r"\textbackslash{}input\textbraceleft{}x" in text
    assert "author = {{A and B, C}}" in text
    assert "doi = {10.9999/moss_1}" in text


@pytest.mark.parametrize(
    ("author", "written"),
    [
        (person("van der Moor", "Ida"), "van der Moor, Ida"),
        (person("Moor", "Ida", "Jr"), "Moor, Jr, Ida"),
        (person("O'Fell", "Uwe"), "O'Fell, Uwe"),
        (person("Moor and Fell", "Uwe"), "{Moor and Fell}, Uwe"),
        (Author(last="Van Fell"), "{Van Fell}"),
        (Author(last="Moor", initials="IK"), "Moor, I. K."),
    ],
)
def test_names_in_bibtex(author: Author, written: str) -> None:
    assert f"author = {{{written}}}" in bibtex(article(authors=[author]))


def test_keys_of_bibtex_are_unique_and_do_not_depend_on_the_answer() -> None:
    one, two = bibtex(article(pmid=1)), bibtex(article(pmid=2))
    assert [entry.key for entry in read_bibtex(joined("bibtex", [one, two]))] == [
        "Brindle2014pmid1",
        "Brindle2014pmid2",
    ]
    assert "@article{pmid7," in bibtex(Article(pmid=7))
    assert "@article{Muller2014pmid101," in bibtex(article(authors=[person("Müller", "U")]))


def test_books_and_chapters_name_the_whole() -> None:
    [whole, part] = read_bibtex(joined("bibtex", [bibtex(book()), bibtex(chapter())]))
    assert (whole.kind, whole.fields["title"], whole.fields["publisher"]) == (
        "book",
        "Imaginary herbals",
        "Nowhere Press",
    )
    assert (part.kind, part.fields["title"], part.fields["booktitle"]) == (
        "incollection", "Moss in theory", "Imaginary herbals",
    )  # fmt: skip
    assert part.people["editor"] == [("Moor", "Ida", ""), ("Fell", "Uwe", "")]
    [whole, part] = read_ris(joined("ris", [ris(book()), ris(chapter())]))
    assert (whole["type_of_reference"], part["type_of_reference"]) == ("BOOK", "CHAP")
    assert (part["secondary_title"], part["secondary_authors"]) == ("Imaginary herbals", ["Moor, Ida", "Fell, Uwe"])
    [found] = read_nbib(nbib(chapter()))
    assert (found.record_type, found.title) == ("chapter", "Moss in theory")
    assert found.book == Book(
        title="Imaginary herbals", publisher="Nowhere Press", place="Nowhere", edition="2nd", isbn=["9990000000017"],
        editors=[person("Moor", "Ida"), person("Fell", "Uwe")],
    )  # fmt: skip


def test_pages_are_written_out_for_programs() -> None:
    [entry] = read_ris(ris(article()))
    assert (entry["start_page"], entry["end_page"]) == ("737", "738")
    assert read_bibtex(bibtex(article()))[0].fields["pages"] == "737--738"
    assert json.loads(csl_json(article()))["page"] == "737-738"


def test_an_article_number_has_its_own_place() -> None:
    record = article(pages=None, elocation_ids=[ElocationId(type="pii", value="e4711")])
    assert read_ris(ris(record))[0]["custom7"] == "e4711"
    assert json.loads(csl_json(record))["number"] == "e4711"


@pytest.mark.parametrize(
    ("date", "in_ris", "in_csl"),
    [
        (PartialDate(year=2014, month=5, day=6), "2014/05/06/", {"date-parts": [[2014, 5, 6]]}),
        (PartialDate(year=2014), "2014///", {"date-parts": [[2014]]}),
        (PartialDate(year=2014, season="Fall"), "2014///Fall", {"date-parts": [[2014]], "season": 3}),
        (PartialDate(medline_date="Spring issue"), None, {"literal": "Spring issue"}),
    ],
)
def test_dates_for_programs_are_as_precise_as_the_record(
    date: PartialDate, in_ris: str | None, in_csl: dict[str, object]
) -> None:
    record = article(pub_date=date)
    assert read_ris(ris(record))[0].get("date") == in_ris
    assert json.loads(csl_json(record))["issued"] == in_csl


def test_programs_are_told_of_a_retraction() -> None:
    record = article(**RETRACTED)
    assert "Retraction in: Ann Imag Med. 2016 Feb;14(1):9-10. PMID: 105" in read_ris(ris(record))[0]["notes"][0]
    assert read_bibtex(bibtex(record))[0].fields["note"].startswith("Retracted. Retraction in: Ann Imag Med")
    assert json.loads(csl_json(record))["note"].startswith("Retraction in: Ann")
    assert read_nbib(nbib(record))[0].retracted


def test_a_record_with_nothing_but_its_number_can_be_cited() -> None:
    bare = Article(pmid=7)
    assert read_bibtex(bibtex(bare))[0].fields == {"pmid": "7"}
    assert read_ris(ris(bare))[0]["accession_number"] == "7"
    assert json.loads(csl_json(bare)) == {"id": "pmid:7", "type": "article-journal", "PMID": "7"}
    assert read_nbib(nbib(bare)) == [Article(pmid=7, ids={"pubmed": "7"})]


def test_control_characters_and_line_ends_cannot_leave_their_field() -> None:
    hostile = "Moss\nPMID- 5\r\nER  - \x00 tea"
    record = article(title=hostile, journal=Journal(title=hostile), pages=Pages(raw="1\nER  - "))
    assert len(read_ris(ris(record))) == 1
    assert [found.pmid for found in read_nbib(nbib(record))] == [101]
    assert len(read_bibtex(bibtex(record))) == 1


def test_the_electronic_date_is_kept() -> None:
    record = article(article_dates=[ArticleDate(date_type="Electronic", date=PartialDate(year=2013, month=12, day=9))])
    assert read_nbib(nbib(record))[0].article_dates == record.article_dates
