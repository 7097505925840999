"""One rate for all processes of a machine, against a real server."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import anyio
import msgspec
import pytest

from medlit.errors import SourceUnavailable
from medlit.settings import Sources
from tests.live import servers
from tests.packaging.project import ROOT
from tests.pubmed import environment
from tools.live import turns
from tools.live.book import SharedBook
from tools.live.live import gates_of
from tools.live.throttle import PLACES, Gate
from tools.live.turns import Book

pytestmark = pytest.mark.anyio

GAP_S = 0.03
PROCESSES = 4
REQUESTS = 8

ASKING = """
import json, sys
from pathlib import Path
import anyio
from medlit.privacy.outbound import Outbound, Request
from tools.live import throttle, turns

base, book, gap, requests = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
starts = []

def ask(book, caller, now, gap):  # the real one, listened to
    book, again = turns.ask(book, caller, now, gap)
    if again is None:
        starts.append(now)
    return book, again

throttle.ask = ask
policy = throttle.Throttle([throttle.Gate(book, gap, [base])])

async def main():
    async with Outbound(around=policy.around) as outbound, anyio.create_task_group() as tasks:
        for _ in range(requests):
            tasks.start_soon(outbound.fetch, Request(base, "/esearch.fcgi"))

print("ready", flush=True)
sys.stdin.readline()
anyio.run(main)
print(json.dumps(starts))
"""


def test_four_processes_together_keep_the_rate(server: servers.Sources, tmp_path: Path) -> None:
    server.fail("/esearch.fcgi", *[servers.Answer()] * (PROCESSES * REQUESTS))
    command = [sys.executable, "-P", "-c", ASKING, server.base, str(tmp_path / "book"), str(GAP_S), str(REQUESTS)]
    asking = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env=environment(NO_PROXY="127.0.0.1", PYTHONPATH=str(ROOT)),
        )
        for _ in range(PROCESSES)
    ]  # fmt: skip
    for process in asking:  # all begin together, once all are there
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in asking:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[0] for process in asking]
    starts = sorted(start for each in said for start in json.loads(each))
    arrivals = sorted(each.at for each in server.asked)
    assert len(starts) == len(arrivals) == PROCESSES * REQUESTS
    assert all(later - earlier >= GAP_S - 1e-9 for earlier, later in itertools.pairwise(starts))
    # All of it is routine work, which has four turns of five.
    assert all(later - earlier >= 5 * GAP_S - 1e-9 for earlier, later in zip(starts, starts[4:], strict=False))
    # No request arrives before its turn: whatever is sent passes the gate.
    assert all(arrival >= start for start, arrival in zip(starts, arrivals, strict=True))


def test_ncbi_is_asked_as_seldom_as_it_wishes_and_all_of_it_is_one_source(tmp_path: Path) -> None:
    sources = Sources(throttle=tmp_path)
    without, withkey = gates_of(sources), gates_of(replace(sources, api_key="k"))
    assert (without.ncbi.gap_s, withkey.ncbi.gap_s) == (0.4, 0.11)
    assert without.ncbi.bases == {sources.ncbi_url, sources.idconv_url}
    assert without.europepmc.bases == {sources.europepmc_url}


async def test_a_source_is_asked_a_few_times_at_once_and_places_are_kept_for_emergencies(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "book", 0.0001, [])
    entered: list[bool] = []
    release = anyio.Event()

    async def enter(*, emergency: bool, done: anyio.Event) -> None:
        async with gate.passing(emergency=emergency):
            entered.append(emergency)
            done.set()
            await release.wait()

    async with anyio.create_task_group() as tasks:
        last = anyio.Event()
        for _ in range(PLACES - 1):
            last = anyio.Event()
            tasks.start_soon(lambda done=last: enter(emergency=False, done=done))
            await last.wait()
        late = anyio.Event()
        tasks.start_soon(lambda: enter(emergency=False, done=late))
        urgent = anyio.Event()
        tasks.start_soon(lambda: enter(emergency=True, done=urgent))
        with anyio.fail_after(10):
            await urgent.wait()
        assert not late.is_set()
        assert entered == [False] * (PLACES - 1) + [True]
        release.set()
        with anyio.fail_after(10):
            await late.wait()


async def test_an_emergency_of_one_process_overtakes_the_queue_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "LOOK_AGAIN_S", 0.05)
    ours, theirs, book = (
        Gate(tmp_path / "book", 0.01, []),
        Gate(tmp_path / "book", 0.01, []),
        SharedBook(tmp_path / "book"),
    )
    order: list[str] = []

    async def ask(gate: Gate, name: str, *, emergency: bool) -> None:
        async with gate.passing(emergency=emergency):
            order.append(name)

    async def queued(count: int) -> None:
        while True:
            if len((await book.change(lambda book: (book, book))).waiting) == count:
                return
            await anyio.sleep(0.01)  # the queue tells nobody of its length

    await ours.cool_down(60.0)
    async with anyio.create_task_group() as tasks:
        with anyio.fail_after(30):
            for place in range(3):
                tasks.start_soon(lambda name=f"routine {place}": ask(theirs, name, emergency=False))
            await queued(3)
            tasks.start_soon(lambda: ask(ours, "emergency", emergency=True))
            await queued(4)
        await book.change(lambda book: (msgspec.structs.replace(book, cool=0.0), None))
    assert order[0] == "emergency"
    assert len(order) == 4


async def test_a_cancelled_request_leaves_neither_a_place_nor_the_queue_taken(tmp_path: Path) -> None:
    gate = Gate(tmp_path / "book", 3_600.0, [])
    async with gate.passing(emergency=False):
        pass
    for _ in range(2 * PLACES):
        with anyio.move_on_after(0.02) as scope:
            async with gate.passing(emergency=False):
                pytest.fail("it had to wait for an hour")
        assert scope.cancelled_caught
    book = await SharedBook(tmp_path / "book").change(lambda book: (book, book))
    assert book.waiting == ()
    assert isinstance(book, Book)


async def test_a_cool_down_of_one_process_holds_for_the_others(tmp_path: Path) -> None:
    await Gate(tmp_path / "book", 0.001, []).cool_down(60.0)
    with anyio.move_on_after(0.1) as scope:
        async with Gate(tmp_path / "book", 0.001, []).passing(emergency=True):
            pytest.fail("the source asked to be left alone")
    assert scope.cancelled_caught


async def test_nobody_asks_while_the_rate_cannot_be_kept(tmp_path: Path) -> None:
    (tmp_path / "book").write_text("this is no book of turns, and no SQLite file at all" * 100)
    with pytest.raises(SourceUnavailable, match="cannot be used"):
        async with Gate(tmp_path / "book", 0.001, []).passing(emergency=True):
            pytest.fail("without the book nobody knows whose turn it is")
