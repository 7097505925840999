"""Pages of hits that fit together while the index changes.

An order of dates is total: date, then PMID. A page begins after the last hit's key, so
hits that come, go or change in between move nothing else.

An order of relevance depends on statistics of the whole index, and changes with it.
So a page is cut from the snapshot of the index that the page before came from: the
process that gave the cursor holds it for a while. Where the snapshot is gone (after a
restart, or in another process on the library), or the order is made in another way, a
page begins after the last hit where that stands now, and says that the order is another.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import tantivy
from tantivy import DocAddress, FieldType, Occur, Query

from medlit.errors import UsageError
from medlit.library.cursor import OTHER_SEARCH, Cursor, Dated, Ranked, write_cursor
from medlit.library.document import HIGHEST_PMID, date_key
from medlit.library.feedback import Learned
from medlit.library.lexicon import Lexicon

SNAPSHOTS_HELD = 8
HELD_S = 600.0
"""How long a snapshot is held after its last page; until then the disk keeps the files it was read from."""


class Snapshot(NamedTuple):
    """The index as one commit left it."""

    name: bytes
    """8 bytes, the same in every process that sees this commit."""
    searcher: tantivy.Searcher
    lexicon: Lexicon
    learned: Learned


class Wanted(NamedTuple):
    """Records to find: a query, the order of the hits, and how to tell how many there are."""

    query: Query
    by_date: bool
    at_least: int | None = None
    """A lower bound of how many there are; ``None`` asks for an exact count."""
    tiers: tuple[Query, Query] | None = None
    """The same records in two parts, in an order of relevance: all of the first come before any of the second."""
    order: int = 0
    """How an order of relevance was made, up to 255: a page in another order than the one before says so.

    0 is the same for the same search and snapshot, whenever it is made. Any other may
    depend on more, so that a hit is not surely at the same place again.
    """


class Page(NamedTuple):
    """A page of hits: (PMID, score) in order, the scores 0 in an order of dates."""

    hits: list[tuple[int, float]]
    next_cursor: str | None
    """Asks for the page after this one; ``None`` when there is none."""
    total: int | None
    """How many hits there are in all, if they were to be counted."""
    reordered: bool = False
    """Whether the order is not the one of the page before: a few hits may come again or be left out."""


class Snapshots:
    """The snapshots that cursors were given for, as long as they are held."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._held: OrderedDict[bytes, tuple[Snapshot, float]] = OrderedDict()

    def hold(self, snapshot: Snapshot) -> None:
        """Hold a snapshot, and let go of what has been held long enough."""
        with self._lock:
            self._held[snapshot.name] = snapshot, self._clock()
            self._held.move_to_end(snapshot.name)
            self._release()

    def find(self, name: bytes) -> Snapshot | None:
        """The snapshot of this name, if it is still held."""
        with self._lock:
            self._release()
            found = self._held.get(name)
            return found[0] if found else None

    def _release(self) -> None:
        while self._held:
            _, since = next(iter(self._held.values()))
            if len(self._held) <= SNAPSHOTS_HELD and self._clock() - since < HELD_S:
                return
            self._held.popitem(last=False)


class Pager:
    """Cuts pages from one index's orders, however their queries were made."""

    def __init__(self, schema: tantivy.Schema) -> None:
        self._schema = schema

    def page(self, snapshot: Snapshot, wanted: Wanted, limit: int, after: Cursor | None) -> Page:
        """The hits after a place.

        Raises:
            UsageError: the place belongs to another query.
        """
        if wanted.by_date:
            if not isinstance(after, Dated | None):
                raise UsageError(OTHER_SEARCH)
            return self._dated(snapshot, wanted, limit, after)
        if not isinstance(after, Ranked | None):
            raise UsageError(OTHER_SEARCH)
        return self._ranked(snapshot, wanted, limit, after)

    def _dated(self, snapshot: Snapshot, wanted: Wanted, limit: int, after: Dated | None) -> Page:
        query, count, total = wanted.query, wanted.at_least is None, None
        if after:
            if not self._fits(snapshot, query, after.key % (HIGHEST_PMID + 1)):
                raise UsageError(OTHER_SEARCH)
            earlier = Query.range_query(
                self._schema, "newest", FieldType.Unsigned, date_key(0, 0), after.key, include_upper=False
            )
            total = _count(snapshot.searcher.search(query, 1)) if count else None
            query, count = Query.boolean_query([(Occur.Must, query), (Occur.Must, earlier)]), False
        result = snapshot.searcher.search(query, limit + 1, count=count, order_by_field="newest")
        found = result.hits
        pmids = _pmids(snapshot, [address for _, address in found[:limit]])
        cursor = write_cursor(Dated(int(found[limit - 1][0]))) if len(found) > limit else None
        return Page([(pmid, 0.0) for pmid in pmids], cursor, _count(result) if count else total)

    def _ranked(self, snapshot: Snapshot, wanted: Wanted, limit: int, after: Ranked | None) -> Page:
        seen, reordered = self._begin(snapshot, wanted, after) if after else (0, False)
        found, total = self._slice(snapshot, wanted, limit + 1, seen, count=wanted.at_least is None)
        pmids = _pmids(snapshot, [address for _, address in found[:limit]])
        hits = [(pmid, score) for pmid, (score, _) in zip(pmids, found, strict=False)]
        more = len(found) > limit
        cursor = write_cursor(Ranked(snapshot.name, seen + limit, pmids[-1], wanted.order)) if more else None
        return Page(hits, cursor, total, reordered)

    def _slice(
        self, snapshot: Snapshot, wanted: Wanted, limit: int, offset: int, *, count: bool
    ) -> tuple[list[tuple[float, DocAddress]], int | None]:
        """So many hits after so many others, with their scores; and how many there are in all, if asked to count."""
        search = snapshot.searcher.search
        if wanted.tiers is None:
            result = search(wanted.query, limit, count=count, offset=offset)
            return _scored(result), _count(result) if count else None
        first, others = wanted.tiers
        result = search(first, limit, count=True, offset=offset)
        found, before = _scored(result), _count(result)
        if len(found) == limit:
            return found, _count(search(wanted.query, 1)) if count else None
        result = search(others, limit - len(found), count=count, offset=max(0, offset - before))
        return found + _scored(result), before + _count(result) if count else None

    def _begin(self, snapshot: Snapshot, wanted: Wanted, after: Ranked) -> tuple[int, bool]:
        """How many hits to pass over, and whether the order is another than the one they were seen in."""
        same = (after.snapshot, after.order) == (snapshot.name, wanted.order)
        if same and self._ordered(snapshot, wanted, 1, after.seen - 1) == [after.pmid]:
            return after.seen, False
        if same and wanted.order == 0:
            raise UsageError(OTHER_SEARCH)
        return self._rank(snapshot, wanted, after), True

    def _rank(self, snapshot: Snapshot, wanted: Wanted, after: Ranked) -> int:
        """How many hits come up to the last one seen, and with it, in the order of another snapshot."""
        if not self._fits(snapshot, wanted.query, after.pmid):
            raise UsageError(OTHER_SEARCH)
        depth = after.seen
        while True:
            depth = min(2 * depth + 100, snapshot.searcher.num_docs)
            order = self._ordered(snapshot, wanted, depth, 0)
            if after.pmid in order:
                return order.index(after.pmid) + 1
            if len(order) < depth or depth == snapshot.searcher.num_docs:
                # The last hit is gone; the others moved up by one.
                return after.seen - 1

    def _ordered(self, snapshot: Snapshot, wanted: Wanted, limit: int, offset: int) -> list[int]:
        if not 0 <= offset < snapshot.searcher.num_docs:
            return []
        found, _ = self._slice(snapshot, wanted, limit, offset, count=False)
        return _pmids(snapshot, [address for _, address in found])

    def _fits(self, snapshot: Snapshot, query: Query, pmid: int) -> bool:
        """Whether a query matches a record, if the snapshot has it at all."""
        record = Query.term_query(self._schema, "pmid", pmid)
        both = Query.boolean_query([(Occur.Must, query), (Occur.Must, record)])
        return bool(
            snapshot.searcher.search(both, 1, count=False).hits
            or not snapshot.searcher.search(record, 1, count=False).hits
        )


def _scored(result: tantivy.SearchResult) -> list[tuple[float, DocAddress]]:
    return [(float(score), address) for score, address in result.hits]


def _count(result: tantivy.SearchResult) -> int:
    return int(result.count)  # pyright: ignore  # absent from the stub


def _pmids(snapshot: Snapshot, addresses: list[tantivy.DocAddress]) -> list[int]:
    return [int(pmid or 0) for pmid in snapshot.searcher.fast_field_values("pmid", addresses)]
