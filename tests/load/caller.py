"""A caller of medlit's tools over HTTP, for locust: lean JSON-RPC requests, and what became of each of them.

No MCP client: the load comes from the same cores as the answers, and should cost little.

Settings: ``MEDLIT_LOAD_TOKEN``, the bearer token; ``MEDLIT_LOAD_PACE``, calls a second of
each user, 0 for as many as are answered; ``MEDLIT_LOAD_RESULTS``, a file for what was
measured, every duration of it, from the moment when all users are there.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from locust import FastHttpUser, events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

from tests.load.identifiers import marks_in

HOST = "http://127.0.0.1:8321"

BEGINNINGS = {
    "There is no room": "shed",
    "No answer within": "timed out",
    "Not sent: it may identify": "refused",
}
"""How a planned error begins, and what it counts as; another one is a failure."""

PATIENCE_S = 30.0

_PMID = re.compile(rb'"pmid":(\d+)')
_KEPT_PMIDS = 50

_numbers = count()


class Measurements:
    """What became of the calls since all users were there."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, **_: Any) -> None:
        """Forget what was, and begin."""
        self._began = time.monotonic()
        self._ended: float | None = None
        self._ms: defaultdict[tuple[str, str, str], list[float]] = defaultdict(list)
        self._repeated = 0

    def add(self, lane: str, tool: str, outcome: str, ms: float) -> None:
        """One call that ended."""
        self._ms[lane, tool, outcome].append(round(ms, 2))

    def repeats(self) -> None:
        """An error repeated what was sent."""
        self._repeated += 1

    def end(self, **_: Any) -> None:
        """The test stops."""
        self._ended = time.monotonic()

    def write(self, **_: Any) -> None:
        """Write everything where it is asked for."""
        path = os.environ.get("MEDLIT_LOAD_RESULTS")
        # A signal ends a test without a word.
        ended = self._ended or time.monotonic()
        if path:
            calls = [
                {"lane": lane, "tool": tool, "outcome": outcome, "ms": ms}
                for (lane, tool, outcome), ms in sorted(self._ms.items())
            ]
            results = {"seconds": ended - self._began, "repeated": self._repeated, "calls": calls}
            Path(path).write_text(json.dumps(results), encoding="utf-8")


MEASUREMENTS = Measurements()

_events: Any = events
"""locust's, whose listeners have no types."""

_events.spawning_complete.add_listener(MEASUREMENTS.begin)
_events.test_stop.add_listener(MEASUREMENTS.end)
_events.quitting.add_listener(MEASUREMENTS.write)


def scenario(users: int, spawn_rate: int) -> None:
    """How many users there are where the command line does not say, and how many come in a second."""

    def set_defaults(parser: LocustArgumentParser, **_: Any) -> None:
        parser.set_defaults(num_users=users, spawn_rate=spawn_rate, host=HOST)

    _events.init_command_line_parser.add_listener(set_defaults)


def pace(calls_a_second: float) -> Callable[[Any], float]:
    """How long a user waits, to make so many calls a second at random moments, where the settings do not say.

    What is late is made up for: the load does not give way when answers come late.
    """
    wanted = float(os.environ.get("MEDLIT_LOAD_PACE", calls_a_second))

    def wait(user: Caller) -> float:
        now = time.monotonic()
        user.due = user.due + user.chance.expovariate(wanted) if wanted else now
        return max(0.0, user.due - now)

    return wait


class Caller(FastHttpUser):
    """A user who calls tools."""

    abstract = True
    network_timeout = connection_timeout = PATIENCE_S
    max_retries = 0

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self.chance = random.Random(next(_numbers))  # noqa: S311  # the same calls every time
        self.pmids: list[int] = []
        self.due = time.monotonic()
        """When the next call is to be made."""
        token = os.environ.get("MEDLIT_LOAD_TOKEN")
        self._headers = {
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {token}"} if token else {}),
        }

    def call(self, tool: str, *, must_be: Sequence[str] = ("ok",), **arguments: Any) -> None:
        """Call a tool. What does not end as it must is a failure; a call without errors is ``ok``."""
        lane = "outside" if arguments.get("source", "local") != "local" else arguments.get("priority", "routine")
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        client: Any = self.client  # its answers have no types
        with client.post(
            "/mcp", data=json.dumps(message), headers=self._headers, name=f"{lane} {tool}", catch_response=True
        ) as response:
            body = bytes(response.content or b"")
            outcome = outcome_of(response.status_code, body)
            MEASUREMENTS.add(lane, tool, outcome, float(response.request_meta["response_time"]))
            if outcome == "ok":
                self.pmids = [*(int(pmid) for pmid in _PMID.findall(body)), *self.pmids][:_KEPT_PMIDS]
            else:
                response.request_meta["name"] += f" ({outcome})"
                if marks_in(body):
                    MEASUREMENTS.repeats()
            if outcome in must_be:
                response.success()
            else:
                response.failure(outcome if outcome != "failed" else body.decode(errors="replace")[:300])

    def some_pmids(self, most: int) -> list[int]:
        """PMIDs of earlier answers; one that may not exist before the first."""
        return self.chance.sample(self.pmids, min(most, len(self.pmids))) or [1]


def outcome_of(status: int, body: bytes) -> str:
    """What became of a call, from its answer."""
    if status != 200:
        return f"HTTP {status}" if status else "no answer"
    # Answers are long, and are read only where they are short: in errors.
    if b'"result"' in body[:80] and b'"isError":true' not in body:
        return "ok"
    result = json.loads(body).get("result")
    if result is None:
        return "protocol error"
    text: str = result["content"][0]["text"]
    return next((outcome for beginning, outcome in BEGINNINGS.items() if text.startswith(beginning)), "failed")
