"""``medlit related``, ``medlit mesh`` and pages of ``medlit search``, from the command line."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from tests.mesh import descriptor, write_mesh
from tests.pubmed import article, environment, medlit, medlit_command, medlit_json, write


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lib")
    records = [
        {
            "pmid": 10,
            "title": "Lithium for mania",
            "references": [{"ids": {"pubmed": "1"}}, {"citation": "A [book] nobody has", "ids": {"doi": "10.1/b"}}],
        },
        {"pmid": 11, "title": "Mania and lithium", "references": [{"ids": {"pubmed": "1"}}]},
    ]
    own = folder / "own.jsonl"
    own.write_text("\n".join(map(json.dumps, records)))
    xml = write(folder / "a.xml", *[article(pmid, "Lithium", mesh="Lithium") for pmid in range(1, 4)])
    heading = descriptor("D1", "Lithium", "D01.5", terms=["Lithium-6"], note="A metal.")
    mesh = write_mesh(folder / "desc2025.xml", heading, descriptor("D2", "Lithium Salts", "D01.5.1"))
    medlit_json("ingest", "--library", folder / "lib", own, xml, mesh)
    return folder / "lib"


def on_a_terminal(*arguments: str | Path) -> str:
    """What people see."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            medlit_command(*arguments),
            stdout=theirs,
            stdin=subprocess.DEVNULL,
            env=environment(TERM="dumb", COLUMNS="200"),
            check=True,
            timeout=60,
        )
        return os.read(ours, 60_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_related_goes_from_one_article_to_others(library: Path) -> None:
    similar = medlit_json("related", "--library", library, "10")
    assert similar["hits"][0]["pmid"] == 11
    assert (similar["total"], similar["next_cursor"]) == (None, None)
    citing = medlit_json("related", "--library", library, "1", "--relation", "cited_by")
    assert (citing["total"], {hit["pmid"] for hit in citing["hits"]}) == (2, {10, 11})
    listed = medlit_json("related", "--library", library, "10", "--relation", "references")
    assert [hit["pmid"] for hit in listed["hits"]] == [1]
    assert listed["not_in_library"] == [{"citation": "A [book] nobody has", "doi": "10.1/b"}]
    missing = medlit("related", "--library", library, "999")
    assert missing.returncode == 1
    assert "does not have this article" in missing.stderr


def test_people_see_related_articles_and_what_the_library_lacks(library: Path) -> None:
    seen = on_a_terminal("related", "--library", library, "10", "--relation", "references")
    assert "2 references" in seen
    assert "A [book] nobody has  doi:10.1/b" in seen
    assert "Lithium" in on_a_terminal("related", "--library", library, "1")


def test_mesh_shows_a_heading(library: Path) -> None:
    [heading] = medlit_json("mesh", "--library", library, "lithium 6")["descriptors"]
    assert heading["name"] == "Lithium"
    assert (heading["narrower"], heading["articles"]) == (["Lithium Salts"], 3)
    seen = on_a_terminal("mesh", "--library", library, "Lithium")
    for part in ("D1", "3 articles", "A metal.", "Lithium-6", "D01.5", "Lithium Salts"):
        assert part in seen


def test_mesh_suggests_what_may_have_been_meant(library: Path) -> None:
    answer = medlit_json("mesh", "--library", library, "lithum", code=1)
    assert answer == {"descriptors": [], "suggestions": ["Lithium"], "problem": None}
    done = medlit("mesh", "--library", library, "lithum")
    assert done.returncode == 1


def test_a_search_goes_on_from_call_to_call(library: Path) -> None:
    found: list[int] = []
    arguments: list[str] = []
    while True:
        page = medlit_json("search", "--library", library, "lithium", "--limit", "2", *arguments)
        found += [hit["pmid"] for hit in page["hits"]]
        if page["next_cursor"] is None:
            break
        arguments = ["--cursor", page["next_cursor"]]
    assert sorted(found) == [1, 2, 3, 10, 11]
    done = medlit("search", "--library", library, "mania", "--cursor", arguments[1])
    assert done.returncode == 2
    assert "does not go with this search" in done.stderr
