"""What is measured, one after another: an ingest alone, each scenario, what the machine carries, twice that."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any, NamedTuple

from scripts.loading import files
from scripts.loading.locusts import Outcome, Swarm, read_results, swarm, swarming
from scripts.loading.target import Target, literature, target
from tests.live.servers import Sources
from tests.load.identifiers import marks_in_all

EMERGENCIES, DESKS, CARELESS = "emergency_scenarios", "admin_workflows", "phi_protection_stress"

CARRIES_USERS = 16
"""Callers who ask again as soon as they are answered: they fill the server's slots and queue, and nothing is shed."""

TIMES = 2
"""How much more than it carries the machine is offered."""

PACE_OF_MANY = 0.5
"""Calls a second of each user of the overload. A user waits for an answer before the next call, so a load that does
not give way when answers come late takes many of them."""
MOST_USERS = 800
"""A server's process has a thousand connections at most."""

LOOK_EVERY_S = 1.0
BLOCK_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one run."""

    data: Path
    scratch: Path
    base: Path
    """The library that is asked; made where there is none."""
    seconds: float
    """For each scenario, once all users are there."""
    most_seconds: float
    """For the overload, which otherwise ends with the ingest."""
    invented: int = files.INVENTED
    share: float = 1.0
    """Of the users, who then call as much more often."""

    def users(self, wanted: int) -> int:
        """So many, or a share of them."""
        return max(1, round(wanted * self.share))


class Load(NamedTuple):
    """An ingest that a server ran."""

    records: int
    seconds: float
    finished: bool

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.records / self.seconds if self.seconds else 0.0


class Phase(NamedTuple):
    """One server's life."""

    name: str
    outcomes: list[Outcome]
    seen: dict[str, Any]
    """What the server says of itself."""
    cpu_s: float
    """That the server used, from the first user on."""
    seconds: float
    """From the first user on."""
    memory_mb: float
    load: Load | None = None

    def calls(self, *outcomes: str) -> int:
        """How many calls ended like that."""
        return sum(
            len(calls.ms) for each in self.outcomes for calls in each.measured.calls if calls.outcome in outcomes
        )

    @property
    def rate(self) -> float:
        """Calls answered a second."""
        return sum(
            len(calls.ms) / each.measured.seconds
            for each in self.outcomes
            for calls in each.measured.calls
            if calls.outcome == "ok"
        )

    @property
    def offered(self) -> float:
        """Calls made a second."""
        return sum(len(calls.ms) / each.measured.seconds for each in self.outcomes for calls in each.measured.calls)


@dataclass(slots=True)
class Figures:
    """All that was measured."""

    articles: int
    alone: Load
    phases: list[Phase] = field(default_factory=lambda: list[Phase]())
    carries: float = 0.0
    """Routine calls a second."""
    identified: int = 0
    """Calls that carried an identifier."""
    outbound: int = 0
    """Requests that the literature sources received."""
    leaks: set[str] = field(default_factory=lambda: set[str]())
    """Where a mark was found, and which."""


def measure(plan: Plan) -> Figures:
    """Measure everything."""
    loads = plan.scratch / "loads"
    loads.mkdir()
    own = files.pubmed_files(plan.data, plan.scratch, plan.invented)
    for file in own:
        shutil.copy(file, loads)
    if not plan.base.exists():
        _say("making the library that is asked")
        files.load(plan.base, [*files.mesh_files(plan.data), *files.doubled(own, plan.scratch)])
    with literature() as asked:
        run = _Run(plan, loads, asked)
        _say("loading alone")
        figures = run.alone()
        emergencies = Swarm(EMERGENCIES, plan.users(10), 5)
        careless = Swarm(CARELESS, plan.users(50), 5)
        desks = plan.users(100)
        run.phase(EMERGENCIES, [emergencies])
        run.phase(CARELESS, [careless])
        carried = run.phase("what it carries", [Swarm(DESKS, plan.users(CARRIES_USERS), CARRIES_USERS, 0)])
        figures.carries = carried.rate
        run.phase(f"{DESKS}, full load", [Swarm(DESKS, desks, 10, carried.rate / desks)])
        left, pace = TIMES * carried.rate - run.rate_of(EMERGENCIES, CARELESS), PACE_OF_MANY / plan.share
        many = min(max(desks, ceil(left / pace)), MOST_USERS)
        run.overload([emergencies, careless, Swarm(DESKS, many, 50, pace)])
        run.search_outbound()
    return figures


class _Run:
    """One server after another, and what they leave."""

    def __init__(self, plan: Plan, loads: Path, asked: Sources) -> None:
        self._plan = plan
        self._loads = loads
        self._asked = asked
        self._figures = Figures(0, Load(0, 0.0, finished=False))

    def alone(self) -> Figures:
        """The ingest with nobody asking."""
        library = self._copied("alone")
        with target(library, self._loads, self._plan.scratch / "throttle", self._asked) as server:
            self._figures.articles = server.status()["library"]["articles"]
            self._figures.alone = _followed(server, self._loads, self._plan.most_seconds)
            server.leave()
        shutil.rmtree(library)
        return self._figures

    def phase(self, name: str, swarms: Sequence[Swarm]) -> Phase:
        """Scenarios on a server of their own."""
        _say(f"measuring {name}")
        plan = self._plan
        with target(plan.base, self._loads, plan.scratch / "throttle", self._asked) as server:
            before, began = server.cpu_s(), time.monotonic()
            outcomes = swarm(server.server.url, server.tokens, swarms, plan.seconds, plan.scratch)
            return self._kept(name, server, outcomes, before, began, None)

    def overload(self, swarms: Sequence[Swarm]) -> None:
        """All scenarios beside an ingest, for as long as that takes."""
        name = "all, and an ingest"
        _say(f"measuring {name}")
        plan, library = self._plan, self._copied("overload")
        with target(library, self._loads, plan.scratch / "throttle", self._asked) as server:
            before, began = server.cpu_s(), time.monotonic()
            coming = max(each.longer(0) for each in swarms)
            with swarming(server.server.url, server.tokens, swarms, plan.most_seconds + coming, plan.scratch):
                time.sleep(coming + 1)
                load = _followed(server, self._loads, plan.most_seconds)
            self._kept(name, server, read_results(swarms, plan.scratch), before, began, load)
        self._search_library(library)
        self._search_library(plan.base)

    def rate_of(self, *names: str) -> float:
        """Calls made a second in phases."""
        return sum(phase.offered for phase in self._figures.phases if phase.name in names)

    def _kept(
        self, name: str, server: Target, outcomes: list[Outcome], before: float, began: float, load: Load | None
    ) -> Phase:
        seen = server.status()
        phase = Phase(name, outcomes, seen, server.cpu_s() - before, time.monotonic() - began, server.memory_mb(), load)
        self._figures.phases.append(phase)
        self._found("/metrics", [server.exposition(), repr(seen).encode()])
        server.leave()
        self._found("the log", [line.encode() for line in server.server.said])
        repeated = sum(each.measured.repeated for each in outcomes)
        self._figures.leaks |= {f"{repeated} errors repeated an identifier"} if repeated else set[str]()
        self._figures.identified += sum(
            len(calls.ms) // 3 for each in outcomes if each.swarm.scenario == CARELESS for calls in each.measured.calls
        )
        return phase

    def _copied(self, name: str) -> Path:
        return Path(shutil.copytree(self._plan.base, self._plan.scratch / name))

    def search_outbound(self) -> None:
        """Look for identifiers in what the sources received."""
        self._figures.outbound = len(self._asked.asked)
        self._found("requests to sources", (repr((each.path, each.values)).encode() for each in self._asked.asked))

    def _search_library(self, library: Path) -> None:
        for file in sorted(library.rglob("*")):
            if file.is_file():
                self._found(f"the library's {file.name}", chain([file.name.encode()], _blocks(file)))

    def _found(self, where: str, contents: Iterable[bytes]) -> None:
        self._figures.leaks |= {f"{mark} in {where}" for mark in marks_in_all(contents)}


def _followed(server: Target, loads: Path, most_seconds: float) -> Load:
    """Start loading, and wait until it has ended, or for so long."""
    began = time.monotonic()
    server.start_ingest(loads)
    while True:
        time.sleep(LOOK_EVERY_S)
        told = server.ingest()
        if told["state"] != "running" or time.monotonic() > began + most_seconds:
            if told["state"] not in ("running", "finished"):
                raise RuntimeError(f"the ingest {told['state']}: {told.get('problem')}")
            return Load(int(told["records"]), time.monotonic() - began, finished=bool(told.get("report")))


def _blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while block := content.read(BLOCK_BYTES):
            yield block


def _say(what: str) -> None:
    sys.stderr.write(f"{what} …\n")
