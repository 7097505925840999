"""The grid of one process: everything that can be counted, allocated before anything is.

Recording is a few list accesses on the event loop's thread: no lock, no allocation by
name, nothing that can block. Counts only grow; what has been stored is remembered
beside them, so a failed attempt to store changes nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, MutableSequence
from enum import Enum
from math import prod
from typing import NamedTuple, Protocol

from medlit.metrics.buckets import CALLS, RUNS
from medlit.metrics.labels import Count, Gauge, Lane, Outcome, RunOutcome, Source, Workflows
from medlit.privacy.categories import Category

Cell = tuple[int, ...]
"""The place of a count in its table: a code for every column."""

Cells = dict[Cell, int]

RATINGS = 5


class Table:
    """Counts by a few closed columns."""

    def __init__(self, *sizes: int) -> None:
        self.sizes = sizes
        self._counts = array("Q", bytes(8 * prod(sizes)))
        self._touched: list[int] = []
        self._stored: dict[int, int] = {}

    def add(self, place: int, by: int = 1) -> None:
        """Count at a place: the columns' codes, as digits of a number with :attr:`sizes` as bases."""
        if not self._counts[place]:
            self._touched.append(place)
        self._counts[place] += by

    def cells(self) -> Cells:
        """All counts since the process began."""
        return {self._cell(place): self._counts[place] for place in self._touched}

    def unstored(self) -> Cells:
        """What has been counted and not been stored yet."""
        return {
            self._cell(place): more
            for place in self._touched
            if (more := self._counts[place] - self._stored.get(place, 0))
        }

    def mark_stored(self, cells: Cells) -> None:
        """Take note that these counts have been stored."""
        for cell, count in cells.items():
            place = 0
            for code, size in zip(cell, self.sizes, strict=True):
                place = place * size + code
            self._stored[place] = self._stored.get(place, 0) + count

    def _cell(self, place: int) -> Cell:
        cell: list[int] = []
        for size in reversed(self.sizes):
            place, code = divmod(place, size)
            cell.append(code)
        return tuple(reversed(cell))


def _codes(labels: Iterable[Enum]) -> dict[Enum, int]:
    return {label: code for code, label in enumerate(labels)}


_LANE = _codes(Lane)
_OUTCOME = _codes(Outcome)
_SOURCE = _codes(Source)
_RUN_OUTCOME = _codes(RunOutcome)
_COUNT = _codes([*Count, *Category])
_GAUGE = _codes(Gauge)

GAUGES = len(Gauge)

_CALL_BUCKETS, _RUN_BUCKETS = CALLS.size, RUNS.size


class OutboundObserver(Protocol):
    """Who is told, by the one function that sends requests, of every request it screens, sends or refuses."""

    def screened(self) -> None:
        """A request has passed the gate and is about to go."""
        ...

    def sent(self) -> None:
        """A request goes out, whether it passed the gate or not."""
        ...

    def phi_refused(self, categories: Iterable[Category]) -> None:
        """A request was refused for what these categories stand for."""
        ...


class GaugeRows(NamedTuple):
    """The gauges of several processes in memory they share: a row each, of :data:`GAUGES` signed 64-bit numbers."""

    rows: memoryview
    own: int
    """Which row is this process's; it alone writes there."""


class Metrics:
    """Counts what happens in one process. Labels that are not members of the closed lists raise ``KeyError``.

    With ``shared``, gauges tell of all the processes that share them.
    """

    def __init__(self, workflows: Workflows | None = None, shared: GaugeRows | None = None) -> None:
        self.workflows = workflows or Workflows()
        types = len(self.workflows.names)
        self.calls = Table(types, len(Lane), len(Outcome), len(Source), _CALL_BUCKETS)
        self.runs = Table(types, len(RunOutcome), _RUN_BUCKETS)
        self.ratings = Table(types, RATINGS)
        self.counts = Table(len(_COUNT))
        self._all_gauges: MutableSequence[int] | memoryview = shared.rows if shared else [0] * GAUGES
        self._row = shared.own * GAUGES if shared else 0
        self._gauges_told: set[Gauge] = set()

    @property
    def tables(self) -> dict[str, Table]:
        """The tables by the names they are stored under."""
        return {"calls": self.calls, "runs": self.runs, "ratings": self.ratings, "counts": self.counts}

    def called(self, workflow: int, lane: Lane, outcome: Outcome, source: Source, seconds: float) -> None:
        """A call has ended; ``workflow`` is its code, ``seconds`` include waiting."""
        place = (workflow * len(_LANE) + _LANE[lane]) * len(_OUTCOME) + _OUTCOME[outcome]
        self.calls.add((place * len(_SOURCE) + _SOURCE[source]) * _CALL_BUCKETS + CALLS.place(seconds))

    def run_finished(self, workflow: int, outcome: RunOutcome, rating: int | None, seconds: float) -> None:
        """A tracked workflow has been finished; ``rating`` is 1 to 5."""
        self.runs.add((workflow * len(_RUN_OUTCOME) + _RUN_OUTCOME[outcome]) * _RUN_BUCKETS + RUNS.place(seconds))
        if rating is not None:
            self.ratings.add(workflow * RATINGS + min(max(rating, 1), RATINGS) - 1)

    def shown(self, retracted: Iterable[bool | None]) -> None:
        """Records were shown; their retraction status is true, false, or ``None`` for unknown."""
        statuses = list(retracted)
        if statuses:
            self.count(Count.SHOWN, len(statuses))
            self.count(Count.STATUS_KNOWN, len(statuses) - statuses.count(None))

    def screened(self) -> None:
        """See :class:`OutboundObserver`."""
        self.count(Count.SCREENED)

    def sent(self) -> None:
        """See :class:`OutboundObserver`."""
        self.count(Count.OUTBOUND)

    def phi_refused(self, categories: Iterable[Category]) -> None:
        """See :class:`OutboundObserver`."""
        for category in categories:
            self.counts.add(_COUNT[category])

    def count(self, what: Count, by: int = 1) -> None:
        """Count something that is only counted."""
        if by > 0:
            self.counts.add(_COUNT[what], by)

    def set_gauge(self, gauge: Gauge, value: int) -> None:
        """Set what something stands at now."""
        self._gauges_told.add(gauge)
        self._all_gauges[self._row + _GAUGE[gauge]] = value

    def change_gauge(self, gauge: Gauge, by: int) -> None:
        """Move a gauge, which begins at 0."""
        self._gauges_told.add(gauge)
        self._all_gauges[self._row + _GAUGE[gauge]] += by

    def gauges(self) -> dict[str, int]:
        """The gauges that have been set."""
        return {
            gauge.value: sum(self._all_gauges[place::GAUGES])
            for place, gauge in enumerate(Gauge)
            if gauge in self._gauges_told
        }


def named_counts(cells: Cells) -> dict[Enum, int]:
    """The counts of the table ``counts`` by their labels."""
    return {label: cells.get((code,), 0) for label, code in _COUNT.items()}
