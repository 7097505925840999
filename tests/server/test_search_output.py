"""What a search costs an agent to read, and what every hit tells."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp_types import TextContent

from medlit.settings import Settings
from server.app import build
from tests.pubmed import article, environment, medlit, medlit_command, medlit_json, write

CHARACTERS_A_TOKEN = 4
MOST_TOKENS = 2_000

LONG = "outcomes of the prolonged multicentre observation of participants with renal impairment and hypertension"


async def search(library: Path, **arguments: Any) -> dict[str, Any]:
    """The answer, after checking that its two forms agree, each short enough."""
    async with Client(build(Settings(library=library, workers=1)), raise_exceptions=True) as client:
        result = await client.call_tool("search_literature", arguments)
    [content] = result.content
    assert isinstance(content, TextContent)
    assert result.structured_content == json.loads(content.text)
    assert len(content.text) / CHARACTERS_A_TOKEN < MOST_TOKENS
    return json.loads(content.text)


@pytest.mark.anyio
async def test_ten_hits_of_long_records_stay_below_the_limit(tmp_path: Path) -> None:
    records = [
        article(
            n,
            f"Renal {LONG} and {LONG}: part {n}",
            abstract=f"The {LONG} was long and {LONG}. " * 8,
            doi=f"10.1234/journal.of.long.identifiers.{n:010}",
            journal="Int J Long Names Med Res",
            mesh="Renal Insufficiency, Chronic",
        )
        for n in range(1, 13)
    ]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", *records))
    answer = await search(tmp_path / "lib", query="renal impairment hypertension participants observation")
    assert len(answer["hits"]) == 10
    for hit in answer["hits"]:
        assert hit.keys() >= {"pmid", "title", "year", "publication_types", "retracted", "matched", "snippet"}


@pytest.mark.anyio
async def test_ten_real_hits_stay_below_the_limit(data: Path, tmp_path: Path) -> None:
    files = [data / "medline-text", data / "pubmed-xml" / "oddities"]
    medlit("ingest", "--library", tmp_path / "lib", *files)
    for query in ("cancer therapy", "cells", "infection of children in a hospital", "genetics protein expression"):
        answer = await search(tmp_path / "lib", query=query)
        assert len(answer["hits"]) == 10, query


@pytest.mark.anyio
async def test_a_hit_tells_why_it_was_found_and_what_it_concludes(tmp_path: Path) -> None:
    abstract = "Aspirin is old. We gave it to many people for their heads. Headache was gone within the hour."
    file = write(
        tmp_path / "a.xml",
        article(1, "Aspirin tried", abstract=abstract, year=2001, mesh="Headache Disorders"),
        article(2, "Aspirin withdrawn", retracted=True, mesh="Aspirin"),
    )
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    answer = await search(tmp_path / "lib", query="aspirin headaches")
    first, second = answer["hits"]
    assert (first["pmid"], second["pmid"]) == (1, 2)
    assert first["matched"] == "title: aspirin; MeSH: Headache Disorders"
    assert first["snippet"].endswith("Headache was gone within the hour.")
    assert (first["retracted"], second["retracted"]) == (False, True)
    assert "snippet" not in second, "without an abstract nothing is made up"
    detailed = await search(tmp_path / "lib", query="aspirin headaches", detail="detailed")
    assert detailed["hits"][0]["abstract"] == abstract
    assert "snippet" not in detailed["hits"][0]
    newest = await search(tmp_path / "lib", query="aspirin", sort="newest")
    assert (newest["ranking"], newest["hits"][0]["matched"]) == ("date", "title: aspirin")


@pytest.mark.skipif(os.name != "posix", reason="it takes a pseudo-terminal")
def test_the_command_line_shows_the_passage_to_people(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(1, "Aspirin tried", abstract="Headache was gone [in an hour]."))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    ours, theirs = os.openpty()
    command = medlit_command("search", "--library", tmp_path / "lib", "headache")
    done = subprocess.run(
        command, stdout=theirs, env=environment(COLUMNS="100", NO_COLOR="1"), check=False, timeout=100
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert "  Headache was gone [in an hour]." in shown
    assert "abstract: headache" in shown
