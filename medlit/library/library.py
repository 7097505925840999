"""The library: a store of records and the search index derived from it, in one folder."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import anyio
import anyio.to_thread

from medlit.errors import IndexDamaged, LibraryError, UnknownArticle
from medlit.library.codec import unpack
from medlit.library.damage import noticed, start_over
from medlit.library.index import IndexHits, SearchIndex
from medlit.library.journals import Journals
from medlit.library.lexicon import Lexicon
from medlit.library.mesh_reference import MeshReference
from medlit.library.paging import Wanted
from medlit.library.query import Search
from medlit.library.ranking import Method
from medlit.library.related import Identified, Subject
from medlit.library.snippet import Question
from medlit.library.sqlite_schema import LIBRARY_FILE
from medlit.library.sqlite_store import SqliteStore
from medlit.library.store import Store, StoredArticle, StoreStatus
from medlit.library.vocabulary import Vocabulary
from medlit.slots import FirstCome, Slots

T = TypeVar("T")


class Hit(NamedTuple):
    """A record that matches, with its score (0 when sorted by date)."""

    article: StoredArticle
    score: float


class SearchPage(NamedTuple):
    """A page of hits; ``total`` is a lower bound when it is not exact."""

    total: int
    total_is_exact: bool
    hits: list[Hit]
    next_cursor: str | None = None
    reordered: bool = False
    """See :class:`medlit.library.paging.Page`."""
    understood: str = ""
    """The search in PubMed's notation."""
    method: Method = "bm25"
    question: Question | None = None
    """What was asked in words, to show in a hit why it was found."""


FEEDBACK_RESERVE_S = 0.25
"""With less time than this before the caller's deadline, a search is ranked by its own words alone."""


SEARCHES = 8
"""Searches at once, where nobody says otherwise."""

AGAIN_AFTER_S = 10.0
"""Until it is tried again to bring the index up to the store, where that failed."""

MOST_SEARCHES = 32
"""Threads that search, made as they are needed: more than any server has slots."""


class Library:
    """Search, look up, and bring the index up to date."""

    def __init__(self, folder: Path, store: Store, index: SearchIndex, searches: Slots | None = None) -> None:
        self._folder = folder
        self._damaged = anyio.Event()
        self.store = store
        self.index = index
        self.vocabulary = Vocabulary(store)
        self._loaded_at: tuple[tuple[int, int], str | None] | None = None
        # Of its own, so that searches never wait for a thread that other work holds.
        self._threads = ThreadPoolExecutor(MOST_SEARCHES, "search")
        self._searches = searches or FirstCome(SEARCHES)
        self.mesh = MeshReference(store, self.count, self.version)
        self.journals = Journals(self)

    async def search(self, search: Search) -> SearchPage:
        """The records that match, best first.

        Ranking with feedback takes two passes; when the deadline of the caller's cancel
        scope is near, there is only one, and the page's ``method`` tells.

        Raises:
            UsageError: there is nothing to search for, the query cannot be read, or the cursor is not of this search.
        """
        hurried = anyio.current_effective_deadline() - anyio.current_time() < FEEDBACK_RESERVE_S
        return await self._in_index(partial(self._search, search, hurried=hurried))

    def _search(self, search: Search, *, hurried: bool) -> SearchPage:
        """Both passes and all reading in one thread: each way to another and back costs as much as ten records."""
        meanings = search.meanings(self.vocabulary)
        found = self.index.search(search, meanings, hurried=hurried)
        if isinstance(found, IndexHits):
            return self._page(found, {})
        known = self.store.articles_now([pmid for pmid, _ in found.best])
        records = [(known[pmid].body, score) for pmid, score in found.best if pmid in known]
        return self._page(self.index.second_pass(found, records), known)

    async def similar(self, pmid: int, limit: int, cursor: str | None = None) -> SearchPage:
        """Articles about the same subject as this one, the most alike first; ``total`` says nothing here.

        Raises:
            UnknownArticle: the library does not have this one.
            UsageError: the cursor is not of this question.
        """
        subject = unpack((await self.article(pmid)).body, Subject)
        return await self._find(partial(self.index.relations.similar, subject), limit, cursor)

    async def cited_by(self, pmid: int, limit: int, cursor: str | None = None) -> SearchPage:
        """The articles with this one in their reference lists, the newest first.

        It need not be in the library itself; if it is, lists that give only its DOI or PMCID count too.

        Raises:
            UsageError: the cursor is not of this question.
        """
        stored = (await self.store.articles([pmid])).get(pmid)
        known = unpack(stored.body, Identified).ids if stored else {}
        ids = [str(pmid)] + [known[kind] for kind in ("doi", "pmcid") if kind in known]
        return await self._find(lambda _: self.index.relations.citing(ids), limit, cursor)

    async def article(self, pmid: int) -> StoredArticle:
        """One record.

        Raises:
            UnknownArticle: the library does not have it.
        """
        stored = (await self.store.articles([pmid])).get(pmid)
        if stored is None:
            raise UnknownArticle
        return stored

    async def _find(self, wanted: Callable[[Lexicon], Wanted], limit: int, cursor: str | None) -> SearchPage:
        return await self._in_index(lambda: self._page(self.index.find(wanted, limit, cursor), {}))

    async def _in_index(self, call: Callable[[], T]) -> T:
        """Call in a thread. A caller that gives up does not wait, but its slot is free only when the thread is."""
        release = await self._searches.take()
        loop = asyncio.get_running_loop()

        def free(_: object) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody waits for the slot
                loop.call_soon_threadsafe(release)

        try:
            future = self._threads.submit(_noticing, call)
        except BaseException:
            release()
            raise
        future.add_done_callback(free)
        try:
            return await asyncio.wrap_future(future)
        except IndexDamaged:
            self._damaged.set()
            raise

    def close(self) -> None:
        """Let the threads end that search; the store is closed by who opened it."""
        self._threads.shutdown(wait=False)

    def _page(self, found: IndexHits, known: dict[int, StoredArticle]) -> SearchPage:
        """The page with its records, of which some may be known."""
        known = known | self.store.articles_now([pmid for pmid, _ in found.hits if pmid not in known])
        # A record deleted since the index was written is in the index but not in the store.
        hits = [Hit(known[pmid], score) for pmid, score in found.hits if pmid in known]
        return SearchPage(
            found.total,
            found.total_is_exact,
            hits,
            found.next_cursor,
            found.reordered,
            found.understood,
            found.method,
            found.question,
        )

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
        """A record's PMID for each of these whole values of a field, such as ``doi``, ``pmcid`` or ``journal``."""
        if not values:
            return {}
        return await self._in_index(partial(self.index.pmids_of, field, values))

    async def count(self, field: str, values: Sequence[str]) -> int:
        """How many records have one of these values in a field of whole values."""
        return await self._in_index(partial(self.index.count, field, values))

    async def names(self, field: str, beginning: str, limit: int) -> list[str]:
        """What names with this beginning are shown as, those of the most records first, each once."""
        return await self._in_index(partial(self.index.names, field, beginning, limit))

    async def version(self) -> object:
        """Changes with whatever the library is asked for: records, and the vocabulary."""
        return await self.store.loads(), await anyio.to_thread.run_sync(self.index.version)

    async def catch_up(self) -> int:
        """Bring the index up to the store, unless another process is at it."""
        with noticed():
            return await self.index.catch_up(self.store)

    async def catch_up_if_behind(self) -> None:
        """Take the index's writer only when there is something to do."""
        if await self.index_behind():
            await self.catch_up()

    async def index_behind(self) -> int:
        """How many change numbers the index is behind the store."""
        seq = await self.store.seq()
        return max(0, seq - await anyio.to_thread.run_sync(_noticing, self.index.mark))

    async def mend(self) -> None:
        """Empty an index that cannot tell how far it is: it is damaged.

        Raises:
            LibraryBusy: another process writes to it.
        """
        try:
            await self.index_behind()
        except IndexDamaged:
            await anyio.to_thread.run_sync(start_over, self._folder)

    async def keep_up(self, failed: Callable[[LibraryError], None]) -> None:
        """Let the index catch up, and make it anew whenever a search finds it damaged; does not end.

        ``failed`` is told what came in the way. It is tried again.
        """
        while True:
            try:
                if self._damaged.is_set():
                    await anyio.to_thread.run_sync(start_over, self._folder)
                    self._damaged = anyio.Event()
                await self.mend()
                await self.catch_up_if_behind()
            except LibraryError as error:
                failed(error)
                await anyio.sleep(AGAIN_AFTER_S)
            else:
                await self._damaged.wait()

    async def status(self) -> tuple[StoreStatus, int]:
        """What the store holds, and how far the index is behind."""
        return await self.store.status(), await self.index_behind()


def _noticing(call: Callable[[], T]) -> T:
    with noticed():
        return call()


@contextlib.asynccontextmanager
async def open_library(
    folder: Path, *, create: bool = False, searches: Slots | None = None, readers: Slots | None = None
) -> AsyncGenerator[Library]:
    """Open the library in ``folder``; with ``create``, make it when there is none.

    ``searches`` and ``readers`` are the slots of searches and of connections that read; without them, whoever asks
    first is served first.

    Raises:
        NoLibrary: there is none and ``create`` is false.
        LibraryError: what is there is not a library this medlit can open.
    """
    store = await SqliteStore.open(folder / LIBRARY_FILE, create=create, readers=readers)
    library: Library | None = None
    try:
        library = Library(folder, store, await anyio.to_thread.run_sync(SearchIndex.open, folder), searches)
        yield library
    finally:
        if library:
            library.close()
        await store.close()
