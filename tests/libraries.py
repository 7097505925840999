"""All that a user can see of a library, to hold two of them against each other."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from tests.pubmed import medlit_json

SETTLED = ("articles", "deleted", "superseded", "mesh_descriptors", "files", "files_failed", "set_aside")


def content(library: Path, *queries: str) -> dict[str, Any]:
    """Records, displaced claims, links, ledger and headings as they are stored, and what queries find."""
    with contextlib.closing(sqlite3.connect(library / "library.sqlite3")) as store:
        tables = {
            name: [tuple(map(str, row)) for row in store.execute(f"{sql} ORDER BY 1, 2, 3")]  # ours
            for name, sql in TABLES.items()
        }
    status = medlit_json("status", "--library", library)
    found = {query: hits(medlit_json("search", "--library", library, "--limit", "100", query)) for query in queries}
    return tables | {"status": {name: status[name] for name in SETTLED}, "behind": status["index_behind"]} | found


def hits(answer: dict[str, Any]) -> tuple[int, list[tuple[int, bool]]]:
    """How many records an answer has, and if it shows all of them, their PMIDs and retraction status."""
    shown = sorted((hit["pmid"], hit["retracted"]) for hit in answer["hits"])
    return answer["total"], shown if len(shown) == answer["total"] else []


TABLES = {
    "articles": """
        SELECT pmid, articles.version, revised, pointers, body, files.name
        FROM articles LEFT JOIN files ON files.id = file_id AND articles.version >= 0
    """,
    "superseded": "SELECT pmid, files.name, version, revised, body FROM superseded JOIN files ON files.id = file_id",
    "links": "SELECT target, ref_type, source FROM links",
    "ledger": "SELECT name, state, format, sha256, read, set_aside FROM files",
    "set_aside": "SELECT files.name, position, pmid, reason FROM set_aside JOIN files ON files.id = file_id",
    "mesh": "SELECT ui, files.name, mesh.name, body FROM mesh JOIN files ON files.id = file_id",
}
