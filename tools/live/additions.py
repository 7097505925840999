"""Records that single requests brought, on their way into the library.

They are kept under one name a day in the ledger, apart from files. By the winner rule
they are of another source than NLM's numbered files: ``DateRevised`` decides, and NLM's
files win ties. EFetch gives the same records as those files, but without a place in
their order, so the date is all there is to go by.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

import anyio

from medlit import log
from medlit.errors import LibraryError
from medlit.library.library import Library
from medlit.library.store import LIVE, SourceFile, StagedRow

CLOSING_S = 5.0
"""How long the end of a process may wait for what is still to be stored."""

WRITER_WAIT_S = 2.0
"""Between attempts to bring the index up to date while another process holds its writer."""


class _Batch(NamedTuple):
    rows: Sequence[StagedRow]
    stored: anyio.Event


class Additions:
    """Stores records one batch after the other, beside the calls that fetched them."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._send, self._receive = anyio.create_memory_object_stream[_Batch](math.inf)

    def keep(self, rows: Sequence[StagedRow]) -> anyio.Event:
        """Take records to store; the event is set when they are, or cannot be."""
        batch = _Batch(rows, anyio.Event())
        if rows:
            self._send.send_nowait(batch)
        else:
            batch.stored.set()
        return batch.stored

    def close(self) -> None:
        """Take no more."""
        self._send.close()

    async def run(self) -> None:
        """Store what comes until :meth:`close`, and let the index follow."""
        with self._receive:
            behind = False
            while True:
                batch: _Batch | None = None
                try:
                    with anyio.move_on_after(WRITER_WAIT_S if behind else math.inf):
                        batch = await self._receive.receive()
                except anyio.EndOfStream:
                    return
                try:
                    if batch:
                        await self._store(batch.rows)
                    await self._library.catch_up()
                    behind = bool(await self._library.index_behind())
                except LibraryError:
                    # The answer has been given; that the library did not grow is no failure of it.
                    log.event(log.Event.RECORDS_NOT_KEPT, level=log.WARNING)
                finally:
                    if batch:
                        batch.stored.set()

    async def _store(self, rows: Sequence[StagedRow]) -> None:
        name = f"ncbi-efetch-{datetime.now(UTC).date().isoformat()}"
        source = SourceFile(f"{LIVE}:{name}", name, 0, "", None)
        async with self._library.store.loading(source, LIVE, adding=True) as load:
            await load.stage([row._replace(position=place) for place, row in enumerate(rows)], [])
            await load.finish()


@contextlib.asynccontextmanager
async def adding(library: Library) -> AsyncGenerator[Additions]:
    """Additions that are stored beside the block; what was taken is stored before the end, if that is soon."""
    additions = Additions(library)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(additions.run)
        try:
            yield additions
        finally:
            additions.close()
            tasks.cancel_scope.deadline = anyio.current_time() + CLOSING_S
