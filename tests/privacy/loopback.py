"""A literature source on this machine: a real HTTP server that keeps what it was asked."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(slots=True)
class Source:
    """The server's address, and every request that arrived."""

    base: str
    lines: list[str] = field(default_factory=lambda: list[str]())
    bodies: list[bytes] = field(default_factory=lambda: list[bytes]())


@contextlib.contextmanager
def source() -> Generator[Source]:
    """Serve until the block ends. ``/moved`` redirects, ``/large`` sends a megabyte, ``/cut`` breaks off."""
    kept = Source("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            kept.lines.append(self.path)
            path = self.path.partition("?")[0]
            if path == "/moved":
                self._answer(302, b"", location=f"{kept.base}/elsewhere")
            elif path == "/cut":
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b"half")
                self.close_connection = True
            else:
                self._answer(200, b"x" * 1_000_000 if path == "/large" else b'{"count": 1}')

        def do_POST(self) -> None:
            kept.lines.append(self.path)
            kept.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer(200, b"{}")

        def _answer(self, status: int, body: bytes, location: str | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield kept
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
