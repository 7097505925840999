"""Any order of files, repetitions and reloads end in the same library."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from medlit.library.sqlite_store import SqliteStore
from medlit.library.store import SourceFile, StagedRow
from medlit.library.winner import Release


class File(NamedTuple):
    """A made-up file: its name's release, and rows of (PMID, version, revised, deleted)."""

    number: int | None
    name: str
    rows: tuple[tuple[int, int, int, bool], ...]

    @property
    def source(self) -> SourceFile:
        release = None if self.number is None else Release(2021, self.number)
        key = f"nlm:{self.number}" if self.number is not None else self.name
        return SourceFile(key, self.name, 1, str(hash(self)), release)

    def staged(self) -> list[StagedRow]:
        return [
            StagedRow(
                place,
                pmid,
                version,
                0 if deleted else revised,
                None if deleted else repr((self.name, row)).encode(),
                None if deleted or version == 1 else f'[["RetractionOf",{(pmid + revised) % 4 + 1}]]',
            )
            for place, row in enumerate(self.rows)
            for pmid, version, revised, deleted in [row]
        ]


rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 2), st.sampled_from([20200101, 20200102, 20210101]), st.booleans()),
    max_size=5,
).map(tuple)
files = st.lists(
    st.builds(File, st.none() | st.integers(1, 4), st.sampled_from("abc"), rows),
    min_size=1,
    max_size=5,
    unique_by=lambda file: file.source.key,
)


async def load(store: SqliteStore, file: File, *, whole: bool = True) -> None:
    async with store.loading(file.source, "test") as loading:
        staged = file.staged()
        await loading.stage(staged if whole else staged[: len(staged) // 2], [])
        if whole:
            await loading.finish()


Content = dict[int, tuple[bytes, str, str | None]]


async def content(store: SqliteStore) -> Content:
    found = await store.articles(range(10))
    changed = {change.pmid: change.body async for batch in store.changes(0) for change in batch}
    assert {pmid: body for pmid, body in changed.items() if body is not None} == {
        pmid: article.body for pmid, article in found.items()
    }
    return {pmid: (article.body, article.file, article.inbound) for pmid, article in found.items()}


async def library_of(steps: Sequence[tuple[File, bool]]) -> tuple[Content, int, int]:
    with TemporaryDirectory() as folder:
        store = await SqliteStore.open(Path(folder) / "library.sqlite3", create=True)
        try:
            for file, whole in steps:
                await load(store, file, whole=whole)
            status = await store.status()
            return await content(store), status.deleted, status.superseded
        finally:
            await store.close()


@settings(max_examples=60, deadline=None)
@given(files, st.data())
def test_order_repetition_and_crashes_do_not_matter(some: list[File], data: st.DataObject) -> None:
    straight = [(file, True) for file in some]
    history = data.draw(st.permutations(straight + straight + [(file, False) for file in some]))
    assert asyncio.run(library_of(straight)) == asyncio.run(library_of(history))


@settings(max_examples=60, deadline=None)
@given(files, rows, st.data())
def test_a_reloaded_file_counts_with_its_last_bytes_only(
    some: list[File], earlier: tuple[tuple[int, int, int, bool], ...], data: st.DataObject
) -> None:
    changed = data.draw(st.sampled_from(some))
    before = changed._replace(rows=earlier)
    others = [file for file in some if file is not changed]
    history = [*data.draw(st.permutations([(file, True) for file in [*others, before]])), (changed, True)]
    assert asyncio.run(library_of(history)) == asyncio.run(library_of([(file, True) for file in some]))
