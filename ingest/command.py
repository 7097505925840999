"""``medlit ingest``: load files, show progress, report."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable

import anyio

from ingest.memory import collect_seldom, keep_freed_memory
from ingest.pipeline import ingest
from ingest.pool import Pool
from ingest.progress import FileError, Progress, Report
from ingest.report import Display, readable
from ingest.source import find_files
from ingest.worker import NICENESS
from medlit import cli
from medlit.errors import MedlitError, ungrouped
from medlit.library.library import open_library
from medlit.library.sqlite_metrics import SqliteMetrics
from medlit.metrics.grid import Metrics
from medlit.metrics.keeper import keeping
from medlit.metrics.labels import Count
from medlit.settings import Settings, read_settings


def run(arguments: argparse.Namespace) -> int:
    """Load the paths; 1 when any file failed."""
    keep_freed_memory()
    collect_seldom()
    settings = read_settings(os.environ, library=arguments.library)
    workers = arguments.workers or settings.workers
    as_json = cli.wants_json(arguments)
    events = EventWriter()
    with contextlib.ExitStack() as stack:
        observe: Callable[[Progress], None] = ignore
        if arguments.events:
            serve_parent()
            observe = events.progress
        elif sys.stderr.isatty():
            observe = stack.enter_context(Display()).show
        try:
            with ungrouped():
                report = anyio.run(_ingest, arguments.paths, settings, workers, observe)
        except MedlitError as error:
            if not arguments.events:
                raise
            events.failed(error)
            return cli.FAILED
    if report is None:
        cli.complain("Stopped. Files that were finished are in the library; run the same command again to go on.")
        # All of ours is closed and all parsers are dead. What is left are threads of the executor, which may still
        # be writing to parsers that no longer read, and the interpreter would wait for them.
        os._exit(cli.INTERRUPTED)
    if arguments.events:
        events.finished(report)
    else:
        show(report, as_json=as_json)
    return cli.FAILED if report.files_failed else cli.OK


def show(report: Report, *, as_json: bool) -> None:
    """The report on standard output, what failed on standard error."""
    if as_json:
        cli.emit(report)
    else:
        cli.console().print(readable(report))
    for error in report.errors:
        cli.complain(f"{error.file}: {error.reason}")


async def _ingest(
    paths: list[str], settings: Settings, workers: int, observe: Callable[[Progress], None]
) -> Report | None:
    """The report, or ``None`` when a signal stopped the ingest."""
    files, missing = find_files(paths)
    report: Report | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stop_on_signal, tasks.cancel_scope)
        metrics = Metrics()
        async with (
            open_library(settings.library, create=True) as library,
            keeping(metrics, SqliteMetrics(settings.library)),
        ):
            with Pool(workers) as pool:
                report = await ingest(files, library, pool, counting(metrics, observe))
        tasks.cancel_scope.cancel()
    if report is not None:
        report.files_failed += len(missing)
        report.errors = [FileError(file=error.file, reason=error.reason) for error in missing] + report.errors
    return report


async def stop_on_signal(scope: anyio.CancelScope) -> None:
    """Cancel the scope when the terminal or the system asks this process to end."""
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return


def counting(metrics: Metrics, observe: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Observe, and count how much was loaded in how much time."""
    records = milliseconds = 0

    def observed(progress: Progress) -> None:
        nonlocal records, milliseconds
        metrics.count(Count.INGEST_RECORDS, progress.records - records)
        metrics.count(Count.INGEST_MS, int(progress.seconds * 1_000) - milliseconds)
        records, milliseconds = progress.records, int(progress.seconds * 1_000)
        observe(progress)

    return observed


def ignore(_: Progress) -> None:
    """Watch nothing."""


class EventWriter:
    """Progress and report as JSON lines on standard output, for the process that started this one."""

    EVERY_S = 0.25

    def __init__(self) -> None:
        self._written_at = 0.0
        self._latest: Progress | None = None

    def progress(self, progress: Progress) -> None:
        """Write progress, at most a few times a second."""
        self._latest = progress
        if progress.seconds - self._written_at >= self.EVERY_S:
            self._written_at = progress.seconds
            cli.emit({"progress": progress})

    def finished(self, report: Report) -> None:
        """Write the last progress and the report."""
        cli.emit({"progress": self._latest, "report": report})

    def failed(self, error: MedlitError) -> None:
        """Write why there is no report."""
        cli.emit({"progress": self._latest, "problem": str(error)})


def serve_parent() -> None:
    """Let the server that started this one come first, and end when it does.

    It holds the other end of standard input, and may die in any way.
    """
    if hasattr(os, "nice"):
        os.nice(NICENESS)

    def follow() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="follow-parent", daemon=True).start()
