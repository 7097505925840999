"""The command line of ``scripts/soak``: an hour's calls in ten minutes, and whether anything accumulates."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import psutil

from scripts.benchmarks import page
from scripts.benchmarks.tables import number, table
from scripts.loading import files, observed
from tests.load import subjects
from tests.load.identifiers import questions
from tests.processes import alive, tree, until
from tests.pubmed import environment
from tests.rude_clients import WAYS, Rude
from tests.serving import Serving, serving

ROOT = Path(__file__).resolve().parents[2]

HOUR_S = 3_600
CALLS_AN_HOUR = 18_000
"""Five a second, as of a ward full of agents."""

RUDE_SHARE = 10
"""One client of so many misbehaves."""

SAMPLE_EVERY_S = 2.0
WARM_SHARE = 0.25
"""Of the time, in which caches, threads and connections are made that are then kept."""

WARM_CALLS = 4
"""Batches of searches sent at once, before anything else."""

FLAT_MB, FLAT_COUNT = 20.0, 3.0
"""By how much the end may lie above the time after warming up: medians of a tenth of the time each."""

INTRO = """\
## Soak

An hour of {an_hour:,} calls made in {minutes:.0f} minutes, over HTTP and over standard input and output at once, on a
library of {articles:,} articles: searches, records, citations, headings, figures. One client of {rude} over HTTP
vanishes, breaks off, sends garbage, half a request or none; one call of {rude} on pipes is cancelled, comes too late
for its deadline, or is no call. "After warming up" and "at the end" are medians of a tenth of the time. Tasks are told
by the server's event loop; the rest is seen from outside."""


@dataclass(slots=True)
class Watched:
    """One server, and what was seen of it."""

    name: str
    process: psutil.Process
    tells: Path
    seen: dict[str, list[float]] = field(default_factory=lambda: dict[str, list[float]]())
    calls: int = 0
    errors: int = 0
    """Answers that say that something went wrong, asked for rightly."""

    def look(self) -> None:
        """Take a sample."""
        self.process.send_signal(signal.SIGUSR1)
        tasks = self.tells.read_text() if self.tells.exists() else ""
        sample = {
            "tasks": float(tasks) if tasks else None,
            "file descriptors": float(self.process.num_fds()),
            "threads": float(self.process.num_threads()),
            "connections": float(sum(place.status != psutil.CONN_LISTEN for place in self.process.net_connections())),
            "children": float(len(self.process.children(recursive=True))),
            "memory, MB": self.process.memory_full_info().uss / 1e6,
        }
        for name, value in sample.items():
            if value is not None:
                self.seen.setdefault(name, []).append(value)


def main(arguments: Sequence[str]) -> int:
    """Soak, and write the section; 1 when something accumulates."""
    options = _parser().parse_args(arguments)
    command = "scripts/soak" + (f" --minutes {options.minutes:g}" if options.minutes != 10 else "")
    with tempfile.TemporaryDirectory(prefix="medlit-soak-") as folder:
        scratch = Path(folder)
        base = options.base or scratch / "base"
        if not base.exists():
            files.load(base, [*files.mesh_files(options.data), *files.pubmed_files(options.data, scratch)])
        text, flat = soak(base, scratch, options.minutes * 60)
    if options.output or options.minutes == 10:
        page.write_section(options.output or ROOT / "docs/benchmarks.md", "soak", text, command)
    sys.stdout.write(text + "\n")
    return 0 if flat else 1


def soak(library: Path, scratch: Path, seconds: float) -> tuple[str, bool]:
    """The section, and whether all is flat."""
    with _http(library, scratch) as (web, server), _pipes(library, scratch) as (pipes, process):
        stop = threading.Event()
        pace_s = seconds / CALLS_AN_HOUR * 2  # half of the calls each way
        callers = [
            threading.Thread(target=_call_over_http, args=(server, web, pace_s, stop)),
            threading.Thread(target=_call_over_pipes, args=(process, pipes, pace_s, stop)),
        ]
        for caller in callers:
            caller.start()
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            time.sleep(SAMPLE_EVERY_S)
            for watched in (web, pipes):
                watched.look()
        stop.set()
        for caller in callers:
            caller.join()
        articles = server.get("/status").json()["library"]["articles"]
        processes = [*tree(server.process.pid), *tree(process.pid)]
        until(lambda: _connections(web) == 0, "the end of every connection")
    until(lambda: not alive(processes), "the end of every process")
    rows, flat = _rows([web, pipes])
    intro = INTRO.format(an_hour=CALLS_AN_HOUR, minutes=seconds / 60, articles=articles, rude=RUDE_SHARE)
    head = ("server", "what", "after warming up", "most", "at the end", "flat")
    told = "; ".join(
        f"{each.name}: {each.calls:,} calls, {each.errors:,} answered with an error" for each in (web, pipes)
    )
    ended = "Afterwards no connection was left, and every process ended."
    return f"{intro}\n\n{table(head, rows)}\n\n{told}. {ended}", flat


def _rows(servers: Sequence[Watched]) -> tuple[list[list[str]], bool]:
    rows: list[list[str]] = []
    flat = True
    for watched in servers:
        for what, values in watched.seen.items():
            warm, tenth = int(len(values) * WARM_SHARE), max(1, len(values) // 10)
            after, end = statistics.median(values[warm : warm + tenth]), statistics.median(values[-tenth:])
            is_flat = end - after <= (FLAT_MB if "MB" in what else FLAT_COUNT)
            flat = flat and is_flat
            verdict = "yes" if is_flat else "**no**"
            rows.append([watched.name, what, number(after), number(max(values)), number(end), verdict])
    return rows, flat


def _connections(watched: Watched) -> int:
    return sum(place.status != psutil.CONN_LISTEN for place in watched.process.net_connections())


@contextlib.contextmanager
def _http(library: Path, scratch: Path) -> Generator[tuple[Watched, Serving]]:
    tells = scratch / "http-tasks"
    command = [sys.executable, "-P", "-m", observed.__name__]
    env = {observed.TELLS: str(tells), "PYTHONPATH": os.fspath(ROOT), "MEDLIT_OFFLINE": "1"}
    with serving(library, command=command, env=env) as server:
        yield Watched("HTTP", psutil.Process(server.process.pid), tells), server
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(30)


@contextlib.contextmanager
def _pipes(library: Path, scratch: Path) -> Generator[tuple[Watched, subprocess.Popen[bytes]]]:
    tells = scratch / "pipe-tasks"
    env = environment(**{observed.TELLS: str(tells), "PYTHONPATH": os.fspath(ROOT), "MEDLIT_OFFLINE": "1"})
    command = [sys.executable, "-P", "-m", observed.__name__, "serve", "--library", str(library)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    ) as process:
        try:
            yield Watched("pipes", psutil.Process(process.pid), tells), process
            if process.stdin:
                process.stdin.close()
            process.wait(30)
        finally:
            process.kill()


def _questions(chance: random.Random) -> tuple[str, dict[str, Any]]:
    """A call of some tool."""
    some: tuple[Callable[[], tuple[str, dict[str, Any]]], ...] = (
        lambda: ("search_literature", {"query": subjects.routine(chance)}),
        lambda: ("search_literature", {"query": subjects.emergency(chance), "priority": "emergency"}),
        lambda: ("search_literature", {"query": chance.choice(questions()).text, "limit": 3}),
        lambda: ("search_literature", {"mesh": chance.choice(subjects.HEADINGS), "sort": "newest"}),
        lambda: ("get_articles", {"ids": [chance.randrange(1, 40_000_000) for _ in range(5)]}),
        lambda: ("format_citations", {"ids": [chance.randrange(1, 40_000_000)]}),
        lambda: ("lookup_mesh", {"term": chance.choice(subjects.CONDITIONS)}),
        lambda: ("get_metrics", {}),
        lambda: ("check_phi", {"text": chance.choice(questions()).text}),
    )
    return chance.choice(some)()


def _subjects(chance: random.Random, count: int) -> list[str]:
    return [subjects.routine(chance) for _ in range(count)]


def _paced(pace_s: float, stop: threading.Event) -> Generator[int]:
    """Numbers, one every so many seconds, until it is time to stop."""
    began, made = time.monotonic(), 0
    while not stop.wait(max(0.0, began + made * pace_s - time.monotonic())):
        made += 1
        yield made


def _call_over_http(server: Serving, watched: Watched, pace_s: float, stop: threading.Event) -> None:
    chance = random.Random(1)  # noqa: S311  # the same calls every time
    rude = Rude(urlsplit(server.url).port or 0)
    ways = list(WAYS)
    headers = {"Accept": "application/json, text/event-stream"}
    with httpx2.Client(base_url=server.url, headers=headers, timeout=30) as client:
        for made in _paced(pace_s, stop):
            watched.calls += 1
            if made % RUDE_SHARE == 0:
                rude.behave(ways[made // RUDE_SHARE % len(ways)])
                continue
            name, arguments = _questions(chance)
            params = {"name": name, "arguments": arguments}
            message = {"jsonrpc": "2.0", "id": made, "method": "tools/call", "params": params}
            answer = client.post("/mcp", json=message).json()
            watched.errors += bool(answer["result"]["isError"])


def _call_over_pipes(process: subprocess.Popen[bytes], watched: Watched, pace_s: float, stop: threading.Event) -> None:
    chance = random.Random(2)  # noqa: S311  # the same calls every time
    assert process.stdin  # noqa: S101  # a pipe was asked for
    assert process.stdout  # noqa: S101  # a pipe was asked for

    def tell(line: bytes) -> None:
        assert process.stdin  # noqa: S101  # a pipe was asked for
        process.stdin.write(line + b"\n")
        process.stdin.flush()

    def send(method: str, number: int | None = None, **params: object) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": params}
        tell(json.dumps(message if number is None else {**message, "id": number}).encode())

    def answer(number: int | None) -> dict[str, Any]:
        """The answer to this message; the next one, if none is named."""
        while True:
            assert process.stdout  # noqa: S101  # a pipe was asked for
            found: dict[str, Any] = json.loads(process.stdout.readline())
            if number in (None, found.get("id")):
                return found

    send("initialize", 0, protocolVersion="2025-06-18", capabilities={}, clientInfo={"name": "soak", "version": "1"})
    answer(0)
    send("notifications/initialized")
    # All threads and connections that searches may have at once are made before the time after warming up.
    for warm in range(-WARM_CALLS, 0):
        send("tools/call", warm, name="search_literature_batch", arguments={"queries": _subjects(chance, 20)})
    for _ in range(WARM_CALLS):
        answer(None)
    for made in _paced(pace_s, stop):
        watched.calls += 1
        name, arguments = _questions(chance)
        if made % RUDE_SHARE == 0:
            long = {"query": " OR ".join(f"word{word}" for word in range(400)), "limit": 100, "priority": "emergency"}
            way = made // RUDE_SHARE % 3
            if way == 0:
                send("tools/call", made, name="search_literature", arguments=long)
                send("notifications/cancelled", requestId=made, reason="no")
            elif way == 1:
                send("tools/call", made, name="search_literature_batch", arguments={"queries": [long["query"]] * 20})
                answer(made)
            else:
                tell(b'{"jsonrpc": "2.0", "id": 7, "method": [}')
            continue
        send("tools/call", made, name=name, arguments=arguments)
        watched.errors += bool(answer(made)["result"]["isError"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__, allow_abbrev=False)
    parser.add_argument(
        "--minutes", type=float, default=10.0, help="in which the hour's calls are made; only 10 are written down"
    )
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/pubmed-xml", help="PubMed XML files")
    parser.add_argument("--base", type=Path, help="the library to ask, made there when there is none, and kept")
    parser.add_argument("--output", type=Path, help="the page to write (default: docs/benchmarks.md)")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
