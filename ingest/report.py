"""An ingest as people see it: a progress bar while it runs, a few lines at the end."""

from __future__ import annotations

from types import TracebackType
from typing import Self

import msgspec
from rich.progress import BarColumn, ProgressColumn, SpinnerColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from ingest.progress import Downloads, Progress, Report
from medlit import cli


class Display:
    """A progress bar on standard error: files, records, rate, remaining time."""

    def __init__(self) -> None:
        columns: list[ProgressColumn] = [
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[counts]}"),
            TimeRemainingColumn(compact=True),
        ]
        self._bar = Bar(*columns, console=cli.console(errors=True), transient=True)
        self._task = self._bar.add_task("starting", total=None, counts="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, progress: Progress) -> None:
        """Move the bar."""
        counts = f"{progress.records:,} records  {progress.records_per_second:,.0f}/s"
        if progress.set_aside:
            counts += f"  {progress.set_aside:,} set aside"
        if progress.bytes_fetched:
            counts += f"  {progress.bytes_fetched / 1e6:,.0f} MB fetched"
        doing = (
            "indexing"
            if progress.indexing
            else f"file {min(progress.files_done + 1, progress.files_total)}/{progress.files_total}"
        )
        self._bar.update(
            self._task,
            description=doing,
            completed=progress.bytes_done,
            total=progress.bytes_total,
            counts=counts,
        )


def readable(report: Report) -> str:
    """The report in a few lines."""
    files = [f"{report.files:,} {'file' if report.files == 1 else 'files'} loaded"]
    if report.files_skipped:
        files.append(f"{report.files_skipped:,} already there")
    if report.files_failed:
        files.append(f"[red]{report.files_failed:,} failed[/red]")
    lines = [
        ", ".join(files),
        f"{report.records_read:,} records read: {report.records_stored:,} stored, "
        f"{report.records_superseded:,} older than what is there, {report.records_set_aside:,} set aside; "
        f"{report.records_deleted:,} deletions",
        f"{report.seconds:,.1f} s to searchable, {report.articles_per_second:,.0f} articles a second",
    ]
    if report.downloads is not msgspec.UNSET:
        lines.insert(0, _fetched(report.downloads))
    return "\n".join(lines)


def _fetched(downloads: Downloads) -> str:
    parts = [f"{downloads.files:,} of {downloads.wanted:,} new files fetched, {downloads.bytes / 1e6:,.1f} MB"]
    if downloads.vanished:
        parts.append(f"{downloads.vanished:,} taken down meanwhile")
    if downloads.left:
        parts.append(f"{downloads.left:,} left for the next time")
    return ", ".join(parts)
