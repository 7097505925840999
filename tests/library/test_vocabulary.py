"""MeSH headings are found by any of their terms, in texts, and along the tree."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from medlit.library.library import Library, open_library
from medlit.library.sqlite_schema import LIBRARY_FILE, MIGRATIONS, VOCABULARY
from medlit.library.vocabulary import Heading, Vocabulary
from medlit.mesh import Descriptor
from tests.library.loading import load_mesh
from tests.pubmed import medlit_json

pytestmark = pytest.mark.anyio

ILLS = [
    Descriptor(ui="D001", name="Heart Diseases", tree_numbers=["C14.280"], entry_terms=["Diseases, Heart"]),
    Descriptor(
        ui="D002",
        name="Myocardial Infarction",
        tree_numbers=["C14.280.647", "C23.550"],
        entry_terms=["Heart Attack", "Heart Attacks", "Infarction, Myocardial"],
    ),
    Descriptor(ui="D003", name="Shock, Cardiogenic", tree_numbers=["C14.280.647.750", "C23.550.1"]),
    Descriptor(ui="D004", name="Heart", tree_numbers=["A07.541"]),
    Descriptor(ui="D005", name="Ménière Disease", tree_numbers=["C09.218"], entry_terms=["Meniere's Disease"]),
    Descriptor(ui="D006", name="Female"),
    Descriptor(ui="D007", name="Heart Neoplasms", tree_numbers=["C14.2801"]),
]


@pytest.fixture
async def library(tmp_path: Path) -> AsyncGenerator[Library]:
    async with open_library(tmp_path, create=True) as opened:
        await load_mesh(opened, "desc2023.xml", ILLS)
        yield opened


@pytest.fixture
def mesh(library: Library) -> Vocabulary:
    return Vocabulary(library.store)


async def test_a_descriptor_is_found_by_name_entry_term_and_identifier(mesh: Vocabulary) -> None:
    for term in ("Myocardial Infarction", "heart attack", "HEART-ATTACKS", "Infarction, Myocardial", "d002", " D002 "):
        found = await mesh.find(term)
        assert found == ILLS[1], term
    for term in ("Ménière disease", "MENIERE DISEASE", "Meniere's disease"):
        found = await mesh.find(term)
        assert found
        assert found.name == "Ménière Disease", term
    for term in ("", "?!", "attack", "D999"):
        assert await mesh.find(term) is None, term


async def test_a_heading_explodes_down_the_tree_and_no_further(mesh: Vocabulary) -> None:
    heart, female = Heading("D001", "Heart Diseases"), Heading("D006", "Female")
    assert mesh.explode([heart, female]) == {
        "D001": ["Heart Diseases", "Myocardial Infarction", "Shock, Cardiogenic"],
        "D006": ["Female"],
    }


async def test_a_descriptor_knows_its_neighbours_in_the_tree(mesh: Vocabulary) -> None:
    infarction = ILLS[1]
    assert await mesh.broader(infarction) == [Heading("D001", "Heart Diseases")]
    assert await mesh.narrower(infarction) == [Heading("D003", "Shock, Cardiogenic")]
    assert await mesh.broader(ILLS[5]) == await mesh.narrower(ILLS[5]) == []


async def test_a_beginning_is_completed_by_headings_first(mesh: Vocabulary) -> None:
    assert await mesh.complete("Heart", 9) == ["Heart", "Heart Diseases", "Heart Neoplasms", "Myocardial Infarction"]
    assert await mesh.complete("heart", 2) == ["Heart", "Heart Diseases"]
    assert await mesh.complete("méni", 9) == ["Ménière Disease"]
    assert await mesh.complete("?", 9) == []


async def test_a_misspelt_term_suggests_what_was_meant(mesh: Vocabulary) -> None:
    assert (await mesh.suggest("myocardail infraction"))[0] == "Myocardial Infarction"
    assert (await mesh.suggest("hart attack"))[0] == "Myocardial Infarction"
    assert await mesh.suggest("q") == await mesh.suggest("quantum chromodynamics") == []


async def test_of_two_years_the_newer_counts_in_whatever_order_they_come(tmp_path: Path) -> None:
    new, old = [Descriptor(ui="D1", name="New Name")], [Descriptor(ui="D1", name="Old Name")]
    for order in ((new, old), (old, new)):
        async with open_library(tmp_path / order[0][0].name, create=True) as library:
            for descriptors in order:
                await load_mesh(library, "desc2024.xml" if descriptors is new else "desc2020.xml", descriptors)
            mesh = Vocabulary(library.store)
            assert await mesh.find("new name") == await mesh.find("D1") == new[0]
            assert await mesh.find("old name") is None


async def test_a_file_that_comes_again_without_a_descriptor_withdraws_it(library: Library, mesh: Vocabulary) -> None:
    await load_mesh(library, "desc2023.xml", ILLS[:1])
    assert await mesh.find("heart attack") is None
    assert mesh.explode([Heading("D001", "Heart Diseases")]) == {"D001": ["Heart Diseases"]}


async def test_what_is_below_a_heading_follows_the_vocabulary(library: Library, mesh: Vocabulary) -> None:
    async def below() -> list[str]:
        headings = mesh.headings(["heart diseases"])
        return [name for names in (mesh.explode(list(headings.values()))).values() for name in names]

    assert await below() == await below() == ["Heart Diseases", "Myocardial Infarction", "Shock, Cardiogenic"]
    await load_mesh(library, "desc2024.xml", [Descriptor(ui="D003", name="Shock", tree_numbers=["C14.280.1"])])
    assert await below() == ["Heart Diseases", "Shock", "Myocardial Infarction"]


async def test_a_library_made_before_the_tables_has_them_filled_when_it_is_opened(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load_mesh(library, "desc2023.xml", ILLS)
    with sqlite3.connect(tmp_path / LIBRARY_FILE) as connection:
        tables = "SELECT name FROM sqlite_schema WHERE type = 'table'"
        for (table,) in connection.execute(tables).fetchall():
            if table.startswith(("mesh_", "metric_")):  # the step and what came after it
                connection.execute(f"DROP TABLE {table}")
        connection.execute(f"PRAGMA user_version = {MIGRATIONS.index(VOCABULARY)}")
    connection.close()
    async with open_library(tmp_path) as library:
        mesh = Vocabulary(library.store)
        found = await mesh.find("heart attack")
        assert found == ILLS[1]
        assert await mesh.narrower(ILLS[1]) == [Heading("D003", "Shock, Cardiogenic")]


async def test_without_mesh_nothing_is_found_and_nothing_fails(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        mesh = Vocabulary(library.store)
        assert await mesh.find("heart") is None
        assert await mesh.complete("heart", 5) == await mesh.suggest("heart") == []


async def test_the_whole_of_mesh_is_at_hand(tmp_path: Path, data: Path) -> None:
    medlit_json("ingest", "--library", tmp_path, data / "mesh" / "desc2023-names-and-trees.xml.gz")
    async with open_library(tmp_path) as library:
        mesh = Vocabulary(library.store)
        found = await mesh.find("heart attack")
        assert found
        assert found.name == "Myocardial Infarction"
        assert Heading("D017202", "Myocardial Ischemia") in await mesh.broader(found)
        exploded = mesh.explode([Heading("D009369", "Neoplasms")])
        assert len(exploded["D009369"]) == len(set(exploded["D009369"])) == 699
        assert (await mesh.suggest("miocardial infarction"))[0] == "Myocardial Infarction"
