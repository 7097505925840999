"""Records that come one by one are added to what their source brought before."""

from __future__ import annotations

from pathlib import Path

import pytest

from medlit.library.codec import pack, unpack
from medlit.library.library import Library, open_library
from medlit.library.store import LIVE, LoadCounts, SourceFile, StagedRow
from medlit.record import Article
from tests.library.loading import load

pytestmark = pytest.mark.anyio

TODAY = SourceFile("live:today", "today", 0, "", None)


async def add(library: Library, pmid: int, title: str, revised: int) -> LoadCounts:
    async with library.store.loading(TODAY, LIVE, adding=True) as loading:
        await loading.stage([StagedRow(0, pmid, 1, revised, pack(Article(pmid=pmid, title=title)))], [])
        return await loading.finish()


async def titles(library: Library) -> dict[int, str | None]:
    found = await library.articles(range(10))
    return {pmid: unpack(stored.body, Article).title for pmid, stored in sorted(found.items())}


async def test_what_is_added_displaces_only_what_it_says_again(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await load(library, "a.xml", Article(pmid=3, title="Of a file"))
        loaded_at = await library.store.last_loaded_at()
        await add(library, 1, "First", 20200101)
        await add(library, 2, "Second", 20200101)
        await add(library, 1, "First, older again", 20190101)
        await add(library, 3, "Newer than the file", 20210101)
        assert await titles(library) == {1: "First, older again", 2: "Second", 3: "Newer than the file"}
        ledger = {entry.name: entry.records_read for entry in await library.store.files()}
        assert ledger == {"a.xml": 1, "today": 4}
        assert await library.store.last_loaded_at() == loaded_at
        assert (await library.store.status()).newest_file == "a.xml"


async def test_what_was_added_can_all_be_taken_back(tmp_path: Path) -> None:
    async with open_library(tmp_path, create=True) as library:
        await add(library, 1, "First", 20200101)
        await add(library, 2, "Second", 20200101)
        async with library.store.loading(TODAY, LIVE) as loading:
            await loading.finish()
        assert await titles(library) == {}
