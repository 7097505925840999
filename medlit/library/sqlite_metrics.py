"""Daily totals in the SQLite store: one short transaction on a connection of its own.

The store's writer may be busy with a file for a minute, and its readers serve
searches; counting waits for neither, nor they for it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Generator, Sequence
from functools import partial
from pathlib import Path

import anyio.to_thread

from medlit.library.sqlite_schema import FIRST_EXTRA_WORKFLOW, LIBRARY_FILE
from medlit.library.sqlite_store import explained
from medlit.metrics.grid import Cell, Cells
from medlit.metrics.keeper import Totals
from medlit.metrics.labels import Workflow

READ_WAIT_S = 1.0

_COLUMNS = {
    "calls": ("workflow", "lane", "outcome", "source", "bucket"),
    "runs": ("workflow", "outcome", "bucket"),
    "ratings": ("workflow", "rating"),
    "counts": ("counter",),
}


class SqliteMetrics:
    """A :class:`~medlit.metrics.keeper.MetricsStore` in a library that is open."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LIBRARY_FILE

    async def add(self, day: int, totals: Totals, *, wait_s: float) -> None:
        """Add to a day's totals, all or nothing."""
        await anyio.to_thread.run_sync(partial(self._add, day, totals, wait_s))

    async def since(self, day: int, names: Sequence[str]) -> Totals:
        """The totals of a day and all later ones."""
        return await anyio.to_thread.run_sync(self._since, day, names)

    @contextlib.contextmanager
    def _connection(self, wait_s: float) -> Generator[sqlite3.Connection]:
        with (
            explained(self._path),
            contextlib.closing(sqlite3.connect(self._path, timeout=wait_s, isolation_level=None)) as connection,
        ):
            yield connection

    def _add(self, day: int, totals: Totals, wait_s: float) -> None:
        with self._connection(wait_s) as connection:
            connection.execute("BEGIN IMMEDIATE")
            stored_as = _stored_codes(connection, totals.names)
            for table, cells in totals.tables.items():
                connection.executemany(_adding(table), _rows(table, day, cells, stored_as))
            connection.execute("COMMIT")

    def _since(self, day: int, names: Sequence[str]) -> Totals:
        with self._connection(READ_WAIT_S) as connection:
            connection.execute("BEGIN")
            extra = dict(connection.execute("SELECT name, id FROM metric_workflows ORDER BY id").fetchall())
            rows = {table: connection.execute(_adding_up(table), (day,)).fetchall() for table in _COLUMNS}
        names = (*names, *(name for name in extra if name not in names))
        code_of = {extra[name]: code for code, name in enumerate(names) if name in extra}
        return Totals(names, {table: _cells(table, found, code_of) for table, found in rows.items()})


def _stored_codes(connection: sqlite3.Connection, names: Sequence[str]) -> list[int]:
    """The stored code of every name. The operator's names are the only text that is ever stored here."""
    extra = names[len(Workflow) :]
    for name in extra:
        # OR IGNORE: a name that the table refuses is counted as another workflow, not lost.
        connection.execute(
            "INSERT OR IGNORE INTO metric_workflows SELECT coalesce(max(id) + 1, ?), ? FROM metric_workflows "
            "WHERE NOT EXISTS (SELECT 1 FROM metric_workflows WHERE name = ?)",
            (FIRST_EXTRA_WORKFLOW, name, name),
        )
    known = dict(connection.execute("SELECT name, id FROM metric_workflows").fetchall())
    other = list(Workflow).index(Workflow.OTHER)
    return [*range(len(Workflow)), *(known.get(name, other) for name in extra)]


def _rows(table: str, day: int, cells: Cells, stored_as: Sequence[int]) -> list[Cell]:
    if table == "counts":
        return [(day, *cell, count) for cell, count in cells.items()]
    return [(day, stored_as[cell[0]], *cell[1:], count) for cell, count in cells.items()]


def _cells(table: str, rows: Sequence[Cell], code_of: dict[int, int]) -> Cells:
    if table == "counts":
        return {row[:-1]: row[-1] for row in rows}
    return {(code_of.get(row[0], row[0]), *row[1:-1]): row[-1] for row in rows}


def _adding(table: str) -> str:
    columns = ", ".join(_COLUMNS[table])
    values = ", ".join("?" for _ in _COLUMNS[table])
    return (
        f"INSERT INTO metric_{table} (day, {columns}, count) VALUES (?, {values}, ?) "  # noqa: S608  # names of ours
        f"ON CONFLICT (day, {columns}) DO UPDATE SET count = count + excluded.count"
    )


def _adding_up(table: str) -> str:
    columns = ", ".join(_COLUMNS[table])
    return f"SELECT {columns}, sum(count) FROM metric_{table} WHERE day >= ? GROUP BY {columns}"  # noqa: S608  # as above
