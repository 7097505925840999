"""``medlit sync``: fetch what NLM issues and load what the library lacks."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import anyio

from ingest.command import EventWriter, counting, ignore, serve_parent, show, stop_on_signal
from ingest.downloads import Order, sync
from ingest.memory import collect_seldom, keep_freed_memory
from ingest.pool import Pool
from ingest.progress import Progress, Report
from ingest.report import Display
from medlit import cli
from medlit.errors import MedlitError, ungrouped
from medlit.library.library import open_library
from medlit.library.sqlite_metrics import SqliteMetrics
from medlit.metrics.grid import Metrics
from medlit.metrics.keeper import keeping
from medlit.privacy.outbound import Outbound
from medlit.settings import Settings, address, read_settings


def run(arguments: argparse.Namespace) -> int:
    """Fetch and load; 1 when any file failed."""
    keep_freed_memory()
    collect_seldom()
    settings = read_settings(os.environ, library=arguments.library)
    order = _order(arguments, settings)
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
                report = anyio.run(_sync, order, settings, arguments.workers or settings.workers, observe)
        except MedlitError as error:
            if not arguments.events:
                raise
            events.failed(error)
            return cli.FAILED
    if report is None:
        cli.complain("Stopped. What was loaded is in the library; run the same command again to go on.")
        os._exit(cli.INTERRUPTED)  # as an ingest does, and for the same reason
    if arguments.events:
        events.finished(report)
    else:
        show(report, as_json=cli.wants_json(arguments))
    return cli.FAILED if report.files_failed else cli.OK


def _order(arguments: argparse.Namespace, settings: Settings) -> Order:
    default = settings.mesh_url if arguments.what == "mesh" else settings.nlm_url
    base = address("--mirror", arguments.mirror) if arguments.mirror else default
    keep = Path(arguments.keep).expanduser().absolute() if arguments.keep else None
    return Order(arguments.what, base, arguments.max_files, keep)


async def _sync(order: Order, settings: Settings, workers: int, observe: Callable[[Progress], None]) -> Report | None:
    """The report, or ``None`` when a signal stopped the sync."""
    report: Report | None = None
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(stop_on_signal, tasks.cancel_scope)
        metrics = Metrics()
        async with (
            open_library(settings.library, create=True) as library,
            keeping(metrics, SqliteMetrics(settings.library)),
            Outbound(settings.connection, offline=settings.offline, observer=metrics) as outbound,
        ):
            with Pool(workers) as pool:
                report = await sync(order, settings.library, library, pool, outbound, counting(metrics, observe))
        tasks.cancel_scope.cancel()
    return report
