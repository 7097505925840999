"""The vocabulary's look-up tables in SQLite: derived from the descriptors, and asked by one statement each.

Reading the tables costs microseconds a term, so nothing of the vocabulary has to be in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import aiosqlite
import msgspec

from medlit.library.analysis import normalized
from medlit.library.codec import unpack

TABLES = ("mesh_headings", "mesh_terms", "mesh_trees")

# Of a descriptor that several files have, the one of the newest MeSH year counts.
_COUNTS = """
    INSERT INTO mesh_headings
    SELECT ui, file_id, name FROM (
        SELECT ui, file_id, mesh.name AS name, row_number() OVER (
            PARTITION BY ui ORDER BY coalesce(year, 0) DESC, files.name DESC, sha256 DESC) AS place
        FROM mesh JOIN files ON files.id = file_id)
    WHERE place = 1
"""
_COUNTED = "SELECT ui, body FROM mesh_headings JOIN mesh USING (ui, file_id) WHERE ui > ? ORDER BY ui LIMIT 2000"

MATCHING = """
    SELECT term, ui, name, preferred, (SELECT number FROM mesh_version) FROM json_each(?) AS wanted
    JOIN mesh_terms ON term = wanted.value JOIN mesh_headings USING (ui)
"""
BEGINNING = """
    SELECT term, ui, name, preferred FROM mesh_terms JOIN mesh_headings USING (ui)
    WHERE term >= ? AND term < ? ORDER BY preferred DESC, length(term), term LIMIT ?
"""
SIMILAR = """
    SELECT term, ui, name, preferred FROM mesh_terms JOIN mesh_headings USING (ui)
    WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ? ORDER BY term, preferred DESC, ui
"""
BODIES = """
    SELECT ui, body FROM json_each(?) AS wanted
    JOIN mesh_headings ON ui = wanted.value JOIN mesh USING (ui, file_id)
"""
AT = """
    SELECT DISTINCT number, ui, mesh_headings.name FROM json_each(?) AS wanted
    JOIN mesh_trees ON number = wanted.value JOIN mesh_headings USING (ui) ORDER BY number
"""
# What is below C04 begins with "C04."; of all characters in tree numbers only the dot comes before the slash.
BELOW = """
    SELECT DISTINCT top.ui, low.number, low.ui, mesh_headings.name FROM json_each(?) AS wanted
    JOIN mesh_trees AS top ON top.ui = wanted.value
    JOIN mesh_trees AS low ON low.number >= top.number AND low.number < top.number || '/'
    JOIN mesh_headings ON mesh_headings.ui = low.ui ORDER BY low.number
"""


class _Descriptor(msgspec.Struct):
    name: str
    tree_numbers: list[str] = []
    entry_terms: list[str] = []


async def derive_vocabulary(connection: aiosqlite.Connection) -> None:
    """Fill the tables anew from the descriptors, inside the caller's transaction."""
    for table in TABLES:
        await connection.execute(f"DELETE FROM {table}")  # noqa: S608  # names of ours
    await connection.execute("UPDATE mesh_version SET number = number + 1")
    await connection.execute(_COUNTS)
    after = ""
    while rows := [(str(ui), bytes(body)) for ui, body in await connection.execute_fetchall(_COUNTED, (after,))]:
        after = rows[-1][0]
        descriptors = [(ui, unpack(body, _Descriptor)) for ui, body in rows]
        # Two terms of one descriptor may differ in punctuation only; the heading itself comes first and stays.
        await connection.executemany("INSERT OR IGNORE INTO mesh_terms VALUES (?, ?, ?)", _terms(descriptors))
        await connection.executemany(
            "INSERT OR IGNORE INTO mesh_trees VALUES (?, ?)",
            ((number, ui) for ui, descriptor in descriptors for number in descriptor.tree_numbers),
        )


def _terms(descriptors: Sequence[tuple[str, _Descriptor]]) -> Iterator[tuple[str, str, bool]]:
    for ui, descriptor in descriptors:
        for place, term in enumerate((descriptor.name, *descriptor.entry_terms)):
            if words := normalized(term):
                yield words, ui, place == 0
