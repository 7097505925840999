"""Whose turn it is to send a request, as arithmetic on a book that all processes share.

Requests start at least a gap apart. Of the requests that fit into five gaps the last
``ceil(20 %)`` is kept free of routine work, so an emergency never waits longer than for
a gap. Emergencies go first; after four of them in a row the oldest routine request has
its turn. Nothing starts during a cool-down.

Time is ``time.monotonic()``, which all processes of a machine read off one clock.
"""

from __future__ import annotations

import math

import msgspec

SLOTS = 5
"""The turns that are looked at together."""

RESERVED = math.ceil(0.2 * SLOTS)
"""Of them kept free of routine work."""

GRACE_S = 0.25
"""Who has not asked again so long after it meant to has gone, or lets others pass until it does."""

LOOK_AGAIN_S = 1.0
"""The longest before asking again: those before may have gone."""

AT_ONCE_S = 0.02
"""The shortest, for a turn that is another's and may be left unused."""

MAX_COOL_S = 300.0
"""The longest cool-down; a later end is that of a machine that was started anew."""


class Waiting(msgspec.Struct, frozen=True):
    """A request that waits for its turn."""

    ticket: str
    emergency: bool
    since: float
    until: float = 0.0
    """When it counts as gone unless it asks again."""

    @property
    def rank(self) -> tuple[float, str]:
        """Who came first; tickets decide between two of one instant."""
        return self.since, self.ticket


class Book(msgspec.Struct, frozen=True):
    """What the processes know of each other."""

    last: float | None = None
    """When a request last started."""
    routine: tuple[float, ...] = ()
    """When the latest routine requests started, at most as many as five slots have for them."""
    emergencies: int = 0
    """Emergencies since the last routine request started."""
    cool: float = 0.0
    """Until when the source asked to be left alone."""
    waiting: tuple[Waiting, ...] = ()


def ask(book: Book, caller: Waiting, now: float, gap: float) -> tuple[Book, float | None]:
    """Ask for a turn; the book afterwards, and when to ask again, ``None`` if the turn is now."""
    book = current(book, now)
    others = [each for each in book.waiting if each.ticket != caller.ticket]
    head = first([*others, caller], book)
    ready = ready_at(book, gap, emergency=head.emergency)
    if head is caller and now >= ready:
        return _started(msgspec.structs.replace(book, waiting=tuple(others)), caller, now), None
    again = min(ready if head is caller else max(ready, now + AT_ONCE_S), now + LOOK_AGAIN_S)
    caller = msgspec.structs.replace(caller, until=again + GRACE_S)
    return msgspec.structs.replace(book, waiting=(*others, caller)), again


def leave(book: Book, ticket: str) -> Book:
    """The book without a request that is not wanted any more."""
    return msgspec.structs.replace(book, waiting=tuple(each for each in book.waiting if each.ticket != ticket))


def cool_down(book: Book, now: float, seconds: float) -> Book:
    """The book after the source asked to be left alone for so long; never shortens an earlier wish."""
    book = current(book, now)
    return msgspec.structs.replace(book, cool=max(book.cool, now + min(seconds, MAX_COOL_S)))


def current(book: Book, now: float) -> Book:
    """The book without those who have gone; an empty one if its times are of another start of the machine."""
    if (book.last is not None and book.last > now) or book.cool > now + MAX_COOL_S:
        return Book()
    return msgspec.structs.replace(book, waiting=tuple(each for each in book.waiting if each.until > now))


def first(waiting: list[Waiting], book: Book) -> Waiting:
    """Who has the next turn."""
    routine = [each for each in waiting if not each.emergency]
    urgent = [each for each in waiting if each.emergency]
    routine_is_due = book.emergencies >= SLOTS - RESERVED
    return min((routine if routine_is_due else urgent) or routine or urgent, key=lambda each: each.rank)


def ready_at(book: Book, gap: float, *, emergency: bool) -> float:
    """When the next request of this priority may start."""
    ready = max(book.cool, book.last + gap if book.last is not None else 0.0)
    if not emergency and len(book.routine) == SLOTS - RESERVED:
        ready = max(ready, book.routine[0] + SLOTS * gap)
    return ready


def _started(book: Book, caller: Waiting, now: float) -> Book:
    if caller.emergency:
        return msgspec.structs.replace(book, last=now, emergencies=book.emergencies + 1)
    routine = (*book.routine, now)[RESERVED - SLOTS :]
    return msgspec.structs.replace(book, last=now, routine=routine, emergencies=0)
