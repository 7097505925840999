"""The server under load, the literature sources it asks, and what is read from it."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Generator
from pathlib import Path
from typing import Any

import psutil

from medlit.settings import usable_cores
from server.tokens import TokenFile
from tests.live import servers as sources
from tests.live.servers import Sources
from tests.processes import until
from tests.serving import Serving, serving

ANSWERS = 20
"""Articles that the sources have."""

LEAVES_WITHIN_S = 20.0


class Target:
    """A server that runs, and what the callers need."""

    def __init__(self, server: Serving, tokens: dict[str, str]) -> None:
        self.server = server
        self.tokens = tokens
        self._process = psutil.Process(server.process.pid)

    def status(self) -> dict[str, Any]:
        """What the page shows, since the server started."""
        answer = self.server.get("/status?window=session", self.tokens["metrics"])
        if answer.status_code != 200:
            raise RuntimeError(f"/status: HTTP {answer.status_code}\n{''.join(self.server.said[-5:])}")
        shown: dict[str, Any] = answer.json()
        return shown

    def exposition(self) -> bytes:
        """What Prometheus reads."""
        return self.server.get("/metrics", self.tokens["metrics"]).content

    def cpu_s(self) -> float:
        """The CPU time that the server has used, without an ingest's."""
        used = self._process.cpu_times()
        return used.user + used.system

    def memory_mb(self) -> float:
        """What the server holds and shares with nobody."""
        return float(self._process.memory_full_info().uss) / 1e6

    def start_ingest(self, folder: Path) -> None:
        """Let the server load a folder, as soon as it has room for the call.

        Raises:
            RuntimeError: it will not.
        """
        while True:
            result = self.server.call("ingest", self.tokens["ingest"], paths=[str(folder)])
            if not result["isError"]:
                return
            text = result["content"][0]["text"]
            if not text.startswith("There is no room"):
                raise RuntimeError(text)

    def ingest(self) -> dict[str, Any]:
        """How far the ingest is. The page takes no slot, so that it can be looked at under any load."""
        job: dict[str, Any] = self.status()["ingest"]
        return job

    def leave(self) -> None:
        """Let the server end as an operator does, so that it has written all it will."""
        self.server.process.send_signal(signal.SIGTERM)
        self.server.process.wait(LEAVES_WITHIN_S)
        until(lambda: not self.server.is_listening(), "the end of the log")


@contextlib.contextmanager
def target(library: Path, loads: Path, throttle: Path, asked: Sources) -> Generator[Target]:
    """A server of one process on the library, which may load from ``loads`` and asks sources on this machine."""
    file = TokenFile(library / "tokens.json")
    file.path.unlink(missing_ok=True)
    tokens = {
        "emergency_scenarios": file.new("ward", ["read", "emergency"], 1),
        "admin_workflows": file.new("desks", ["read", "metrics"], 1),
        "phi_protection_stress": file.new("careless", ["read"], 1),
        "ingest": file.new("loader", ["ingest"], 1),
        "metrics": file.new("watch", ["metrics"], 1),
    }
    env = {
        "MEDLIT_WORKERS": str(usable_cores()),
        "MEDLIT_INGEST_ROOTS": str(loads),
        "MEDLIT_LOG_LEVEL": "debug",
        "MEDLIT_NCBI_URL": asked.base,
        "MEDLIT_IDCONV_URL": f"{asked.base}/idconv",
        "MEDLIT_EUROPEPMC_URL": asked.base,
        "MEDLIT_THROTTLE": str(throttle),
        "NO_PROXY": "127.0.0.1",
    }
    with serving(library, env=env) as server:
        yield Target(server, tokens)


@contextlib.contextmanager
def literature() -> Generator[Sources]:
    """NCBI and Europe PMC on this machine, keeping all that they are asked."""
    with sources.serving() as served:
        for pmid in range(1, ANSWERS + 1):
            served.add(pmid, f"Article {pmid} of a source on this machine")
        yield served
