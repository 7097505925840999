"""Connections to the SQLite store for threads that search: one each, opened when it first reads."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path

BUSY_TIMEOUT_S = 60.0
"""How long a statement waits for another process's: longer than the merge of the largest NLM file."""

READING = "PRAGMA query_only = ON;"


class _Connection:
    """A connection, and the lock that keeps it from being closed in the middle of a statement."""

    def __init__(self, path: Path) -> None:
        self.lock = threading.Lock()
        self.sqlite = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self.sqlite.executescript(READING)


class ThreadConnections:
    """Reads in the calling thread. :meth:`close` may come from any."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._all: list[_Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    def rows(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        """What a statement finds.

        Raises:
            sqlite3.Error: it failed, or the connections are closed.
        """
        connection: _Connection | None = getattr(self._own, "connection", None)
        if connection is None:
            with self._lock:
                if self._closed:
                    raise sqlite3.OperationalError("the store is closed")
                connection = self._own.connection = _Connection(self._path)
                self._all.append(connection)
        with connection.lock:
            return connection.sqlite.execute(sql, parameters).fetchall()

    def close(self) -> None:
        """Close every connection, each when its statement is done."""
        with self._lock:
            self._closed = True
            while self._all:
                connection = self._all.pop()
                with connection.lock:
                    connection.sqlite.close()
