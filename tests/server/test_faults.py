"""What goes wrong around a server, and leaves it as it was: locks, clocks, and clients that misbehave."""

from __future__ import annotations

import ast
import contextlib
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import psutil
import pytest

from medlit.settings import Settings
from server.app import services
from server.dispatch import Dispatch
from server.lanes.lanes import READERS
from tests.packaging.project import PARTS, ROOT, sources
from tests.processes import until
from tests.pubmed import article, environment, medlit_command, medlit_json, write
from tests.rude_clients import WAYS, Rude
from tests.serving import serving
from tools.catalog import TOOLS

QUESTION = {"query": "aspirin", "priority": "emergency"}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    papers = [article(n, f"Aspirin for headache {n}", abstract="It helps.") for n in range(1, 30)]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", *papers))
    return tmp_path / "lib"


@pytest.mark.anyio
async def test_while_another_process_holds_the_library_questions_are_answered_and_a_load_waits(
    library: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "b.xml", article(1_000, "Aspirin once more"))
    dispatch = Dispatch(TOOLS)
    async with services(Settings(library=library, workers=1)) as working:
        with contextlib.closing(sqlite3.connect(library / "library.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with subprocess.Popen(  # noqa: ASYNC220  # it takes a moment
                medlit_command("ingest", "--library", library, file),
                stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment(),
            ) as loading:  # fmt: skip
                for _ in range(20):
                    answer = await dispatch.call(working, "search_literature", QUESTION)
                    assert answer.structured_content
                    assert answer.structured_content["total"] == 29
                assert not await working.keeper.store(0.05), "the counts are kept for later"
                assert loading.poll() is None
                other.execute("COMMIT")
                assert loading.wait(60) == 0
        assert await working.keeper.store(10.0)
        figures = await working.keeper.stored()
        assert sum(figures.tables["calls"].values()) == 20
        answer = await dispatch.call(working, "search_literature", QUESTION)
        assert answer.structured_content
        assert answer.structured_content["total"] == 30


WALL_CLOCK = {
    "ingest/fetch.py": "a server's Retry-After may name a date",
    "tools/live/source.py": "the same",
    "medlit/library/sqlite_load.py": "when a file was loaded",
    "tools/live/fetching.py": "when a record was fetched",
    "tools/live/additions.py": "the day under which it is kept",
    "medlit/library/pubmed_index.py": "`last 30 days` in a search",
    "medlit/metrics/keeper.py": "the day that counts are added to",
    "server/tokens.py": "when a token was made, and when it ends",
    "server/token_command.py": "the dates of tokens, as they are shown",
    "medlit/log.py": "the time of a line",
}
"""Who may ask what time it is, and why: everything that is waited for or measured has a clock that never jumps."""


def asking_for_the_time(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            whose = ast.unparse(node.func.value)
            asked = f"{whose.rpartition('.')[2]}.{node.func.attr}"
            if asked in ("time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "date.today", "time.strftime",
                         "time.gmtime", "time.localtime"):  # fmt: skip
                yield node.lineno


def test_only_what_is_about_dates_asks_for_the_time_of_day() -> None:
    asking = {
        str(path.relative_to(ROOT))
        for part in PARTS
        for path in sources(part)
        if list(asking_for_the_time(ast.parse(path.read_text())))
    }
    assert asking == set(WALL_CLOCK)


@pytest.mark.anyio
@pytest.mark.parametrize("jump_s", [-400 * 86_400.0, -3_600.0, 3_600.0, 400 * 86_400.0])
async def test_a_clock_that_jumps_changes_no_deadline_and_no_measured_time(
    library: Path, jump_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch, real = Dispatch(TOOLS), time.time
    async with services(Settings(library=library, workers=1)) as working:
        for turn in range(6):
            monkeypatch.setattr(time, "time", lambda turn=turn: real() + (jump_s if turn % 2 else 0.0))
            with anyio.fail_after(60):
                answer = await dispatch.call(working, "search_literature", QUESTION)
                assert not answer.is_error
                assert await working.keeper.store(10.0)
        totals = await working.keeper.totals("session")
        durations = [bucket for *_, bucket in totals.tables["calls"]]
        assert sum(totals.tables["calls"].values()) == 6
        assert sum((await working.keeper.totals("all")).tables["calls"].values()) == 6
        assert max(durations) < working.metrics.calls.sizes[-1] - 1, "the last bucket is for a minute and more"


ROUNDS = 3 * READERS


@pytest.mark.skipif(os.name != "posix", reason="counts file descriptors")
def test_clients_that_misbehave_leave_nothing_behind(library: Path) -> None:
    with serving(library) as server:
        rude = Rude(urlsplit(server.url).port or 0)
        process = psutil.Process(server.process.pid)
        for way in WAYS:  # what is made once, such as threads and database connections
            rude.behave(way)
        server.call("search_literature", **QUESTION)

        def connected() -> int:
            return sum(place.status != psutil.CONN_LISTEN for place in process.net_connections("tcp"))

        until(lambda: not connected(), "the end of the first connections")
        before, children = process.num_fds(), process.children(recursive=True)
        for _ in range(ROUNDS):
            for way in WAYS:
                rude.behave(way)
        until(lambda: not connected(), "the end of every connection")
        # Connections to the store are made as they are needed, each with two files, and kept.
        until(lambda: process.num_fds() <= before + 2 * READERS, "the end of what they opened")
        assert process.children(recursive=True) == children

        def busy() -> dict[str, int]:
            now: dict[str, int] = server.get("/status").json()["metrics"]["now"]
            return {name: count for name, count in now.items() if count}

        # A search that nobody waits for any more still ends in its thread.
        until(lambda: not busy(), "the end of every call, and the slots they held")
        with contextlib.closing(socket.create_connection(("127.0.0.1", rude.port))):
            assert not server.call("search_literature", **QUESTION)["isError"]
