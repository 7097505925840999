"""The scarce resources of one server, and waiting for them.

All decisions are :class:`~server.lanes.room.Room`'s and are made on the event loop's
thread between two awaits, which is their lock; the work is done after them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Generator
from contextvars import Context, ContextVar

import anyio

from medlit.errors import Overloaded
from medlit.metrics.grid import Metrics
from medlit.metrics.labels import Gauge, Lane
from medlit.slots import Release
from server.lanes.room import Room, State, Ticket

CALLS = 5
"""Calls at once. More would not make a core answer sooner, but all of them later: what is let in shares the
interpreter, and an emergency has to come between. With 10, twice the load a machine carries was answered a fifth
slower, and emergencies half as fast."""
SEARCHES = 8
"""Searches at once; each has a thread, and works without the interpreter's lock for most of its time."""
READERS = 5
"""Connections that read the store."""
OUTBOUND = 8
"""Requests to other machines under way at once, all sources together."""

MOST_WAITING = 64
"""Routine requests that wait at one resource: what a busy server does in about a second."""

_lane: ContextVar[Lane] = ContextVar("lane", default=Lane.ROUTINE)

_QUEUED = {Lane.ROUTINE: Gauge.QUEUED_ROUTINE, Lane.EMERGENCY: Gauge.QUEUED_EMERGENCY}


def lane(context: Context | None = None) -> Lane:
    """The lane of a context; of the current one when none is given."""
    return context.get(_lane, Lane.ROUTINE) if context is not None else _lane.get()


@contextlib.contextmanager
def in_lane(lane: Lane) -> Generator[None]:
    """Ask for every slot in this lane while the block runs, in this task and those it starts."""
    before = _lane.set(lane)
    try:
        yield
    finally:
        _lane.reset(before)


class LaneSlots:
    """The slots of one resource: :class:`~medlit.slots.Slots` with lanes.

    The deadline of a request is that of the cancel scope it asks in, so it includes waiting.
    """

    def __init__(
        self, capacity: int, gauge: Gauge, metrics: Metrics, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.room = Room(capacity, MOST_WAITING)
        self._gauge = gauge
        self._metrics = metrics
        for shown in (gauge, *_QUEUED.values()):
            metrics.change_gauge(shown, 0)
        self._clock = clock
        self._wake: dict[Ticket, anyio.Event] = {}

    async def take(self) -> Release:
        """Wait for a slot.

        Raises:
            Overloaded: there will be none in time; says when to try again.
        """
        ticket = self.room.ask(_lane.get(), self._clock(), anyio.current_effective_deadline())
        if ticket.state is State.WAITING:
            await self._turn(ticket)
        if ticket.state is not State.GRANTED:
            self._leave(ticket)
            raise Overloaded(self.room.retry_after())
        self._metrics.change_gauge(self._gauge, +1)
        return lambda: self._release(ticket)

    async def _turn(self, ticket: Ticket) -> None:
        """Wait until it is decided, or too late."""
        decided = self._wake[ticket] = anyio.Event()
        self._metrics.change_gauge(_QUEUED[ticket.lane], +1)
        try:
            with anyio.CancelScope(deadline=ticket.latest):
                await decided.wait()
        except BaseException:
            # Also when it was granted in the meantime: then the slot goes to the next.
            self._leave(ticket)
            raise
        finally:
            self._metrics.change_gauge(_QUEUED[ticket.lane], -1)
            del self._wake[ticket]

    def _release(self, ticket: Ticket) -> None:
        if ticket.state is State.GRANTED:
            self._metrics.change_gauge(self._gauge, -1)
            self._leave(ticket)

    def _leave(self, ticket: Ticket) -> None:
        for decided in self.room.leave(ticket, self._clock()):
            self._wake[decided].set()


class Lanes:
    """All that is scarce in one server's process; its parsers apart, which are counted by whoever starts them."""

    def __init__(self, metrics: Metrics) -> None:
        self.calls = LaneSlots(CALLS, Gauge.CALL_SLOTS, metrics)
        self.searches = LaneSlots(SEARCHES, Gauge.SEARCH_SLOTS, metrics)
        self.readers = LaneSlots(READERS, Gauge.READER_SLOTS, metrics)
        self.outbound = LaneSlots(OUTBOUND, Gauge.OUTBOUND_SLOTS, metrics)

    def pressed(self) -> bool:
        """Whether this is an emergency while routine work fills what it may fill: better a short answer than none."""
        local = (self.calls, self.searches, self.readers)
        return _lane.get() is Lane.EMERGENCY and any(slots.room.crowded for slots in local)
