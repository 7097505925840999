"""From the grid of a process into the daily totals of its library, and back for a report.

Servers on standard input and output live for minutes, and several may share a
library: each adds what it counted, every few seconds and at its end. A process that
is killed loses what it had not stored yet; nothing is ever added twice, because a
process adds in one transaction and remembers what it has added.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, get_args

import anyio

from medlit import log
from medlit.errors import LibraryError
from medlit.metrics.grid import Cells, Metrics

Window = Literal["session", "today", "7d", "30d", "all"]
WINDOWS: tuple[Window, ...] = get_args(Window)

_DAYS: dict[Window, int] = {"today": 1, "7d": 7, "30d": 30}
_DAY_S = 86_400

EVERY_S = 10.0
RETRY_AFTER_S = 1.0
WAIT_S = 0.05
"""How long an attempt waits for another writer: a report waits for an attempt that is under way."""
LAST_WAIT_S = 1.0
"""The same at the end of the process. Hosts kill servers that take longer than 2 s to leave."""


class Totals(NamedTuple):
    """Counts of a time, and the names of the workflows that their cells begin with."""

    names: Sequence[str]
    tables: Mapping[str, Cells]


class MetricsStore(Protocol):
    """Daily totals: numbers under closed codes. A day is counted from 1970-01-01, UTC."""

    async def add(self, day: int, totals: Totals, *, wait_s: float) -> None:
        """Add to a day's totals, all or nothing.

        Raises:
            LibraryBusy: another writer did not finish in ``wait_s``.
            LibraryError: the store cannot be written.
        """
        ...

    async def since(self, day: int, names: Sequence[str]) -> Totals:
        """The totals of a day and all later ones. Names that are not among ``names`` follow after them."""
        ...


class Keeper:
    """Keeps the counts of one process in a store."""

    def __init__(self, metrics: Metrics, store: MetricsStore) -> None:
        self._metrics = metrics
        self._store = store
        # A report must see a count either as stored or as not stored yet, never as both.
        self._storing = anyio.Lock()

    async def keep(self) -> None:
        """Store from time to time; sooner after an attempt that failed."""
        while True:
            stored = await self.store(WAIT_S)
            await anyio.sleep(EVERY_S if stored else RETRY_AFTER_S)

    async def store(self, wait_s: float) -> bool:
        """Store what is new; false when the store could not be written in time."""
        stored = False
        # Shielded: once begun, whether it was stored must be known.
        with anyio.CancelScope(shield=True):
            async with self._storing:
                stored = await self._store_new(wait_s)
        return stored

    async def _store_new(self, wait_s: float) -> bool:
        new = {name: table.unstored() for name, table in self._metrics.tables.items()}
        if not any(new.values()):
            return True
        try:
            await self._store.add(_today(), Totals(self._metrics.workflows.names, new), wait_s=wait_s)
        except LibraryError as error:
            log.failure(log.Event.METRICS_NOT_STORED, error, level=log.DEBUG)
            return False
        for name, table in self._metrics.tables.items():
            table.mark_stored(new[name])
        return True

    async def totals(self, window: Window) -> Totals:
        """The counts of a window: of this process, or of every process on the library."""
        names = self._metrics.workflows.names
        if window == "session":
            return Totals(names, {name: table.cells() for name, table in self._metrics.tables.items()})
        since = _today() + 1 - _DAYS[window] if window in _DAYS else 0
        async with self._storing:
            names, tables = await self._store.since(since, names)
            return Totals(
                names,
                {name: _sum(tables[name], table.unstored()) for name, table in self._metrics.tables.items()},
            )

    async def stored(self) -> Totals:
        """All that is stored, of every process on the library: it never becomes less, whoever is asked."""
        return await self._store.since(0, self._metrics.workflows.names)


@contextlib.asynccontextmanager
async def keeping(metrics: Metrics, store: MetricsStore) -> AsyncGenerator[Keeper]:
    """Keep the counts while the block runs, and once more when it ends, however it ends."""
    keeper = Keeper(metrics, store)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(keeper.keep)
        try:
            yield keeper
        finally:
            tasks.cancel_scope.cancel()
            if not await keeper.store(LAST_WAIT_S):
                log.event(log.Event.METRICS_NOT_STORED, level=log.WARNING)


def _today() -> int:
    return int(time.time() // _DAY_S)


def _sum(one: Cells, other: Cells) -> Cells:
    return {cell: one.get(cell, 0) + other.get(cell, 0) for cell in {**one, **other}}
