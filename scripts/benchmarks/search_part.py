"""Search inside the process, beside SQLite's FTS5 on the same documents."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import anyio

from medlit.settings import read_settings
from scripts.benchmarks import libraries, queries
from scripts.benchmarks.fts5 import Fts5
from scripts.benchmarks.libraries import Prepared
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.queries import Queries, Query
from scripts.benchmarks.tables import at_most, median_percentiles, number, table, times
from server.app import services
from tools.search import SearchArguments, search_literature

P50_MS, P99_MS = 3.0, 25.0

WARM_UP_QUERIES = 50

INTRO = """\
## Search in the process

Time of one search for the ten best records, one search after another, index and store in the page cache. The queries
are one to five words from titles of the articles, in equal numbers, none a stop word; the same for all. "Library" is
`Library.search`: the words, feedback where it is affordable, learned anew in every round (how many records have a word
is remembered), the ranked union of title, abstract and terms, the count, and the whole stored records of the hits.
"Tool" is `search_literature`, which also makes the result an agent reads. FTS5 has title, abstract and MeSH headings,
Porter stems, one merged segment, and returns row numbers and scores only: "any word" is what medlit answers, "all
words" is FTS5's own default and finds less. FTS5 answers as many of the same queries as fit into {budget} a round and
way; the column tells how many, and with few of them its p99 is a rough one."""


@dataclass(slots=True)
class Timings:
    """Latencies of one way to search, a list for every round, and the CPU time they took."""

    name: str
    rounds: list[list[float]] = field(default_factory=lambda: list[list[float]]())
    cpu_s: list[float] = field(default_factory=lambda: list[float]())

    def row(self, medlit_p50: float) -> list[str]:
        """A line of the table; ratios are to medlit's median."""
        found = median_percentiles(self.rounds)
        count = min(map(len, self.rounds))
        cpu_ms = statistics.median(
            1000 * cpu / len(latencies) for cpu, latencies in zip(self.cpu_s, self.rounds, strict=True)
        )
        ratio = times(found.p50, medlit_p50)
        return [self.name, f"{count:,}", *map(number, found), number(cpu_ms), ratio]


def section(plan: Plan) -> str:
    """Measure, and write the section."""
    if not plan.files:
        return f"## Search in the process\n\n{plan.why_skipped}"
    prepared = libraries.prepare(plan)
    asked = anyio.run(queries.make, prepared[0].folder, plan.queries, plan.filtered_queries)
    parts = [INTRO.format(budget=f"{_fts5_round_s(plan):.0f} s")]
    for library in prepared:
        timings = anyio.run(_measure, library, asked, plan)
        parts.append(_result(library, timings, target=library is prepared[-1]))
    return "\n\n".join(parts)


def _result(library: Prepared, timings: Sequence[Timings], *, target: bool) -> str:
    p50, _, p99 = median_percentiles(timings[0].rounds)
    head = ("way", "queries a round", "p50 ms", "p95 ms", "p99 ms", "CPU ms a query", "p50 to medlit's")
    text = f"### {library.label}\n\n" + table(head, [timing.row(p50) for timing in timings])
    if target:
        text += f"\n\nTargets, library: p50 {at_most(p50, P50_MS, 'ms')}; p99 {at_most(p99, P99_MS, 'ms')}."
    return text


def _fts5_round_s(plan: Plan) -> float:
    """The time for one of FTS5's two ways in one round."""
    return plan.fts5_seconds / plan.repetitions / 2


async def _measure(library: Prepared, asked: Queries, plan: Plan) -> list[Timings]:
    """Alternate all ways in every round, so that a slow minute of the machine falls on all of them."""
    every = [
        Timings("medlit, library"), Timings("medlit, library, with a filter"), Timings("medlit, tool"),
        Timings("SQLite FTS5, any word"), Timings("SQLite FTS5, all words"),
    ]  # fmt: skip
    budget = _fts5_round_s(plan)
    fts5 = Fts5(library.fts5)
    async with services(read_settings({}, library=str(library.folder))) as opened:

        async def by_library(query: Query) -> None:
            await opened.library.search(query.search)

        async def by_tool(query: Query) -> None:
            await search_literature(opened, SearchArguments.model_validate(query.arguments))

        warm = Timings("warm-up")
        await _round(warm, asked.plain[-WARM_UP_QUERIES:], by_tool)
        await _round(warm, asked.filtered[-WARM_UP_QUERIES:], by_tool)
        await _round(warm, asked.plain, _by_fts5(fts5, "OR"), budget / 2)
        for _ in range(plan.repetitions):
            opened.library.index.forget()
            await _round(every[0], asked.plain, by_library)
            await _round(every[1], asked.filtered, by_library)
            opened.library.index.forget()
            await _round(every[2], asked.plain, by_tool)
            await _round(every[3], asked.plain, _by_fts5(fts5, "OR"), budget)
            await _round(every[4], asked.plain, _by_fts5(fts5, "AND"), budget)
    fts5.close()
    return every


def _by_fts5(fts5: Fts5, joined: Literal["AND", "OR"]) -> Callable[[Query], Awaitable[None]]:
    async def search(query: Query) -> None:
        fts5.search(query.words, joined)

    return search


async def _round(
    timings: Timings, asked: Sequence[Query], search: Callable[[Query], Awaitable[None]], budget_s: float = 3600.0
) -> None:
    """Time each query; stop early when the time is used up."""
    latencies: list[float] = []
    cpu = time.process_time()
    ends = time.perf_counter() + budget_s
    for query in itertools.takewhile(lambda _: time.perf_counter() < ends, asked):
        started = time.perf_counter()
        await search(query)
        latencies.append(1000 * (time.perf_counter() - started))
    timings.rounds.append(latencies)
    timings.cpu_s.append(time.process_time() - cpu)
