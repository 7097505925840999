"""Loading real PubMed files, beside the ways a user would load them instead."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.benchmarks import libraries, processes
from scripts.benchmarks.peers import PUBMED_PARSER, python_with_pubmed_parser
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.tables import at_least, at_most, number, table, times

PARSED_PER_CPU_S = 5_000
SEARCHABLE_PER_S = 4_000
TREE_MB = 500

INTRO = """\
## Ingest

Whole PubMed files as NLM distributes them: {files}.

**The alternatives extract fewer fields.** medlit keeps every field of a record, resolves markup, orders versions and
deletions, and keeps a ledger; `pubmed_parser` with its defaults gives 25 flat columns; the textbook way (the standard
library's `gzip` and ElementTree) takes 7: PMID, title, abstract, authors, journal, year, MeSH headings."""

PARSE = """\
### Parse alone

From `.xml.gz` to parsed records in one process, nothing stored, in CPU time. medlit's second row is what a
worker process does in a load: from a chunk of XML to the packed record with all fields, and its index document."""

LOAD = """\
### To searchable

From starting the command on an empty library to everything being there: `medlit ingest --json` with its default of one
worker a core, stored, merged and searchable. `pubmed_parser` goes into a plain SQLite table, which is **not
searchable** by words; the textbook way into SQLite FTS5. Both parse one file a process, all files at once, and insert
with one `executemany` a file. CPU time is that of all processes. Memory is the largest sum over all processes of a
tree, sampled every 50 ms: PSS counts a shared page once, RSS once for each process."""


@dataclass(slots=True)
class Way:
    """One way to do it, and what its repetitions gave."""

    name: str
    command: Callable[[Path], list[str]] | None
    """The command, given a place for what it writes."""
    reason: str = ""
    """Why it was not measured."""
    runs: list[processes.Measured] = field(default_factory=lambda: list[processes.Measured]())

    def median(self, value: Callable[[processes.Measured], float]) -> float:
        """The median of something over the repetitions."""
        return statistics.median(map(value, self.runs))


def section(plan: Plan) -> str:
    """Measure, and write the section."""
    if not plan.files:
        return f"## Ingest\n\n{plan.why_skipped}"
    files = ", ".join(f"{file.name} ({file.stat().st_size / 1e6:,.1f} MB)" for file in plan.files)
    peer = python_with_pubmed_parser(plan.cache, may_install=plan.may_install)
    return "\n\n".join((INTRO.format(files=files), _parse(plan, peer), _load(plan, peer)))


def _alternative(name: str, way: str, files: Sequence[Path], python: Path | str, *, store: bool) -> Way:
    if isinstance(python, str):
        return Way(name, None, python)
    program = str(Path(__file__).with_name("alternatives.py"))

    def command(folder: Path) -> list[str]:
        database = str(folder / "alternative.sqlite3") if store else "-"
        return [str(python), "-P", program, way, database, *map(str, files)]

    return Way(name, command)


def _run(ways: Sequence[Way], repetitions: int) -> None:
    """Run all ways in turn, again and again, each time from nothing."""
    for _ in range(repetitions):
        for way in ways:
            if way.command is None:
                continue
            folder = Path(tempfile.mkdtemp(prefix="medlit-bench-"))
            try:
                way.runs.append(processes.run(way.command(folder)))
            except processes.CommandFailed as error:
                way.command, way.reason = None, f"failed: {str(error).splitlines()[-1] if str(error) else 'no reason'}"
                way.runs.clear()
            finally:
                shutil.rmtree(folder)


def _told(run: processes.Measured) -> dict[str, Any]:
    """What the command wrote: a JSON object."""
    told: dict[str, Any] = json.loads(run.output)
    return told


def _parse(plan: Plan, peer: Path | str) -> str:
    files = [str(file) for file in plan.files]
    medlit = Way(
        "medlit, with gunzip and cutting",
        lambda _: [sys.executable, "-P", "-m", "scripts.benchmarks.parse_alone", *files],
    )
    ways = [
        medlit,
        _alternative(f"`{PUBMED_PARSER}`", "pubmed_parser", plan.files, peer, store=False),
        _alternative("ElementTree", "elementtree", plan.files, Path(sys.executable), store=False),
    ]
    _run(ways, plan.repetitions)
    base = medlit.median(_parsed_per_cpu_s) if medlit.runs else 0.0
    rows = [_parse_row(way.name, way.runs, _parsed_per_cpu_s, base) or [way.name, way.reason, "", ""] for way in ways]
    worker = _parse_row("medlit, a worker's part", medlit.runs, _worker_per_cpu_s, base)
    rows[1:1] = [worker] if worker else []
    head = ("way", "articles", "articles a CPU-second", "medlit's first row to this")
    target = at_least(base, PARSED_PER_CPU_S, "articles a CPU-second")
    return f"{PARSE}\n\n{table(head, rows)}\n\nTarget, first row: {target}."


def _parsed_per_cpu_s(run: processes.Measured) -> float:
    told = _told(run)
    return float(told["articles"]) / float(told["cpu_s"])


def _worker_per_cpu_s(run: processes.Measured) -> float:
    told = _told(run)
    return float(told["articles"]) / float(told["worker_cpu_s"])


def _parse_row(
    name: str, runs: Sequence[processes.Measured], rate: Callable[[processes.Measured], float], base: float
) -> list[str] | None:
    if not runs:
        return None
    value = statistics.median(map(rate, runs))
    return [name, f"{_told(runs[0])['articles']:,}", number(value), times(base, value)]


def _load(plan: Plan, peer: Path | str) -> str:
    medlit = Way("medlit", lambda folder: libraries.ingest_command(folder / "library", plan.files))
    ways = [
        medlit,
        _alternative(f"`{PUBMED_PARSER}`, SQLite table", "pubmed_parser", plan.files, peer, store=True),
        _alternative("ElementTree, SQLite FTS5", "elementtree", plan.files, Path(sys.executable), store=True),
    ]
    _run(ways, plan.repetitions)
    rows = [_load_row(way, medlit) for way in ways]
    head = (
        "way", "articles", "articles/s", "medlit's to this", "articles a CPU-second", "medlit's to this", "peak PSS MB",
        "peak RSS MB",
    )  # fmt: skip
    text = f"{LOAD}\n\n{table(head, rows)}"
    if not medlit.runs:
        return text
    speed = at_least(medlit.median(_per_s), SEARCHABLE_PER_S, "articles/s")
    memory = at_most(medlit.median(_peak_mb), TREE_MB, "MB for the tree")
    return f"{text}\n\nTargets: {speed}; {memory}."


def _load_row(way: Way, medlit: Way) -> list[str]:
    if not way.runs:
        return [way.name, way.reason, *[""] * 6]
    wall, cpu = way.median(_per_s), way.median(_per_cpu_s)
    ratios = (times(medlit.median(_per_s), wall), times(medlit.median(_per_cpu_s), cpu)) if medlit.runs else ("", "")
    memory = (way.median(_peak_mb), way.median(lambda run: run.peak_rss / 1e6))
    return [
        way.name, f"{_articles(way.runs[0]):,}", number(wall), ratios[0], number(cpu), ratios[1], *map(number, memory),
    ]  # fmt: skip


def _articles(run: processes.Measured) -> int:
    told = _told(run)
    return int(told.get("articles", told.get("records_read", 0)))


def _per_s(run: processes.Measured) -> float:
    return _articles(run) / run.wall_s


def _per_cpu_s(run: processes.Measured) -> float:
    return _articles(run) / run.cpu_s


def _peak_mb(run: processes.Measured) -> float:
    return (run.peak_pss or run.peak_rss) / 1e6
