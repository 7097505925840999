"""PubMed's query language as an agent and a person use it: through an MCP client, and on the command line."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import TextContent

from medlit.settings import Settings
from server.app import build
from tests.pubmed import article, medlit, medlit_json, write

pytestmark = pytest.mark.anyio

MESH = """<?xml version="1.0"?>
<DescriptorRecordSet LanguageCode="eng">
<DescriptorRecord DescriptorClass="1"><DescriptorUI>D1</DescriptorUI>
<DescriptorName><String>Cardiac Infarction</String></DescriptorName>
<TreeNumberList><TreeNumber>C14.1</TreeNumber></TreeNumberList>
<ConceptList><Concept PreferredConceptYN="Y"><TermList><Term><String>Test Attack</String></Term></TermList></Concept>
</ConceptList></DescriptorRecord>
<DescriptorRecord DescriptorClass="1"><DescriptorUI>D2</DescriptorUI>
<DescriptorName><String>Narrow Cardiac Infarction</String></DescriptorName>
<TreeNumberList><TreeNumber>C14.1.7</TreeNumber></TreeNumberList></DescriptorRecord>
</DescriptorRecordSet>
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of four articles and two headings."""
    folder = tmp_path_factory.mktemp("language")
    articles = write(
        folder / "pubmed21n0001.xml",
        article(1, "A test attack in one patient", year=2001),
        article(2, "No such words here", mesh="Narrow Cardiac Infarction", year=2010),
        article(3, "Tests that attack", author="Smith John", year=2020),
        article(4, "Something else", journal="Lancet Tests", year=2020),
    )
    (folder / "desc2024.xml").write_text(MESH)
    medlit_json("ingest", "--library", folder / "library", articles, folder / "desc2024.xml")
    return folder / "library"


@pytest.fixture
async def client(folder: Path) -> AsyncGenerator[Client]:
    async with Client(build(Settings(library=folder, workers=1)), raise_exceptions=True) as connected:
        yield connected


async def search(client: Client, query: str, **arguments: Any) -> tuple[set[int], str]:
    result = await client.call_tool("search_literature", {"query": query, **arguments})
    assert not result.is_error, result.content
    answer = result.structured_content
    assert answer
    return {hit["pmid"] for hit in answer["hits"]}, answer["query_translation"]


async def test_an_agent_searches_as_in_pubmed_and_reads_what_was_understood(client: Client) -> None:
    assert await search(client, '"test attack"[ti] OR 2020[dp] NOT smith j[au]') == (
        {1, 4},
        '("test attack"[Title] OR "2020"[Date - Publication]) NOT "smith j"[Author]',
    )
    assert await search(client, "NOT attac*[tiab]") == ({2, 4}, 'NOT "attac*"[Title/Abstract]')


async def test_a_question_finds_what_is_indexed_with_the_heading_and_never_says_the_words(client: Client) -> None:
    found, understood = await search(client, "test attack")
    assert found == {1, 2, 3}
    assert understood.startswith('"cardiac infarction"[MeSH Terms] OR "test attack"[All Fields]')
    found, understood = await search(client, "test attack", term_mapping=False)
    assert 2 not in found
    assert "MeSH" not in understood


async def test_the_mesh_filter_explodes(client: Client) -> None:
    assert await search(client, "", mesh="test attack") == ({2}, '"cardiac infarction"[MeSH Terms]')
    assert (await search(client, "cardiac infarction[mh:noexp]"))[0] == set()


async def test_a_wrong_query_is_refused_with_its_place_and_without_its_words(client: Client) -> None:
    result = await client.call_tool("search_literature", {"query": "Jane Roe[name] AND (attack"})
    assert result.is_error
    [content] = result.content
    assert isinstance(content, TextContent)
    assert "character 9" in content.text
    assert "[tiab]" in content.text
    assert "Roe" not in content.text


async def test_the_command_line_shows_what_was_understood(folder: Path) -> None:
    found = medlit_json("search", "--library", folder, "test attack AND NOT one")
    assert [hit["pmid"] for hit in found["hits"]] == [3, 2]
    assert found["query_translation"].startswith('("cardiac infarction"[MeSH Terms] OR "test attack"[All Fields]')
    bare = medlit_json("search", "--library", folder, "--no-term-mapping", "test attack AND NOT one")
    assert [hit["pmid"] for hit in bare["hits"]] == []
    assert bare["query_translation"] == ('("test"[All Fields] AND "attack"[All Fields]) AND (NOT "one"[All Fields])')
    refused = medlit("search", "--library", folder, "attack[nonsense]")
    assert refused.returncode == 2
    assert json.dumps("attack") not in refused.stderr
    assert "character 7" in refused.stderr
