"""What the counts say, as pure functions: percentiles, shares, scores, and small cells.

A count of calls or workflows by type may stand for few people. So a cell of 1 to 10 is
shown as ``"<11"`` (the convention of CMS for cell sizes), and a total is made from
cells *as shown*: where one of them is hidden, the total is a lower bound. What is
shown is then a function of what may be shown, and no arithmetic on it gives a hidden
cell.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from math import floor
from typing import NamedTuple

from medlit.metrics.buckets import CALLS, RUNS, Buckets, percentile
from medlit.metrics.grid import Cells, named_counts
from medlit.metrics.keeper import Totals
from medlit.metrics.labels import Count, Lane, Outcome, RunOutcome
from medlit.privacy.categories import Category

TARGET_S: dict[Lane, float] = {Lane.ROUTINE: 2.0, Lane.EMERGENCY: 0.5}
"""Within what time an answer is due."""

SMALLEST_SHOWN = 11

Shown = int | str
"""A count as shown: itself, ``"<11"``, or for a total ``">=N"``."""

_LANES, _OUTCOMES, _RUN_OUTCOMES = tuple(Lane), tuple(Outcome), tuple(RunOutcome)

_WORKED_ON = frozenset({Outcome.OK, Outcome.FAILED, Outcome.TIMED_OUT})
"""What took the time it took: neither wrong calls, nor those turned away or given up."""

_DUE = _WORKED_ON | {Outcome.SHED}
"""What should have been answered."""

_FAILURES = frozenset({Outcome.FAILED, Outcome.TIMED_OUT})

_Calls = dict[tuple[int, Lane], dict[Outcome, Counter[int]]]
"""How often each bucket was met, by outcome, for every workflow and lane there was."""


class Durations(NamedTuple):
    """Percentiles of durations, in seconds; ``None`` when there are none."""

    p50: float | None
    p95: float | None
    p99: float | None


class CallRow(NamedTuple):
    """The calls of one type of workflow in one lane."""

    workflow: str
    lane: Lane
    answered: Shown
    errors: Shown
    sheds: Shown
    within_target: float | None
    """Of those answered; ``None`` where their number is hidden."""
    times: Durations


class RunRow(NamedTuple):
    """The tracked workflows of one type."""

    workflow: str
    outcomes: dict[str, Shown]
    times: Durations
    mean_rating: float | None
    """``None`` where there are few. How many there are is not told: most runs are rated, so it would tell how many
    runs there are, and with it a hidden outcome."""


class Report(NamedTuple):
    """All figures of a window."""

    routine: Durations
    emergency: Durations
    emergency_in_time: float | None
    answered_without_failure: float | None
    status_known: float | None
    outbound: int
    unscreened: int
    phi_refusals: dict[str, Shown]
    ingest_records: int
    ingest_records_per_second: float | None
    calls: list[CallRow]
    answered: Shown
    runs: list[RunRow]

    @property
    def patient_safety_score(self) -> float | None:
        """The least of the three shares, times 100, rounded down to a tenth; ``None`` when none can be told."""
        known = [
            share
            for share in (self.emergency_in_time, self.answered_without_failure, self.status_known)
            if share is not None
        ]
        # The small term: 0.57 * 1000 is 569.9999999999999.
        return floor(min(known) * 1_000 + 1e-6) / 10 if known else None

    @property
    def phi_exposure_risk(self) -> float:
        """Unscreened outbound requests ÷ outbound requests; 0 when nothing went out, for then nothing was exposed."""
        return self.unscreened / self.outbound if self.outbound else 0.0


def report(totals: Totals) -> Report:
    """The figures of a window's counts."""
    calls = _by_workflow_and_lane(totals.tables["calls"])
    rows = [_call_row(totals.names[code], lane, durations) for (code, lane), durations in sorted(calls.items())]
    counts = named_counts(totals.tables["counts"])
    refusals = {category.value: small(counts[category]) for category in Category if counts[category]}
    return Report(
        routine=_times_of(calls, Lane.ROUTINE),
        emergency=_times_of(calls, Lane.EMERGENCY),
        emergency_in_time=_emergency_in_time(calls),
        answered_without_failure=_share(_count(calls, {Outcome.OK}), _count(calls, _DUE)),
        status_known=_share(counts[Count.STATUS_KNOWN], counts[Count.SHOWN]),
        outbound=counts[Count.OUTBOUND],
        unscreened=max(counts[Count.OUTBOUND] - counts[Count.SCREENED], 0),
        phi_refusals=refusals,
        ingest_records=counts[Count.INGEST_RECORDS],
        ingest_records_per_second=_share(1_000 * counts[Count.INGEST_RECORDS], counts[Count.INGEST_MS]),
        calls=rows,
        answered=total(row.answered for row in rows),
        runs=_run_rows(totals),
    )


def worked_on(totals: Totals, lane: Lane) -> Counter[int]:
    """How often each bucket was met by calls of a lane that took the time they took: not refused, nor turned away."""
    calls = _by_workflow_and_lane(totals.tables["calls"])
    return _worked_on(durations for (_, of), durations in calls.items() if of is lane)


def small(count: int) -> Shown:
    """A cell as it may be shown."""
    return count if count == 0 or count >= SMALLEST_SHOWN else f"<{SMALLEST_SHOWN}"


def total(cells: Iterable[Shown]) -> Shown:
    """The total of cells as they are shown, and nothing else: each hidden one is at least 1."""
    shown = list(cells)
    known = sum(cell for cell in shown if isinstance(cell, int))
    hidden = sum(not isinstance(cell, int) for cell in shown)
    return f">={known + hidden}" if hidden else known


def _by_workflow_and_lane(cells: Cells) -> _Calls:
    found: _Calls = {}
    for (workflow, lane, outcome, _, bucket), count in cells.items():
        row = found.setdefault((workflow, _LANES[lane]), {label: Counter() for label in Outcome})
        row[_OUTCOMES[outcome]][bucket] += count
    return found


def _count(calls: _Calls, outcomes: Set[Outcome], lanes: Set[Lane] = frozenset(Lane)) -> int:
    return sum(
        durations[outcome].total() for (_, lane), durations in calls.items() if lane in lanes for outcome in outcomes
    )


def _times_of(calls: _Calls, lane: Lane) -> Durations:
    return _percentiles(_worked_on(durations for (_, of), durations in calls.items() if of is lane), CALLS)


def _worked_on(rows: Iterable[Mapping[Outcome, Counter[int]]]) -> Counter[int]:
    return sum((durations[outcome] for durations in rows for outcome in _WORKED_ON), Counter[int]())


def _emergency_in_time(calls: _Calls) -> float | None:
    in_time = sum(
        _within(durations[Outcome.OK], TARGET_S[lane])
        for (_, lane), durations in calls.items()
        if lane is Lane.EMERGENCY
    )
    return _share(in_time, _count(calls, _DUE, {Lane.EMERGENCY}))


def _call_row(workflow: str, lane: Lane, durations: Mapping[Outcome, Counter[int]]) -> CallRow:
    answered = durations[Outcome.OK]
    return CallRow(
        workflow=workflow,
        lane=lane,
        answered=small(answered.total()),
        errors=small(sum(durations[outcome].total() for outcome in _FAILURES)),
        sheds=small(durations[Outcome.SHED].total()),
        within_target=_share_of_many(_within(answered, TARGET_S[lane]), answered.total()),
        times=_percentiles(_worked_on([durations]), CALLS),
    )


def _run_rows(totals: Totals) -> list[RunRow]:
    times: defaultdict[int, Counter[int]] = defaultdict(Counter)
    outcomes: defaultdict[int, Counter[RunOutcome]] = defaultdict(Counter)
    ratings: defaultdict[int, Counter[int]] = defaultdict(Counter)
    for (workflow, outcome, bucket), count in totals.tables["runs"].items():
        times[workflow][bucket] += count
        outcomes[workflow][_RUN_OUTCOMES[outcome]] += count
    for (workflow, rating), count in totals.tables["ratings"].items():
        ratings[workflow][rating + 1] += count
    return [
        RunRow(
            workflow=totals.names[code],
            outcomes={outcome.value: small(outcomes[code][outcome]) for outcome in RunOutcome},
            times=_percentiles(times[code], RUNS),
            mean_rating=_share_of_many(
                sum(rating * count for rating, count in ratings[code].items()), ratings[code].total()
            ),
        )
        for code in sorted(times)
    ]


def _within(buckets: Mapping[int, int], target_s: float) -> int:
    return sum(count for place, count in buckets.items() if CALLS.start_s(place) < target_s)


def _percentiles(counts: Mapping[int, int], buckets: Buckets) -> Durations:
    return Durations(*(percentile(counts, share, buckets) for share in (0.50, 0.95, 0.99)))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _share_of_many(part: float, whole: int) -> float | None:
    """A share that would otherwise tell how many it is a share of."""
    return part / whole if whole >= SMALLEST_SHOWN else None
