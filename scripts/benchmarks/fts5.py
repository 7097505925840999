"""The same documents in SQLite's full-text index: what most people reach for first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from medlit.library.codec import unpack
from medlit.library.library import open_library
from medlit.library.store import Change

Row = tuple[int, str, str, str]


class _Text(msgspec.Struct):
    text: str = ""


class _Name(msgspec.Struct):
    name: str = ""


class _Document(msgspec.Struct):
    title: str | None = None
    abstract: list[_Text] = []
    mesh: list[_Name] = []


async def build(library: Path, path: Path) -> None:
    """Index a library's articles: title, abstract and MeSH, stemmed, segments merged; the text is not stored."""
    connection = sqlite3.connect(path)
    connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
    connection.execute(
        "CREATE VIRTUAL TABLE documents USING fts5(title, abstract, mesh, content = '', tokenize = 'porter unicode61')"
    )
    async with open_library(library) as opened:
        async for batch in opened.store.changes(0):
            connection.executemany(
                "INSERT INTO documents (rowid, title, abstract, mesh) VALUES (?, ?, ?, ?)", _rows(batch)
            )
    connection.execute("INSERT INTO documents (documents) VALUES ('optimize')")
    connection.commit()
    connection.close()


def _rows(batch: list[Change]) -> Iterator[Row]:
    for change in batch:
        if change.body is not None:
            record = unpack(change.body, _Document)
            abstract = "\n".join(section.text for section in record.abstract)
            yield change.pmid, record.title or "", abstract, "; ".join(heading.name for heading in record.mesh)


class Fts5:
    """Searches in such an index."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
        self._connection.execute("PRAGMA mmap_size = 4294967296")

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    def search(self, query: str, joined: Literal["AND", "OR"]) -> list[tuple[int, float]]:
        """The ten best rows by BM25, in the form that SQLite's manual calls the fastest."""
        words = f" {joined} ".join(f'"{word}"' for word in query.split())
        return self._connection.execute(
            "SELECT rowid, rank FROM documents WHERE documents MATCH ? AND rank MATCH 'bm25(2.0, 1.0, 1.5)' "
            "ORDER BY rank LIMIT 10",
            (words,),
        ).fetchall()
