"""The command line: exit codes, JSON, and errors that say what to do."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from medlit.settings import SETTINGS, read_settings
from tests.packaging.project import PARTS, sources
from tests.pubmed import article, medlit, medlit_json, write


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["frobnicate"],
        ["search"],
        ["search", "x", "--limit", "0"],
        ["search", "x", "--limit", "1000000"],
        ["search", "x", "--sort", "oldest"],
        ["search", "x", "--lim", "5"],
        ["ingest"],
        ["ingest", "--workers", "zero", "x"],
        ["get"],
    ],
)
def test_wrong_usage_exits_with_2_and_says_how(arguments: list[str]) -> None:
    done = medlit(*arguments)
    assert done.returncode == 2
    assert "usage: medlit" in done.stderr
    assert done.stdout == ""


def test_a_search_for_nothing_is_wrong_usage(tmp_path: Path) -> None:
    medlit_json("ingest", "--library", tmp_path, write(tmp_path / "a.xml", article(1)))
    done = medlit("search", "--library", tmp_path, "?!")
    assert done.returncode == 2
    assert "nothing to search for" in done.stderr


@pytest.mark.parametrize("command", [["search", "x"], ["get", "1"], ["status"]])
def test_without_a_library_a_command_says_how_to_make_one(command: list[str], tmp_path: Path) -> None:
    done = medlit(*command, "--library", tmp_path / "none")
    assert done.returncode == 1
    assert "Load some files first: medlit ingest" in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_library_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite3").write_text("a diary")
    done = medlit("status", "--library", tmp_path)
    assert done.returncode == 1
    assert "is not a medlit library" in done.stderr
    assert (tmp_path / "library.sqlite3").read_text() == "a diary"


def test_another_programs_database_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "library.sqlite3") as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    other.close()
    done = medlit("status", "--library", tmp_path)
    assert done.returncode == 1
    assert "of another program" in done.stderr


def test_a_library_of_a_newer_medlit_is_left_alone(tmp_path: Path) -> None:
    medlit_json("ingest", "--library", tmp_path, write(tmp_path / "a.xml", article(1)))
    with sqlite3.connect(tmp_path / "library.sqlite3") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    done = medlit("status", "--library", tmp_path)
    assert done.returncode == 1
    assert "schema version 99" in done.stderr
    assert "Upgrade medlit" in done.stderr


def test_the_library_may_come_from_the_environment(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(1))
    assert medlit("ingest", file, env={"MEDLIT_LIBRARY": str(tmp_path / "lib")}).returncode == 0
    assert medlit_json("status", "--library", tmp_path / "lib")["articles"] == 1


def test_a_setting_that_cannot_be_understood_is_wrong_usage(tmp_path: Path) -> None:
    done = medlit("status", "--library", tmp_path, env={"MEDLIT_WORKERS": "many"})
    assert done.returncode == 2
    assert "MEDLIT_WORKERS" in done.stderr


def test_get_gives_every_field_of_a_record(tmp_path: Path) -> None:
    medlit_json("ingest", "--library", tmp_path, write(tmp_path / "a.xml", article(1, "T", abstract="A & B")))
    [record] = medlit_json("get", "--library", tmp_path, "1")["articles"]
    assert record["abstract"] == [{"label": None, "nlm_category": None, "text": "A & B"}]
    assert record["abstract_plain"] == "A & B"
    assert record["authors"][0]["collective"] is None
    assert record["vernacular_title"] is None
    assert record["retracted"] is False


def test_get_exits_with_1_when_something_is_missing(tmp_path: Path) -> None:
    medlit_json("ingest", "--library", tmp_path, write(tmp_path / "a.xml", article(1)))
    answer = medlit_json("get", "--library", tmp_path, "1", "2", "PMC77", code=1)
    assert [record["pmid"] for record in answer["articles"]] == [1]
    assert answer["not_found"] == ["2", "PMC77"]


def test_search_takes_the_filters_of_the_tool(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", article(1, "X", year=2001), article(2, "X", year=2009, retracted=True))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    newest = medlit_json("search", "--library", tmp_path / "lib", "x", "--sort", "newest")
    assert [(hit["pmid"], hit["year"], hit["retracted"]) for hit in newest["hits"]] == [
        (2, 2009, True),
        (1, 2001, False),
    ]
    kept = medlit_json("search", "--library", tmp_path / "lib", "x", "--exclude-retracted")
    assert [hit["pmid"] for hit in kept["hits"]] == [1]
    early = medlit_json("search", "--library", tmp_path / "lib", "", "--year-to", "2005")
    assert [hit["pmid"] for hit in early["hits"]] == [1]
    assert set(early["hits"][0]) == {"pmid", "title", "year", "journal", "score", "retracted"}


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    medlit_json("ingest", "--library", tmp_path, write(tmp_path / "a.xml", article(1)))
    done = medlit("search", "--library", tmp_path, "title")
    assert json.loads(done.stdout)["total"] == 1


def test_every_setting_is_in_the_docs_with_the_same_words() -> None:
    page = (Path(__file__).parents[1] / "docs" / "operations.md").read_text()
    rows = {
        cells[1].strip().strip("`"): cells[2].strip()
        for line in page.splitlines()
        if line.startswith("| `MEDLIT_") and (cells := line.split("|"))
    }
    assert rows == SETTINGS
    read = {
        name
        for part in PARTS
        for path in sources(part)
        for name in re.findall(r'environ[.a-z]*[(\[]"(MEDLIT_\w+)"', path.read_text())
    }
    assert read == set(SETTINGS), "what the code reads"
    assert read_settings({}).library.name == "medlit"
