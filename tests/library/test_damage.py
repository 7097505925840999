"""A damaged search index is made anew by itself, whatever of it is damaged and whenever that shows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from medlit.errors import IndexDamaged, LibraryError
from medlit.library.analysis import INDEX_VERSION
from medlit.library.library import Library, open_library
from medlit.library.query import Search
from medlit.settings import Settings
from server.app import services
from server.dispatch import Dispatch
from tests.pubmed import article, medlit_json, write
from tools.catalog import TOOLS

pytestmark = pytest.mark.anyio

RECORDS = 120
INDEX = f"index-{INDEX_VERSION}"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damage")
    papers = [
        article(n, f"Sepsis lot {n}", abstract=" ".join(f"w{n * k % 79}" for k in range(1, 60)))
        for n in range(1, RECORDS + 1)
    ]
    medlit_json("ingest", "--library", folder / "lib", write(folder / "a.xml", *papers))
    return folder / "lib"


@pytest.fixture
def library(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "lib"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def zero(file: Path) -> None:
    file.write_bytes(bytes(file.stat().st_size))


def turn_over(file: Path) -> None:
    """What no look at the ends of a file notices."""
    content = bytearray(file.read_bytes())
    third = len(content) // 3
    for place in range(third, third + min(200, third)):
        content[place] ^= 0xFF
    file.write_bytes(bytes(content))


async def found(library: Library) -> int:
    """How many records a search finds; -1 when it says that the index is damaged."""
    try:
        return (await library.search(Search(query="sepsis lot"))).total
    except IndexDamaged:
        return -1


async def found_again(library: Library) -> None:
    problems: list[LibraryError] = []
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(library.keep_up, problems.append)
            while await found(library) != RECORDS:
                pass
            tasks.cancel_scope.cancel()
    assert not problems


@pytest.mark.parametrize("harm", [Path.unlink, cut, zero, turn_over])
async def test_whatever_is_damaged_searches_find_everything_again(
    harm: Callable[[Path], None], prepared: Path, tmp_path: Path
) -> None:
    names = sorted(file.name for file in (prepared / INDEX).iterdir() if file.stat().st_size and file.suffix != ".lock")
    assert {Path(name).suffix for name in names} >= {".json", ".term", ".idx", ".pos", ".fast", ".store"}
    for name in names:
        library = tmp_path / name
        shutil.copytree(prepared, library)
        harm(library / INDEX / name)
        async with open_library(library) as opened:
            await found_again(opened)


async def test_a_search_in_a_damaged_index_is_a_planned_error(library: Path) -> None:
    for file in (library / INDEX).glob("*.pos"):
        file.unlink()
    async with open_library(library) as opened:
        with pytest.raises(IndexDamaged, match="makes it anew"):
            await opened.search(Search(query="sepsis lot"))


@pytest.mark.parametrize("kind", ["pos", "fast", "term"])
async def test_a_server_on_a_damaged_index_goes_on_and_finds_everything_soon(library: Path, kind: str) -> None:
    for file in (library / INDEX).glob(f"*.{kind}"):
        turn_over(file)
    dispatch = Dispatch(TOOLS)
    async with services(Settings(library=library, workers=1)) as working:
        with anyio.fail_after(30):
            total = -1
            while total != RECORDS:
                answer = await dispatch.call(working, "search_literature", {"query": "sepsis lot"})
                told = answer.structured_content
                assert told or "search index is damaged" in str(answer.content)
                total = told["total"] if told else -1


async def test_a_load_mends_an_index_that_cannot_tell_how_far_it_is(library: Path, tmp_path: Path) -> None:
    for file in (library / INDEX).glob("*.fast"):
        turn_over(file)
    report = medlit_json("ingest", "--library", library, write(tmp_path / "b.xml", article(1_000, "Sepsis lot again")))
    assert report["files"] == 1
    assert medlit_json("search", "--library", library, "sepsis lot")["total"] == RECORDS + 1
