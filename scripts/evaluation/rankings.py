"""The ways to rank that are compared: what a search returns for every query of a collection."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import anyio

from medlit.errors import UsageError
from medlit.library.library import Library, open_library
from medlit.library.query import Search
from medlit.library.ranking import FEEDBACK, Feedback
from scripts.evaluation.collection import Collection
from scripts.evaluation.metrics import Scores, scores

DEPTH = 1_000
"""Records of a ranking that are looked at, as TREC does."""

_WORD = re.compile(r"\w+")


def by_medlit(library: Path, collection: Collection, *, feedback: Feedback | None = FEEDBACK) -> list[Scores]:
    """``Library.search``, as the tools call it; without ``feedback``, by BM25 alone."""
    return anyio.run(_by_medlit, library, collection, feedback)


async def _by_medlit(folder: Path, collection: Collection, feedback: Feedback | None) -> list[Scores]:
    async with open_library(folder) as library:
        if feedback:
            library.index.feedback = feedback
        return [
            scores(await _found(library, text, bool(feedback)), collection.judged[query])
            for query, text in collection.queries.items()
        ]


async def _found(library: Library, text: str, feedback: bool) -> list[int]:
    try:
        page = await library.search(Search(query=text, limit=DEPTH, feedback=feedback))
    except UsageError:  # a query without a word
        return []
    return [hit.article.pmid for hit in page.hits]


def by_fts5(twin: Path, collection: Collection) -> list[Scores]:
    """SQLite's FTS5: any of the words, Porter stems, ``bm25()`` with its defaults."""
    connection = sqlite3.connect(f"{twin.as_uri()}?mode=ro", uri=True)
    search = _searcher(connection)
    found = [scores(search(text), collection.judged[query]) for query, text in collection.queries.items()]
    connection.close()
    return found


def _searcher(connection: sqlite3.Connection) -> Callable[[str], list[int]]:
    def search(text: str) -> list[int]:
        words = " OR ".join(f'"{word}"' for word in _WORD.findall(text))
        rows = connection.execute(
            "SELECT rowid FROM documents WHERE documents MATCH ? ORDER BY rank LIMIT ?", (words, DEPTH)
        )
        return [row[0] for row in rows] if words else []

    return search
