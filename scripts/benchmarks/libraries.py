"""The libraries that searches are measured on: the real articles, and a large one made of copies of them."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio

from medlit.library.analysis import INDEX_VERSION
from medlit.library.codec import pack, unpack
from medlit.library.library import Library, open_library
from medlit.library.sqlite_schema import MIGRATIONS
from medlit.library.store import SourceFile, StagedRow
from medlit.record import Article
from scripts.benchmarks import fts5, processes
from scripts.benchmarks.plan import Plan

CACHE_VERSION = 2
"""Part of the cache's key; a change in how the libraries are made is a new one."""

PMID_STEP = 45_000_000
"""Between the copies of an article: above every PMID there is, and twenty of them are below a thousand million."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A library, ready to be searched, and the same documents in FTS5."""

    label: str
    articles: int
    folder: Path
    fts5: Path


def prepare(plan: Plan) -> list[Prepared]:
    """Both libraries, built where the cache does not have them."""
    folder = plan.cache / f"libraries-{_key(plan)}"
    if plan.rebuild and folder.exists():
        shutil.rmtree(folder)
    for other in plan.cache.glob("libraries-*"):
        if other != folder:
            shutil.rmtree(other)
    real, large = folder / "real", folder / "large"
    _once(real, lambda: _load(real, plan.files))
    _once(large, lambda: anyio.run(_copy, real, large, plan.copies))
    prepared: list[Prepared] = []
    for library, kind in ((real, "real articles"), (large, "articles: the real ones, copied with new PMIDs")):
        twin = library / "fts5.sqlite3"
        if not twin.with_suffix(".done").exists():
            twin.unlink(missing_ok=True)
            anyio.run(fts5.build, library, twin)
            twin.with_suffix(".done").touch()
        articles = anyio.run(_count, library)
        prepared.append(Prepared(f"{articles:,} {kind}", articles, library, twin))
    return prepared


def _key(plan: Plan) -> str:
    sizes = [(file.name, file.stat().st_size) for file in plan.files]
    parts = (CACHE_VERSION, INDEX_VERSION, len(MIGRATIONS), plan.copies, sizes)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def _once(folder: Path, build: Callable[[], None]) -> None:
    done = folder / "done"
    if done.exists():
        return
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    build()
    done.touch()


def _load(folder: Path, files: tuple[Path, ...]) -> None:
    processes.run(ingest_command(folder, files))


def ingest_command(folder: Path, files: tuple[Path, ...]) -> list[str]:
    """The command that loads files into the library in ``folder``."""
    return [sys.executable, "-P", "-m", "medlit", "ingest", "--json", "--library", str(folder), *map(str, files)]


async def _copy(source: Path, target: Path, wanted: int) -> None:
    async with open_library(source) as real, open_library(target, create=True) as large:
        copied = 0
        for copy in range(wanted):
            copied += await _load_copy(real, large, copy, wanted - copied)
            if copied >= wanted:
                break
        await large.catch_up()


async def _load_copy(real: Library, large: Library, copy: int, most: int) -> int:
    """All articles once more, as a file of their own; at most so many."""
    name = f"copy-{copy:02}"
    file = SourceFile(name, name, 0, hashlib.sha256(name.encode()).hexdigest(), None)
    position = 0
    async with large.store.loading(file, "pubmed-xml") as load:
        async for batch in real.store.changes(0):
            rows: list[StagedRow] = []
            for change in batch:
                if change.body is not None and position < most:
                    rows.append(_renumbered(position, change.body, copy * PMID_STEP))
                    position += 1
            await load.stage(rows, [])
        await load.finish()
    return position


def _renumbered(position: int, body: bytes, step: int) -> StagedRow:
    article = unpack(body, Article)
    article.pmid += step
    revised = article.date_revised.sort_key if article.date_revised else 0
    return StagedRow(position, article.pmid, article.pmid_version, revised, pack(article))


async def _count(folder: Path) -> int:
    async with open_library(folder) as library:
        await library.catch_up_if_behind()
        status, _ = await library.status()
    return status.articles
