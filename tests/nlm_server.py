"""NLM's file server on this machine: real HTTP, with the ways in which servers and networks fail to be switched on."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WEB_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(slots=True)
class Trouble:
    """What goes wrong with a path, ``times`` times; after that all is well."""

    kind: str
    """A status, or ``page``, ``no range``, ``wrong range``, ``half``, ``drip``, ``hold``, ``missing``."""
    times: int = 1_000_000
    retry_after: str | None = None


@dataclass(slots=True)
class Server:
    """Files by path, such as ``/pubmed/baseline/x.xml.gz``; their folders are listed as Apache does."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=lambda: dict[str, bytes]())
    trouble: dict[str, Trouble] = field(default_factory=lambda: dict[str, Trouble]())
    modified: str = "2026-01-29 14:05"
    sizes: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    asked: list[tuple[str, str | None]] = field(default_factory=lambda: list[tuple[str, "str | None"]]())
    """Path and ``Range`` of every request."""
    held: threading.Event = field(default_factory=threading.Event)
    """Set once a ``hold`` has sent its first half and waits."""
    release: threading.Event = field(default_factory=threading.Event)

    def put(self, path: str, content: bytes, md5: str | None = None) -> None:
        """Offer a file with its checksum."""
        self.files[path] = content
        stated = md5 or hashlib.md5(content, usedforsecurity=False).hexdigest()
        self.files[path + ".md5"] = f"MD5({path.rpartition('/')[2]})= {stated}\n".encode()

    def times(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(asked == path for asked, _ in self.asked)

    def listing(self, folder: str) -> bytes:
        """The folder's page."""
        names = [path.removeprefix(folder) for path in self.files if path.startswith(folder)]
        rows = [
            f'<a href="{name}">{name}</a>   {self.modified}  {self.sizes.get(name) or len(self.files[folder + name])}  '
            for name in sorted(names)
            if "/" not in name
        ]
        page = '<html><pre>Name  Last modified  Size<hr><a href="/pubmed/">Parent Directory</a>  -   \n'
        return (page + "\n".join(rows) + "\n<hr></pre></html>").encode()


@contextlib.contextmanager
def serving() -> Generator[Server]:
    """Serve until the block ends."""
    nlm = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            nlm.asked.append((self.path, self.headers["Range"]))
            trouble = nlm.trouble.get(self.path)
            kind = trouble.kind if trouble and trouble.times > 0 else ""
            if trouble and kind:
                trouble.times -= 1
            if self.path.endswith("/"):
                listed = nlm.listing(self.path)
                known = any(path.startswith(self.path) for path in nlm.files)
                if not kind:
                    self._answer(200 if known else 404, listed if known else WEB_PAGE, "text/html;charset=ISO-8859-1")
                    return
            content = nlm.files.get(self.path)
            if content is None or kind == "missing":
                self._answer(404, WEB_PAGE, "text/html")
            elif kind.isdigit():
                self._answer(int(kind), WEB_PAGE, "text/html", {"Retry-After": trouble and trouble.retry_after})
            elif kind == "page":
                self._answer(200, WEB_PAGE, "text/html")
            else:
                self._send_file(content, kind)

        def _send_file(self, content: bytes, kind: str) -> None:
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
            start = int(asked[1]) if asked and kind != "no range" else 0
            if start >= len(content) > 0:
                self._answer(416, b"", "text/plain", {"Content-Range": f"bytes */{len(content)}"})
                return
            said = start + 1 if kind == "wrong range" else start
            more = {"Content-Range": f"bytes {said}-{len(content) - 1}/{len(content)}"} if start else {}
            body = content[start:]
            if kind not in ("half", "drip", "hold"):
                self._answer(206 if start else 200, body, "application/x-gzip", more)
                return
            self._head(206 if start else 200, len(body), "application/x-gzip", more)
            with contextlib.suppress(OSError):
                self.wfile.write(body[: len(body) // 2])
                self.wfile.flush()
                if kind == "hold":
                    nlm.held.set()
                    nlm.release.wait()
                for byte in body[len(body) // 2 :] if kind == "drip" else b"":
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.01)  # a drip is slow
            self.close_connection = True

        def _head(self, status: int, size: int, kind: str, more: dict[str, str | None] | dict[str, str]) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(size))
            self.send_header("Content-Type", kind)
            for name, value in more.items():
                if value is not None:
                    self.send_header(name, value)
            self.end_headers()

        def _answer(
            self, status: int, body: bytes, kind: str, more: dict[str, str | None] | dict[str, str] | None = None
        ) -> None:
            self._head(status, len(body), kind, more or {})
            with contextlib.suppress(OSError):
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
            """Say nothing on standard error."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    nlm.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield nlm
    finally:
        nlm.release.set()
        server.shutdown()
        thread.join()
        server.server_close()
