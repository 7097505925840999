"""Locust, headless, in processes of its own; and what its users measured."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = ROOT / "tests/load"

STOPS_WITHIN_S = 40.0


@dataclass(frozen=True, slots=True)
class Swarm:
    """Users of one scenario."""

    scenario: str
    users: int
    spawn_rate: int
    pace: float | None = None
    """Calls a second of each; the scenario's own where nothing is said."""

    def longer(self, seconds: float) -> float:
        """The time for which locust must run, so that all users are there for so long."""
        return seconds + self.users / self.spawn_rate


class Calls(msgspec.Struct):
    """Calls that ended alike."""

    lane: str
    tool: str
    outcome: str
    ms: list[float]


class Measured(msgspec.Struct):
    """What one scenario's users measured, from the moment when all were there."""

    seconds: float
    repeated: int
    """Errors that repeated an identifier."""
    calls: list[Calls]


class Outcome(NamedTuple):
    """One scenario in one run."""

    swarm: Swarm
    measured: Measured


class LocustFailed(Exception):
    """Locust ended without results."""


def swarm(url: str, tokens: dict[str, str], swarms: Sequence[Swarm], seconds: float, folder: Path) -> list[Outcome]:
    """Run scenarios side by side for so many seconds."""
    with swarming(url, tokens, swarms, seconds, folder) as running:
        for process in running:
            process.wait(seconds + STOPS_WITHIN_S + max(each.longer(0) for each in swarms))
    return read_results(swarms, folder)


@contextlib.contextmanager
def swarming(
    url: str, tokens: dict[str, str], swarms: Sequence[Swarm], seconds: float, folder: Path
) -> Generator[list[subprocess.Popen[bytes]]]:
    """Scenarios that run side by side, at most so many seconds; they are stopped with the block."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for each in swarms:
            results(folder, each).unlink(missing_ok=True)
            running.append(_start(url, tokens[each.scenario], each, seconds, folder))
        yield running
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOPS_WITHIN_S)
            process.kill()
            process.wait()


def _start(url: str, token: str, each: Swarm, seconds: float, folder: Path) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "locust", "-f", str(SCENARIOS / f"{each.scenario}.py"), "--headless", "--only-summary",
        "--host", url, "-u", str(each.users), "-r", str(each.spawn_rate), "-t", f"{each.longer(seconds):.0f}s",
        "--exit-code-on-error", "0", "--loglevel", "WARNING",
    ]  # fmt: skip
    env = {**os.environ, "MEDLIT_LOAD_TOKEN": token, "MEDLIT_LOAD_RESULTS": str(results(folder, each))}
    if each.pace is not None:
        env["MEDLIT_LOAD_PACE"] = str(each.pace)
    with (folder / f"{each.scenario}.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )


def results(folder: Path, each: Swarm) -> Path:
    """Where a scenario writes what it measured."""
    return folder / f"{each.scenario}.json"


def read_results(swarms: Sequence[Swarm], folder: Path) -> list[Outcome]:
    """What they measured.

    Raises:
        LocustFailed: one of them wrote nothing.
    """
    outcomes: list[Outcome] = []
    for each in swarms:
        try:
            measured = msgspec.convert(json.loads(results(folder, each).read_bytes()), Measured)
        except FileNotFoundError:
            log = (folder / f"{each.scenario}.log").read_text(encoding="utf-8", errors="replace")
            raise LocustFailed(f"{each.scenario} measured nothing:\n{log[-2_000:]}") from None
        outcomes.append(Outcome(each, measured))
    return outcomes
