"""JSON in all its shapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import Chunk, FormatError, json_text
from ingest.formats import text_chunks as text
from ingest.formats.json_text import JsonDocument, JsonLines
from medlit.library.codec import pack
from medlit.library.store import StoredArticle
from medlit.record import (
    AbstractSection,
    Affiliation,
    Article,
    ArticleDate,
    Author,
    Book,
    Chemical,
    CommentCorrection,
    DataBank,
    ElocationId,
    Grant,
    HistoryDate,
    Identifier,
    Journal,
    Keyword,
    MeshHeading,
    Note,
    OtherAbstract,
    Pages,
    PartialDate,
    Qualifier,
    Reference,
    SupplementalMesh,
    Term,
)
from medlit.status import status_of
from tests.ingest.formats.reading import gather, only, read, reader_of
from tools import present

# Lines and documents


def test_a_first_line_that_is_whole_makes_json_lines_also_when_it_is_the_only_one() -> None:
    for content in ('{"pmid": 1}', '\n\n{"pmid": 1}\n', '{"pmid": 1}\n{"pmid": 2}', '[{"pmid": 1}]\r\n'):
        assert read(content).reader == "json-lines"
    for content in ('{\n"pmid": 1}', '[{"pmid": 1},\n{"pmid": 2}]', '\ufeff[\n{"pmid": 1}]'):
        assert read(content).reader == "json"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_are_read_with_any_line_end_and_with_or_without_byte_order_mark(mark: str, end: str) -> None:
    outcome = read(mark + end.join(['{"pmid": 1, "title": "Ménière"}', "", "  ", '{"pmid": 2}', ""]))
    assert [article.pmid for article in outcome.articles] == [1, 2]
    assert outcome.articles[0].title == "Ménière"
    assert outcome.positions == 2


def test_a_broken_line_is_set_aside_with_its_place_and_without_its_content() -> None:
    outcome = read('{"pmid": 1}\n{"pmid": 2, "title": SECRET}\n\n{"pmid": 3\n{"pmid": 4}\n')
    assert [row.position for row in outcome.rows] == [0, 3]
    assert [(item.position, item.reason) for item in outcome.set_aside] == [
        (1, "broken JSON at line 2, column 22: invalid character"),
        (2, "broken JSON at line 4, column 11: it breaks off"),
    ]


def test_a_line_that_is_not_utf_8_is_set_aside() -> None:
    outcome = read(b'{"pmid": 1}\n{"pmid": 2, "title": "\xe9"}\n')
    assert outcome.reasons == ["broken JSON at line 2, column 23: it is not UTF-8: invalid continuation byte"]


def test_half_of_a_surrogate_pair_is_set_aside_as_what_it_is() -> None:
    outcome = read('{"pmid": 1}\n{"pmid": 2, "title": "\\ud800 x"}\n{"pmid": 3, "title": "\\ud83d\\ude00"}')
    assert outcome.reasons == ["broken JSON at line 2, column 23: half of a surrogate pair"]
    assert outcome.articles[1].title == "😀"


def test_a_broken_document_is_refused_with_line_and_column() -> None:
    with pytest.raises(FormatError, match=r"^broken JSON at line 2, column 22: invalid character$"):
        read('[{"pmid": 1},\n{"pmid": 2, "title": SECRET}]')
    with pytest.raises(FormatError, match=r"^broken JSON at line 3, column 3: it breaks off$"):
        read('[\n{"pmid": 1},\n[3\n')


def test_a_document_has_a_limit_and_lines_are_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_DOCUMENT_BYTES", 1000)
    with pytest.raises(FormatError, match="write it as JSON lines, one record a line"):
        list(JsonDocument().split(iter([b"["] + [b" " * 100] * 10)))


def test_lines_whose_first_is_longer_than_the_head_are_lines_all_the_same() -> None:
    long = json.dumps({"pmid": 1, "abstract": "word " * 20_000})
    assert [article.pmid for article in read(f'{long}\n{{"pmid": 2}}\n').articles] == [1, 2]


@pytest.mark.parametrize("opening", ["[", '{"pmid":'])
def test_deep_nesting_is_an_error_and_no_crash(opening: str) -> None:
    with pytest.raises(FormatError, match="nested too deeply"):
        JsonDocument().parse(Chunk((opening * 100_000).encode(), 1))
    outcome = read('{"pmid": 1}\n' + opening * 100_000 + "\n" + '{"pmid": 2}')
    assert len(outcome.rows) == 2
    assert outcome.reasons == ["broken JSON at line 2, column 1: it is nested too deeply"]


def test_what_is_no_record_is_set_aside_and_the_next_line_is_read() -> None:
    outcome = read('{"pmid": 1}\n{"colour": "red"}\n7\n{"id": 5}\n[[{"pmid": 2}]]\n{"pmid": 3}\n')
    assert [article.pmid for article in outcome.articles] == [1, 3]
    unknown, no_object = "no shape of record that medlit knows", "it is not a JSON object"
    assert outcome.reasons == [unknown, no_object, unknown, no_object]


@pytest.mark.parametrize("content", ['{"colour": "red"}', '{\n"colour": "red"}', "123\n456", "[1,\n2]", "true", "PMID"])
def test_json_of_another_kind_is_not_recognized(content: str) -> None:
    assert reader_of(content.encode()) is None


def test_a_long_document_of_another_kind_is_refused() -> None:
    with pytest.raises(FormatError, match="it is JSON, but has no shape of record that medlit knows"):
        read(json.dumps({"things": [{"id": number, "colour": "red"} for number in range(10_000)]}, indent=1))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"header": {}, "esearchresult": {"idlist": ["1"]}}, "an ESearch answer has PMIDs but no records; fetch them"),
        ({"linksets": []}, "an ELink answer has PMIDs but no records"),
        ({"total_is_exact": True, "hits": []}, "get them with medlit get --json"),
    ],
)
def test_an_answer_without_records_is_refused_with_the_way_to_get_them(
    answer: object, reason: str, indent: int | None
) -> None:
    with pytest.raises(FormatError, match=reason):
        read(json.dumps(answer, indent=indent))


# medlit's own


def test_only_the_pmid_is_required() -> None:
    assert only('{"pmid": 7}') == Article(pmid=7)
    assert only('{"pmid": "7", "title": null, "abstract": "", "mesh": [], "year": ""}') == Article(pmid=7)


@pytest.mark.parametrize("name", ["pmid", "PMID", "id", "_id", "uid"])
@pytest.mark.parametrize("body", ["abstract", "text", "contents", "abstractText", "abstract_plain"])
def test_the_names_that_public_dumps_use_are_understood(name: str, body: str) -> None:
    article = only(
        json.dumps({name: "12", "title": " Two\n words ", body: "Some  text.", "url": "https://example.org"})
    )
    assert article == Article(pmid=12, title="Two words", abstract=[AbstractSection(text="Some text.")])


def test_short_forms_become_full_ones() -> None:
    record = {
        "pmid": 12,
        "abstract": [{"label": "AIM", "nlm_category": "OBJECTIVE", "text": "To  test."}, "Rest.", {"text": " "}],
        "mesh": ["Mice", "Aspirin*/adverse effects", "Aspirin/therapeutic use*", {"name": "Rats", "ui": "D1"}],
        "authors": ["Example AB", "Sample, Ann Berta", "The Test Group", {"last": "Only"}, {"name": "Named C"}],
        "year": "2019", "journal": "J Test", "doi": "https://doi.org/10.1000/x", "pmcid": "pmc9",
        "keywords": ["one", {"term": "two", "major": True}], "publication_types": ["Review"], "language": "eng",
        "volume": 3, "issue": "4", "pages": "737-8", "date_revised": "2020-02-03",
    }  # fmt: skip
    assert only(json.dumps(record)) == Article(
        pmid=12,
        abstract=[
            AbstractSection(label="AIM", nlm_category="OBJECTIVE", text="To test."),
            AbstractSection(text="Rest."),
        ],
        mesh=[
            MeshHeading(name="Mice"),
            MeshHeading(
                name="Aspirin",
                major=True,
                qualifiers=[Qualifier(name="adverse effects"), Qualifier(name="therapeutic use", major=True)],
            ),
            MeshHeading(name="Rats", ui="D1"),
        ],
        authors=[
            Author(last="Example", initials="AB"),
            Author(last="Sample", fore="Ann Berta", initials="AB"),
            Author(collective="The Test Group"),
            Author(last="Only"),
            Author(last="Named", initials="C"),
        ],
        pub_date=PartialDate(year=2019),
        journal=Journal(title="J Test"),
        ids={"doi": "10.1000/x", "pmcid": "PMC9"},
        keywords=[Keyword(term="one"), Keyword(term="two", major=True)],
        publication_types=[Term(name="Review")],
        languages=["eng"],
        volume="3",
        issue="4",
        pages=Pages(raw="737-8", start="737", end="738"),
        date_revised=PartialDate(year=2020, month=2, day=3),
    )


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2019", PartialDate(year=2019)),
        (2019, PartialDate(year=2019)),
        ("2019-03", PartialDate(year=2019, month=3)),
        ("2019-03-04T00:00:00Z", PartialDate(year=2019, month=3, day=4)),
        ("2019 Mar 4", PartialDate(year=2019, month=3, day=4)),
        ("2019 Winter", PartialDate(year=2019, season="Winter")),
        ("1998 Dec-1999 Jan", PartialDate(year=1998, medline_date="1998 Dec-1999 Jan")),
        ({"year": 2019, "month": 3, "precision": "month"}, PartialDate(year=2019, month=3)),
    ],
)
def test_a_publication_date_is_read_as_far_as_it_goes(date: object, expected: PartialDate) -> None:
    assert only(json.dumps({"pmid": 1, "pub_date": date, "year": 1900})).pub_date == expected


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"pmid": 1, "title": 3}, "its title is not text"),
        ({"pmid": 1, "abstract": 3}, "its abstract is not text or a list of sections"),
        ({"pmid": 1, "abstract": [{"label": "x", "text": 3}]}, "its abstract.text is not text"),
        ({"pmid": 1, "authors": "SECRET"}, "its authors is not a list of names or objects"),
        ({"pmid": 1, "authors": [{"SECRET": "x"}]}, "its authors is not a list of names or objects"),
        ({"pmid": 1, "authors": [{"last": 3}]}, "its authors.last is not text"),
        ({"pmid": 1, "mesh": ["x", 3]}, "its mesh is not a list of headings"),
        ({"pmid": 1, "mesh": [{"ui": "D1"}]}, "its mesh lacks a part that it must have"),
        ({"pmid": 1, "journal": ["SECRET"]}, "its journal is not a name or an object"),
        ({"pmid": 1, "year": "SECRET"}, "its year is not a year"),
        ({"pmid": 1, "year": -5}, "its year is not a year"),
        ({"pmid": 1, "pub_date": "SECRET"}, "its pub_date is not a date"),
        ({"pmid": 1, "pub_date": {"year": 10**30}}, "its pub_date is not a date"),
        ({"pmid": 1, "date_revised": {"year": -1}}, "its date_revised is not a date"),
        ({"pmid": 1, "record_type": "SECRET"}, "its record_type is not one of the values it can have"),
        ({"pmid": 1, "doi": ["SECRET"]}, "its doi is not text"),
        ({"pmid": 1, "ids": {"doi": ["SECRET"]}}, "its ids is not text"),
        ({"pmid": 1, "pmid_version": 0}, "its pmid_version is not a version"),
        ({"pmid": 1, "pmid_version": "SECRET"}, "its pmid_version is not a whole number"),
        ({"pmid": 1, "keywords": "SECRET"}, "its keywords is not a list of words or objects"),
        ({"pmid": 1, "comments_corrections": [{"ref_type": "Cites", "pmid": -1}]},
         "its comments_corrections.pmid is not a PMID"),
    ],
)  # fmt: skip
def test_a_record_of_a_wrong_type_is_set_aside_with_the_field_and_not_the_value(
    fields: dict[str, object], reason: str
) -> None:
    outcome = read(json.dumps(fields))
    assert [(item.pmid, item.reason) for item in outcome.set_aside] == [(1, reason)]
    assert outcome.rows == []


@pytest.mark.parametrize("pmid", ["PMC123", "10.1000/x", "abc", 0, -1, 10**9 + 1, 1.5, True, "１２", {"$oid": "x"}])
def test_an_id_that_is_not_a_pmid_is_said_so(pmid: object) -> None:
    assert read(json.dumps({"id": pmid, "title": "x"})).reasons == ["its id is not a PMID"]


def test_a_record_that_is_said_to_be_retracted_is_and_nothing_else_makes_it_known() -> None:
    assert status_of(only('{"pmid": 1, "retracted": true}')).retracted is True
    assert status_of(only('{"pmid": 1, "retracted": false}')).retracted is None


def stored(article: Article) -> StoredArticle:
    return StoredArticle(article.pmid, pack(article), "a.xml", "2026-01-02T03:04:05Z", None)


DATE = PartialDate(year=2019, month=3, day=4)
PERSON = Author(
    last="Example", fore="Ann B", initials="AB", suffix="Jr", orcid="0000-0001-2345-678X",
    other_ids=[Identifier(source="ISNI", value="1")],
    affiliations=[Affiliation(text="Test Institute", ids=[Identifier(source="ROR", value="r")])],
    equal_contrib=True, valid=False,
)  # fmt: skip
RICH = Article(
    pmid=1, pmid_version=2, record_type="chapter", status="MEDLINE", owner="NLM", indexing_method="Curated",
    date_completed=DATE, date_revised=DATE, pub_model="Print", title="H₂O <i>", title_marked="H<sub>2</sub>O",
    vernacular_title="Wasser", languages=["eng", "ger"], abstract_copyright="©",
    abstract=[AbstractSection(label="AIM", nlm_category="OBJECTIVE", text="To test."), AbstractSection(text="Rest.")],
    other_abstracts=[OtherAbstract(type="t", language="ger", sections=[AbstractSection(text="x")], copyright="c")],
    authors=[PERSON, Author(collective="The Test Group")], author_list_complete=False, investigators=[PERSON],
    personal_name_subjects=[PERSON],
    journal=Journal(title="The Journal", iso_abbrev="J.", medline_ta="J", nlm_id="1", issn_print="2",
                    issn_electronic="3", issn_linking="4", country="Utopia"),
    book=Book(title="B", publisher="P", isbn=["1"], editors=[PERSON], begins=DATE, sections=["s"]),
    volume="3", issue="4", cited_medium="Print", pages=Pages(raw="737-8", start="737", end="738"),
    elocation_ids=[ElocationId(type="doi", value="10.1/x", valid=False)],
    pub_date=PartialDate(year=1998, medline_date="1998 Dec-1999 Jan"),
    article_dates=[ArticleDate(date_type="Electronic", date=DATE)],
    history=[HistoryDate(status="received", date=PartialDate(year=2018))], publication_status="ppublish",
    ids={"doi": "10.1/x", "pmcid": "PMC1", "pii": "S1"}, other_ids=[Identifier(value="o")],
    publication_types=[Term(ui="D1", name="Review")],
    mesh=[MeshHeading(ui="D2", name="Mice", major=True, type="x", qualifiers=[Qualifier(name="q", major=True)])],
    supplemental_mesh=[SupplementalMesh(ui="C1", name="s", type="Disease")],
    chemicals=[Chemical(registry="0", ui="D3", name="Water")], keywords=[Keyword(owner="NOTNLM", term="k", major=True)],
    gene_symbols=["abc"], citation_subsets=["IM"], databanks=[DataBank(name="ClinicalTrials.gov", accessions=["NCT1"])],
    databanks_complete=True, grants=[Grant(id="g", acronym="a", agency="x", country="c")], grants_complete=False,
    comments_corrections=[CommentCorrection(ref_type="RetractionIn", source="J 2020", pmid=5, note="n")],
    references=[Reference(citation="c", ids={"doi": "10.1/cited"})], number_of_references=7, coi_statement="None.",
    general_notes=[Note(owner="KIE", text="n")], space_flight=["m"],
)  # fmt: skip


def test_what_medlit_get_prints_is_read_as_the_same_record() -> None:
    assert all(getattr(RICH, name) for name in Article.__struct_fields__ if not name.endswith("_complete"))
    sparse = Article(pmid=2)
    shown = [present.complete(article, stored(article)) for article in (RICH, sparse)]
    assert read(json.dumps({"articles": shown, "not_found": ["3"]})).articles == [RICH, sparse]
    assert read("\n".join(map(json.dumps, shown))).articles == [RICH, sparse]
    assert read(json.dumps([present.whole(RICH, stored(RICH))], indent=2)).articles == [RICH]


words = st.text(st.characters(codec="utf-8", exclude_characters="& \t\r\n"), min_size=1, max_size=8)
numbers = st.integers(1, 10**9)
dates = st.builds(
    PartialDate, year=st.integers(1, 9999), month=st.none() | st.integers(1, 12), medline_date=st.none() | words
)
people = st.builds(Author, last=words, fore=words | st.none(), collective=words | st.none(), valid=st.booleans())
articles = st.builds(
    Article,
    pmid=numbers,
    status=st.none() | words,
    title=words | st.none(),
    abstract=st.lists(st.builds(AbstractSection, label=words | st.none(), text=words), max_size=3),
    authors=st.lists(people, max_size=3),
    journal=st.none() | st.builds(Journal, title=words | st.none(), medline_ta=words),
    pub_date=st.none() | dates,
    date_revised=st.none() | dates,
    volume=st.none() | words,
    pages=st.none() | st.builds(Pages, raw=words | st.none(), start=words),
    ids=st.dictionaries(words, words, max_size=3),
    publication_types=st.lists(st.builds(Term, ui=st.none() | words, name=words), max_size=3),
    mesh=st.lists(st.builds(MeshHeading, name=words, major=st.booleans()), max_size=3),
    languages=st.lists(words, max_size=2),
    comments_corrections=st.lists(st.builds(CommentCorrection, ref_type=words, pmid=st.none() | numbers), max_size=2),
)


@given(articles)
def test_any_record_survives_the_round_trip(article: Article) -> None:
    assert only(json.dumps(present.complete(article, stored(article)))) == article


# BioC

TITLE: dict[str, Any] = {
    "infons": {"type": "title", "journal": "J Test. 2017 Jul;12(3):45-6. doi: 10.1000/x. Epub ", "year": "2017",
               "authors": "Example AB, Van Sample C", "article-id_pmc": "PMC9"},
    "text": "A title", "annotations": [{"text": "title"}],
}  # fmt: skip
DOCUMENT: dict[str, Any] = {
    "id": "12",
    "passages": [TITLE, {"infons": {"type": "abstract"}, "text": "All of  it.", "annotations": []}],
}


@pytest.mark.parametrize(
    "envelope",
    [DOCUMENT, {"PubTator3": [DOCUMENT]}, {"source": "s", "documents": [DOCUMENT]}, [{"documents": [DOCUMENT]}]],
)
def test_a_bioc_document_is_read_in_any_envelope(envelope: object) -> None:
    assert only(json.dumps(envelope)) == Article(
        pmid=12,
        title="A title",
        abstract=[AbstractSection(text="All of it.")],
        authors=[Author(last="Example", initials="AB"), Author(last="Van Sample", initials="C")],
        journal=Journal(medline_ta="J Test"),
        volume="12",
        issue="3",
        pages=Pages(raw="45-6", start="45", end="46"),
        pub_date=PartialDate(year=2017, month=7),
        ids={"pubmed": "12", "doi": "10.1000/x", "pmcid": "PMC9"},
    )


FULL_TEXT: dict[str, Any] = {
    "id": "PMC9",
    "passages": [
        {"infons": {"section_type": "TITLE", "type": "front", "article-id_pmid": "12", "article-id_pmc": "9",
                    "article-id_doi": "10.1000/x", "fpage": "45", "lpage": "46", "volume": "12", "year": "2017",
                    "name_0": "surname:Example;given-names:Ann B", "name_1": "surname:Sample;given-names:C."},
         "text": "A title"},
        {"infons": {"section_type": "ABSTRACT", "type": "abstract_title_1"}, "text": "Abstract"},
        {"infons": {"section_type": "ABSTRACT", "type": "abstract_title_1"}, "text": "Aim"},
        {"infons": {"section_type": "ABSTRACT", "type": "abstract"}, "text": "", "sentences": [{"text": "To test."}]},
        {"infons": {"section_type": "ABSTRACT", "type": "abstract"}, "text": "More."},
        {"infons": {"section_type": "INTRO", "type": "title_1"}, "text": "Introduction"},
        {"infons": {"section_type": "INTRO", "type": "paragraph"}, "text": "Long ago."},
        {"infons": {"section_type": "REF", "type": "ref", "pub-id_pmid": "99", "year": "1999"}, "text": "Cited title"},
    ],
}  # fmt: skip


def test_of_a_full_text_the_abstract_is_read_and_the_pmid_among_its_infons() -> None:
    assert only(json.dumps(FULL_TEXT)) == Article(
        pmid=12,
        title="A title",
        abstract=[AbstractSection(label="Aim", text="To test."), AbstractSection(text="More.")],
        authors=[Author(last="Example", fore="Ann B", initials="AB"), Author(last="Sample", fore="C.", initials="C")],
        volume="12",
        pages=Pages(raw="45-46", start="45", end="46"),
        pub_date=PartialDate(year=2017),
        ids={"pubmed": "12", "doi": "10.1000/x", "pmcid": "PMC9"},
    )


def test_the_number_of_a_full_text_in_pmc_is_never_taken_for_a_pmid() -> None:
    infons = {**FULL_TEXT["passages"][0]["infons"]}
    del infons["article-id_pmid"]
    for number in ("9", "PMC9", "777"):
        document = {"id": number, "passages": [{"infons": infons, "text": "A title"}, *FULL_TEXT["passages"][1:]]}
        assert read(json.dumps(document)).reasons == ["it has no PMID"]


def test_documents_of_another_kind_are_set_aside() -> None:
    assert read('{"documents": [{"id": "1", "text": "x"}, 3]}').reasons == [
        "it has no passages",
        "it is not a JSON object",
    ]


# Europe PMC

LITE = {
    "id": "12", "source": "MED", "pmid": "12", "pmcid": "PMC9", "doi": "10.1000/x", "title": "A title.",
    "authorString": "Example AB, Sample C, The Test Group.", "journalTitle": "J Test", "issue": "3",
    "journalVolume": "12", "pubYear": "2017", "journalIssn": "1234-5678; 8765-4321; ", "pageInfo": "45-46",
    "pubType": "journal article; retracted publication; research-article",
}  # fmt: skip
CORE: dict[str, Any] = {
    "id": "13", "source": "MED", "pmid": "13", "title": "Of <i>E. coli</i> in H<sub>2</sub>O at p<0.05",
    "authorString": "not used",
    "authorList": {"author": [
        {"fullName": "Example AB", "firstName": "Ann Berta", "lastName": "Example", "initials": "AB",
         "authorId": {"type": "ORCID", "value": "0000-0001-2345-678X"},
         "authorAffiliationDetailsList": {"authorAffiliation": [{"affiliation": "Test Institute, Utopia."}]}},
        {"collectiveName": "The Test Group"}]},
    "journalInfo": {"issue": "3", "volume": "12", "dateOfPublication": "2017 Jul", "yearOfPublication": 2017,
                    "journal": {"title": "The Journal of Tests", "ISOAbbreviation": "J. Test",
                                "medlineAbbreviation": "J Test", "NLMid": "1", "ISSN": "1234-5678"}},
    "abstractText": "Before.<h4>Aim</h4>To <b>test</b>.<h4>Results</h4><p>One.</p><p>10<sup>3</sup> &lt; all.</p>",
    "publicationStatus": "ppublish", "language": "eng", "pubModel": "Print-Electronic", "pageInfo": "737-8",
    "pubTypeList": {"pubType": ["Journal Article", "review"]},
    "meshHeadingList": {"meshHeading": [{"majorTopic_YN": "N", "descriptorName": "Mice", "meshQualifierList": {
        "meshQualifier": [{"abbreviation": "GE", "qualifierName": "genetics", "majorTopic_YN": "Y"}]}}]},
    "keywordList": {"keyword": ["one"]}, "subsetList": {"subset": [{"code": "IM", "name": "Index Medicus"}]},
    "chemicalList": {"chemical": [{"name": "Water", "registryNumber": "0"}]},
    "grantsList": {"grant": [{"grantId": "g", "agency": "x", "acronym": "a", "orderIn": 0}]},
    "commentCorrectionList": {"commentCorrection": [
        {"id": "14", "source": "MED", "reference": "J Test. 2018", "type": "Retraction in", "orderIn": 1},
        {"id": "PPR5", "source": "PPR", "reference": "Server", "type": "Preprint of"}]},
    "electronicPublicationDate": "2017-06-05", "dateOfCompletion": "2018-01-02", "dateOfRevision": "2019-03-04",
}  # fmt: skip


def test_a_lite_answer_of_europe_pmc_is_read() -> None:
    assert only(json.dumps({"version": "6.9", "hitCount": 1, "resultList": {"result": [LITE]}})) == Article(
        pmid=12,
        title="A title.",
        authors=[
            Author(last="Example", initials="AB"),
            Author(last="Sample", initials="C"),
            Author(collective="The Test Group"),
        ],
        journal=Journal(medline_ta="J Test", issn_print="1234-5678", issn_electronic="8765-4321"),
        volume="12",
        issue="3",
        pages=Pages(raw="45-46", start="45", end="46"),
        pub_date=PartialDate(year=2017),
        ids={"pubmed": "12", "doi": "10.1000/x", "pmcid": "PMC9"},
        publication_types=[
            Term(name="Journal Article"),
            Term(name="Retracted Publication"),
            Term(name="research-article"),
        ],
    )


@pytest.mark.parametrize("envelope", [{"resultList": {"result": [CORE]}}, {"hitCount": 1, "result": CORE}, CORE])
def test_a_core_answer_of_europe_pmc_is_read_with_its_markup_resolved(envelope: object) -> None:
    article = only(json.dumps(envelope, indent=1))
    assert status_of(article).retracted is True
    assert article == Article(
        pmid=13,
        date_completed=PartialDate(year=2018, month=1, day=2),
        date_revised=PartialDate(year=2019, month=3, day=4),
        pub_model="Print-Electronic",
        title="Of E. coli in H₂O at p<0.05",
        languages=["eng"],
        abstract=[
            AbstractSection(text="Before."),
            AbstractSection(label="Aim", text="To test."),
            AbstractSection(label="Results", text="One. 10³ < all."),
        ],
        authors=[
            Author(
                last="Example", fore="Ann Berta", initials="AB", orcid="0000-0001-2345-678X",
                affiliations=[Affiliation(text="Test Institute, Utopia.")],
            ),
            Author(collective="The Test Group"),
        ],
        journal=Journal(
            title="The Journal of Tests", iso_abbrev="J. Test", medline_ta="J Test", nlm_id="1", issn_print="1234-5678"
        ),
        volume="12",
        issue="3",
        pages=Pages(raw="737-8", start="737", end="738"),
        pub_date=PartialDate(year=2017, month=7),
        article_dates=[ArticleDate(date_type="Electronic", date=PartialDate(year=2017, month=6, day=5))],
        publication_status="ppublish",
        ids={"pubmed": "13"},
        publication_types=[Term(name="Journal Article"), Term(name="Review")],
        mesh=[MeshHeading(name="Mice", qualifiers=[Qualifier(name="genetics", major=True)])],
        chemicals=[Chemical(registry="0", name="Water")],
        keywords=[Keyword(term="one")],
        citation_subsets=["IM"],
        grants=[Grant(id="g", acronym="a", agency="x")],
        comments_corrections=[
            CommentCorrection(ref_type="RetractionIn", source="J Test. 2018", pmid=14),
            CommentCorrection(ref_type="Preprintof", source="Server"),
        ],
    )  # fmt: skip


def test_results_without_a_pmid_are_set_aside() -> None:
    preprint = {"id": "PPR1", "source": "PPR", "title": "x", "authorString": "A B"}
    outcome = read(json.dumps({"resultList": {"result": [preprint, LITE]}}))
    assert outcome.reasons == ["it has no PMID"]
    assert [row.position for row in outcome.rows] == [1]


def test_an_answer_without_results_has_no_records_and_is_no_error() -> None:
    assert read('{"hitCount": 0, "resultList": {"result": []}}').positions == 0


# ESummary

SUMMARY: dict[str, Any] = {
    "uid": "12", "pubdate": "2017 Jul 4", "epubdate": "2017 Jun", "source": "J Test", "lastauthor": "x",
    "authors": [{"name": "Example AB", "authtype": "Author", "clusterid": ""},
                {"name": "TEST", "authtype": "CollectiveName", "clusterid": ""}],
    "title": "Of &lt;i&gt;E. coli&lt;/i&gt; &amp; others.", "volume": "12", "issue": "3", "pages": "737-8",
    "lang": ["eng"], "nlmuniqueid": "1", "issn": "1234-5678", "essn": "", "pubtype": ["Journal Article"],
    "recordstatus": "PubMed - indexed for MEDLINE", "pubstatus": "4",
    "articleids": [{"idtype": "pubmed", "idtypen": 1, "value": "12"}, {"idtype": "doi", "value": "10.1000/x"},
                   {"idtype": "pmcid", "value": "pmc-id: PMC9;"}, {"idtype": "pmc", "value": "PMC9"},
                   {"idtype": "pii", "value": "S1"}, {"idtype": "rid", "value": "12"}],
    "history": [{"pubstatus": "received", "date": "2016/05/04 00:00"}],
    "references": [{"refsource": "J Test. 2018", "reftype": "Erratum in", "pmid": 14, "note": ""}],
    "fulljournalname": "The Journal of Tests", "elocationid": "pii: e5. doi: 10.1000/x", "doctype": "citation",
    "booktitle": "", "vernaculartitle": "",
}  # fmt: skip


@pytest.mark.parametrize(
    "envelope",
    [
        {"header": {"type": "esummary"}, "result": {"uids": ["12"], "12": SUMMARY}},
        {"uids": ["12"], "12": SUMMARY},
        SUMMARY,
    ],
)
def test_an_esummary_answer_is_read_and_cannot_tell_that_nothing_is_retracted(envelope: object) -> None:
    article = only(json.dumps(envelope))
    assert status_of(article).retracted is None
    assert article == Article(
        pmid=12,
        title="Of E. coli & others.",
        languages=["eng"],
        authors=[Author(last="Example", initials="AB"), Author(collective="TEST")],
        journal=Journal(title="The Journal of Tests", medline_ta="J Test", nlm_id="1", issn_print="1234-5678"),
        volume="12",
        issue="3",
        pages=Pages(raw="737-8", start="737", end="738"),
        elocation_ids=[ElocationId(type="pii", value="e5"), ElocationId(type="doi", value="10.1000/x")],
        pub_date=PartialDate(year=2017, month=7, day=4),
        article_dates=[ArticleDate(date_type="Electronic", date=PartialDate(year=2017, month=6))],
        history=[HistoryDate(status="received", date=PartialDate(year=2016, month=5, day=4))],
        publication_status="ppublish",
        ids={"pubmed": "12", "doi": "10.1000/x", "pmcid": "PMC9", "pii": "S1"},
        publication_types=[Term(name="Journal Article")],
        comments_corrections=[CommentCorrection(ref_type="ErratumIn", source="J Test. 2018", pmid=14)],
    )


def test_a_summary_of_a_retracted_article_says_so() -> None:
    assert status_of(only(json.dumps({**SUMMARY, "pubtype": ["Retracted Publication"]}))).retracted is True


def test_a_summary_of_a_book_is_a_book() -> None:
    people = [{"name": "Editor A", "authtype": "Editor"}, {"name": "Example B", "authtype": "Author"}]
    book = {**SUMMARY, "title": "", "doctype": "book", "booktitle": "The Book", "publishername": "P", "authors": people}
    article = only(json.dumps(book))
    assert (article.record_type, article.title) == ("book", "The Book")
    assert article.authors == [Author(last="Example", initials="B")]
    assert article.book == Book(title="The Book", publisher="P", editors=[Author(last="Editor", initials="A")])


def test_an_entry_with_an_error_is_set_aside_with_the_reason() -> None:
    entries = {"12": SUMMARY, "99": {"uid": "99", "error": "cannot get document summary"}}
    outcome = read(json.dumps({"result": {"uids": ["99", "12", "13"], **entries}}))
    assert [(item.position, item.pmid, item.reason) for item in outcome.set_aside] == [
        (0, 99, "NCBI gave an error instead of a summary: cannot get document summary"),
        (2, None, "it is not a JSON object"),
    ]


def test_a_summary_of_another_database_is_not_taken_for_pubmed() -> None:
    gene = {"result": {"uids": ["672"], "672": {"uid": "672", "name": "ABC1", "description": "a gene"}}}
    assert read(json.dumps(gene)).reasons == ["it has no PMID"]
    pmc = {**SUMMARY, "uid": "9", "articleids": [{"idtype": "pmid", "value": "12"}]}
    assert only(json.dumps(pmc)).pmid == 12


# Anything at all

keys = st.sampled_from(
    "pmid id title abstract text authors mesh journal year pub_date ids keywords documents passages infons PubTator3 "
    "resultList result source uids uid articleids articles authorString authorList author abstractText type value name "
    "last affiliations journalInfo retracted date_revised error 12".split()
) | st.text(max_size=3)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
values = st.recursive(
    scalars | st.sampled_from(["12", 12, "MED", "title", "<i>x", "</b>&lt;i&gt;", "2019-01-01"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6),
    max_leaves=25,
)


@given(st.lists(values, min_size=1, max_size=4))
def test_no_json_value_crashes_a_reader(found: list[object]) -> None:
    lines = "\n".join(map(json.dumps, found)).encode()
    outcome = gather(JsonLines(), JsonLines().split(iter([lines])))
    assert outcome.positions == len(outcome.rows) + len(outcome.set_aside)
    assert len(outcome.articles) == len(outcome.rows)
    for value in found:
        document = json.dumps(value, indent=1).encode()
        try:
            reader_of(document)
            JsonDocument().parse(Chunk(document, 1))
        except FormatError:
            pass


@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\u12pmid\n', max_size=60).map(str.encode))
def test_no_bytes_crash_a_reader(content: bytes) -> None:
    outcome = gather(JsonLines(), JsonLines().split(iter([content])))
    assert outcome.positions == len(outcome.rows) + len(outcome.set_aside)
    try:
        reader_of(content)
        JsonDocument().parse(Chunk(content, 1))
    except FormatError:
        pass


LINES = "\r\n".join(
    [
        '\ufeff{"pmid": 1}',
        '[{"pmid": 2}, {"pmid": 3}]',
        "",
        "{broken",
        json.dumps({"documents": [DOCUMENT]}),
        "7",
        "\u00e9",
    ]
).encode()


@given(st.lists(st.integers(1, 60), max_size=20), st.integers(1, 400))
def test_chunks_of_any_size_give_the_same_rows(sizes: list[int], chunk_size: int) -> None:
    blocks: list[bytes] = []
    rest = LINES
    for size in sizes:
        blocks.append(rest[:size])
        rest = rest[size:]
    whole = gather(JsonLines(), JsonLines().split(iter([LINES])))
    assert gather(JsonLines(), text.chunks(iter([*blocks, rest]), b"\n", chunk_size)) == whole
    assert whole.positions == 7


# Real files


def test_real_files_have_as_many_records_as_an_independent_count(data: Path) -> None:
    lines = (data / "json" / "pubmed-jsonl" / "pubmed_cardiology.jsonl").read_bytes()
    outcome = read(lines)
    expected = [json.loads(line) for line in lines.splitlines()]
    assert [article.pmid for article in outcome.articles] == [int(record["id"]) for record in expected]
    assert all(article.title for article in outcome.articles)
    assert sum(bool(article.abstract) for article in outcome.articles) == sum(bool(r["text"]) for r in expected)
    bioc = (data / "json" / "biocjson_two_abstracts.json").read_bytes()
    documents = json.loads(bioc)["PubTator3"]
    found = read(bioc).articles
    assert [article.pmid for article in found] == [document["pmid"] for document in documents]
    assert all(article.title and len(article.abstract) == 1 and article.authors for article in found)
    for file in (data / "json" / "europepmc").iterdir():
        article = only(file.read_bytes())
        (result,) = json.loads(file.read_bytes())["resultList"]["result"]
        assert (str(article.pmid), article.ids["doi"]) == (result["pmid"], result["doi"])
        assert len(article.authors) == result["authorString"].count(",") + 1


def test_a_real_answer_of_esearch_is_refused(data: Path) -> None:
    with pytest.raises(FormatError, match="an ESearch answer has PMIDs but no records"):
        read((data / "json" / "pubmed__esearch_braf.json").read_bytes())
