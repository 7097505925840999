"""The event loop of a server: what is done for an emergency is done next.

Slots say who is let in; but those let in share one thread, and asyncio runs their steps
in the order in which they became ready. A call takes some twenty steps, and on a busy
server a few routine ones stand before each of them: 100 ms in all.

asyncio has no priorities, so this moves what is ready for an emergency to the head of
its queue, which is a private attribute. Where that is missing, the order is asyncio's.
"""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any, TypeVar, TypeVarTuple, Unpack

import anyio

from medlit.metrics.labels import Lane
from server.lanes.lanes import lane

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

MOST_IN_A_ROW = 20
"""Steps for emergencies one after another, before what else is ready gets one. Some wait for the others by asking
again and again, as a cancellation does for a thread's end."""

if sys.platform == "win32":
    _Default = asyncio.ProactorEventLoop
else:
    _Default = asyncio.SelectorEventLoop


class UrgentLoop(_Default):
    """The platform's event loop, with emergencies first."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._waiting = deque[Any]()
        super().__init__()
        self._waiting = vars(self).get("_ready", self._waiting)

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Call at the next opportunity, or at once for an emergency."""
        handle = super().call_soon(callback, *args, context=context)
        if lane(context) is not Lane.EMERGENCY:
            self._in_a_row = 0
        elif self._in_a_row < MOST_IN_A_ROW:
            self._in_a_row += 1
            self._waiting.rotate(1)
        return handle


def run(main: Callable[[], Awaitable[T]]) -> T:
    """Run on such a loop to the end."""
    return anyio.run(main, backend_options={"loop_factory": UrgentLoop})
