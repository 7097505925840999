"""The one writer of a search index: it applies what the store has beyond the index's mark.

A parser has the record in hand, and making its index document there costs a quarter of
unpacking the stored record again. So a load hands such documents over while its file is
still being read (:meth:`Updater.anticipate`). They are a guess: the file may yet turn out
to be damaged, or another file's record to be the newer one. When the store has decided,
:meth:`Updater.advance` lets stand what was guessed right and puts right the rest, and only
then is anything committed. A crash before leaves the index as it was.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Protocol

import anyio.to_thread
import tantivy
from tantivy import Query

from medlit.library.analysis import mark_document
from medlit.library.codec import read_pointers, unpack
from medlit.library.document import Indexed, document
from medlit.library.store import Change, StagedRow, Store

WRITER_HEAP = 96_000_000
"""Bytes of documents the writer gathers before it writes a segment: more than those of a file of NLM's."""

WRITER_THREADS = 1
"""Segments of one size merge well, eight into one, and every search looks each word up in every segment.
Two threads write twice as many, of all sizes."""

COMMIT_EVERY = 25_000
"""Changes between commits, at least: each makes a segment."""

MOST_ANTICIPATED = 100_000
"""Documents of one file that are taken before the store has decided; a larger file's others are made from the store."""


class Committed(Protocol):
    """What the writer asks the index as its last commit left it."""

    def mark(self) -> int:
        """The store's change number that the index has reached."""
        ...

    def among(self, pmids: Sequence[int]) -> set[int]:
        """Those of these PMIDs that the last commit has."""
        ...


class Updater:
    """Holds the writer of an index for as long as a load lasts."""

    def __init__(self, index: Committed, writer: tantivy.IndexWriter, schema: tantivy.Schema) -> None:
        self._index = index
        self._writer = writer
        self._schema = schema
        self._reached: int | None = None
        self._uncommitted = 0
        # PMIDs with documents that no commit has yet.
        self._fed: set[int] = set()
        # Of the documents that are a guess: a hash of the stored record that each was made from.
        self._guessed: dict[int, int] = {}

    async def anticipate(self, rows: Sequence[StagedRow]) -> None:
        """Take the documents of rows that a store is gathering, as if they were to stay."""
        made = [(row.pmid, hash(row.body), row.document) for row in rows if row.document is not None]
        if made and len(self._guessed) < MOST_ANTICIPATED:
            await anyio.to_thread.run_sync(self._guess, made)

    async def catch_up(self, store: Store) -> int:
        """Apply what the store has beyond the mark and commit; return how many changes that was."""
        applied = await self.advance(store)
        await self.commit()
        return applied

    async def advance(self, store: Store, up_to: int | None = None) -> int:
        """Apply what the store has beyond the mark, or as far as a change; commit now and then.

        Whatever was anticipated is decided with that.
        """
        if self._reached is None:
            self._reached = await anyio.to_thread.run_sync(self._index.mark)
            if self._reached > await store.seq():
                # The index belongs to a store that is gone: an older copy was put in its place.
                await anyio.to_thread.run_sync(self._writer.delete_all_documents)
                self._reached = 0
        applied = 0
        async for batch in store.changes(self._reached):
            changes = batch if up_to is None else [change for change in batch if change.seq <= up_to]
            if changes:
                await anyio.to_thread.run_sync(self._feed, changes)
                applied += len(changes)
                self._uncommitted += len(changes)
                self._reached = changes[-1].seq
                if not self._guessed:
                    await self._commit_now_and_then()
            if len(changes) < len(batch):
                break
        await self._take_back(store)
        await self._commit_now_and_then()
        return applied

    async def commit(self) -> None:
        """Make everything applied so far searchable, in every process."""
        if self._uncommitted:
            await anyio.to_thread.run_sync(self._commit)
            self._uncommitted = 0

    def close(self) -> None:
        """Let go of the writer. What was not committed is void; merges of what was are waited for.

        Many small segments make every search slower: each word is looked up in each of them.
        """
        if self._uncommitted or self._fed:
            self._writer.rollback()
        self._writer.wait_merging_threads()

    async def _take_back(self, store: Store) -> None:
        """Put the store's records in the place of guesses that no change has confirmed."""
        wrong = list(self._guessed)
        self._guessed.clear()
        for start in range(0, len(wrong), 1_000):
            some = wrong[start : start + 1_000]
            stored = await store.articles(some)
            records = [
                Change(0, pmid, stored[pmid].body, stored[pmid].inbound) if pmid in stored else Change(0, pmid)
                for pmid in some
            ]
            await anyio.to_thread.run_sync(self._feed, records)
            self._uncommitted += len(some)

    async def _commit_now_and_then(self) -> None:
        if self._uncommitted >= COMMIT_EVERY:
            await self.commit()

    def _guess(self, made: Sequence[tuple[int, int, str]]) -> None:
        there = self._index.among([pmid for pmid, _, _ in made])
        for pmid, content, text in made:
            self._replace(pmid, text, there)
            self._guessed[pmid] = content

    def _feed(self, changes: Sequence[Change]) -> None:
        # What other records say of an article is not in a document made from the record alone.
        undecided = [
            change
            for change in changes
            if self._guessed.pop(change.pmid, None) != hash(change.body) or change.inbound is not None
        ]
        there = self._index.among([change.pmid for change in undecided])
        for change in undecided:
            text = document(unpack(change.body, Indexed), read_pointers(change.inbound)) if change.body else None
            self._replace(change.pmid, text, there)

    def _replace(self, pmid: int, text: str | None, there: Set[int]) -> None:
        """Put a document in the place of the one there is, committed or not. Doing so twice does no harm."""
        if pmid in there or pmid in self._fed:
            # By query: the library's deletion by term finds nothing in a field of numbers.
            self._writer.delete_documents_by_query(Query.term_query(self._schema, "pmid", pmid))
        if text is not None:
            self._writer.add_json(text)
            self._fed.add(pmid)

    def _commit(self) -> None:
        self._writer.delete_documents_by_term("kind", "mark")
        self._writer.add_document(mark_document(self._reached or 0))
        self._writer.commit()
        self._fed.clear()
