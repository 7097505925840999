"""``medlit ingest``: load files, show progress, report."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Callable

import anyio

from ingest.memory import keep_freed_memory
from ingest.pipeline import ingest
from ingest.pool import Pool
from ingest.progress import FileError, Progress, Report
from ingest.report import Display, readable
from ingest.source import find_files
from medlit import cli
from medlit.library.library import open_library
from medlit.settings import Settings, read_settings

EVENT_EVERY_S = 0.25


def run(arguments: argparse.Namespace) -> int:
    """Load the paths; 1 when any file failed."""
    keep_freed_memory()
    settings = read_settings(os.environ, library=arguments.library)
    workers = arguments.workers or settings.workers
    if arguments.events:
        _stop_with_parent()
        report = anyio.run(_ingest, arguments.paths, settings, workers, _events())
    elif cli.wants_json(arguments) and not sys.stderr.isatty():
        report = anyio.run(_ingest, arguments.paths, settings, workers, lambda _: None)
    else:
        with Display() as display:
            report = anyio.run(_ingest, arguments.paths, settings, workers, display.show)
    if report is None:
        cli.complain("Stopped. Files that were finished are in the library; run the same command again to go on.")
        return cli.INTERRUPTED
    if arguments.events:
        cli.emit({"report": report})
    elif cli.wants_json(arguments):
        cli.emit(report)
    if not arguments.events:
        for error in report.errors:
            cli.complain(f"{error.file}: {error.reason}")
        if not cli.wants_json(arguments):
            cli.console().print(readable(report))
    return cli.FAILED if report.files_failed else cli.OK


async def _ingest(
    paths: list[str], settings: Settings, workers: int, observe: Callable[[Progress], None]
) -> Report | None:
    """The report, or ``None`` when a signal stopped the ingest."""
    files, missing = find_files(paths)
    report: Report | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_stop_on_signal, tasks.cancel_scope)
        async with open_library(settings.library, create=True) as library:
            with Pool(workers) as pool:
                report = await ingest(files, library, pool, observe)
        tasks.cancel_scope.cancel()
    if report is not None:
        report.files_failed += len(missing)
        report.errors = [FileError(file=error.file, reason=error.reason) for error in missing] + report.errors
    return report



async def _stop_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            scope.cancel()
            return


def _events() -> Callable[[Progress], None]:
    """Progress as JSON lines, at most a few a second, for the process that started this one."""
    last = 0.0

    def observe(progress: Progress) -> None:
        nonlocal last
        if progress.seconds - last >= EVENT_EVERY_S:
            last = progress.seconds
            cli.emit({"progress": progress})

    return observe


def _stop_with_parent() -> None:
    """End when standard input does: the parent holds its other end and may die in any way."""

    def follow() -> None:
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="follow-parent", daemon=True).start()
