"""``format_citations`` and ``verify_citations`` as an agent calls them, through an MCP client in memory."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent

from medlit.errors import LibraryBusy
from medlit.library.library import Library, open_library
from medlit.library.store import StoredArticle
from medlit.settings import Settings
from server.app import build
from tests.citation.parsers import read_nbib
from tests.pubmed import article, medlit_json, write
from tools.verify import CitationArgument, verify

pytestmark = pytest.mark.anyio

NOTICE = (
    article(6, "Retraction of Moss in gout", year=2012, author="Moor Ida")
    .replace(
        "<MeshHeadingList>",
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><RefSource>J Test</RefSource>'
        "<PMID>5</PMID></CommentsCorrections></CommentsCorrectionsList><MeshHeadingList>",
    )
)  # fmt: skip


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("citations")
    file = write(
        folder / "pubmed21n0001.xml",
        article(1, "Moss tea for headache: a trial", doi="10.9999/Moss_1", year=2001, author="Müller Jörg"),
        article(2, "Moss withdrawn", retracted=True, year=2010),
        article(3, "Lichen and haemoglobin in tumours", journal="Mossiana", year=1999, author="Fell Uwe"),
        article(4, "Editorial", journal="Mossiana", year=1999, author="Moor Ida"),
        article(5, "Moss in gout", journal="Mossiana", year=2011, author="Fell Uwe"),
        NOTICE,
        *(article(number, abstract="Moss " * 3_000) for number in range(1_000, 1_010)),
        *(article(number, "Editorial", year=1900 + number) for number in range(50, 90)),
    )
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


@pytest.fixture
async def client(library: Path) -> AsyncGenerator[Client]:
    async with Client(build(Settings(library=library, workers=1)), raise_exceptions=True) as connected:
        yield connected


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content == json.loads(text_of(result))
    [listed] = [known for known in (await client.list_tools()).tools if known.name == tool]
    assert listed.output_schema
    jsonschema.validate(result.structured_content, listed.output_schema)
    return result.structured_content


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def check(client: Client, **citation: Any) -> dict[str, Any]:
    [checked] = (await call(client, "verify_citations", citations=[citation]))["results"]
    return checked


async def test_citations_are_formatted_in_the_order_asked_for(client: Client) -> None:
    answer = await call(client, "format_citations", ids=["3", "doi:10.9999/moss_1", "10.9999/none", 1, "777"])
    assert [citation["pmid"] for citation in answer["citations"]] == [3, 1]
    assert answer["citations"][1]["text"] == (
        "Müller J. Moss tea for headache: a trial. J Test. 2001. doi: 10.9999/Moss_1. PMID: 1."
    )
    assert answer["not_found"] == ["10.9999/none", "777"]


@pytest.mark.parametrize("style", ["vancouver", "apa", "bibtex", "ris", "nbib", "csl-json"])
async def test_every_style_marks_a_retraction_that_only_the_notice_tells(client: Client, style: str) -> None:
    told, only_notice, fine = (await call(client, "format_citations", ids=[2, 5, 1], style=style))["citations"]
    assert (told["retracted"], only_notice["retracted"], fine["retracted"]) == (True, True, False)
    for citation in (told, only_notice):
        retracted = read_nbib(citation["text"])[0].retracted if style == "nbib" else "etract" in citation["text"]
        assert retracted


async def test_a_right_citation_matches_and_tells_of_retraction(client: Client) -> None:
    checked = await check(client, title="Moss in gout", author="Fell U", year=2011, journal="Mossiana")
    assert (checked["verdict"], checked["record"]["pmid"], checked["record"]["retracted"]) == ("match", 5, True)
    assert (await check(client, pmid=1))["record"]["retracted"] is False


@pytest.mark.parametrize(
    "citation",
    [
        {"title": "MOSS TEA FOR HEADACHE", "author": "Mueller, J., et al.", "year": 2001},
        {"doi": "https://doi.org/10.9999/MOSS_1", "author": "J. Muller"},
        {"doi": "10.9999/moss_1.", "journal": "The Journal of J. Test"},
        {"pmid": "PMID: 1"},
    ],
)
async def test_formatting_is_no_difference(client: Client, citation: dict[str, Any]) -> None:
    checked = await check(client, **citation)
    assert (checked["verdict"], checked["record"]["pmid"]) == ("match", 1)


async def test_the_other_spelling_of_english_finds_the_record(client: Client) -> None:
    checked = await check(client, title="Lichen and hemoglobin in tumors")
    assert (checked["verdict"], checked["record"]["pmid"]) == ("match", 3)


async def test_a_chimera_is_a_mismatch_that_says_what_differs(client: Client) -> None:
    checked = await check(
        client, title="Moss tea for headache: a trial", author="Fell U", year=2011, journal="Mossiana"
    )
    assert checked["verdict"] == "mismatch"
    assert checked["differs"] == {
        "author": "Müller J", "year": "2001", "journal": "J Test",
    }  # fmt: skip


async def test_a_pmid_of_another_article_says_whose_it_is_and_offers_the_right_one(client: Client) -> None:
    checked = await check(client, pmid=3, title="Moss tea for headache")
    assert (checked["verdict"], checked["record"]["pmid"]) == ("mismatch", 3)
    assert [work["pmid"] for work in checked["candidates"]] == [1]


async def test_what_does_not_exist_is_not_found(client: Client) -> None:
    assert (await check(client, title="Umbrellas and their discontents", author="Fell U"))["verdict"] == "not_found"
    assert (await check(client, pmid=999_999))["verdict"] == "not_found"
    assert (await check(client, doi="10.9999/never.was"))["verdict"] == "not_found"


async def test_a_common_title_is_found_by_its_author_or_year_and_ambiguous_without(client: Client) -> None:
    assert (await check(client, title="Editorial", author="Moor I"))["record"]["pmid"] == 4
    assert (await check(client, title="Editorial", year=1972))["record"]["pmid"] == 72
    checked = await check(client, title="Editorial")
    assert (checked["verdict"], len(checked["candidates"])) == ("ambiguous", 3)


async def test_author_year_and_journal_are_enough(client: Client) -> None:
    checked = await check(client, author="Fell U", year=2011, journal="Mossiana")
    assert (checked["verdict"], checked["record"]["pmid"]) == ("match", 5)
    checked = await check(client, author="Fell U", year=2011, journal="The journal of mossiana")
    assert (checked["verdict"], checked["record"]["pmid"]) == ("match", 5)


async def test_words_of_a_query_language_in_a_title_are_words(client: Client) -> None:
    checked = await check(client, title='"Moss" AND (gout) NOT x[ti]: OR?')
    assert checked["verdict"] in ("not_found", "mismatch")


@pytest.mark.parametrize("title", ["x" * 2_000, "α", "的研究", "the of and", "[]( a", "* a:b^~"])
async def test_an_odd_title_is_not_found(client: Client, title: str) -> None:
    checked = await check(client, title=title, author="_", journal="j " * 900)
    assert checked["verdict"] == "not_found"


class BusyLibrary(Library):
    """A library whose store another process holds."""

    async def articles(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        raise LibraryBusy("Another process holds the library.")


async def test_a_planned_error_among_many_citations_stays_a_planned_error(library: Path) -> None:
    async with open_library(library) as opened:
        busy = BusyLibrary(library, opened.store, opened.index)
        with pytest.raises(LibraryBusy):
            await verify(busy, [CitationArgument.model_validate({"pmid": pmid}) for pmid in (1, 2)])


async def test_many_are_answered_in_their_order(client: Client) -> None:
    citations = [{"pmid": 1 + number % 5} for number in range(25)]
    results = (await call(client, "verify_citations", citations=citations))["results"]
    assert [checked["record"]["pmid"] for checked in results] == [citation["pmid"] for citation in citations]


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("verify_citations", {"citations": [{"pmid": 1}, {"author": "Secretson"}]}, "Citation 2 gives too little"),
    ("verify_citations", {"citations": [{"author": "Secretson", "year": 2001}]}, "Citation 1 gives too little"),
    ("verify_citations", {"citations": [{"title": " ?! "}]}, "Citation 1 gives too little"),
    ("verify_citations", {"citations": [{}]}, "Give a PMID, a DOI or a title"),
    ("verify_citations", {"citations": [{"pmid": "secretson"}]}, "citations[0]: input should be a valid integer"),
    ("verify_citations", {"citations": [{"doi": "secretson"}]}, "Citation 1: its doi is no DOI"),
    ("verify_citations", {"citations": [{"secretson": 1}]}, "citations[0]: extra inputs are not permitted"),
    ("verify_citations", {"citations": [{"title": "x", "year": 12}]}, "citations[0]: input should be greater"),
    (
        "verify_citations",
        {"citations": [{"title": "secretson " * 999}]},
        "Citation 1: its title is longer than 2,000",
    ),
    ("verify_citations", {"citations": [{"pmid": 1}] * 26}, "citations: list should have at most 25 items"),
    ("verify_citations", {}, "citations: field required"),
    ("format_citations", {"ids": [1], "style": "secretson"}, "style: input should be 'vancouver', 'apa'"),
    ("format_citations", {"ids": [1] * 51}, "ids: list should have at most 50 items"),
]


@pytest.mark.parametrize(("tool", "arguments", "complaint"), WRONG)
async def test_a_wrong_call_is_told_what_to_do_without_its_values(
    client: Client, tool: str, arguments: dict[str, Any], complaint: str
) -> None:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert complaint in text_of(result)
    assert "secretson" not in text_of(result).lower()


async def test_a_long_answer_is_cut_and_says_so(client: Client) -> None:
    answer = await call(client, "format_citations", ids=list(range(1_000, 1_010)), style="nbib")
    shown = [citation["pmid"] for citation in answer["citations"]]
    assert 0 < len(shown) < 10
    assert [*map(str, shown), *answer["cut"]] == [str(number) for number in range(1_000, 1_010)]
