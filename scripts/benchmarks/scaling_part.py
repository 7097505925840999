"""How an ingest scales: with parser processes, by each stage's ceiling, and in memory with size and number of files."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.benchmarks import libraries, processes
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.tables import number, table

COPIES = 4
AROUND = re.compile(rb"<\?xml[^>]*>|<!DOCTYPE[^>]*>|</?PubmedArticleSet>")
PMID = re.compile(rb'(<PMID Version="\d+">)(\d+)')

WORKERS = """\
## Scaling of an ingest

### Parser processes

The same files to searchable with one parser process and more, on {cores} cores. Everything else (reading, storing,
feeding the index, two index threads) runs in the loader, beside them."""

STAGES = """\
### What each stage costs, and what it could carry

Each stage alone on the same articles, in CPU time, and the articles a second that one thread of it could carry. Only
the parser processes and the index's threads can be made more; the loader's three stages each run in one thread, so the
slowest of them is where adding cores stops helping. With `dask.distributed` or more processes the parsers may be on
other machines."""

MEMORY = """\
### Memory

The largest sum over the tree of processes, for more and for larger files: the copies have PMIDs of their own. PSS
counts the pages of the index's files that a merge of segments has mapped; they grow with the library, and the system
takes them back when it needs them. The last column is the rest, what medlit itself holds."""

WHERE = {
    "read": "loader: gunzip, cutting, both ends of the pipes",
    "parse": "each parser process: XML to packed record and index document",
    "store": "loader: staging, merge, commit",
    "feed": "loader: from the store to the index's queue",
    "index threads": "index threads: analysis, postings, segments",
}


def section(plan: Plan) -> str:
    """Measure, and write the section."""
    if not plan.files:
        return f"## Scaling of an ingest\n\n{plan.why_skipped}"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    parts = [WORKERS.format(cores=cores), _workers(plan, cores), STAGES, _stages(plan), MEMORY, _memory(plan)]
    return "\n\n".join(parts)


def _workers(plan: Plan, cores: int) -> str:
    counts = sorted({1, *(2**power for power in range(1, 8) if 2**power <= cores), cores, 2 * cores})
    runs: dict[int, list[processes.Measured]] = {count: [] for count in counts}
    for _ in range(plan.repetitions):
        for count in counts:
            runs[count].append(_ingest(plan.files, "--workers", str(count)))
    rates = {count: statistics.median(_rate(run) for run in measured) for count, measured in runs.items()}
    rows = [
        [
            str(count),
            number(rates[count]),
            f"{rates[count] / rates[1]:.2f}×",
            number(statistics.median(run.cpu_s / run.wall_s for run in measured)),
            number(statistics.median(_megabytes(run) for run in measured)),
        ]
        for count, measured in runs.items()
    ]
    return table(("parser processes", "articles/s", "to one", "cores in use", "peak PSS MB"), rows)


def _stages(plan: Plan) -> str:
    runs = [
        json.loads(
            processes.run([sys.executable, "-P", "-m", "scripts.benchmarks.stages", *map(str, plan.files)]).output
        )
        for _ in range(plan.repetitions)
    ]
    costs = {stage: statistics.median(run["seconds"][stage] / run["articles"] for run in runs) for stage in WHERE}
    rows = [[where, number(costs[stage] * 1e6), number(1 / costs[stage])] for stage, where in WHERE.items()]
    rows.append(["all", number(sum(costs.values()) * 1e6), number(1 / sum(costs.values()))])
    return table(("stage", "µs an article", "articles/s a thread"), rows)


def _memory(plan: Plan) -> str:
    with tempfile.TemporaryDirectory(prefix="medlit-bench-") as scratch:
        many = [_copy(file, Path(scratch), number) for number, file in enumerate(plan.files * COPIES, start=1)]
        rows = [
            _memory_row(f"{len(files)} file{'s' * (len(files) > 1)}", files) for files in (plan.files[:1], plan.files)
        ]
        rows.append(_memory_row(f"{len(many)} files", tuple(many)))
        rows.append(_memory_row("the same articles in one file", (_joined(many, Path(scratch)),)))
    return table(("loaded", "articles", "articles/s", "peak PSS MB", "without mapped files MB"), rows)


def _memory_row(name: str, files: tuple[Path, ...]) -> list[str]:
    run = _ingest(files)
    read = json.loads(run.output)["records_read"]
    own = number(run.peak_own / 1e6) if run.peak_own else "–"
    return [name, f"{read:,}", number(_rate(run)), number(_megabytes(run)), own]


def _ingest(files: tuple[Path, ...], *options: str) -> processes.Measured:
    folder = Path(tempfile.mkdtemp(prefix="medlit-bench-"))
    try:
        return processes.run([*libraries.ingest_command(folder / "library", files), *options])
    finally:
        shutil.rmtree(folder)


def _rate(run: processes.Measured) -> float:
    return int(json.loads(run.output)["records_read"]) / run.wall_s


def _megabytes(run: processes.Measured) -> float:
    return (run.peak_pss or run.peak_rss) / 1e6


def _copy(file: Path, folder: Path, number: int) -> Path:
    """The file under another number, its PMIDs moved out of the others' way."""
    target = folder / f"pubmed21n{number:04}.xml.gz"
    with gzip.open(file) as source, gzip.open(target, "wb", compresslevel=1) as copy:
        for line in source:
            copy.write(PMID.sub(lambda match: b"%s%d" % (match[1], int(match[2]) + number * libraries.PMID_STEP), line))
    return target


def _joined(files: list[Path], folder: Path) -> Path:
    """The articles of several files in one."""
    target = folder / "pubmed21n9999.xml.gz"
    with gzip.open(target, "wb", compresslevel=1) as joined:
        joined.write(b"<PubmedArticleSet>\n")
        for file in files:
            joined.writelines(_inside(file))
        joined.write(b"</PubmedArticleSet>\n")
    return target


def _inside(file: Path) -> Iterator[bytes]:
    """The lines of a file without its declarations and root tags."""
    with gzip.open(file) as source:
        for line in source:
            yield AROUND.sub(b"", line)
