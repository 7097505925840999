"""The library: a store of records and the search index derived from it, in one folder."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar, TypeVarTuple

import anyio
import anyio.to_thread

from medlit.library.index import SearchIndex
from medlit.library.query import Search
from medlit.library.ranking import Method
from medlit.library.snippet import Question
from medlit.library.sqlite_schema import LIBRARY_FILE
from medlit.library.sqlite_store import SqliteStore
from medlit.library.store import Store, StoredArticle, StoreStatus

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Hit(NamedTuple):
    """A record that matches, with its score (0 when sorted by date)."""

    article: StoredArticle
    score: float


class SearchPage(NamedTuple):
    """A page of hits; ``total`` is a lower bound when it is not exact."""

    total: int
    total_is_exact: bool
    hits: list[Hit]
    method: Method
    question: Question
    """What was asked, to show in a hit why it was found."""


FEEDBACK_RESERVE_S = 0.25
"""With less time than this before the caller's deadline, a search is ranked by its own words alone."""


class Library:
    """Search, look up, and bring the index up to date."""

    def __init__(self, store: Store, index: SearchIndex) -> None:
        self.store = store
        self.index = index
        self._loaded_at: tuple[tuple[int, int], str | None] | None = None
        # Of its own, so that searches never wait for a thread that other work holds.
        self._search_threads = anyio.CapacityLimiter(8)

    async def search(self, search: Search) -> SearchPage:
        """The records that match, best first.

        Ranking with feedback takes two passes; when the deadline of the caller's cancel
        scope is near, there is only one, and the page's ``method`` tells.

        Raises:
            UsageError: there is nothing to search for.
        """
        known: dict[int, StoredArticle] = {}
        evidence: list[tuple[bytes, float]] = []
        time_left = anyio.current_effective_deadline() - anyio.current_time()
        if search.feedback and search.sort == "relevance" and time_left > FEEDBACK_RESERVE_S:
            best = await self._in_index(self.index.for_feedback, search)
            known = await self.store.articles([pmid for pmid, _ in best]) if best else {}
            evidence = [(known[pmid].body, score) for pmid, score in best if pmid in known]
        found = await self._in_index(self.index.search, search, evidence)
        wanted = [pmid for pmid, _ in found.hits if pmid not in known]
        if wanted:
            known |= await self.store.articles(wanted)
        # A record deleted since the index was written is in the index but not in the store.
        hits = [Hit(known[pmid], score) for pmid, score in found.hits if pmid in known]
        return SearchPage(found.total, found.total_is_exact, hits, found.method, found.question)

    async def _in_index(self, call: Callable[[*Ts], T], *arguments: *Ts) -> T:
        return await anyio.to_thread.run_sync(call, *arguments, abandon_on_cancel=True, limiter=self._search_threads)

    async def last_loaded_at(self) -> str | None:
        """When the files were loaded that searches see, in UTC, ISO 8601."""
        generation = self.index.generation
        if self._loaded_at is None or self._loaded_at[0] != generation:
            self._loaded_at = generation, await self.store.last_loaded_at()
        return self._loaded_at[1]

    async def articles(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        """The records of these PMIDs, as far as the library has them."""
        return await self.store.articles(pmids)

    async def pmids_of(self, field: str, values: Sequence[str]) -> dict[str, int]:
        """The PMIDs of records by another identifier; ``field`` is ``doi`` or ``pmcid``."""
        if not values:
            return {}
        return await anyio.to_thread.run_sync(
            partial(self.index.pmids_of, field, values), abandon_on_cancel=True, limiter=self._search_threads
        )

    async def catch_up(self) -> int:
        """Bring the index up to the store, unless another process is at it."""
        return await self.index.catch_up(self.store)

    async def catch_up_if_behind(self) -> None:
        """Take the index's writer only when there is something to do."""
        if await self.index_behind():
            await self.catch_up()

    async def index_behind(self) -> int:
        """How many change numbers the index is behind the store."""
        seq = await self.store.seq()
        return max(0, seq - await anyio.to_thread.run_sync(self.index.mark))

    async def status(self) -> tuple[StoreStatus, int]:
        """What the store holds, and how far the index is behind."""
        return await self.store.status(), await self.index_behind()


@contextlib.asynccontextmanager
async def open_library(folder: Path, *, create: bool = False) -> AsyncGenerator[Library]:
    """Open the library in ``folder``; with ``create``, make it when there is none.

    Raises:
        NoLibrary: there is none and ``create`` is false.
        LibraryError: what is there is not a library this medlit can open.
    """
    store = await SqliteStore.open(folder / LIBRARY_FILE, create=create)
    try:
        yield Library(store, await anyio.to_thread.run_sync(SearchIndex.open, folder))
    finally:
        await store.close()
