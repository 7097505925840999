"""Daily totals in the library: what adds up, what survives, and what can never be stored."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import anyio
import pytest

from medlit.errors import UsageError
from medlit.library import sqlite_store
from medlit.library.library import open_library
from medlit.library.sqlite_metrics import SqliteMetrics
from medlit.library.sqlite_schema import LIBRARY_FILE, MIGRATIONS
from medlit.metrics.grid import Metrics
from medlit.metrics.keeper import Keeper, Window, keeping
from medlit.metrics.labels import Count, Lane, Outcome, RunOutcome, Source, Workflows
from medlit.metrics.report import report
from medlit.metrics.tracking import FORGOTTEN_AFTER_S, MOST_RUNNING, Tracker
from medlit.privacy.categories import Category
from tests.pubmed import article, environment, medlit_json, write

pytestmark = pytest.mark.anyio

WAIT_S = 0.05


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncGenerator[Path]:
    async with open_library(tmp_path, create=True):
        yield tmp_path


def call(metrics: Metrics, workflow: str = "research", seconds: float = 0.01) -> None:
    metrics.called(metrics.workflows.code(workflow), Lane.ROUTINE, Outcome.OK, Source.LOCAL, seconds)


@contextlib.contextmanager
def locked(folder: Path) -> Generator[None]:
    """Another writer at work, as an ingest is while it merges a file."""
    with contextlib.closing(sqlite3.connect(folder / LIBRARY_FILE, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        yield
        writer.execute("ROLLBACK")


async def answered(keeper: Keeper, window: Window = "all") -> object:
    return report(await keeper.totals(window)).answered


async def test_processes_that_come_and_go_add_up(folder: Path) -> None:
    for _ in range(3):
        metrics = Metrics()
        async with keeping(metrics, SqliteMetrics(folder)):
            for _ in range(20):
                call(metrics)
            metrics.phi_refused([Category.SSN])
            metrics.run_finished(0, RunOutcome.PARTLY, 3, 100.0)
    fresh = Keeper(Metrics(), SqliteMetrics(folder))
    windows: tuple[Window, ...] = ("today", "7d", "30d", "all")
    assert [await answered(fresh, window) for window in windows] == [60] * 4
    assert await answered(fresh, "session") == 0
    assert (await fresh.totals("all")).tables["ratings"] == {(0, 2): 3}


async def test_a_window_ends_where_its_days_do(folder: Path) -> None:
    metrics = Metrics()
    call(metrics)
    store = SqliteMetrics(folder)
    today = int(time.time() // 86_400)
    one_call = await Keeper(metrics, store).totals("session")
    for days_ago in (0, 1, 6, 7, 29, 30):
        await store.add(today - days_ago, one_call, wait_s=1)
    fresh = Keeper(Metrics(), store)
    counted: dict[str, int] = {}
    windows: tuple[Window, ...] = ("today", "7d", "30d", "all")
    for window in windows:
        counted[window] = sum((await fresh.totals(window)).tables["calls"].values())
    assert counted == {"today": 1, "7d": 3, "30d": 5, "all": 6}


async def test_a_report_counts_what_is_stored_and_what_is_not_yet_once(folder: Path) -> None:
    metrics = Metrics()
    keeper = Keeper(metrics, SqliteMetrics(folder))
    for stored in (True, False, True):
        for _ in range(11):
            call(metrics)
        if stored:
            assert await keeper.store(WAIT_S)
    assert await answered(keeper) == await answered(keeper, "session") == 33


async def test_a_busy_library_keeps_neither_the_count_nor_the_process_waiting(folder: Path) -> None:
    metrics = Metrics()
    keeper = Keeper(metrics, SqliteMetrics(folder))
    for _ in range(12):
        call(metrics)
    with locked(folder):
        assert not await keeper.store(WAIT_S)
        assert await answered(keeper) == 12
    assert await keeper.store(WAIT_S)
    assert await keeper.store(WAIT_S)
    assert await answered(Keeper(Metrics(), SqliteMetrics(folder))) == 12


async def test_counts_are_stored_though_the_server_is_being_cancelled(folder: Path) -> None:
    metrics = Metrics()
    with anyio.CancelScope() as scope:
        async with keeping(metrics, SqliteMetrics(folder)):
            for _ in range(12):
                call(metrics)
            scope.cancel()
            await anyio.sleep_forever()
    assert await answered(Keeper(Metrics(), SqliteMetrics(folder))) == 12


STORING_FOR_EVER = """
import sys, anyio
from pathlib import Path
from medlit.library.sqlite_metrics import SqliteMetrics
from medlit.metrics.grid import Metrics
from medlit.metrics.keeper import Keeper
from medlit.metrics.labels import Count, Lane, Outcome, Source
from medlit.privacy.categories import Category

async def main():
    metrics = Metrics()
    keeper = Keeper(metrics, SqliteMetrics(Path(sys.argv[1])))
    while True:
        metrics.called(0, Lane.ROUTINE, Outcome.OK, Source.LOCAL, 0.01)
        metrics.count(Count.OUTBOUND)
        await keeper.store(1.0)
        print(flush=True)

anyio.run(main)
"""


async def test_a_process_killed_while_it_stores_leaves_whole_additions(folder: Path) -> None:
    for lines in (1, 7, 20):
        before = await Keeper(Metrics(), SqliteMetrics(folder)).totals("all")
        known = additions_before_a_kill(folder, lines)
        after = await Keeper(Metrics(), SqliteMetrics(folder)).totals("all")
        [added] = {sum(after.tables[name].values()) - sum(before.tables[name].values()) for name in ("calls", "counts")}
        assert added - known in (0, 1)  # the last may have been stored and not told


def additions_before_a_kill(folder: Path, lines: int) -> int:
    """How many additions a process told of that was killed after so many."""
    with subprocess.Popen(
        [sys.executable, "-c", STORING_FOR_EVER, str(folder)], stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout
        for _ in range(lines):
            process.stdout.readline()
        process.kill()
        return lines + process.stdout.read().count(b"\n")


async def test_the_operators_workflows_are_kept_by_name(folder: Path) -> None:
    for extra in (["ward_round"], ["tumor_board", "ward_round"]):
        metrics = Metrics(Workflows(extra))
        async with keeping(metrics, SqliteMetrics(folder)):
            for name in ("other", *extra):
                for _ in range(11):
                    call(metrics, name)
    # A name that was taken out of the settings keeps its figures.
    rows = report(await Keeper(Metrics(Workflows(["case_report"])), SqliteMetrics(folder)).totals("all")).calls
    assert {row.workflow: row.answered for row in rows} == {"other": 22, "ward_round": 22, "tumor_board": 11}


@pytest.mark.parametrize(
    "extra",
    [
        ["Ward"],
        ["a"],
        ["ward round"],
        ["1st"],
        ["x" * 33],
        ["research"],
        ["twice", "twice"],
        [f"w{n}" for n in range(21)],
    ],
)
async def test_an_operators_workflow_is_a_short_plain_new_name(extra: list[str]) -> None:
    with pytest.raises(UsageError, match="settings file"):
        Workflows(extra)


async def test_the_tables_take_the_codes_there_are_and_nothing_else(folder: Path) -> None:
    with contextlib.closing(sqlite3.connect(folder / LIBRARY_FILE)) as database:
        for name, table in Metrics().tables.items():
            last = [size - 1 for size in table.sizes]
            places = ", ".join("?" for _ in last)
            insert = f"INSERT INTO metric_{name} VALUES (?, {places}, ?)"  # noqa: S608  # names of ours
            database.execute(insert, (20_000, *last, 1))
            for place in range(len(last)):
                for wrong in (last[place] + 1, -1, "Jane Roe", 0.5, None):
                    with pytest.raises(sqlite3.IntegrityError):
                        database.execute(insert, (20_000, *last[:place], wrong, *last[place + 1 :], 1))
            for wrong_day in (int(time.time()), "2026-01-01", -1):
                with pytest.raises(sqlite3.IntegrityError):
                    database.execute(insert, (wrong_day, *last, 1))
        for wrong_name in ("Jane Roe", "jane roe", "x", "a" * 33, "ü-1", "123"):
            with pytest.raises(sqlite3.IntegrityError):
                database.execute("INSERT INTO metric_workflows VALUES (100, ?)", (wrong_name,))
        texts = {
            (table, column)
            for (table,) in database.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'metric_%'")
            for _, column, kind, *_ in database.execute(f"PRAGMA table_info({table})")
            if kind != "INTEGER"
        }
    assert texts == {("metric_workflows", "name")}


async def test_a_library_made_before_there_were_metrics_opens_with_its_articles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(sqlite_store, "MIGRATIONS", MIGRATIONS[:2])
        async with open_library(tmp_path / "lib", create=True):
            pass
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", article(1)))
    async with open_library(tmp_path / "lib") as library:
        assert set(await library.articles([1])) == {1}
        stored = report(await Keeper(Metrics(), SqliteMetrics(tmp_path / "lib")).totals("all"))
    assert stored.ingest_records == 1


async def test_a_tracked_workflow_is_forgotten_in_time_and_their_number_has_an_end() -> None:
    now = 0.0
    tracker = Tracker(Metrics(), one_client=True, clock=lambda: now)
    first = tracker.start("teaching")
    for _ in range(MOST_RUNNING - 1):
        tracker.start("research")
    with pytest.raises(UsageError, match="under way already"):
        tracker.start("research")
    now = FORGOTTEN_AFTER_S + 1
    with pytest.raises(UsageError, match="No workflow of this workflow_id"):
        tracker.finish(first, RunOutcome.ANSWERED, None)
    assert tracker.start("research") != first


async def test_an_ingest_is_counted_once_whatever_its_progress_says_how_often(tmp_path: Path) -> None:
    file = write(tmp_path / "a.xml", *[article(number) for number in range(1, 31)])
    for _ in range(2):  # the second time there is nothing to do
        medlit_json("ingest", "--library", tmp_path / "lib", file)
    totals = await Keeper(Metrics(), SqliteMetrics(tmp_path / "lib")).totals("today")
    figures = report(totals)
    assert figures.ingest_records == 30
    assert figures.ingest_records_per_second
    counted = {list(Count)[counter] for (counter,) in totals.tables["counts"]}
    assert counted == {Count.INGEST_RECORDS, Count.INGEST_MS}
