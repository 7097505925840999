"""Searches in PubMed's language find in the index what NLM says they find."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medlit.errors import UsageError
from medlit.library.index import IndexHits, SearchIndex
from medlit.library.library import Library, open_library
from medlit.library.query import Filters, Search
from medlit.mesh import Descriptor
from medlit.record import (
    AbstractSection,
    Affiliation,
    Article,
    Author,
    Chemical,
    CommentCorrection,
    DataBank,
    Grant,
    HistoryDate,
    Journal,
    Keyword,
    MeshHeading,
    Pages,
    PartialDate,
    Qualifier,
    SupplementalMesh,
    Term,
)
from tests.library.loading import load, load_mesh, pmids

pytestmark = pytest.mark.anyio

DESCRIPTORS = [
    Descriptor(ui="D1", name="Cardiovascular Diseases", tree_numbers=["C14"]),
    Descriptor(
        ui="D2", name="Myocardial Infarction", tree_numbers=["C14.280.647"], entry_terms=["Heart Attack", "MI Disease"]
    ),
    Descriptor(ui="D3", name="Inferior Wall Myocardial Infarction", tree_numbers=["C14.280.647.250"]),
    Descriptor(ui="D4", name="Aspirin", tree_numbers=["D02.455"], entry_terms=["Acetylsalicylic Acid"]),
    Descriptor(ui="D5", name="Clinical Trial", descriptor_class="2", tree_numbers=["V03.175.250"]),
    Descriptor(ui="D6", name="Randomized Controlled Trial", descriptor_class="2", tree_numbers=["V03.175.250.500"]),
]

FULL = Article(
    pmid=1,
    title="Aspirin after heart attacks",
    vernacular_title="Acetylsalicylsäure nach Herzinfarkt",
    abstract=[AbstractSection(text="The chest was in pain. Chest tubes helped."), AbstractSection(text="It worked.")],
    authors=[
        Author(
            last="Müller-Lüdenscheidt", initials="JA", fore="Jan Albert", affiliations=[Affiliation(text="Old Town")]
        ),
        Author(last="Kim", initials="S", fore="Soo", affiliations=[Affiliation(text="Clinic of New City, Utopia")]),
        Author(collective="Infarct Study Group"),
    ],
    investigators=[Author(last="Watcher", initials="W")],
    personal_name_subjects=[Author(last="Galen", initials="A")],
    journal=Journal(medline_ta="J Test", title="The journal of tests", country="Utopia", issn_print="1234-5678"),
    volume="12",
    issue="3",
    pages=Pages(raw="101-9", start="101"),
    pub_date=PartialDate(year=2001, month=2, day=14),
    history=[
        HistoryDate(status="pubmed", date=PartialDate(year=2001, month=3, day=1)),
        HistoryDate(status="entrez", date=PartialDate(year=2001, month=3, day=2)),
        HistoryDate(status="medline", date=PartialDate(year=2001, month=4, day=3)),
    ],
    date_completed=PartialDate(year=2001, month=4, day=4),
    date_revised=PartialDate(year=2002, month=5, day=5),
    languages=["ger"],
    ids={"doi": "10.1000/Test.1", "pmcid": "PMC77"},
    publication_types=[Term(name="Randomized Controlled Trial")],
    mesh=[
        MeshHeading(name="Inferior Wall Myocardial Infarction", major=True),
        MeshHeading(
            name="Aspirin", qualifiers=[Qualifier(name="adverse effects", major=True), Qualifier(name="blood")]
        ),
    ],
    supplemental_mesh=[SupplementalMesh(name="Test Protocol X")],
    chemicals=[Chemical(name="Thromboxane B2", registry="54397-85-2")],
    keywords=[Keyword(term="secondary prevention")],
    citation_subsets=["AIM"],
    databanks=[DataBank(name="ClinicalTrials.gov", accessions=["NCT00000001"])],
    grants=[Grant(id="R01 HL123", agency="NHLBI")],
    comments_corrections=[CommentCorrection(ref_type="CommentIn")],
    status="MEDLINE",
)
OTHERS = [
    Article(pmid=2, title="Pain in the chest", pub_date=PartialDate(year=2010), status="PubMed-not-MEDLINE"),
    Article(pmid=3, title="Hypertension and hypertensive crises", pub_date=PartialDate(year=2015, month=6)),
    Article(
        pmid=4, title="An attack on the university", languages=["eng"], authors=[Author(last="Kim", initials="SJ")]
    ),
    Article(pmid=5, title="A universal remedy", mesh=[MeshHeading(name="Cardiovascular Diseases")]),
    Article(pmid=6, title="No words in common", mesh=[MeshHeading(name="Myocardial Infarction")]),
]


@pytest.fixture
async def library(tmp_path: Path) -> AsyncGenerator[Library]:
    async with open_library(tmp_path, create=True) as opened:
        await load_mesh(opened, "desc2024.xml", DESCRIPTORS)
        await load(opened, "a", FULL, *OTHERS)
        await opened.catch_up()
        yield opened


async def found(library: Library, query: str, **filters: object) -> list[int]:
    return sorted(await pmids(library, query, **filters))


async def understood(library: Library, query: str, *, term_mapping: bool = True, **filters: object) -> str:
    wanted = Filters(**filters)  # pyright: ignore  # the names are the test's
    page = await library.search(Search(query=query, filters=wanted, term_mapping=term_mapping))
    return page.understood


@pytest.mark.parametrize(
    "query",
    """
    aspirin[ti] · "heart attacks"[ti] · heart attacks[title] · "chest tubes"[tiab] · "secondary prevention"[tiab]
    chest tubes[ab] · aspirin[tw] · "wall myocardial infarction"[tw] · "thromboxane b2"[tw] · Herzinfarkt[tt]
    "secondary prevention"[ot] · prevention[ot] · "new city"[ad] · utopia[affiliation]
    Muller-Ludenscheidt JA[au] · Müller-Lüdenscheidt J[au] · Müller-Lüdenscheidt[1au] · Kim Soo[lastau]
    Müller-Lüdenscheidt, Jan Albert[fau] · Infarct Study Group[cn] · Infarct Study Group[au] · Watcher W[ir] · Galen[ps]
    myocardial infarction[mh] AND aspirin[mh] · heart attack[mh] AND ti[ti] OR thromboxane[tw]
    Inferior Wall Myocardial Infarction[mh:noexp] · cardiovascular diseases[majr] AND aspirin[ti]
    aspirin/adverse effects[majr] · aspirin/blood[mh] · acetylsalicylic acid/bl[mh] · adverse effects[sh]
    aspirin/ae[mh] · ae[sh] ·    aspir*[mh] · inferior wall myocardial infarction[majr:noexp]
    Test Protocol X[nm] · thromboxane b2[nm] · 54397-85-2[rn]
    J Test[ta] · the journal of tests[jour] · 1234-5678[ta] · "j tes*"[ta] · Utopia[pl]
    Randomized Controlled Trial[pt] · clinical trial[pt] · german[la] · ger[la]
    2001[dp] · 2001/02[dp] · 2001/02/14[dp] · 2000:2002[dp] · 2001/01:2001/03[dp] · 1990:2001/02/14[dp]
    2001/03/01[edat] · 2001/03/02[crdt] · 2001/04/03[mhda] · 2001/04/04[dcom] · 2002/05/05[lr]
    1[pmid] · 0:1[uid] · 10.1000/test.1[aid] · 10.1000/TEST.1[doi] · PMC77[pmc] · 77[pmcid] · PMC77[aid]
    R01 HL123[gr] · nhlbi[gr] · R01 HL*[gr] · NCT00000001[si] · nct00000001 AND aspirin · 12[vi] AND 3[ip] AND 101[pg]
    medline[sb] · aim[sb] · jsubsetaim[filter] · hasabstract · hasabstract[text] · pubmed pmc[sb] · hascommentin[sb]
    thromboxane[all] · "infarct study group"[all] · NOT (2:6[pmid]) · aspirin NOT pain[ti] · asp1r1n OR aspirin
    """.replace("\n", "·").split("·"),
)
async def test_every_field_finds_the_record_that_has_it_and_no_other(library: Library, query: str) -> None:
    if query.strip():
        assert await found(library, query) == [1], query


async def test_quoted_and_tagged_words_are_taken_as_they_stand(library: Library) -> None:
    assert await found(library, "university[ti]") == [4]
    assert await found(library, "universe[ti]") == []
    assert await found(library, '"heart attack"[ti]') == []
    assert await found(library, "attack[ti]") == [4]
    assert await found(library, "attack AND remed*") == []
    # Without tag and quotes a word stands for its other forms too.
    assert await found(library, "attack NOT infarction") == [4]
    assert await understood(library, "attack AND pain") == (
        '("attack"[All Fields] OR "attacks"[All Fields]) AND "pain"[All Fields]'
    )


async def test_untagged_words_that_are_no_phrase_are_all_wanted(library: Library) -> None:
    assert await found(library, "heart aspirin[ti]") == [1]
    assert await understood(library, "heart aspirin[ti]") == '"heart"[Title] AND "aspirin"[Title]'
    assert await understood(library, "heart attacks[ti]") == '"heart attacks"[Title]'


async def test_truncation_finds_every_ending_however_many_there_are(tmp_path: Path) -> None:
    endings = ["".join(letters) for letters in itertools.product("abcdefghijkl", repeat=2)]
    async with open_library(tmp_path, create=True) as library:
        records = [Article(pmid=n, title=f"Cells of cardio{ending}") for n, ending in enumerate(endings, start=1)]
        await load(
            library, "a", *records, Article(pmid=900, title="Cardigan"), Article(pmid=901, title="Cells cardioaa")
        )
        await library.catch_up()
        for query, count in {
            "cardio*": 145,
            "cardio*[ti]": 145,
            '"cells of cardio*"': 144,
            '"of cardioa*"[ti]': 12,
            "cells of cardiob*[tiab]": 12,
            "card*": 146,
        }.items():
            assert (await library.search(Search(query=query))).total == count, query


@pytest.mark.parametrize("words", [("alpha", "beta"), ("alpha", "beta", "gamma")])
async def test_proximity_counts_the_words_between_in_any_order(tmp_path: Path, words: tuple[str, ...]) -> None:
    sequences = [
        " ".join(sequence)
        for length in range(len(words), len(words) + 3)
        for sequence in itertools.product(sorted({*words, "x"}), repeat=length)
    ]
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", *[Article(pmid=n, title=text) for n, text in enumerate(sequences, start=1)])
        await library.catch_up()
        for near in range(3):
            query = f'"{" ".join(words)}"[ti:~{near}]'
            page = await library.search(Search(query=query, limit=len(sequences)))
            expected = [n for n, text in enumerate(sequences, start=1) if _within(text.split(), words, near)]
            assert sorted(hit.article.pmid for hit in page.hits) == expected, query


def _within(text: list[str], words: tuple[str, ...], near: int) -> bool:
    """Whether all the words stand in a stretch of the text that has at most so many others."""
    return any(
        sorted(text[place] for place in places) == sorted(words) and places[-1] - places[0] + 1 - len(words) <= near
        for places in itertools.combinations(range(len(text)), len(words))
    )


async def test_terms_without_a_tag_also_mean_their_heading_and_all_below_it(library: Library) -> None:
    assert await found(library, "heart attack AND NOT title*") == [1, 6]
    assert await understood(library, "heart attack AND 2001[dp]") == (
        '("myocardial infarction"[MeSH Terms] OR "heart attack"[All Fields] OR ("heart"[All Fields] AND '
        '("attack"[All Fields] OR "attacks"[All Fields]))) AND "2001"[Date - Publication]'
    )
    assert await found(library, "acetylsalicylic acid AND chest") == [1]
    assert await found(library, '"heart attack" OR crises') == [3]


async def test_term_mapping_can_be_switched_off(library: Library) -> None:
    page = await library.search(Search(query="heart attack AND NOT title*", term_mapping=False))
    assert [hit.article.pmid for hit in page.hits] == []
    assert await understood(library, "heart attack AND pain", term_mapping=False) == (
        '("heart"[All Fields] AND "attack"[All Fields]) AND "pain"[All Fields]'
    )
    plain = await library.search(Search(query="heart attack", term_mapping=False))
    assert 6 not in [hit.article.pmid for hit in plain.hits]
    assert plain.understood == '"heart"[All Fields] OR "attack"[All Fields]'


async def test_a_ranked_question_finds_what_mesh_calls_its_words(library: Library) -> None:
    page = await library.search(Search(query="treatment of heart attack"))
    assert sorted(hit.article.pmid for hit in page.hits) == [1, 4, 6]
    assert page.hits[0].article.pmid == 1
    assert page.understood == (
        '"myocardial infarction"[MeSH Terms] OR "heart attack"[All Fields] OR "treatment"[All Fields] '
        'OR "heart"[All Fields] OR "attack"[All Fields]'
    )


async def test_journals_and_authors_are_recognised_too(library: Library) -> None:
    assert await understood(library, "kim s AND chest") == '"kim s"[Author] AND "chest"[All Fields]'
    assert await found(library, "kim s AND attack*") == [1, 4]
    assert '"j test"[Journal]' in await understood(library, "j test AND chest")
    assert '"journal of tests"[Journal]' in await understood(library, "journal of tests AND chest")
    assert 4 in await pmids(library, "kim sj remedy")
    assert '"journal of tests"[Journal]' in await understood(library, "journal of tests")
    # A question of two words is about them, whatever journal is called so.
    assert "[Journal]" not in await understood(library, "j test")


async def test_what_was_understood_can_be_asked_again(library: Library) -> None:
    for query in (
        "heart attack AND pain",
        "acetylsalicylic acid/blood[mh] OR attac*[ti] NOT universal",
        'kim s OR "chest pain"[tiab:~2] OR 2010:2012[dp]',
        "heart aspirin[ti] OR last 100 years[dp]",
        "medline[sb] OR german[la]",
    ):
        said = await understood(library, query)
        assert await understood(library, said) == said
        assert await found(library, said) == await found(library, query), said


async def test_filters_are_part_of_what_was_understood_and_explode_as_tags_do(library: Library) -> None:
    assert await found(library, "", mesh="heart attack") == [1, 6]
    assert await found(library, "", publication_type="Clinical Trial") == [1]
    assert await found(library, "", language="German") == [1]
    assert await understood(library, "pain", mesh="Heart attack", year_from=2001, author="Kim S") == (
        '"pain"[All Fields] AND "Kim S"[Author] AND "myocardial infarction"[MeSH Terms] '
        'AND "2001"[Date - Publication] : "3000"[Date - Publication]'
    )


async def test_a_filtering_query_is_ranked_by_its_own_words(library: Library) -> None:
    assert (await pmids(library, "chest[tiab] OR pain[ti] NOT tubes[ti]"))[0] == 2
    newest_first = await library.search(Search(query="1990:2020[dp]"))
    assert [hit.article.pmid for hit in newest_first.hits] == [3, 2, 1]


async def test_negation_alone_finds_all_the_rest_and_never_the_indexs_own_mark(library: Library) -> None:
    assert await found(library, "NOT aspirin[ti]") == [2, 3, 4, 5, 6]
    assert (await library.search(Search(query="NOT nothing*[ti]"))).total == 6
    assert (await library.search(Search(query="NOT (NOT aspirin[ti])"))).total == 1
    assert (await library.search(Search(query="0:3000[dp] OR NOT chest"))).total == 6


async def test_a_phrase_without_letters_or_digits_in_the_index_finds_nothing(library: Library) -> None:
    assert await found(library, f'"{"x" * 300}"[ti] OR chest') == [1, 2]
    with pytest.raises(UsageError, match="term is expected"):
        await found(library, '"---"[ti]')


async def test_without_mesh_headings_are_taken_as_they_stand(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a", FULL, *OTHERS)
        await library.catch_up()
        assert await found(library, "myocardial infarction[mh]") == [6]
        assert await found(library, "heart attack AND chest") == [1]
        assert await found(library, "aspirin/blood[mh]") == [1]


@pytest.mark.parametrize(
    "query",
    [
        " OR ".join(["neoplasms heart attack"] * 400),
        " AND ".join(f"word{n}" for n in range(490)),
        "NOT " * 45 + "heart",
        "(" * 45 + "a" + " OR b)" * 45,
        "heart attack " * 750,
        '"' + "of the " * 20 + '"[tiab] OR ' + " OR ".join(["aaaa*[tiab]"] * 100),
        "😀 é ا " * 1_500 + " AND b",
        "[" * 5_000 + " AND " + "]" * 4_000,
    ],
    ids=range(8),
)
async def test_hostile_queries_are_answered_or_refused(library: Library, query: str) -> None:
    try:
        page = await library.search(Search(query=query))
    except UsageError as refusal:
        assert len(str(refusal)) < 600  # noqa: PT017  # either outcome is right, and this is what one must be
    else:
        assert page.total <= 6


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    return SearchIndex.open(tmp_path)


PIECES = st.sampled_from(
    [
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        '"',
        "[ti]",
        "[dp]",
        "[mh]",
        "[au]",
        "[tiab:~3]",
        "[all]",
        "[sb]",
        "heart",
        "*",
        "/",
        "a",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES | st.text(max_size=5), max_size=15).map(" ".join))
def test_no_text_crashes_the_index(index: SearchIndex, text: str) -> None:
    try:
        found = index.search(Search(query=text))
        assert isinstance(found, IndexHits)
        assert found.hits == []
    except UsageError as refusal:
        assert refusal.args  # noqa: PT017  # either outcome is right
