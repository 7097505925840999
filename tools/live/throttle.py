"""How often and how many at once a source is asked, by all processes of a machine together.

Two waits stand before a request: for one of a few places in this process, of which
``ceil(20 %)`` are for emergencies, then for a turn among all processes
(:mod:`tools.live.turns`). Both are waits of the caller's own scope: its deadline counts,
and when it is cancelled it leaves the queue.
"""

from __future__ import annotations

import contextlib
import math
import secrets
import time
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import anyio

from medlit.privacy.outbound import Request
from tools.live.book import SharedBook
from tools.live.turns import Waiting, ask, cool_down, leave

PLACES = 4
"""Requests under way at once to one source, in one process."""

LEAVING_S = 0.5
"""The longest that leaving the queue may delay a cancellation; a lease ends by itself."""


class Gate:
    """The throttle of one source.

    Args:
        book: the file through which processes keep the rate together.
        gap_s: the least time between the starts of two requests.
        bases: the base addresses of the source.
    """

    def __init__(self, book: Path, gap_s: float, bases: Sequence[str]) -> None:
        self.bases = frozenset(bases)
        self.gap_s = gap_s
        self._book = SharedBook(book)
        self._places = anyio.Semaphore(PLACES)
        self._routine = anyio.Semaphore(PLACES - math.ceil(0.2 * PLACES))

    @contextlib.asynccontextmanager
    async def passing(self, *, emergency: bool) -> AsyncGenerator[None]:
        """Wait for a place and a turn; keep the place until the answer is read."""
        async with contextlib.AsyncExitStack() as held:
            if not emergency:
                await held.enter_async_context(self._routine)
            await held.enter_async_context(self._places)
            await self._turn(emergency=emergency)
            yield

    async def _turn(self, *, emergency: bool) -> None:
        caller = Waiting(secrets.token_hex(8), emergency, time.monotonic())
        try:
            while True:
                again = await self._book.change(lambda book: ask(book, caller, time.monotonic(), self.gap_s))
                if again is None:
                    return
                await anyio.sleep(max(0.0, again - time.monotonic()))
        except anyio.get_cancelled_exc_class():
            with anyio.move_on_after(LEAVING_S, shield=True):
                await self._book.change(lambda book: (leave(book, caller.ticket), None))
            raise

    async def cool_down(self, seconds: float) -> None:
        """Keep every process from asking for so long."""
        await self._book.change(lambda book: (cool_down(book, time.monotonic(), seconds), None))


class Throttle:
    """The gates of all sources, as the policy around every request (:data:`medlit.privacy.outbound.Around`)."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self._gates = {base: gate for gate in gates for base in gate.bases}

    @contextlib.asynccontextmanager
    async def around(self, request: Request) -> AsyncGenerator[None]:
        """Let a request pass its source's gate; a source without one is not limited."""
        gate = self._gates.get(request.base)
        if gate is None:
            yield
            return
        async with gate.passing(emergency=request.emergency):
            yield
