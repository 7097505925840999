"""Who gets a slot next, as decisions only: nothing here waits, and time is an argument.

A room has N slots, of which ceil(20 %) are kept for emergencies. An emergency takes any
free slot; routine work may hold the others only. Who finds none waits:

* within a lane the first to come is the first to be served;
* between the lanes an emergency counts as if it had come ``AGE_S`` earlier. So it
  overtakes the routine queue, but no routine call older than that: the oldest one
  advances however many emergencies come (ageing, as in Silberschatz, Galvin and Gagne,
  "Operating System Concepts", on the starvation of low priorities);
* routine work that cannot begin early enough to meet its deadline is shed, at once
  where that can be told from how long slots are held, else when its time has come.

Emergencies are shed only when their time is over.
"""

from __future__ import annotations

from collections import OrderedDict
from enum import Enum, auto
from math import ceil, inf

from medlit.metrics.labels import Lane

RESERVED_SHARE = 5
"""One slot of so many is kept for emergencies, rounded up."""

AGE_S = 1.0
"""How much longer than an emergency a routine call waits before it counts as much: half its deadline."""

LEAST_S = 0.02
"""With less time than this before its deadline nothing can be answered: better to say so than to be cut off."""

MEMORY = 16
"""Of how many holds the mean duration is, exponentially weighted."""


def reserved(capacity: int) -> int:
    """How many of so many slots are kept for emergencies. A single slot cannot be divided."""
    return min(ceil(capacity / RESERVED_SHARE), capacity - 1)


def for_routine(capacity: int) -> int:
    """How many of so many slots routine work may hold."""
    return capacity - reserved(capacity)


class State(Enum):
    """What has become of a request for a slot."""

    WAITING = auto()
    GRANTED = auto()
    SHED = auto()
    """It will get none: it has to go."""
    GONE = auto()


class Ticket:
    """One request for a slot."""

    __slots__ = ("arrived", "granted", "lane", "latest", "state")

    def __init__(self, lane: Lane, arrived: float, latest: float) -> None:
        self.lane = lane
        self.arrived = arrived
        self.latest = latest
        """When it must have begun."""
        self.granted = inf
        self.state = State.WAITING


class Room:
    """The slots of one resource and the queue before them. Times are in seconds, of one clock that never goes back."""

    def __init__(self, capacity: int, most_waiting: int) -> None:
        self.capacity = capacity
        self.most_waiting = most_waiting
        """Routine requests only: emergencies are few, and are not turned away for their number."""
        self.taken = dict.fromkeys(Lane, 0)
        self.mean_hold = 0.0
        self._waiting: dict[Lane, OrderedDict[Ticket, None]] = {lane: OrderedDict() for lane in Lane}

    @property
    def free(self) -> int:
        """Slots that nobody holds."""
        return self.capacity - sum(self.taken.values())

    def waiting(self, lane: Lane) -> int:
        """How many wait in a lane."""
        return len(self._waiting[lane])

    @property
    def crowded(self) -> bool:
        """Whether another routine request would have to wait."""
        return not self._open_to(Lane.ROUTINE) or any(self._waiting.values())

    def ask(self, lane: Lane, now: float, deadline: float = inf) -> Ticket:
        """Ask for a slot: granted, waiting, or shed, as the ticket says."""
        needed = LEAST_S if lane is Lane.EMERGENCY else max(LEAST_S, self.mean_hold)
        ticket = Ticket(lane, now, deadline - needed)
        if self._open_to(lane) and not self._waiting[lane]:
            self._grant(ticket, now)
        elif lane is Lane.ROUTINE and self._is_hopeless(ticket, now):
            ticket.state = State.SHED
        else:
            self._waiting[lane][ticket] = None
        return ticket

    def leave(self, ticket: Ticket, now: float) -> list[Ticket]:
        """Give a slot back, or stop waiting for one; returns those for whom that decides something."""
        before, ticket.state = ticket.state, State.GONE
        if before is State.WAITING:
            del self._waiting[ticket.lane][ticket]
        if before is State.GRANTED:
            self.taken[ticket.lane] -= 1
            self.mean_hold += (now - ticket.granted - self.mean_hold) / MEMORY
        return list(self._decide(now))

    def retry_after(self) -> int:
        """In how many seconds the queue of now will have been served: at least 1."""
        waiting = sum(map(len, self._waiting.values()))
        return max(1, ceil(waiting * self.mean_hold / for_routine(self.capacity)))

    def _open_to(self, lane: Lane) -> bool:
        return self.free > 0 and (
            lane is Lane.EMERGENCY or self.taken[Lane.ROUTINE] < for_routine(self.capacity)
        )  # fmt: skip

    def _grant(self, ticket: Ticket, now: float) -> None:
        ticket.state = State.GRANTED
        ticket.granted = now
        self.taken[ticket.lane] += 1

    def _is_hopeless(self, ticket: Ticket, now: float) -> bool:
        """Whether a routine request would wait in vain, as far as can be told."""
        ahead = sum(map(len, self._waiting.values()))
        wait = (ahead + 1) * self.mean_hold / for_routine(self.capacity)
        return len(self._waiting[Lane.ROUTINE]) >= self.most_waiting or now + wait > ticket.latest

    def _decide(self, now: float) -> list[Ticket]:
        decided: list[Ticket] = []
        while ticket := self._next():
            del self._waiting[ticket.lane][ticket]
            if ticket.latest < now:
                ticket.state = State.SHED
            else:
                self._grant(ticket, now)
            decided.append(ticket)
        return decided

    def _next(self) -> Ticket | None:
        """Who is first among those to whom a slot is open."""
        heads = [next(iter(queue)) for lane, queue in self._waiting.items() if queue and self._open_to(lane)]
        return min(heads, key=_rank) if heads else None


def _rank(ticket: Ticket) -> tuple[float, bool]:
    """Who has the least comes first; of two that rank alike, the emergency."""
    routine = ticket.lane is Lane.ROUTINE
    return ticket.arrived + (AGE_S if routine else 0.0), routine
