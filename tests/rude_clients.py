"""Clients over HTTP that vanish, cancel, send garbage, or send too little."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
from collections.abc import Callable
from typing import Any

LONG_QUESTION = {"query": " OR ".join(f"word{number}" for number in range(200)), "limit": 100}
WAIT_S = 5.0


class Rude:
    """Makes one connection at a time, and misbehaves on it."""

    def __init__(self, port: int, token: str = "", seed: int = 1) -> None:
        self.port = port
        self._token = token
        self._chance = random.Random(seed)  # noqa: S311  # no secret

    def behave(self, way: str) -> None:
        """Misbehave in one of :data:`WAYS`."""
        with contextlib.suppress(OSError), contextlib.closing(self._connected()) as connection:
            WAYS[way](self, connection)

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=WAIT_S)

    def request(self, body: bytes, length: int | None = None, **headers: str) -> bytes:
        """A request as bytes; ``length`` is what it says of its body."""
        lines = {
            "Host": f"127.0.0.1:{self.port}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Content-Length": str(len(body) if length is None else length),
            **({"Authorization": f"Bearer {self._token}"} if self._token else {}),
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return f"POST /mcp HTTP/1.1\r\n{head}\r\n".encode() + body

    def vanish(self, connection: socket.socket) -> None:
        """Ask, and go without waiting for the answer."""
        connection.sendall(self.request(call("search_literature", LONG_QUESTION)))

    def reset(self, connection: socket.socket) -> None:
        """Ask, and break the connection off."""
        connection.sendall(self.request(call("search_literature", LONG_QUESTION)))
        # A linger of nothing makes the end of the connection a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def half(self, connection: socket.socket) -> None:
        """Promise more than is sent."""
        body = call("search_literature", LONG_QUESTION)
        connection.sendall(self.request(body[: len(body) // 2], len(body)))

    def head_only(self, connection: socket.socket) -> None:
        """Begin with a head, and leave it at that."""
        connection.sendall(b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nX-")

    def nothing(self, connection: socket.socket) -> None:
        """Connect, and say nothing."""

    def garbage(self, connection: socket.socket) -> None:
        """Speak no HTTP."""
        connection.sendall(self._chance.randbytes(500) + b"\r\n\r\n")
        connection.recv(1_000)

    def no_json(self, connection: socket.socket) -> None:
        """Speak HTTP, but no JSON."""
        connection.sendall(self.request(self._chance.randbytes(200)))
        connection.recv(10_000)

    def no_call(self, connection: socket.socket) -> None:
        """Speak JSON, but no protocol."""
        connection.sendall(self.request(json.dumps({"params": [1, {"a": None}]}).encode()))
        connection.recv(10_000)

    def no_tool(self, connection: socket.socket) -> None:
        """Call what is not there, with what it does not take."""
        connection.sendall(self.request(call("no_such_tool", {"x": 1})))
        connection.recv(10_000)

    def cancel(self, connection: socket.socket) -> None:
        """Cancel what was never asked."""
        told = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1, "reason": "no"}}
        connection.sendall(self.request(json.dumps(told).encode()))
        connection.recv(10_000)

    def many_at_once(self, connection: socket.socket) -> None:
        """Send request after request without reading, and go."""
        connection.sendall(5 * self.request(call("search_literature", LONG_QUESTION)))


def call(tool: str, arguments: dict[str, Any]) -> bytes:
    """A call of a tool as a message."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    return json.dumps(message).encode()


WAYS: dict[str, Callable[[Rude, socket.socket], None]] = {
    way.__name__: way
    for way in (
        Rude.vanish, Rude.reset, Rude.half, Rude.head_only, Rude.nothing, Rude.garbage, Rude.no_json, Rude.no_call,
        Rude.no_tool, Rude.cancel, Rude.many_at_once,
    )
}  # fmt: skip
