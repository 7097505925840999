"""The book of turns on disk: one small SQLite file for all processes of a machine.

SQLite's lock works alike on three systems, goes when its holder dies, and a change that
was cut off is undone. No call here waits for the lock.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread
import msgspec

from medlit.errors import SourceUnavailable
from tools.live.turns import Book

BUSY_S = 0.005
"""Between two attempts at the lock, which is held for a fraction of a millisecond."""

T = TypeVar("T")


class SharedBook:
    """The book of one source, in a file of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = anyio.CapacityLimiter(4)

    async def change(self, change: Callable[[Book], tuple[Book, T]]) -> T:
        """Change the book alone; never blocks the loop, and leaves no thread waiting.

        Raises:
            SourceUnavailable: the file cannot be used, so nobody may ask the source.
        """
        while True:
            try:
                return await anyio.to_thread.run_sync(self._change, change, limiter=self._threads)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) and "busy" not in str(error):
                    raise self._unusable() from error
            except (sqlite3.DatabaseError, OSError, msgspec.MsgspecError) as error:
                raise self._unusable() from error
            await anyio.sleep(BUSY_S)

    def _change(self, change: Callable[[Book], tuple[Book, T]]) -> T:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(sqlite3.connect(self._path, timeout=0.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")  # of no worth after a power cut
            connection.execute("BEGIN EXCLUSIVE")  # so that nothing can fail after the change was computed
            connection.execute("CREATE TABLE IF NOT EXISTS book (id INTEGER PRIMARY KEY, content BLOB)")
            row = connection.execute("SELECT content FROM book WHERE id = 0").fetchone()
            book, result = change(msgspec.json.decode(row[0], type=Book) if row else Book())
            connection.execute("INSERT OR REPLACE INTO book VALUES (0, ?)", (msgspec.json.encode(book),))
            connection.execute("COMMIT")
            return result

    def _unusable(self) -> SourceUnavailable:
        return SourceUnavailable(
            f"was not asked: {self._path}, by which all processes keep its rate together, cannot be used",
            final=True,
        )
