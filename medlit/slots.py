"""Places at something scarce, such as database connections, whoever decides who comes first.

What is used by a server and by a command alike takes its places from here: a server
passes in places with lanes for urgent and other work, a command has nobody to let pass.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Protocol

import anyio

Release = Callable[[], None]
"""Gives a place back; once is enough, and more often does no harm."""


class Slots(Protocol):
    """A number of places."""

    async def take(self) -> Release:
        """Wait for a place.

        Raises:
            Overloaded: there will be none in time.
        """
        ...


class FirstCome:
    """Places in the order of asking, however long that takes."""

    def __init__(self, capacity: int) -> None:
        self._free = anyio.Semaphore(capacity)

    async def take(self) -> Release:
        """Wait for a place."""
        await self._free.acquire()
        held = [self._free.release]

        def release() -> None:
            while held:
                held.pop()()

        return release


@contextlib.asynccontextmanager
async def held(slots: Slots) -> AsyncGenerator[None]:
    """Hold a place while the block runs."""
    release = await slots.take()
    try:
        yield
    finally:
        release()
