"""The search index, derived from the store.

The index holds one document with the store's change number it has reached, its
*mark*, written in the same commit as the records up to there. ``catch_up`` applies
what the store has beyond the mark. That one mechanism serves a fresh load, a
rebuild, a crash between the two commits, and several processes on one library:
whoever holds the index's writer catches up for all.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import shutil
import threading
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import anyio
import anyio.to_thread
import tantivy
from tantivy import Occur, Query

from medlit.errors import LibraryError
from medlit.library.analysis import INDEX_VERSION, STEMS, WORDS, analyzers, schema
from medlit.library.cursor import Cursor, Ranked, read_cursor
from medlit.library.document import beginning
from medlit.library.feedback import Learned, TermCounter
from medlit.library.lexicon import Lexicon
from medlit.library.paging import Pager, Snapshot, Snapshots, Wanted
from medlit.library.pubmed_index import explained
from medlit.library.query import Reading, Search, Translator
from medlit.library.ranking import FEEDBACK, FEEDBACK_FIELDS, Evidence, Method, Model, expanded
from medlit.library.related import Relations
from medlit.library.snippet import Question
from medlit.library.store import Store
from medlit.library.term_mapping import NO_MEANINGS, Meanings
from medlit.library.updater import WRITER_HEAP, WRITER_THREADS, Updater

EXACT_COUNT_LIMIT = 50_000
"""Postings up to which a union is counted exactly; counting makes a search a sixth dearer."""


ORDERS: dict[Method, int] = {"bm25": 0, "date": 0, "rm3": 1}
"""The methods of ranking in a cursor. What feedback learns depends on stored records: see ``Wanted.order``."""


class IndexHits(NamedTuple):
    """A page of hits: (PMID, score) in order, how many there are in all, and where the page ended."""

    total: int
    total_is_exact: bool
    hits: list[tuple[int, float]]
    next_cursor: str | None = None
    reordered: bool = False
    """See :class:`medlit.library.paging.Page`."""
    understood: str = ""
    """The search in PubMed's notation."""
    method: Method = "bm25"
    question: Question | None = None
    """What was asked in words, to show in a hit why it was found."""


class FirstPass(NamedTuple):
    """A search whose best records have still to be read: their words help to rank in the second pass."""

    search: Search
    reading: Reading
    snapshot: Snapshot
    after: Cursor | None
    best: list[tuple[int, float]]
    """PMIDs and scores."""


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
        self._stems = tools[STEMS].analyze
        self._counter = TermCounter(self._stems, tools[WORDS].analyze)
        self.feedback = FEEDBACK
        """The parameters of feedback; an evaluation tries others."""
        self.relations = Relations(self._schema, tools)
        self._pager = Pager(self._schema)
        self._snapshots = Snapshots()
        self._loading = threading.Lock()
        self._generation, self._latest = self._load()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in ``folder``, or make an empty one; an unreadable one is replaced.

        Nothing is lost by that: the next catch-up fills it from the store.
        """
        path = folder / f"index-{INDEX_VERSION}"
        path.mkdir(parents=True, exist_ok=True)
        for version in range(1, INDEX_VERSION):
            # Of an earlier medlit: nothing reads it any more, and it may be large.
            shutil.rmtree(folder / f"index-{version}", ignore_errors=True)
        try:
            return cls(path, tantivy.Index(schema(), path=str(path)))
        except (ValueError, OSError):
            shutil.rmtree(path)
            path.mkdir()
            return cls(path, tantivy.Index(schema(), path=str(path)))

    def _read_generation(self) -> tuple[int, int]:
        stat = (self._path / "meta.json").stat()
        return stat.st_mtime_ns, stat.st_ino

    def _load(self) -> tuple[tuple[int, int], Snapshot]:
        while True:
            generation = self._read_generation()
            commit = (self._path / "meta.json").read_bytes()
            self._index.reload()
            # After a commit in between, the snapshot would have the name of the one before.
            if self._read_generation() == generation:
                name = hashlib.blake2b(commit, digest_size=8).digest()
                searcher = self._index.searcher()
                return generation, Snapshot(name, searcher, Lexicon(searcher, self._stems), Learned())

    def _snapshot(self) -> Snapshot:
        """The latest commit, whichever process made it."""
        if self._read_generation() != self._generation:
            with self._loading:
                if self._read_generation() != self._generation:
                    self._generation, self._latest = self._load()
        return self._latest

    def _searcher(self) -> tantivy.Searcher:
        return self._snapshot().searcher

    def version(self) -> bytes:
        """The name of the latest commit: it changes with everything that searches find."""
        return self._snapshot().name

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

    def search(
        self, search: Search, meanings: Meanings = NO_MEANINGS, *, hurried: bool = False
    ) -> IndexHits | FirstPass:
        """Run a search, its terms understood as ``meanings`` says; or its first pass, where a second is worth it.

        A second pass is not worth it when no words are ranked by, when they are so common that
        it would take long, or when the caller is ``hurried``. Pages of one search are ranked alike.
        Blocks for milliseconds; call it in a thread.

        Raises:
            UsageError: there is nothing to search for, the query cannot be read, or the cursor is not of this search.
        """
        after, snapshot = self._place(search.cursor)
        reading = self._translator.read(search, snapshot.searcher, snapshot.lexicon, meanings)
        allowed = search.feedback and search.sort == "relevance" and not hurried
        if isinstance(after, Ranked) and after.order != ORDERS["rm3"]:
            allowed = False
        model = snapshot.learned.remembered(_asked(search, reading)) if allowed else None
        if allowed and model is None and (best := self._best(snapshot, reading)):
            return FirstPass(search, reading, snapshot, after, best)
        return self._hits(FirstPass(search, reading, snapshot, after, []), model)

    def second_pass(self, first: FirstPass, records: Sequence[tuple[bytes, float]]) -> IndexHits:
        """Search with the words of the first pass's best records, given as they are stored, with their scores.

        Blocks for milliseconds; call it in a thread.
        """
        model: Model | None = None
        if records:
            lexicon = first.snapshot.lexicon
            written = [self._counter.beginning(body) for body, _ in records]
            seen = self._counter.forms(itertools.chain.from_iterable(written))
            weights = expanded(
                list(first.reading.words),
                [
                    Evidence(self._counter.counts(words), score)
                    for words, (_, score) in zip(written, records, strict=True)
                ],
                lambda stem: lexicon.frequency(first.reading.forms.get(stem) or seen[stem], FEEDBACK_FIELDS).documents,
                lexicon.total,
                function_words=self._translator.stop_stems,
                parameters=self.feedback,
            )
            model = Model(
                weights, {stem: first.reading.forms.get(stem) or lexicon.family(seen[stem]) for stem in weights}
            )
            first.snapshot.learned.remember(_asked(first.search, first.reading), model)
        return self._hits(first, model)

    def _best(self, snapshot: Snapshot, reading: Reading) -> list[tuple[int, float]]:
        """The records whose words are to help to rank, with their scores; none when they are not worth it.

        They are records with abstracts, which have the most words to offer. Where enough of them
        hold every word of the query, the best of these are taken: that takes a tenth of the time
        of finding the best of all, and they are nearly always the same.
        """
        lexicon = snapshot.lexicon
        postings = sum(lexicon.frequency(forms).postings for forms in reading.forms.values())
        if not reading.words or not self.feedback.can_afford(postings, lexicon.total):
            return []
        found = self._leaders(snapshot, self._translator.for_feedback(reading, Occur.Must))
        if len(found) < self.feedback.enough and len(reading.words) > 1:
            found = self._leaders(snapshot, self._translator.for_feedback(reading, Occur.Should))
        return found

    def _leaders(self, snapshot: Snapshot, query: Query) -> list[tuple[int, float]]:
        result = snapshot.searcher.search(query, self.feedback.documents, count=False)
        pmids = snapshot.searcher.fast_field_values("pmid", [address for _, address in result.hits])
        return [
            (int(pmid), float(score)) for pmid, (score, _) in zip(pmids, result.hits, strict=True) if pmid is not None
        ]

    def _hits(self, first: FirstPass, model: Model | None) -> IndexHits:
        search, reading, snapshot, after, _ = first
        try:
            translated = self._translator.translate(reading, snapshot.lexicon, model)
            newest_first = search.sort == "newest" or not translated.ranked
            method: Method = "date" if newest_first else "rm3" if model else "bm25"
            exactly = newest_first or translated.filtered or translated.postings <= EXACT_COUNT_LIMIT
            at_least = None if exactly else translated.widest_term
            wanted = Wanted(translated.query, newest_first, at_least, translated.tiers, ORDERS[method])
            page = self._cut(snapshot, wanted, search.limit, after)
        except ValueError as error:
            raise explained(error) from error
        headings = frozenset(name for concept in reading.concepts for name in concept.headings)
        weights = model.weights if model else dict.fromkeys(reading.words, 1.0)
        question = Question(reading.words, weights, self._counter.terms, headings)
        return page._replace(understood=reading.understood, method=method, question=question)

    def forget(self) -> None:
        """Forget what feedback has learned: the next search takes two passes again."""
        self._snapshot().learned.forget()

    def find(self, wanted: Callable[[Lexicon], Wanted], limit: int, cursor: str | None) -> IndexHits:
        """A page of what is wanted, which may depend on the statistics of the snapshot it is cut from.

        Blocks for milliseconds; call it in a thread.

        Raises:
            UsageError: the cursor is none, or of another search.
        """
        after, snapshot = self._place(cursor)
        return self._cut(snapshot, wanted(snapshot.lexicon), limit, after)

    def _place(self, cursor: str | None) -> tuple[Cursor | None, Snapshot]:
        """Where a page begins, and the snapshot to cut it from: the latest, unless the cursor's is still held."""
        after = read_cursor(cursor) if cursor else None
        held = self._snapshots.find(after.snapshot) if isinstance(after, Ranked) else None
        return after, held or self._snapshot()

    def _cut(self, snapshot: Snapshot, wanted: Wanted, limit: int, after: Cursor | None) -> IndexHits:
        page = self._pager.page(snapshot, wanted, limit, after)
        if page.next_cursor and not wanted.by_date:
            self._snapshots.hold(snapshot)
        total = page.total if page.total is not None else wanted.at_least or 0
        return IndexHits(total, page.total is not None, page.hits, page.next_cursor, page.reordered)

    def count(self, field: str, values: Sequence[str]) -> int:
        """How many records have one of these values in a field of whole values."""
        searcher = self._searcher()
        if not values or not searcher.num_docs:
            return 0
        result = searcher.search(self.relations.having(field, values), 1, count=True)
        return int(result.count)  # pyright: ignore  # absent from the stub

    def names(self, field: str, begun: str, limit: int) -> list[str]:
        """What names with this beginning are shown as, those of the most records first, each once.

        ``field`` holds names as :func:`medlit.library.document.named` writes them; up to three may mean the same.
        """
        found = self._searcher().terms_with_prefix(field, beginning(begun), limit=3 * limit)
        return list(dict.fromkeys(term.partition("\t")[2] for term, _ in found))[:limit]

    def among(self, pmids: Sequence[int]) -> set[int]:
        """Those of these PMIDs that the last commit has."""
        searcher = self._searcher()
        if not pmids or not searcher.num_docs:
            return set()
        query = Query.term_set_query(self._schema, "pmid", pmids)
        hits = searcher.search(query, 2 * len(pmids), count=False).hits
        found = searcher.fast_field_values("pmid", [address for _, address in hits])
        return {int(pmid) for pmid in found if pmid is not None}

    def pmids_of(self, field: str, values: Sequence[str]) -> dict[str, int]:
        """A record's PMID for each of these whole values of a field, such as ``doi``, ``pmcid`` or ``journal``."""
        searcher = self._searcher()
        found: dict[str, int] = {}
        for value in values:
            hits = searcher.search(self._translator.identifier(field, value), 1, count=False).hits
            pmids = searcher.fast_field_values("pmid", [address for _, address in hits])
            if pmids and pmids[0] is not None:
                found[value] = int(pmids[0])
        return found

    @contextlib.asynccontextmanager
    async def writing(self) -> AsyncGenerator[Updater | None]:
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
        updater = Updater(self, writer, self._schema)
        try:
            yield updater
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(updater.close)

    async def catch_up(self, store: Store) -> int:
        """Apply what the store has beyond the mark; return how many changes that was.

        Returns 0 at once when another process holds the writer.
        """
        async with self.writing() as updater:
            return await updater.catch_up(store) if updater else 0


def _asked(search: Search, reading: Reading) -> Hashable:
    """What the words of the second pass depend on, beside the index."""
    return search.query, search.filters, search.term_mapping, reading.understood
