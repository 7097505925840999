"""Index documents that parser processes made, on their way past the store.

A parser has the record in hand; making the document there costs a quarter of
unpacking the record again later, and takes that work out of the one process that
feeds the index. What is here is only a shortcut: a document counts for the very
bytes it was made from, and whatever is missing is made from the store.
"""

from __future__ import annotations

from collections.abc import Iterable

from medlit.library.store import Change, StagedRow

MAX_BYTES = 40_000_000
"""Documents kept at most, packed: those of a file of NLM's, and room for the next; others are made from the store."""


class Prepared:
    """Documents by PMID, each with a hash of the stored record it was made from."""

    def __init__(self) -> None:
        self._documents: dict[int, tuple[int, bytes]] = {}
        self._bytes = 0

    def keep(self, rows: Iterable[StagedRow]) -> None:
        """Keep the documents of rows that are being stored, as far as there is room."""
        for row in rows:
            if row.document is not None and self._bytes < MAX_BYTES:
                self._forget(row.pmid)
                self._documents[row.pmid] = hash(row.body), row.document
                self._bytes += len(row.document)

    def take(self, change: Change) -> bytes | None:
        """The document of exactly this change, if there is one; it is given out once."""
        kept = self._forget(change.pmid)
        # What other records say of the article is not in a document made from the record alone.
        return kept[1] if kept and kept[0] == hash(change.body) and change.inbound is None else None

    def clear(self) -> None:
        """Let go of all."""
        self._documents.clear()
        self._bytes = 0

    def _forget(self, pmid: int) -> tuple[int, bytes] | None:
        kept = self._documents.pop(pmid, None)
        if kept:
            self._bytes -= len(kept[1])
        return kept
