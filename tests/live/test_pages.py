"""Pages, relations and citations through both library and PubMed, with an MCP client and a real HTTP server."""

from __future__ import annotations

from typing import Any

import pytest

from medlit.errors import UsageError
from tests.live import servers
from tests.live.servers import HTML_502, Answer
from tests.live.test_federation import Connect, call, connect, library, loaded, marks, once_found, refusal
from tools.live import JournalCitation
from tools.live.citations import Wanted, sendable, short_name, title_term
from tools.live.pages import Place, read_place, write_place
from tools.live.source import ATTEMPTS

pytestmark = pytest.mark.anyio

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXY"

__all__ = ["connect", "library", "loaded"]  # fixtures


async def pages(connect: Connect, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    """All pages of an answer."""
    found: list[dict[str, Any]] = []
    async with connect() as client:
        cursor: dict[str, Any] = {}
        while len(found) < 20:
            found.append(await call(client, tool, **arguments, **cursor))
            if "next_cursor" not in found[-1]:
                return found
            cursor = {"cursor": found[-1]["next_cursor"]}
    pytest.fail("the pages never end")


async def test_pages_of_both_go_on_until_neither_has_more(connect: Connect, server: servers.Sources) -> None:
    for pmid in range(30, 35):
        server.add(pmid, "Cimetidine")
    found = await pages(connect, "search_literature", query="aspirin", source="both", limit=2, sort="newest")
    assert [marks(page) for page in found] == [
        [(2, "local"), (1, "local"), (30, "live"), (31, "live")],
        [(32, "live"), (33, "live")],
        [(34, "live")],
    ]
    assert {(page["total"], page["live_total"], page["source"]) for page in found} == {(2, 5, "both")}


async def test_pages_of_pubmed_alone_are_asked_for_one_after_the_other(
    connect: Connect, server: servers.Sources
) -> None:
    for pmid in range(30, 33):
        server.add(pmid, "Cimetidine")
    found = await pages(connect, "search_literature", query="cimetidine", source="live", limit=2)
    assert [marks(page) for page in found] == [[(30, "live"), (31, "live")], [(32, "live")]]
    assert [asked.values["retstart"] for asked in server.asked if asked.path == "/esearch.fcgi"] == ["0", "2"]


async def test_the_last_page_ends_where_pubmed_does(connect: Connect, server: servers.Sources) -> None:
    server.total = 20_000
    server.add(30, "Cimetidine")
    async with connect() as client:
        page = await call(client, "search_literature", query="cimetidine", source="live", cursor="~9998")
        assert "next_cursor" not in page
        assert server.asked[-1].values["retmax"] == "1"
        said = await refusal(client, "search_literature", query="cimetidine", source="live", cursor="~9999")
        assert "first 9,999 records" in said


async def test_a_page_without_pubmed_goes_on_with_the_library_and_asks_pubmed_again(
    connect: Connect, server: servers.Sources
) -> None:
    server.add(30, "Cimetidine")
    server.fail("/esearch.fcgi", *[HTML_502] * ATTEMPTS)
    found = await pages(connect, "search_literature", query="aspirin", source="both", limit=1, sort="newest")
    assert [marks(page) for page in found] == [[(2, "local")], [(1, "local"), (30, "live")]]
    assert ["live_note" in page for page in found] == [True, False]


async def test_a_cursor_of_another_source_is_refused(connect: Connect, server: servers.Sources) -> None:
    server.add(30, "Cimetidine")
    async with connect() as client:
        cursors = {
            source: (await call(client, "search_literature", query="aspirin", source=source, limit=1))["next_cursor"]
            for source in ("local", "both")
        }
        for source, cursor in (("both", cursors["local"]), ("local", cursors["both"]), ("live", cursors["both"])):
            said = await refusal(client, "search_literature", query="aspirin", source=source, limit=1, cursor=cursor)
            assert "cursor" in said
            assert cursor not in said


@pytest.mark.parametrize("place", [Place("", 10), Place(None, 20), Place("zAAAA", None), Place("zAAAA", 5)])
def test_a_place_comes_back_from_its_cursor(place: Place) -> None:
    cursor = write_place(place)
    assert cursor
    if place.local and place.local.startswith("z"):
        with pytest.raises(UsageError):
            read_place(cursor, "both")
    else:
        assert read_place(cursor, "both") == place._replace(local=place.local or None)
    assert write_place(Place(None, None)) is None


async def test_what_pubmed_would_spell_otherwise_is_told_when_it_finds_nothing(
    connect: Connect, server: servers.Sources
) -> None:
    server.add(30, "Asthma")
    async with connect() as client:
        answer = await call(client, "search_literature", query="athsma", source="both")
        assert (answer["hits"], answer["live_total"]) == ([], 0)
        assert answer["live_note"] == "PubMed finds nothing, and suggests: asthma"
        server.fail("/espell.fcgi", *[HTML_502] * ATTEMPTS)
        assert "live_note" not in await call(client, "search_literature", query="athsma", source="both")


async def test_relatives_come_from_the_library_and_from_pubmed(connect: Connect, server: servers.Sources) -> None:
    server.links = [30, 1, 31]
    server.add(30, "Aspirin and the stomach")
    server.add(31, "Aspirin and sleep")
    for relation, name in (
        ("similar", "pubmed_pubmed"), ("cited_by", "pubmed_pubmed_citedin"), ("references", "pubmed_pubmed_refs"),
    ):  # fmt: skip
        found = await pages(connect, "find_related", pmid=2, relation=relation, source="live", limit=2)
        assert [marks(page) for page in found] == [[(30, "live"), (1, "live")], [(31, "live")]]
        assert {asked.values["linkname"] for asked in server.asked if asked.path == "/elink.fcgi"} == {name}
        server.asked.clear()
    async with connect() as client:
        answer = await call(client, "find_related", pmid=2, source="both")
        assert (1, "both") in marks(answer)
        assert {pmid for pmid, _ in marks(answer)} == {1, 30, 31}, "each once"
        assert answer["live_total"] == 3


async def test_relatives_of_what_the_library_lacks_are_pubmeds_and_it_grows_with_them(
    connect: Connect, server: servers.Sources
) -> None:
    server.links = [30]
    server.add(30, "Cimetidine and the stomach")
    async with connect() as client:
        assert "does not have this article" in await refusal(client, "find_related", pmid=77)
        assert server.asked == []
        assert marks(await call(client, "find_related", pmid=77, source="both")) == [(30, "live")]
        await once_found(client, 1, query="cimetidine")


async def test_when_pubmed_tells_no_relatives_the_librarys_are_shown_with_its_age(
    connect: Connect, server: servers.Sources
) -> None:
    server.fail("/elink.fcgi", *[Answer(400)] * 3)
    async with connect() as client:
        answer = await call(client, "find_related", pmid=2, source="both")
        assert (marks(answer), answer["source"]) == ([(1, "local")], "local")
        assert "HTTP status 400" in answer["live_note"]
        assert "last loaded 20" in answer["live_note"]
        for source, pmid in (("live", 2), ("both", 77)):
            assert "HTTP status 400" in await refusal(client, "find_related", pmid=pmid, source=source)


async def test_a_citation_with_only_a_title_is_looked_for_by_its_longest_words(
    connect: Connect, server: servers.Sources
) -> None:
    server.add(30, "Cimetidine and ranitidine for ulcers of the stomach", retracted=True)
    wrong = {"title": "Cimetidine and ranitidine for ulcers of the duodenum"}
    async with connect() as client:
        answer = await call(
            client, "verify_citations", source="both",
            citations=[{"title": "Cimetidine and Ranitidine for ulcers of the stomach."}, wrong],
        )  # fmt: skip
    assert [result["verdict"] for result in answer["results"]] == ["match", "not_found"]
    assert answer["results"][0]["record"]["retracted"] is True
    assert answer["source"] == "both"


async def test_a_citation_that_may_not_go_out_takes_no_other_with_it(connect: Connect, server: servers.Sources) -> None:
    server.add(11, "Cimetidine and sleep", journal="Science", author="Palmenberg Ann", year=1987)
    citations = [
        {"title": "Cimetidine and sleep", "journal": "Science", "year": 1987, "author": "Palmenberg, Ann"},
        {"title": "x", "journal": "Notes on patient Jane Roe, SSN 123-45-6789", "author": "Roe J"},
    ]
    async with connect() as client:
        answer = await call(client, "verify_citations", citations=citations, source="both")
    assert [result["verdict"] for result in answer["results"]] == ["match", "not_found"]
    assert answer["live_note"].startswith("Not sent: it may identify a patient")
    assert [asked.values["bdata"] for asked in server.asked if asked.path == "/ecitmatch.cgi"] == [
        "Science|1987|||Palmenberg A|c0|"
    ]


def test_many_citations_go_in_as_few_requests_as_the_gate_lets_through() -> None:
    wanted = [Wanted(JournalCitation("J Long " * 20, "2000", "", "", f"Example {letter}"), None) for letter in LETTERS]
    assert [each for group in sendable(wanted) for each in group] == wanted
    assert len(sendable(wanted)) == 3
    assert sendable([]) == []


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Palmenberg AC", "Palmenberg AC"), ("Palmenberg, Ann C.", "Palmenberg AC"),
        ("Ann C. Palmenberg", "Palmenberg AC"),
        ("van der Berg J.-P.", "van der Berg JP"), ("Palmenberg", "Palmenberg"), ("Müller, Ö", "Müller Ö"), ("", ""),
    ],
)  # fmt: skip
def test_a_name_is_shortened_as_ncbi_matches_it(name: str, short: str) -> None:
    assert short_name(name) == short


def test_a_title_is_searched_for_without_what_could_be_syntax() -> None:
    assert title_term('Is "NOT" (or) [ti] a cure? Tuberculosis: AND treatment') == (
        "tuberculosis[Title] AND treatment[Title] AND cure[Title]"
    )
    assert title_term("Why?") == ""
