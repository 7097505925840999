"""An MCP client of a few lines, without the SDK: JSON-RPC over a process's pipes."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import psutil

PROTOCOL = "2025-06-18"
ENDS_WITHIN_S = 10.0


class CallFailed(Exception):
    """The server answered with an error, or not at all."""


class PipeClient:
    """Starts a server and shakes hands; ``start_wall_s`` and ``start_cpu_s`` tell what that took."""

    def __init__(self, command: Sequence[str]) -> None:
        started = time.perf_counter()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._id = 0
        try:
            self._request(
                "initialize",
                {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}},
            )
            self.start_wall_s = time.perf_counter() - started
            self.start_cpu_s = self.cpu_s()
            self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the server's input and see it end."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def cpu_s(self) -> float:
        """The CPU time the server has used."""
        used = psutil.Process(self._process.pid).cpu_times()
        return used.user + used.system

    def call(self, tool: str, arguments: Mapping[str, Any]) -> None:
        """Call a tool and read the whole answer.

        Raises:
            CallFailed: the answer is an error.
        """
        answer = self._request("tools/call", {"name": tool, "arguments": arguments})
        if answer.get("isError"):
            raise CallFailed(str(answer))

    def _request(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        self._id += 1
        self._send({"jsonrpc": "2.0", "id": self._id, "method": method, "params": params})
        while True:
            answer = self._read()
            if answer.get("id") != self._id:
                continue  # a notification
            if "result" not in answer:
                raise CallFailed(str(answer.get("error")))
            result: dict[str, Any] = answer["result"]
            return result

    def _read(self) -> dict[str, Any]:
        line = self._process.stdout.readline() if self._process.stdout else b""
        if not line:
            raise CallFailed("the server ended")
        message: dict[str, Any] = json.loads(line)
        return message

    def _send(self, message: Mapping[str, Any]) -> None:
        if self._process.stdin:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
