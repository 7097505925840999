"""The search index, derived from the store.

The index holds one document with the store's change number it has reached, its
*mark*, written in the same commit as the records up to there. ``catch_up`` applies
what the store has beyond the mark. That one mechanism serves a fresh load, a
rebuild, a crash between the two commits, and several processes on one library:
whoever holds the index's writer catches up for all.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import anyio
import anyio.to_thread
import tantivy
from tantivy import Occur, Order, Query

from medlit.errors import LibraryError
from medlit.library.analysis import INDEX_VERSION, TEXT, Indexed, analyzers, document, mark_document, schema
from medlit.library.codec import read_pointers, unpack
from medlit.library.feedback import Statistics, TermCounter
from medlit.library.query import Filters, Search, Translator
from medlit.library.ranking import FEEDBACK, Evidence, Method, expanded
from medlit.library.snippet import Question
from medlit.library.store import Change, Store

WRITER_HEAP = 192_000_000
"""Bytes of documents the writer gathers before it writes a segment."""

WRITER_THREADS = 2
"""Against one: half the time to the end of a load, and a tenth less work. More gain nothing: feeding is slower."""

COMMIT_EVERY = 100_000
"""Changes between commits of a long catch-up: half a minute's work, all that a crash can lose."""

EXACT_COUNT_LIMIT = 50_000
"""Postings up to which a union is counted exactly; beyond it counting costs more than ranking."""


class IndexHits(NamedTuple):
    """A page of hits: (PMID, score) in order, and how many there are in all."""

    total: int
    total_is_exact: bool
    hits: list[tuple[int, float]]
    method: Method
    question: Question
    """What was asked, to show in a hit why it was found."""


class SearchIndex:
    """The index of one library, in a folder of its own."""

    def __init__(self, path: Path, index: tantivy.Index) -> None:
        self._path = path
        self._index = index
        self._schema = index.schema
        tools = analyzers()
        for name, analyzer in tools.items():
            index.register_tokenizer(name, analyzer)
        index.config_reader("manual")
        self._translator = Translator(self._schema, tools)
        self._counter = TermCounter(tools[TEXT].analyze)
        self._generation = self._read_generation()
        index.reload()
        self._statistics = Statistics(index.searcher())
        self.feedback = FEEDBACK
        """The parameters of feedback; an evaluation tries others."""

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in ``folder``, or make an empty one; an unreadable one is replaced.

        Nothing is lost by that: the next catch-up fills it from the store.
        """
        path = folder / f"index-{INDEX_VERSION}"
        path.mkdir(parents=True, exist_ok=True)
        try:
            return cls(path, tantivy.Index(schema(), path=str(path)))
        except (ValueError, OSError):
            shutil.rmtree(path)
            path.mkdir()
            return cls(path, tantivy.Index(schema(), path=str(path)))

    def _read_generation(self) -> tuple[int, int]:
        stat = (self._path / "meta.json").stat()
        return stat.st_mtime_ns, stat.st_ino

    def _searcher(self) -> tantivy.Searcher:
        """A searcher over the latest commit, whichever process made it."""
        generation = self._read_generation()
        if generation != self._generation:
            self._index.reload()
            self._statistics = Statistics(self._index.searcher())
            self._generation = generation
        return self._statistics.searcher

    @property
    def generation(self) -> tuple[int, int]:
        """Changes with every commit that a search here has seen."""
        return self._generation

    def mark(self) -> int:
        """The store's change number that the index has reached."""
        searcher = self._searcher()
        found = searcher.search(Query.term_query(self._schema, "kind", "mark"), 1, count=False).hits
        values = searcher.fast_field_values("seq", [address for _, address in found])
        return int(values[0] or 0) if values else 0

    def for_feedback(self, search: Search) -> list[tuple[int, float]]:
        """The first pass: the records whose words are to help to rank, with their scores.

        They are records with abstracts, which have the most words to offer. Where enough of them
        hold every word of the query, the best of these are taken: that takes a tenth of the time
        of finding the best of all, and they are nearly always the same. None are named when
        none can help, when the words are so common that a second pass would take long, or when
        they have helped with the same search already.
        """
        searcher = self._searcher()
        terms = self._translator.terms(search.query)
        if not terms or not search.feedback or search.sort == "newest":
            return []
        statistics = self._statistics
        postings = sum(statistics.frequency(term).postings for term in terms)
        if statistics.remembered(_asked(search)) or not self.feedback.can_afford(postings, statistics.total):
            return []
        within = list(self._translator.filters(search.filters))
        found = self._best(searcher, self._translator.for_feedback(terms, within, Occur.Must))
        if len(found) < self.feedback.enough and len(terms) > 1:
            found = self._best(searcher, self._translator.for_feedback(terms, within, Occur.Should))
        return found

    def _best(self, searcher: tantivy.Searcher, query: Query) -> list[tuple[int, float]]:
        result = searcher.search(query, self.feedback.documents, count=False)
        pmids = searcher.fast_field_values("pmid", [address for _, address in result.hits])
        return [
            (int(pmid), float(score)) for pmid, (score, _) in zip(pmids, result.hits, strict=True) if pmid is not None
        ]

    def search(self, search: Search, feedback: Sequence[tuple[bytes, float]] = ()) -> IndexHits:
        """Run a search. Blocks for milliseconds; call it in a thread.

        Args:
            search: what to search for.
            feedback: the stored records that :meth:`for_feedback` named, with their scores.

        Raises:
            UsageError: there is nothing to search for.
        """
        searcher = self._searcher()
        words = self._translator.words(search.query)
        weights = self._weights(search, feedback) if search.feedback and search.sort == "relevance" else None
        translated = self._translator.translate(search, self._statistics.frequency, weights)
        newest_first = search.sort == "newest" or not translated.ranked
        exactly = newest_first or translated.filtered or translated.postings <= EXACT_COUNT_LIMIT
        result = searcher.search(
            translated.query,
            search.limit,
            count=exactly,
            offset=search.offset,
            order_by_field="date" if newest_first else None,
            order=Order.Desc,
        )
        pmids = searcher.fast_field_values("pmid", [address for _, address in result.hits])
        total = int(result.count) if exactly else translated.widest_term  # pyright: ignore  # absent from the stub
        return IndexHits(
            total,
            exactly,
            [
                (int(pmid), 0.0 if newest_first else float(score))
                for pmid, (score, _) in zip(pmids, result.hits, strict=True)
                if pmid is not None
            ],
            "date" if newest_first else "rm3" if weights else "bm25",
            Question(words, weights or dict.fromkeys(words, 1.0), self._counter.terms),
        )

    def forget(self) -> None:
        """Forget what feedback has learned: the next search takes as long as one asked for the first time."""
        self._statistics.weights.clear()

    def _weights(self, search: Search, feedback: Sequence[tuple[bytes, float]]) -> Mapping[str, float] | None:
        """The words of the second pass; ``None`` when there is nothing to learn them from."""
        statistics = self._statistics
        weights = statistics.remembered(_asked(search))
        if weights or not feedback:
            return weights
        weights = expanded(
            self._translator.terms(search.query),
            [Evidence(self._counter.of_record(body), score) for body, score in feedback],
            statistics.frequency,
            statistics.total,
            function_words=self._translator.stop_stems,
            parameters=self.feedback,
        )
        statistics.remember(_asked(search), weights)
        return weights

    def among(self, pmids: Sequence[int]) -> set[int]:
        """Those of these PMIDs that the last commit has."""
        searcher = self._searcher()
        if not searcher.num_docs:
            return set()
        query = Query.term_set_query(self._schema, "pmid", pmids)
        hits = searcher.search(query, 2 * len(pmids), count=False).hits
        found = searcher.fast_field_values("pmid", [address for _, address in hits])
        return {int(pmid) for pmid in found if pmid is not None}

    def pmids_of(self, field: str, values: Sequence[str]) -> dict[str, int]:
        """The PMIDs of the records with these identifiers; ``field`` is ``doi`` or ``pmcid``."""
        searcher = self._searcher()
        found: dict[str, int] = {}
        for value in values:
            hits = searcher.search(self._translator.identifier(field, value), 1, count=False).hits
            pmids = searcher.fast_field_values("pmid", [address for _, address in hits])
            if pmids and pmids[0] is not None:
                found[value] = int(pmids[0])
        return found

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncGenerator[IndexUpdater | None]:
        """The index's only writer, or ``None`` when another process holds it and catches up for all."""
        try:
            writer = await anyio.to_thread.run_sync(partial(self._index.writer, WRITER_HEAP, WRITER_THREADS))
        except ValueError as error:
            if "lock" not in str(error).lower():
                raise LibraryError(f"The search index cannot be written: {error}") from error
            writer = None
        if writer is None:
            yield None
            return
        try:
            yield IndexUpdater(self, writer, self._schema)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(writer.rollback)
                await anyio.to_thread.run_sync(writer.wait_merging_threads)

    async def catch_up(self, store: Store) -> int:
        """Apply what the store has beyond the mark; return how many changes that was.

        Returns 0 at once when another process holds the writer.
        """
        async with self.writing() as updater:
            return await updater.catch_up(store) if updater else 0


def _asked(search: Search) -> tuple[str, Filters]:
    """What the words of the second pass depend on, beside the index."""
    return search.query, search.filters


class IndexUpdater:
    """Holds the writer of an index for as long as a load lasts."""

    def __init__(self, index: SearchIndex, writer: tantivy.IndexWriter, schema: tantivy.Schema) -> None:
        self._index = index
        self._writer = writer
        self._schema = schema
        self._reached: int | None = None
        self._uncommitted = 0
        self._fed: set[int] = set()

    async def catch_up(self, store: Store) -> int:
        """Apply what the store has beyond the mark and commit; return how many changes that was."""
        applied = await self.advance(store)
        await self.commit()
        return applied

    async def advance(self, store: Store) -> int:
        """Apply what the store has beyond the mark; commit only now and then."""
        if self._reached is None:
            self._reached = await anyio.to_thread.run_sync(self._index.mark)
            if self._reached > await store.seq():
                # The index belongs to a store that is gone: an older copy was put in its place.
                await anyio.to_thread.run_sync(self._writer.delete_all_documents)
                self._reached = 0
        applied = 0
        async for batch in store.changes(self._reached):
            await anyio.to_thread.run_sync(self._feed, batch)
            applied += len(batch)
            self._uncommitted += len(batch)
            self._reached = batch[-1].seq
            if self._uncommitted >= COMMIT_EVERY:
                await self.commit()
        return applied

    async def commit(self) -> None:
        """Make everything applied so far searchable, in every process."""
        if self._uncommitted:
            await anyio.to_thread.run_sync(self._commit)
            self._uncommitted = 0

    def _feed(self, batch: list[Change]) -> None:
        # Applying a change twice must do no harm, so a record is deleted first, if it can be there at all.
        known = self._index.among([change.pmid for change in batch]) | self._fed
        for change in batch:
            if change.pmid in known:
                # By query: the library's deletion by term finds nothing in a field of numbers.
                self._writer.delete_documents_by_query(Query.term_query(self._schema, "pmid", change.pmid))
            if change.body is not None:
                record, inbound = unpack(change.body, Indexed), read_pointers(change.inbound)
                self._writer.add_document(document(record, inbound, self._schema))
        self._fed.update(change.pmid for change in batch)

    def _commit(self) -> None:
        self._writer.delete_documents_by_term("kind", "mark")
        self._writer.add_document(mark_document(self._reached or 0))
        self._writer.commit()
        self._fed.clear()
