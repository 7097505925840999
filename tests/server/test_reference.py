"""MeSH and journals as an agent looks them up, reads them as resources and completes their names."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError
from mcp_types import PromptReference, ResourceTemplateReference, TextResourceContents

from medlit.library.library import open_library
from medlit.library.mesh_reference import KEPT, MeshReference
from medlit.settings import Settings
from server.app import build
from tests.mesh import descriptor, write_mesh
from tests.pubmed import article, medlit_json, write
from tests.server.test_tools import call, refusal

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    file = write(
        folder / "a.xml",
        article(1, mesh="Heart Diseases", journal="Lancet"),
        article(2, mesh="Myocardial Infarction", journal="Lancet"),
        article(3, mesh="Myocardial Infarction", journal="Lancet Oncol"),
        article(4, mesh="Shock, Cardiogenic", journal="BMJ"),
    )
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


@pytest.fixture(scope="module")
def with_mesh(articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mesh")
    shutil.copytree(articles, folder / "lib")
    terms = [f"Attack number {number}" for number in range(60)]
    file = write_mesh(
        folder / "desc2025.xml",
        descriptor("D1", "Heart Diseases", "C14.280", terms=["Diseases, Heart"]),
        descriptor(
            "D2", "Myocardial Infarction", "C14.280.647", "C23.550", terms=["Heart Attack"], note="Dead heart muscle."
        ),
        descriptor("D3", "Shock, Cardiogenic", "C14.280.647.750"),
        descriptor("D4", "Myocardium", "A07.541", terms=terms),
        descriptor("D5", "Pathology", "C23", terms=["Heart attacks, both"]),
        descriptor("D6", "Panic", "F01", terms=["Heart attacks, both"]),
    )
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


async def connected(folder: Path) -> AsyncGenerator[Client]:
    async with Client(build(Settings(library=folder, workers=1)), raise_exceptions=True) as client:
        yield client


@pytest.fixture
async def client(with_mesh: Path, tmp_path: Path) -> AsyncGenerator[Client]:
    shutil.copytree(with_mesh, tmp_path / "lib")
    async for each in connected(tmp_path / "lib"):
        yield each


@pytest.fixture
async def without_mesh(articles: Path) -> AsyncGenerator[Client]:
    async for each in connected(articles):
        yield each


@pytest.mark.parametrize("term", ["Myocardial Infarction", "heart attack", "HEART-ATTACK", "d2"])
async def test_a_heading_is_found_by_any_of_its_terms(client: Client, term: str) -> None:
    answer = await call(client, "lookup_mesh", term=term)
    assert answer == {
        "descriptors": [
            {
                "ui": "D2",
                "name": "Myocardial Infarction",
                "scope_note": "Dead heart muscle.",
                "entry_terms": ["Heart Attack"],
                "tree_numbers": ["C14.280.647", "C23.550"],
                "broader": ["Heart Diseases", "Pathology"],
                "narrower": ["Shock, Cardiogenic"],
                "articles": 2,
                "articles_exploded": 3,
            }
        ]
    }


async def test_a_term_of_several_headings_leads_to_all_of_them(client: Client) -> None:
    answer = await call(client, "lookup_mesh", term="heart attacks, both")
    assert [found["name"] for found in answer["descriptors"]] == ["Pathology", "Panic"]


async def test_what_is_no_term_gets_suggestions(client: Client) -> None:
    for mistyped in ("myocardial infraction", "myocardial inf"):
        answer = await call(client, "lookup_mesh", term=mistyped)
        assert answer["descriptors"] == []
        assert "Myocardial Infarction" in answer["suggestions"]
    assert await call(client, "lookup_mesh", term="?!") == {"descriptors": []}
    assert "term: field required" in await refusal(client, "lookup_mesh")


async def test_long_lists_of_terms_are_cut_and_say_so(client: Client) -> None:
    [found] = (await call(client, "lookup_mesh", term="myocardium"))["descriptors"]
    assert len(found["entry_terms"]) + found["cut"] == 60


async def test_without_mesh_a_look_up_says_what_to_load(without_mesh: Client) -> None:
    answer = await call(without_mesh, "lookup_mesh", term="heart attack")
    assert answer["descriptors"] == []
    assert "Load NLM's descriptor file" in answer["problem"]


async def test_a_look_up_follows_every_change_of_the_library(client: Client, tmp_path: Path) -> None:
    async def said() -> dict[str, Any]:
        [found] = (await call(client, "lookup_mesh", term="heart attack"))["descriptors"]
        return found

    assert (await said())["articles"] == 2
    more = write(tmp_path / "b.xml", article(9, mesh="Myocardial Infarction"))
    medlit_json("ingest", "--library", tmp_path / "lib", more)
    assert (await said())["articles"] == 3
    newer = write_mesh(tmp_path / "desc2026.xml", descriptor("D2", "Infarction of the Heart", terms=["Heart Attack"]))
    medlit_json("ingest", "--library", tmp_path / "lib", newer)
    assert (await said())["name"] == "Infarction of the Heart"


async def test_a_heading_is_counted_once_until_the_library_changes(with_mesh: Path) -> None:
    async with open_library(with_mesh) as library:
        counted: list[list[str]] = []

        async def count(field: str, values: Any) -> int:
            counted.append(list(values))
            return await library.count(field, values)

        reference = MeshReference(library.store, count, library.version)
        first = await reference.look_up("heart attack")
        assert await reference.look_up("d2") == first
        assert counted == [["Myocardial Infarction"], ["Myocardial Infarction", "Shock, Cardiogenic"]]
        assert list(reference.kept) == ["D2"]


async def test_the_heading_that_was_not_asked_for_longest_is_let_go(with_mesh: Path) -> None:
    async with open_library(with_mesh) as library:
        reference = MeshReference(library.store, library.count, library.version, keep=2)
        for term in ("heart diseases", "d2", "d1", "d3"):
            assert await reference.look_up(term)
        assert list(reference.kept) == ["D1", "D3"]
        assert library.mesh.keep == KEPT == 1_000


async def completed(client: Client, name: str, value: str, *, prompt: bool = False) -> list[str]:
    uri = {"term": "mesh://{term}", "journal": "journal://{journal}"}.get(name, name)
    ref = PromptReference(name="any") if prompt else ResourceTemplateReference(uri=uri)
    return (await client.complete(ref, {"name": name, "value": value})).completion.values


async def test_headings_and_journals_are_completed(client: Client) -> None:
    assert await completed(client, "term", "myoc") == ["Myocardium", "Myocardial Infarction"]
    found = await completed(client, "term", "heart att")
    assert (found[0], sorted(found[1:])) == ("Myocardial Infarction", ["Panic", "Pathology"])
    assert await completed(client, "journal", "lan") == ["Lancet", "Lancet Oncol"]
    assert await completed(client, "journal", "The Journal of B") == ["BMJ"]
    assert (await completed(client, "journal", ""))[0] == "Lancet"
    assert await completed(client, "journal", "zzz") == []
    assert await completed(client, "mesh", "myoc", prompt=True) == ["Myocardium", "Myocardial Infarction"]
    assert await completed(client, "journal", "bm", prompt=True) == ["BMJ"]
    assert await completed(client, "question", "myoc", prompt=True) == []
    assert await completed(client, "article://{pmid}", "1") == []


async def test_no_more_completions_than_anybody_reads(client: Client, tmp_path: Path) -> None:
    many = [article(100 + number, journal=f"Zoo {number}") for number in range(30)]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "zoo.xml", *many))
    ref = ResourceTemplateReference(uri="journal://{journal}")
    completion = (await client.complete(ref, {"name": "journal", "value": "zoo"})).completion
    assert len(completion.values) == 20
    assert completion.has_more


async def read(client: Client, uri: str) -> dict[str, Any]:
    [content] = (await client.read_resource(uri)).contents
    assert isinstance(content, TextResourceContents)
    return json.loads(content.text)


async def test_headings_and_journals_are_resources(client: Client) -> None:
    templates = [each.uri_template for each in (await client.list_resource_templates()).resource_templates]
    assert templates == ["article://{pmid}", "mesh://{term}", "journal://{journal}"]
    [found] = (await read(client, "mesh://Heart%20Attack"))["descriptors"]
    assert (found["name"], found["articles_exploded"]) == ("Myocardial Infarction", 3)
    journal = await read(client, "journal://Lancet%20Oncol")
    assert (journal["journal"]["medline_ta"], journal["articles"]) == ("Lancet Oncol", 1)
    assert (await read(client, "journal://the%20journal%20of%20lancet"))["articles"] == 2
    for missing in ("mesh://nothing", "mesh://", "journal://nothing", "journal://", "other://x"):
        with pytest.raises(MCPError) as caught:
            await client.read_resource(missing)
        assert caught.value.error.code == -32602
