"""Proxies and certificates: a real proxy and a server with a certificate of its own authority, on this machine."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
from mcp import Client

from medlit.errors import SourceUnavailable, UsageError
from medlit.privacy.outbound import Outbound, Request
from medlit.settings import Connection, read_settings
from server.app import build
from tests.live import servers
from tests.live.servers import CERTIFICATES
from tests.live.test_federation import call
from tests.pubmed import medlit

pytestmark = pytest.mark.anyio

AUTHORITY = CERTIFICATES / "authority.pem"

VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that says nothing of proxies and certificates."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


class Proxy(ThreadingHTTPServer):
    """Passes requests on, and keeps what it was asked for."""

    daemon_threads = True
    base = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        self.passed: list[str] = []
        self.credentials: list[str | None] = []


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy  # pyright: ignore[reportIncompatibleVariableOverride]  # it is served by no other

    def do_GET(self) -> None:
        """Fetch the whole address that a proxy is given."""
        self._note()
        with httpx2.Client(trust_env=False) as client:
            answer = client.get(self.path)
        self.send_response(answer.status_code)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(answer.content)))
        self.end_headers()
        self.wfile.write(answer.content)

    def do_CONNECT(self) -> None:
        """Join two connections, without looking into them."""
        self._note()
        host, _, port = self.path.partition(":")
        with socket.create_connection((host, int(port))) as onward:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=_copy, args=(onward, self.connection))
            back.start()
            _copy(self.connection, onward)
            back.join()
        self.close_connection = True

    def _note(self) -> None:
        self.server.passed.append(self.path)
        self.server.credentials.append(self.headers["Proxy-Authorization"])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
        """Say nothing on standard error."""


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy() -> Generator[Proxy]:
    with Proxy() as serving:
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def secure() -> Generator[servers.Sources]:
    with servers.serving(tls=True) as served:
        served.add(30, "Aspirin and the stomach")
        yield served


def connection(**settings: object) -> Connection:
    return read_settings({name: str(value) for name, value in settings.items()}).connection


async def ask(base: str, through: Connection) -> int:
    async with Outbound(through) as outbound:
        return (await outbound.fetch(Request(base, "/einfo.fcgi"))).status


async def test_a_server_finds_pubmed_behind_a_proxy_that_holds_its_own_certificates(
    secure: servers.Sources, proxy: Proxy, tmp_path: Path
) -> None:
    settings = read_settings(
        {
            "MEDLIT_LIBRARY": str(tmp_path / "lib"),
            "MEDLIT_THROTTLE": str(tmp_path),
            "MEDLIT_NCBI_URL": secure.base,
            "MEDLIT_NCBI_TOOL": "ward9",
            "MEDLIT_PROXY": proxy.base.replace("//", "//user:secret@"),
            "MEDLIT_CA_BUNDLE": str(AUTHORITY),
        }
    )
    async with Client(build(settings), raise_exceptions=True) as client:
        answer = await call(client, "search_literature", query="aspirin", source="live")
    assert [hit["pmid"] for hit in answer["hits"]] == [30]
    assert set(proxy.passed) == {secure.base.removeprefix("https://")}
    assert proxy.credentials[0] == "Basic dXNlcjpzZWNyZXQ="
    assert {asked.values["tool"] for asked in secure.asked[-2:]} == {"ward9"}
    assert "secret" not in repr(settings)


def test_a_sync_goes_through_the_proxy_too(server: servers.Sources, proxy: Proxy, tmp_path: Path) -> None:
    env = {"MEDLIT_PROXY": proxy.base, "MEDLIT_NLM_URL": server.base}
    done = medlit("sync", "updates", "--library", tmp_path, env=env)
    assert done.returncode == 1, "there is no listing"
    assert f"{server.base}/updatefiles/" in proxy.passed


async def test_an_authority_that_nobody_named_is_not_trusted_and_not_asked_again(
    secure: servers.Sources, proxy: Proxy
) -> None:
    asked = len(secure.asked)
    with pytest.raises(SourceUnavailable, match=r"certificate is not trusted.*MEDLIT_CA_BUNDLE") as error:
        await ask(secure.base, connection(MEDLIT_PROXY=proxy.base))
    assert error.value.final
    assert len(secure.asked) == asked


async def test_the_environments_usual_variables_hold_where_nothing_else_is_set(
    server: servers.Sources, secure: servers.Sources, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.setenv("HTTP_PROXY", proxy.base)
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    assert await ask(server.base, connection()) == 404
    assert proxy.passed == [f"{server.base}/einfo.fcgi"]
    assert await ask(secure.base, connection()) == 404, "HTTP_PROXY is for http:// alone"
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert await ask(server.base, connection()) == 404
    assert len(proxy.passed) == 1


async def test_a_proxy_that_refuses_is_told_of_without_its_password(server: servers.Sources) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as closed:
        port = closed.server_address[1]
    with pytest.raises(SourceUnavailable, match="did not answer") as error:
        await ask(server.base, connection(MEDLIT_PROXY=f"http://user:secret@127.0.0.1:{port}"))
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    "environ",
    [{"ALL_PROXY": "gopher://user:secret@127.0.0.1:1"}, {"SSL_CERT_FILE": "no such file"}],
    ids=["proxy of an unknown kind", "no certificates"],
)
async def test_what_the_environment_says_and_cannot_be_used_is_a_planned_error(
    server: servers.Sources, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SourceUnavailable, match="the proxy or the certificates cannot be used") as error:
        await ask(server.base, connection())
    assert "secret" not in str(error.value)
    assert server.asked == []


@pytest.mark.parametrize(
    ("environ", "complaint"),
    [
        ({"MEDLIT_PROXY": "127.0.0.1:8080"}, "MEDLIT_PROXY must be an address"),
        ({"MEDLIT_CA_BUNDLE": "no such file"}, "MEDLIT_CA_BUNDLE must name a PEM file"),
        ({"MEDLIT_CA_BUNDLE": __file__}, "MEDLIT_CA_BUNDLE must name a PEM file"),
    ],
)
def test_settings_that_cannot_be_used_are_wrong_usage(environ: dict[str, str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        read_settings(environ)
