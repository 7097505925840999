"""The counts as Prometheus reads them.

Counters are what is stored, so that every process on a library tells the same, and
none ever less than before: the newest counts come up to 10 s late. They are told by
lane, outcome and source, not by type of workflow: a count of those may stand for few
people, and what ``get_metrics`` hides must not be readable here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from enum import Enum
from math import inf

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from medlit import __version__
from medlit.metrics.buckets import CALLS as CALL_BUCKETS
from medlit.metrics.grid import named_counts
from medlit.metrics.keeper import Totals
from medlit.metrics.labels import Count, Gauge, Lane, Outcome, Source
from medlit.metrics.report import report, worked_on
from medlit.privacy.categories import Category
from server.lanes.lanes import CALLS, OUTBOUND, READERS, SEARCHES

MEDIA_TYPE = CONTENT_TYPE_LATEST

EDGES_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
"""Of the histogram. 0.5 and 2, the targets, are edges of our own buckets too, and exact."""

SLOTS = {
    "calls": (Gauge.CALL_SLOTS, CALLS),
    "searches": (Gauge.SEARCH_SLOTS, SEARCHES),
    "readers": (Gauge.READER_SLOTS, READERS),
    "outbound": (Gauge.OUTBOUND_SLOTS, OUTBOUND),
}

_COUNTERS = {
    Count.OUTBOUND: ("medlit_outbound_requests", "Requests sent to other machines"),
    Count.SCREENED: ("medlit_outbound_screened", "Of those, the ones that had passed the privacy gate"),
    Count.SHOWN: ("medlit_records_shown", "Records shown"),
    Count.STATUS_KNOWN: ("medlit_records_status_known", "Of those, the ones whose retraction status is known"),
    Count.INGEST_RECORDS: ("medlit_ingest_records", "Records loaded"),
}


def exposition(totals: Totals, gauges: Mapping[str, int]) -> bytes:
    """Counts and gauges in Prometheus's text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(totals, gauges))
    return generate_latest(registry)


class _Snapshot(Collector):
    def __init__(self, totals: Totals, gauges: Mapping[str, int]) -> None:
        self._totals = totals
        self._gauges = gauges

    def describe(self) -> list[Metric]:
        """Nothing: there is one collector, so no names can clash."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All families."""
        yield InfoMetricFamily("medlit", "What runs", value={"version": __version__})
        yield from _calls(self._totals)
        yield from _counts(named_counts(self._totals.tables["counts"]))
        yield from _scores(self._totals)
        yield from _now(self._gauges)


def _calls(totals: Totals) -> Iterator[Metric]:
    lanes, outcomes, sources = list(Lane), list(Outcome), list(Source)
    ended: Counter[tuple[str, str, str]] = Counter()
    for (_, lane, outcome, source, _), count in totals.tables["calls"].items():
        ended[lanes[lane].value, outcomes[outcome].value, sources[source].value] += count
    calls = CounterMetricFamily("medlit_calls", "Calls of tools that ended", labels=["lane", "outcome", "source"])
    for labels, count in sorted(ended.items()):
        calls.add_metric(labels, count)
    yield calls
    seconds = HistogramMetricFamily(
        "medlit_call_seconds", "Duration of calls that were worked on, waiting included", labels=["lane"]
    )
    for lane in Lane:
        durations = worked_on(totals, lane)
        seconds.add_metric([lane.value], *_histogram(durations))
    yield seconds


def _histogram(durations: Mapping[int, int]) -> tuple[list[tuple[str, float]], float]:
    """Cumulative counts by edge, and the sum of all durations."""
    up_to: list[tuple[str, float]] = []
    for edge in (*EDGES_S, inf):
        below = sum(count for place, count in durations.items() if CALL_BUCKETS.start_s(place) < edge)
        up_to.append((str(edge) if edge < inf else "+Inf", below))
    return up_to, sum(CALL_BUCKETS.middle_s(place) * count for place, count in durations.items())


def _counts(counts: Mapping[Enum, int]) -> Iterator[Metric]:
    for count, (name, help_text) in _COUNTERS.items():
        yield CounterMetricFamily(name, help_text, value=counts[count])
    yield CounterMetricFamily(
        "medlit_ingest_seconds", "Time spent loading them, indexing included", value=counts[Count.INGEST_MS] / 1_000
    )
    refused = CounterMetricFamily("medlit_phi_refusals", "Requests the privacy gate refused", labels=["category"])
    for category in Category:
        refused.add_metric([category.value], counts[category])
    yield refused


def _scores(totals: Totals) -> Iterator[Metric]:
    figures = report(totals)
    if figures.patient_safety_score is not None:
        yield GaugeMetricFamily(
            "medlit_patient_safety_score", "See get_metrics; of all time", value=figures.patient_safety_score
        )
    yield GaugeMetricFamily(
        "medlit_phi_exposure_risk", "Unscreened share of outbound requests", value=figures.phi_exposure_risk
    )


def _now(gauges: Mapping[str, int]) -> Iterator[Metric]:
    yield GaugeMetricFamily("medlit_calls_running", "Calls under way", value=gauges.get(Gauge.CALLS_RUNNING, 0))
    queued = GaugeMetricFamily("medlit_queued", "Requests for a slot that wait", labels=["lane"])
    queued.add_metric([Lane.ROUTINE], gauges.get(Gauge.QUEUED_ROUTINE, 0))
    queued.add_metric([Lane.EMERGENCY], gauges.get(Gauge.QUEUED_EMERGENCY, 0))
    yield queued
    taken = GaugeMetricFamily("medlit_slots_held", "Slots that are held", labels=["resource"])
    there_are = GaugeMetricFamily("medlit_slots", "Slots that a process has", labels=["resource"])
    for resource, (gauge, capacity) in SLOTS.items():
        taken.add_metric([resource], gauges.get(gauge, 0))
        there_are.add_metric([resource], capacity)
    yield from (taken, there_are)
    yield GaugeMetricFamily("medlit_parsers", "Parser processes of an ingest", value=gauges.get(Gauge.PARSERS, 0))
