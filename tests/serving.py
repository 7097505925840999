"""medlit as a server over HTTP, in processes of its own, and requests to it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import threading
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import psutil

from tests.processes import alive, tree, until
from tests.pubmed import environment, medlit_command

ACCEPT = {"Accept": "application/json, text/event-stream"}


class Serving:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[str], library: Path) -> None:
        self.process = process
        self.library = library
        self.said: list[str] = []
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()
        until(lambda: bool(self._address()) or process.poll() is not None, "the start of the server")
        self.url = self._address()
        until(lambda: process.poll() is not None or self._is_ready(), "the server's readiness")

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line)

    def is_listening(self) -> bool:
        """Whether the server may still say something."""
        return self._listening.is_alive()

    def _address(self) -> str:
        found = re.search(r"listening on (http://\S+)", "".join(self.said))
        return found[1] if found else ""

    def _is_ready(self) -> bool:
        with contextlib.suppress(httpx2.HTTPError):
            return self.get("/readyz").status_code == 200
        return False

    def get(self, path: str, token: str | None = None, **headers: str) -> httpx2.Response:
        return httpx2.get(self.url + path, headers={**_bearer(token), **headers}, timeout=30)

    def post(self, message: Mapping[str, Any], token: str | None = None, **headers: str) -> httpx2.Response:
        return httpx2.post(
            self.url + "/mcp", json=dict(message), headers={**ACCEPT, **_bearer(token), **headers}, timeout=30
        )

    def request(self, method: str, token: str | None = None, **params: Any) -> dict[str, Any]:
        answer = self.post({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}, token)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, tool: str, token: str | None = None, **arguments: Any) -> dict[str, Any]:
        return self.request("tools/call", token, name=tool, arguments=arguments)["result"]


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


@contextlib.contextmanager
def serving(
    library: Path, *more: str, env: Mapping[str, str] | None = None, command: Sequence[str] | None = None
) -> Generator[Serving]:
    """A server on a free port of this machine; ``command`` is what starts medlit."""
    start = [*(command or medlit_command()), "serve", "--library", str(library), "--http", "127.0.0.1:0", *more]
    with subprocess.Popen(
        start, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, env=environment(**(env or {})),
        cwd=os.fspath(Path(__file__).parents[1]),
    ) as process:  # fmt: skip
        processes: list[psutil.Process] = []
        try:
            server = Serving(process, library)
            processes = tree(process.pid)
            yield server
        finally:
            process.kill()
            for left in alive(processes):
                left.kill()
