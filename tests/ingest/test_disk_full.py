"""A disk that fills up stops a load with a plain word, half-stores nothing, and the same command goes on later."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from ingest.pipeline import ingest
from ingest.pool import Pool
from medlit.errors import LibraryError, ungrouped
from medlit.library.library import open_library
from medlit.library.sqlite_store import SqliteStore
from tests.pubmed import article, environment, medlit_json, write

if sys.platform == "win32":
    pytest.skip("limits on the size of files are POSIX's", allow_module_level=True)

import resource


def limited(most_bytes: int, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run medlit in a process that may not make any file larger than this."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "medlit", *map(str, arguments)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes)),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=environment(),
        stdin=subprocess.DEVNULL,
    )


def periodic(chance: random.Random, words: int) -> str:
    """A text that hardly takes room in the store, since it repeats itself, but all of its words stand in the index."""
    some = [f"w{chance.randrange(300)}" for _ in range(900)]
    return " ".join(some[place % len(some)] for place in range(words))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(1)  # noqa: S311  # the same file every time
    folder = tmp_path_factory.mktemp("files")
    return write(folder / "a.xml", *[article(n, "Sepsis", abstract=periodic(chance, 30_000)) for n in range(1, 41)])


def incompressible(path: Path) -> Path:
    """300 records that fill the store."""
    return write(path, *[article(n, "Sepsis", abstract=os.urandom(900).hex()) for n in range(1, 301)])


def test_a_store_without_room_stops_the_load_and_holds_nothing_of_it(tmp_path: Path) -> None:
    file = incompressible(tmp_path / "a.xml")
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "b.xml", article(1_000, "Before")))
    size = (tmp_path / "lib/library.sqlite3").stat().st_size
    done = limited(size + 4_096, "ingest", "--library", tmp_path / "lib", file)
    assert done.returncode == 1
    assert done.stderr.count("\n") == done.stderr.count("medlit: ") >= 1, "one plain line"
    assert medlit_json("status", "--library", tmp_path / "lib")["articles"] == 1
    assert medlit_json("ingest", "--library", tmp_path / "lib", file)["records_stored"] == 300
    assert medlit_json("search", "--library", tmp_path / "lib", "sepsis")["total"] == 300


def test_an_index_without_room_stops_the_load_and_catches_up_when_there_is_some(file: Path, tmp_path: Path) -> None:
    whole = medlit_json("ingest", "--library", tmp_path / "whole", file)
    assert whole["records_stored"] == 40
    largest = max(size_of(tmp_path / "whole", "index-*/*"))
    assert max(size_of(tmp_path / "whole", "*.sqlite3*")) < largest / 2, "else this limits the store"
    done = limited(largest // 2, "ingest", "--library", tmp_path / "lib", file)
    assert done.returncode == 1
    assert "search index" in done.stderr
    assert "crashed" not in done.stderr
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert (status["articles"], status["index_behind"]) == (40, 0)
    assert medlit_json("search", "--library", tmp_path / "lib", "sepsis")["total"] == 40


def size_of(folder: Path, files: str) -> list[int]:
    return [found.stat().st_size for found in folder.glob(files)]


@pytest.mark.anyio
async def test_sqlite_that_says_the_disk_is_full_is_told_as_that(tmp_path: Path) -> None:
    file = incompressible(tmp_path / "a.xml")
    with Pool(1) as pool:
        async with open_library(tmp_path / "lib", create=True) as library:
            store = library.store
            assert isinstance(store, SqliteStore)
            writer = store._writer  # pyright: ignore[reportPrivateUsage]  # the limit is the connection's
            [(pages,)] = await writer.execute_fetchall("PRAGMA page_count")
            await writer.execute_fetchall(f"PRAGMA max_page_count = {pages + 5}")
            with anyio.fail_after(60), pytest.raises(LibraryError, match=r"disk of .* is full"), ungrouped():
                await ingest([file], library, pool)
            await writer.execute_fetchall("PRAGMA max_page_count = 1000000")
            report = await ingest([file], library, pool)
            assert (report.files, report.records_stored) == (1, 300)
            assert await library.index_behind() == 0
