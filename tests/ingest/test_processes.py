"""An ingest leaves no process behind and nothing half-loaded, however it ends."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import anyio
import psutil
import pytest

from ingest.pool import Pool
from medlit.errors import WorkerCrashed
from tests.crashing import die, die_once, double
from tests.processes import alive, all_gone_after, tree, until
from tests.pubmed import HEAD, article, environment, medlit_command, medlit_json, write


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A file that takes long enough to be interrupted."""
    file = tmp_path / "big.xml"
    with file.open("w") as out:
        out.write(HEAD)
        for start in range(1, 60_000, 1_000):
            out.writelines(article(n, "x " * 100) for n in range(start, start + 1_000))
        out.write("</PubmedArticleSet>")
    return file


def start(*arguments: str | Path, stdin: int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    return subprocess.Popen(
        medlit_command("ingest", "--workers", "2", *arguments),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
    )


def wait_for_workers(process: subprocess.Popen[str]) -> None:
    def parsing() -> bool:
        busy = [
            worker for worker in tree(process.pid)[1:] if worker in alive([worker]) and worker.cpu_times().user > 0.3
        ]
        return len(busy) >= 2

    until(parsing, "parsing")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_survives_a_signal_to_the_ingest(number: signal.Signals, endless: Path, tmp_path: Path) -> None:
    with start("--library", tmp_path / "lib", endless) as process:
        wait_for_workers(process)
        with all_gone_after(process.pid):
            process.send_signal(number)
            _, complaint = process.communicate(timeout=20)
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert "run the same command again to go on" in complaint
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert (status["articles"], status["files"]) == (0, 0)


def test_an_ingest_lets_the_server_that_started_it_come_first_and_ends_with_it(endless: Path, tmp_path: Path) -> None:
    with start("--events", "--library", tmp_path / "lib", endless, stdin=subprocess.PIPE) as process:
        wait_for_workers(process)
        assert min(each.nice() for each in tree(process.pid)) > psutil.Process().nice()
        with all_gone_after(process.pid):
            assert process.stdin
            process.stdin.close()  # what the system does when the parent dies
            process.wait(timeout=20)


def test_a_killed_parser_is_replaced_and_nothing_is_lost(endless: Path, tmp_path: Path) -> None:
    with start("--json", "--library", tmp_path / "lib", endless) as process:
        wait_for_workers(process)
        workers = [child for child in tree(process.pid)[1:] if "resource_tracker" not in " ".join(child.cmdline())]
        workers[0].kill()
        output, _ = process.communicate(timeout=90)
    report = json.loads(output)
    assert process.returncode == 0
    assert report["records_stored"] == report["records_read"] == 59_999 + 1


def test_two_ingests_at_once_share_one_library(tmp_path: Path) -> None:
    files = [
        write(
            tmp_path / f"pubmed21n{number:04}.xml", *[article(n, f"Lot {number}") for n in range(first, first + 3000)]
        )
        for number, first in ((1, 1), (2, 1001))
    ]
    running = [start("--json", "--library", tmp_path / "lib", file) for file in files]
    for process in running:
        with process:
            process.communicate(timeout=90)
        assert process.returncode == 0
    status = medlit_json("status", "--library", tmp_path / "lib")
    assert (status["articles"], status["files"], status["index_behind"]) == (4000, 2, 0)
    assert medlit_json("search", "--library", tmp_path / "lib", "lot 2")["hits"][0]["pmid"] > 1000
    assert medlit_json("get", "--library", tmp_path / "lib", "1001")["articles"][0]["title"] == "Lot 2"


@pytest.mark.anyio
async def test_a_call_that_kills_its_worker_twice_takes_down_only_itself() -> None:
    with Pool(2) as pool:
        first, deadly, last = pool.start(double, 1), pool.start(die), pool.start(double, 2)
        with anyio.fail_after(60):
            assert await pool.result(first) == 2
            with pytest.raises(WorkerCrashed):
                await pool.result(deadly)
            assert await pool.result(last) == 4
            assert await pool.result(pool.start(double, 3)) == 6


@pytest.mark.anyio
async def test_a_call_whose_worker_dies_once_is_made_again(tmp_path: Path) -> None:
    with Pool(1) as pool, anyio.fail_after(60):
        assert await pool.result(pool.start(die_once, str(tmp_path / "died"))) == "second time"


@pytest.mark.anyio
async def test_closing_a_pool_does_not_wait_for_running_calls() -> None:
    pool = Pool(1)
    with anyio.fail_after(60):
        await pool.result(pool.start(double, 1))
        workers = psutil.Process().children()
        pool.start(die_once, "/nonexistent/folder/never")
        pool.close()
    assert not [worker for worker in alive(workers) if "resource_tracker" not in " ".join(worker.cmdline())]
