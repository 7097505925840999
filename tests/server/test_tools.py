"""The tools as an agent calls them, through an MCP client in memory, in both protocol eras."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent, TextResourceContents

from medlit.settings import Settings
from server.app import build
from tests.pubmed import article, medlit_json, write

pytestmark = pytest.mark.anyio


@pytest.fixture
def allowed(tmp_path: Path) -> Path:
    folder = tmp_path / "allowed"
    folder.mkdir()
    return folder


PAPERS = (
    article(1, "Aspirin for headache", abstract="It helps.", doi="10.1/a", year=2001),
    article(2, "Aspirin withdrawn", retracted=True, year=2010),
    article(3, "Lithium", journal="Lancet"),
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    medlit_json("ingest", "--library", folder / "lib", write(folder / "pubmed21n0001.xml", *PAPERS))
    return folder / "lib"


@pytest.fixture(params=["auto", "legacy"])
async def client(request: pytest.FixtureRequest, loaded: Path, tmp_path: Path, allowed: Path) -> AsyncGenerator[Client]:
    write(allowed / "pubmed21n0001.xml", *PAPERS)
    shutil.copytree(loaded, tmp_path / "lib")
    settings = Settings(library=tmp_path / "lib", workers=1, ingest_roots=(allowed.resolve(),))
    async with Client(build(settings), mode=request.param, raise_exceptions=True) as connected:
        yield connected


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured answer, after checking that text and structure agree and fit the schema."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content == json.loads(text_of(result))
    [listed] = [known for known in (await client.list_tools()).tools if known.name == tool]
    assert listed.output_schema
    jsonschema.validate(result.structured_content, listed.output_schema)
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    assert result.structured_content is None
    return text_of(result)


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_a_search_finds_ranks_and_tells_retraction(client: Client) -> None:
    answer = await call(client, "search_literature", query="aspirin headache")
    assert [(hit["pmid"], hit["retracted"]) for hit in answer["hits"]] == [(1, False), (2, True)]
    assert (answer["total"], answer["total_is_exact"], answer["source"]) == (2, True, "local")
    assert answer["library_updated"]
    assert "abstract" not in answer["hits"][0]


async def test_a_detailed_search_shows_abstracts(client: Client) -> None:
    answer = await call(client, "search_literature", query="headache", detail="detailed")
    assert answer["hits"][0]["abstract"] == "It helps."


async def test_filters_apply(client: Client) -> None:
    answer = await call(client, "search_literature", query="aspirin", year_from=2005, priority="emergency")
    assert [hit["pmid"] for hit in answer["hits"]] == [2]
    answer = await call(client, "search_literature", query="aspirin", include_retracted=False)
    assert [hit["pmid"] for hit in answer["hits"]] == [1]
    answer = await call(client, "search_literature", journal="lancet")
    assert [hit["pmid"] for hit in answer["hits"]] == [3]


async def test_articles_come_in_the_order_asked_for_by_any_identifier(client: Client) -> None:
    ids = ["3", "https://doi.org/10.1/A", 2, "PMID: 3", "99", "no id"]
    answer = await call(client, "get_articles", ids=ids)
    assert [found["pmid"] for found in answer["articles"]] == [3, 1, 2]
    assert answer["not_found"] == ["99", "no id"]
    assert answer["articles"][1]["abstract"] == [{"text": "It helps."}]
    assert answer["articles"][2]["links"] == [{"ref_type": "RetractionIn", "source": "J Test 2021"}]


async def test_a_detailed_article_is_the_whole_record(client: Client) -> None:
    answer = await call(client, "get_articles", ids=[1], detail="detailed")
    record = answer["articles"][0]["record"]
    assert record["journal"]["nlm_id"] == "1"
    assert record["pub_date"] == {"year": 2001, "text": "2001", "precision": "year", "sort_key": 20010000}
    assert record["provenance"]["source_file"] == "pubmed21n0001.xml"


async def test_an_article_is_a_resource(client: Client) -> None:
    [template, *_] = (await client.list_resource_templates()).resource_templates
    assert template.uri_template == "article://{pmid}"
    [content] = (await client.read_resource("article://1")).contents
    assert isinstance(content, TextResourceContents)
    assert json.loads(content.text)["title"] == "Aspirin for headache"
    for missing in ("article://99", "article://x", "article://"):
        with pytest.raises(MCPError) as caught:
            await client.read_resource(missing)
        assert caught.value.error.code == -32602


@pytest.mark.parametrize(
    ("tool", "arguments", "complaint"),
    [
        ("search_literature", {"qeury": "secret"}, "unknown argument; search_literature takes priority, source"),
        ("search_literature", {"query": "x", "limit": 1000}, "limit: input should be less than or equal to 100"),
        ("search_literature", {"query": "x", "limit": "many"}, "limit: input should be a valid integer"),
        ("search_literature", {"query": "x" * 20_000}, "query: string should have at most 10000 characters"),
        ("search_literature", {"query": "x", "priority": "now"}, "priority: input should be 'routine' or 'emergency'"),
        ("search_literature", {}, "nothing to search for"),
        ("get_articles", {"ids": []}, "ids: list should have at least 1 item"),
        ("get_articles", {"ids": ["1"] * 51}, "ids: list should have at most 50 items"),
        ("get_articles", {}, "ids: field required"),
        ("ingest", {"paths": ["/etc/passwd"]}, "outside the folders open to agents"),
        ("ingest", {"paths": ["../lib/library.sqlite3"]}, "outside the folders open to agents"),
        ("ingest", {"paths": ["nothing.xml"]}, "there is no such file"),
        ("ingest", {"paths": ["a\x00b"]}, "cannot understand"),
        ("ingest_status", {"job_id": "nope"}, "no such ingest job"),
        ("cancel_ingest", {"job_id": "nope"}, "no such ingest job"),
        ("no_such_tool", {}, "There is no such tool. There are: search_literature"),
    ],
)
async def test_a_wrong_call_is_told_what_to_do_without_its_values(
    client: Client, tool: str, arguments: dict[str, Any], complaint: str
) -> None:
    answer = await refusal(client, tool, **arguments)
    assert complaint in answer
    assert "secret" not in answer
    assert "qeury" not in answer
    assert "passwd" not in answer


async def test_links_do_not_lead_out_of_the_allowed_folders(client: Client, allowed: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    write(outside / "a.xml", article(9))
    (allowed / "file.xml").symlink_to(outside / "a.xml")
    (allowed / "folder").symlink_to(outside)
    for path in ("file.xml", "folder", "folder/a.xml", str(allowed)):
        assert "outside the folders" in await refusal(client, "ingest", paths=[path])


async def ended(client: Client, job_id: str) -> dict[str, Any]:
    with anyio.fail_after(60):
        while True:
            state = await call(client, "ingest_status", job_id=job_id)
            if state["state"] != "running":
                return state
            await anyio.sleep(0.05)  # the protocol has no way to wait for a job


async def test_a_job_loads_files_and_reports(client: Client, allowed: Path) -> None:
    write(allowed / "pubmed21n0002.xml", article(4, "Cimetidine"), article(5, "Ranitidine"))
    (allowed / "broken.xml").write_text("<PubmedArticleSet>")
    job = await call(client, "ingest", paths=["pubmed21n0002.xml", str(allowed / "broken.xml")])
    assert (job["state"], job["files_total"]) == ("running", 2)
    job = await ended(client, job["job_id"])
    assert job["state"] == "finished"
    assert (job["files_done"], job["records"]) == (2, 2)
    assert (job["report"]["files"], job["report"]["files_failed"], job["report"]["records_stored"]) == (1, 1, 2)
    assert "broken XML" in job["report"]["errors"][0]["reason"]
    answer = await call(client, "search_literature", query="cimetidine")
    assert answer["hits"][0]["pmid"] == 4


async def test_a_job_can_be_cancelled_and_leaves_nothing_half_loaded(client: Client, allowed: Path) -> None:
    write(allowed / "big.xml", *[article(n, "Big " * 50) for n in range(1000, 31_000)])
    job = await call(client, "ingest", paths=["big.xml"])
    assert "still running" in await refusal(client, "ingest", paths=["big.xml"])
    job = await call(client, "cancel_ingest", job_id=job["job_id"])
    assert job["state"] == "cancelled"
    assert (await call(client, "ingest_status", job_id=job["job_id"]))["state"] == "cancelled"
    assert (await call(client, "get_articles", ids=[1000]))["not_found"] == ["1000"]


async def test_every_tool_carries_all_annotations_and_closed_schemas(client: Client) -> None:
    for tool in (await client.list_tools()).tools:
        assert tool.annotations
        hints = tool.annotations.model_dump(exclude={"title"})
        assert all(isinstance(hint, bool) for hint in hints.values()), tool.name
        assert tool.input_schema["additionalProperties"] is False
        assert tool.input_schema["properties"]["priority"]["enum"] == ["routine", "emergency"]
        assert tool.output_schema


async def test_a_server_without_open_folders_refuses_to_load(tmp_path: Path) -> None:
    async with Client(build(Settings(library=tmp_path / "lib", workers=1))) as client:
        assert "No folder is open to agents" in await refusal(client, "ingest", paths=["a.xml"])
