"""Library and live sources in one answer, through an MCP client and against a real HTTP server."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import sqlite3
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from mcp import Client
from mcp_types import TextContent

from medlit.settings import Settings, Sources
from server.app import build
from tests.live import servers
from tests.live.servers import FAILURES, HTML_502, Answer
from tests.processes import until
from tests.pubmed import article, medlit_json, write
from tools.live.source import ATTEMPTS

pytestmark = pytest.mark.anyio

Connect = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    file = write(folder / "pubmed21n0001.xml", article(1, "Aspirin for headache"), article(2, "Aspirin for fever"))
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


@pytest.fixture
def library(loaded: Path, tmp_path: Path) -> Path:
    shutil.copytree(loaded, tmp_path / "lib")
    return tmp_path / "lib"


@pytest.fixture
def connect(library: Path, sources: Sources) -> Connect:
    @asynccontextmanager
    async def connecting(*, offline: bool = False) -> AsyncGenerator[Client]:
        settings = Settings(library=library, workers=1, offline=offline, sources=sources)
        async with Client(build(settings), raise_exceptions=True) as client:
            yield client

    return connecting


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def once_found(client: Client, total: int, **arguments: Any) -> dict[str, Any]:
    """The answer of a local search as soon as it finds so many."""
    with anyio.fail_after(20):
        while True:
            answer = await call(client, "search_literature", **arguments)
            if answer["total"] == total:
                return answer
            await anyio.sleep(0.02)  # the index follows beside the calls, and the protocol tells nobody of it


def marks(answer: dict[str, Any]) -> list[tuple[int, str]]:
    return [(hit["pmid"], hit["source"]) for hit in answer["hits"]]


async def test_both_is_the_library_and_then_what_only_pubmed_has(connect: Connect, server: servers.Sources) -> None:
    server.add(2, "Aspirin for fever")
    server.add(30, "Aspirin and the stomach")
    async with connect() as client:
        answer = await call(client, "search_literature", query="aspirin", source="both")
    assert sorted(marks(answer)[:2]) == [(1, "local"), (2, "both")]
    assert marks(answer)[2:] == [(30, "live")]
    assert (answer["source"], answer["total"], answer["live_total"]) == ("both", 2, 2)
    assert "live_note" not in answer
    fetched = [asked.values["id"] for asked in server.asked if asked.path == "/efetch.fcgi"]
    assert fetched == ["30"], "what the library has is not fetched again"


async def test_live_is_what_pubmed_finds_in_its_order(connect: Connect, server: servers.Sources) -> None:
    server.add(30, "Aspirin and the stomach")
    server.add(2, "Aspirin for fever")
    server.total = 20_000
    async with connect() as client:
        answer = await call(
            client, "search_literature", query="aspirin", source="live", author="Example A", year_from=2010
        )
    assert marks(answer) == [(30, "live"), (2, "live")]
    assert (answer["source"], answer["total"]) == ("live", 20_000)
    assert "first 9,999" in answer["live_note"]
    term = server.asked[0].values["term"]
    assert term == '(aspirin) AND ("Example A"[Author]) AND ("2010"[Date - Publication] : "3000"[Date - Publication])'


async def test_what_is_fetched_stays_in_the_library_without_making_it_look_newer(
    connect: Connect, server: servers.Sources, library: Path
) -> None:
    before = medlit_json("status", "--library", library)
    server.add(30, "Cimetidine", doi="10.1/c")
    async with connect() as client:
        await call(client, "search_literature", query="cimetidine", source="live")
        server.add(31, "Ranitidine")
        await call(client, "get_articles", ids=[31], source="both")
        asked = len(server.asked)
        answer = await call(client, "get_articles", ids=[30, 31])
        assert [found["pmid"] for found in answer["articles"]] == [30, 31]
        assert answer["articles"][0]["source_file"].startswith("ncbi-efetch-")
        answer = await once_found(client, 2, query="cimetidine ranitidine")
        assert len(server.asked) == asked
    after = medlit_json("status", "--library", library)
    assert after["articles"] == before["articles"] + 2
    assert after["last_loaded_at"] == before["last_loaded_at"]
    assert after["newest_file"] == "pubmed21n0001.xml"
    assert answer["library_updated"] == before["last_loaded_at"]


async def test_a_fetched_record_counts_as_another_sources(connect: Connect, server: servers.Sources) -> None:
    server.add(1, "Aspirin for headache, corrected", revised="2022-01-01")
    server.add(2, "An older state", revised="2001-01-01")
    async with connect() as client:
        answer = await call(client, "get_articles", ids=[1, 2], source="live")
        assert [found["title"] for found in answer["articles"]] == [
            "Aspirin for headache, corrected", "Aspirin for fever",
        ]  # fmt: skip


async def test_notices_in_the_library_are_told_of_what_is_fetched(
    connect: Connect, server: servers.Sources, library: Path, tmp_path: Path
) -> None:
    link = ('<CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><RefSource>J Test 2020</RefSource>'
            '<PMID Version="1">30</PMID></CommentsCorrections></CommentsCorrectionsList><MeshHeadingList>')  # fmt: skip
    notice = article(5, "Retraction", publication_type="Retraction Notice").replace("<MeshHeadingList>", link)
    medlit_json("ingest", "--library", library, write(tmp_path / "pubmed21n0002.xml", notice))
    server.add(30, "Aspirin and the stomach")
    async with connect() as client:
        answer = await call(client, "search_literature", query="aspirin", source="live")
    assert [(hit["pmid"], hit["retracted"]) for hit in answer["hits"]] == [(30, True)]


@pytest.mark.parametrize("failure", [FAILURES["reset"], HTML_502, Answer(429), Answer(400)])
async def test_when_pubmed_fails_the_answer_is_local_and_says_so_with_its_age(
    connect: Connect, server: servers.Sources, failure: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.live.source.COOL_S", 0.01)
    server.fail("/esearch.fcgi", *[failure] * ATTEMPTS)
    async with connect() as client:
        answer = await call(client, "search_literature", query="aspirin", source="both")
        assert sorted(marks(answer)) == [(1, "local"), (2, "local")]
        assert (answer["source"], answer["total"], answer.get("live_total")) == ("local", 2, None)
        assert answer["live_note"].startswith("NCBI ")
        assert answer["library_updated"] in answer["live_note"]
        server.fail("/esearch.fcgi", *[failure] * ATTEMPTS)
        assert "NCBI " in await refusal(client, "search_literature", query="aspirin", source="live")


async def test_when_pubmed_is_slow_the_answer_comes_in_time(
    connect: Connect, server: servers.Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.tool.LIVE_DEADLINE_S", 0.7)
    server.fail("/esearch.fcgi", Answer(200, b"{", ends="drip"))
    async with connect() as client:
        answer = await call(client, "search_literature", query="aspirin", source="both")
    assert sorted(marks(answer)) == [(1, "local"), (2, "local")]
    assert "did not answer in time" in answer["live_note"]


@pytest.mark.parametrize("way", ["well", "cancelled", "error"])
async def test_however_the_server_ends_no_connection_is_left(
    connect: Connect, server: servers.Sources, way: str
) -> None:
    server.add(30, "Aspirin and the stomach")
    with contextlib.suppress(ExceptionGroup):
        async with connect() as client, anyio.create_task_group() as tasks:
            await call(client, "search_literature", query="aspirin", source="both")
            assert server.connected == 1, "it is kept for the next request"
            if way != "well":
                server.fail("/esearch.fcgi", Answer(200, b"{", ends="drip"))
                tasks.start_soon(lambda: call(client, "search_literature", query="fever", source="both"))
                await anyio.to_thread.run_sync(until, lambda: len(server.asked) == 3, "the request under way")
            if way == "error":
                raise RuntimeError("the host is gone")
            tasks.cancel_scope.cancel()
    await anyio.to_thread.run_sync(until, lambda: server.connected == 0, "the end of every connection")


async def test_records_that_do_not_come_are_counted(connect: Connect, server: servers.Sources) -> None:
    server.add(2, "Aspirin for fever")
    server.add(30, "Aspirin and the stomach")
    server.fail("/efetch.fcgi", *[HTML_502] * ATTEMPTS)
    async with connect() as client:
        answer = await call(client, "search_literature", query="aspirin", source="both")
    assert sorted(marks(answer)) == [(1, "local"), (2, "both")]
    assert "502" in answer["live_note"]
    assert "1 of PubMed's matches could not be fetched" in answer["live_note"]


async def test_a_query_that_the_gate_refuses_is_answered_locally_and_the_refusal_said(
    connect: Connect, server: servers.Sources
) -> None:
    query = "aspirin for patient Jane Roe SSN 123-45-6789"
    async with connect() as client:
        answer = await call(client, "search_literature", query=query, source="both")
        assert sorted(marks(answer)) == [(1, "local"), (2, "local")]
        assert answer["live_note"].startswith("Not sent: it may identify a patient")
        said = await refusal(client, "search_literature", query=query, source="live")
    for needle in ("Jane", "Roe", "123", "6789"):
        assert needle not in answer["live_note"]
        assert needle not in said
    assert server.asked == []


async def test_articles_are_fetched_by_any_identifier_in_the_order_asked_for(
    connect: Connect, server: servers.Sources
) -> None:
    server.add(30, "Cimetidine")
    server.add(31, "Ranitidine", doi="10.1234/r")
    ids = ["PMC30", 2, "https://doi.org/10.1234/r", "99", "no id"]
    async with connect() as client:
        assert (await call(client, "get_articles", ids=ids))["not_found"] == [
            "PMC30",
            "https://doi.org/10.1234/r",
            "99",
            "no id",
        ]
        assert server.asked == [], "without being asked to, nothing goes outside"
        answer = await call(client, "get_articles", ids=ids, source="both")
    assert [found["pmid"] for found in answer["articles"]] == [30, 2, 31]
    assert answer["not_found"] == ["99", "no id"]


async def test_what_the_library_has_is_shown_when_the_rest_cannot_be_fetched(
    connect: Connect, server: servers.Sources
) -> None:
    server.fail("/efetch.fcgi", *[HTML_502] * ATTEMPTS)
    async with connect() as client:
        answer = await call(client, "get_articles", ids=[1, 30], source="both")
        assert ([found["pmid"] for found in answer["articles"]], answer["not_found"]) == ([1], ["30"])
        assert answer["source"] == "local"
        assert "502" in answer["live_note"]
        server.fail("/efetch.fcgi", *[HTML_502] * ATTEMPTS)
        assert "NCBI" in await refusal(client, "get_articles", ids=[30], source="both")


async def test_an_identifier_that_may_not_go_out_keeps_no_other_from_being_fetched(
    connect: Connect, server: servers.Sources
) -> None:
    server.add(30, "Cimetidine")
    server.add(31, "Ranitidine", doi="10.1234/r")
    async with connect() as client:
        answer = await call(client, "get_articles", ids=["10.1/123-45-6789", 30, "10.1234/r"], source="both")
    assert [found["pmid"] for found in answer["articles"]] == [30, 31]
    assert answer["not_found"] == ["10.1/123-45-6789"]
    assert answer["live_note"].startswith("Not sent")
    assert not any("6789" in value for asked in server.asked for value in asked.values.values())


async def test_citations_that_the_library_lacks_are_held_against_pubmed(
    connect: Connect, server: servers.Sources
) -> None:
    server.add(11, "Cimetidine and sleep", journal="Science", author="Palmenberg Ann", year=1987)
    server.add(30, "Ranitidine", doi="10.1234/r", retracted=True)
    citations = [
        {"title": "Cimetidine and sleep", "journal": "Science", "year": 1987, "author": "Palmenberg A"},
        {"doi": "10.1234/r", "title": "Something else altogether"},
        {"pmid": 99},
        {"pmid": 1, "title": "Aspirin for headache"},
    ]
    async with connect() as client:
        answer = await call(client, "verify_citations", citations=citations)
        verdicts = [result["verdict"] for result in answer["results"]]
        assert verdicts == ["not_found", "not_found", "not_found", "match"]
        assert server.asked == []
        answer = await call(client, "verify_citations", citations=citations, source="both")
        verdicts = [result["verdict"] for result in answer["results"]]
        assert verdicts == ["match", "mismatch", "not_found", "match"]
        assert answer["results"][1]["record"]["retracted"] is True
        assert "live_note" not in answer
        [matched] = [asked.values["bdata"] for asked in server.asked if asked.path == "/ecitmatch.cgi"]
        assert matched == "Science|1987|||Palmenberg A|c0|"


async def test_citations_are_checked_with_the_library_alone_when_pubmed_fails(
    connect: Connect, server: servers.Sources
) -> None:
    server.fail("/efetch.fcgi", *[HTML_502] * ATTEMPTS)
    async with connect() as client:
        answer = await call(client, "verify_citations", citations=[{"pmid": 99}, {"pmid": 1}], source="both")
    assert [result["verdict"] for result in answer["results"]] == ["not_found", "match"]
    assert "502" in answer["live_note"]


async def test_a_busy_library_keeps_nobody_waiting(connect: Connect, server: servers.Sources, library: Path) -> None:
    server.add(30, "Aspirin and the stomach")
    with contextlib.closing(sqlite3.connect(library / "library.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # another process in the middle of a merge
        async with connect() as client:
            answer = await call(client, "search_literature", query="aspirin", source="live")
            assert marks(answer) == [(30, "live")]
            other.execute("ROLLBACK")
    assert medlit_json("get", "--library", library, "30")["articles"]


async def test_nothing_that_went_out_is_kept_on_this_machine(
    connect: Connect, server: servers.Sources, library: Path, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    for name in ("httpx2", "httpcore2", "mcp", "medlit", "tools", "server"):
        caplog.set_level(logging.DEBUG, logger=name)
    wanted: tuple[tuple[str, dict[str, Any]], ...] = (
        ("search_literature", {"query": "aspirin zqneedle", "author": "Zqneedle A"}),
        ("verify_citations", {"citations": [{"title": "Zqneedle in aspirin", "journal": "Zqneedle", "author": "X"}]}),
        ("get_articles", {"ids": ["10.1234/zqneedle", 1], "sections": ["zqneedle"]}),
    )
    async with connect() as client:
        for tool, arguments in wanted:
            await client.call_tool(tool, {"source": "both", **arguments})
            server.fail("/esearch.fcgi", HTML_502)
            server.fail("/idconv/", Answer(400))
            server.fail("/ecitmatch.cgi", Answer(400))
            await client.call_tool(tool, {"source": "live", **arguments})
    assert "zqneedle" in json.dumps([asked.values for asked in server.asked]).lower()
    assert "zqneedle" not in json.dumps([record.getMessage() for record in caplog.records]).lower()
    for file in [*library.rglob("*"), *(tmp_path / "throttle").rglob("*")]:
        assert not file.is_file() or b"zqneedle" not in file.read_bytes().lower(), file.name
