"""Calls and cold start over standard input and output, beside a server that does nothing."""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import anyio
from mcp import Client, StdioServerParameters

from scripts.benchmarks import libraries, queries
from scripts.benchmarks.libraries import Prepared
from scripts.benchmarks.pipe_client import CallFailed, PipeClient
from scripts.benchmarks.plan import Plan
from scripts.benchmarks.tables import at_most, median_percentiles, number, table

P50_MS = 5.0
OWN_START_S = 0.3
TOOL = "search_literature"

INTRO = """\
## Over standard input and output

Time from writing a `search_literature` call to having read its whole answer, ten hits each, one call after another,
with the queries of the section above. "Pipe" is a client of a few lines that speaks JSON-RPC (with the handshake),
"SDK" is the `Client` of the Python SDK in its default mode. The bare server is the SDK's low-level server with one
tool that returns `ok`: what it takes is the price of the protocol."""

START = """\
### Cold start

From starting the process to reading its answer to `initialize`, processes alternating. CPU time is that of the server
at that moment, in steps of 10 ms. The own share is the median of the differences to the bare server started just
before."""


class Server(NamedTuple):
    """A server to start and its name in the tables."""

    name: str
    command: list[str]


def section(plan: Plan) -> str:
    """Measure, and write the section."""
    if not plan.files:
        return f"## Over standard input and output\n\n{plan.why_skipped}"
    prepared = libraries.prepare(plan)
    asked = anyio.run(queries.make, prepared[0].folder, plan.queries, plan.filtered_queries)
    calls = [query.arguments for query in asked.plain[: plan.calls]]
    servers = [_bare(), *(_medlit(library) for library in prepared)]
    by_pipe, cpu_ms = _by_pipe(servers, calls, plan.repetitions)
    by_sdk = anyio.run(_by_sdk, servers, calls, plan.repetitions)
    rows: list[list[str]] = []
    for place, server in enumerate(servers):
        pipe, sdk = median_percentiles(by_pipe[place]), median_percentiles(by_sdk[place])
        rows.append([server.name, *map(number, (pipe.p50, pipe.p99, cpu_ms[place], sdk.p50, sdk.p99))])
    head = ("server", "pipe p50 ms", "pipe p99 ms", "server's CPU ms a call", "SDK p50 ms", "SDK p99 ms")
    target = at_most(median_percentiles(by_pipe[-1]).p50, P50_MS, "ms")
    return (
        f"{INTRO}\n\n{table(head, rows)}\n\n{len(calls):,} calls a round, {plan.repetitions} rounds.\n\n"
        f"Target, pipe, {prepared[-1].articles:,} articles: p50 {target}.\n\n{_start(servers, plan)}"
    )


def _bare() -> Server:
    return Server("bare SDK server", [sys.executable, "-P", str(Path(__file__).with_name("bare_server.py"))])


def _medlit(library: Prepared) -> Server:
    command = [sys.executable, "-P", "-m", "medlit", "serve", "--library", str(library.folder)]
    return Server(f"medlit, {library.articles:,} articles", command)


Rounds = list[list[float]]


def _by_pipe(
    servers: Sequence[Server], calls: Sequence[dict[str, Any]], rounds: int
) -> tuple[list[Rounds], list[float]]:
    """Latencies in ms of every server's rounds, and its CPU time a call."""
    with ExitStack() as stack:
        clients = [stack.enter_context(PipeClient(server.command)) for server in servers]
        for client in clients:
            _round(client, calls[:50])
        before = [client.cpu_s() for client in clients]
        latencies: list[Rounds] = [[] for _ in servers]
        for _ in range(rounds):
            for client, of_server in zip(clients, latencies, strict=True):
                of_server.append(_round(client, calls))
        used = [client.cpu_s() - cpu for client, cpu in zip(clients, before, strict=True)]
    return latencies, [1000 * cpu / (rounds * len(calls)) for cpu in used]


def _round(client: PipeClient, calls: Sequence[dict[str, Any]]) -> list[float]:
    latencies: list[float] = []
    for arguments in calls:
        started = time.perf_counter()
        client.call(TOOL, arguments)
        latencies.append(1000 * (time.perf_counter() - started))
    return latencies


async def _by_sdk(servers: Sequence[Server], calls: Sequence[dict[str, Any]], rounds: int) -> list[Rounds]:
    """The same through the SDK's client."""
    latencies: list[Rounds] = [[] for _ in servers]
    async with AsyncExitStack() as stack:
        clients: list[Client] = []
        for server in servers:
            program, *arguments = server.command
            parameters = StdioServerParameters(command=program, args=arguments, env=dict(os.environ))
            clients.append(await stack.enter_async_context(Client(parameters)))
        for client in clients:
            await _sdk_round(client, calls[:50])
        for _ in range(rounds):
            for client, of_server in zip(clients, latencies, strict=True):
                of_server.append(await _sdk_round(client, calls))
    return latencies


async def _sdk_round(client: Client, calls: Sequence[dict[str, Any]]) -> list[float]:
    latencies: list[float] = []
    for arguments in calls:
        started = time.perf_counter()
        answer = await client.call_tool(TOOL, arguments)
        latencies.append(1000 * (time.perf_counter() - started))
        if answer.is_error:
            raise CallFailed(str(answer.content))
    return latencies


def _start(servers: Sequence[Server], plan: Plan) -> str:
    """Start every server in turn, and tell how long each took."""
    wall: list[list[float]] = [[] for _ in servers]
    cpu: list[list[float]] = [[] for _ in servers]
    for _ in range(plan.starts):
        for place, server in enumerate(servers):
            with PipeClient(server.command) as client:
                wall[place].append(client.start_wall_s)
                cpu[place].append(client.start_cpu_s)
    rows: list[list[str]] = []
    own_wall = 0.0
    for place, server in enumerate(servers):
        own_wall, own_cpu = _difference(wall[place], wall[0]), _difference(cpu[place], cpu[0])
        medians = [f"{statistics.median(values[place]):.2f}" for values in (wall, cpu)]
        rows.append([server.name, *medians, *([f"{own_wall:.2f}", f"{own_cpu:.2f}"] if place else ["–", "–"])])
    head = ("server", "wall s", "CPU s", "own share, wall s", "own share, CPU s")
    return (
        f"{START}\n\n{table(head, rows)}\n\n{plan.starts} starts each.\n\n"
        f"Target, own share of the wall time: {at_most(own_wall, OWN_START_S, 's')}."
    )


def _difference(values: Sequence[float], base: Sequence[float]) -> float:
    return statistics.median(value - other for value, other in zip(values, base, strict=True))
