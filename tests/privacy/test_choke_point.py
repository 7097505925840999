"""Nothing but the outbound client can open a connection, and what stays here leaves no trace."""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest
from mcp import Client

from medlit.settings import Settings
from server.app import build
from tests.packaging.project import PARTS, ROOT, sources
from tests.privacy.corpora import development
from tests.privacy.generated import Query
from tests.pubmed import article, environment, medlit_json, write

OUTBOUND = Path("medlit/privacy/outbound.py")
LISTENING = Path("server/http/listening.py")
HARMLESS = {
    # Names of loggers to be kept quiet, not of modules to import.
    (Path("medlit/log.py"), "httpx2"),
    (Path("medlit/log.py"), "httpcore2"),
    # A claim of access tokens, not the program.
    (Path("server/oauth.py"), "scp"),
    # Who waits to be called opens nothing; the next test looks that it does no more.
    (LISTENING, "socket"),
}

CONNECTING_MODULES = (
    "socket", "ssl", "http", "urllib.request", "urllib3", "ftplib", "smtplib", "poplib", "imaplib", "telnetlib",
    "xmlrpc", "socketserver", "asyncore", "httpx", "httpx2", "httpcore", "httpcore2", "requests", "aiohttp",
    "websockets", "pycurl", "paramiko", "h11", "asyncio.streams", "_socket", "_ssl", "webbrowser",
    "multiprocessing.connection",
)  # fmt: skip
CONNECTING_CALLS = {
    "open_connection", "create_connection", "open_unix_connection", "create_unix_connection",
    "create_datagram_endpoint",
    "connect_tcp", "connect_unix", "create_udp_socket", "create_connected_udp_socket", "sock_connect", "getaddrinfo",
    "urlopen", "urlretrieve", "start_tls", "AsyncClient", "HTTPTransport", "AsyncHTTPTransport",
}  # fmt: skip
IMPORTED_BY_NAME = set(CONNECTING_MODULES) - {"http"}
PROGRAMS = {"curl", "wget", "nc", "ssh", "scp", "ftp", "rsync", "nslookup", "dig", "ping"}


def connections(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The line and the name of everything that could open a connection."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if is_connecting(alias.name))
        if isinstance(node, ast.ImportFrom):
            whole = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from ((node.lineno, name) for name in whole if is_connecting(name))
        if isinstance(node, ast.Attribute) and node.attr in CONNECTING_CALLS:
            yield node.lineno, node.attr
        if isinstance(node, ast.Name) and node.id in {"__import__", *CONNECTING_CALLS}:
            yield node.lineno, node.id
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in PROGRAMS | IMPORTED_BY_NAME:
            yield node.lineno, node.value


def is_connecting(module: str) -> bool:
    """Whether a module is one of those that open connections, or inside one."""
    return any(module == name or module.startswith(f"{name}.") for name in CONNECTING_MODULES)


def test_nothing_else_can_open_a_connection() -> None:
    against = [
        f"{path.relative_to(ROOT)}:{line} uses {name}"
        for part in PARTS
        for path in sources(part)
        if path.relative_to(ROOT) != OUTBOUND
        for line, name in connections(ast.parse(path.read_text()))
        if (path.relative_to(ROOT), name) not in HARMLESS
    ]
    assert not against


def test_who_listens_only_listens() -> None:
    tree = ast.parse((ROOT / LISTENING).read_text())
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "socket"
    }
    assert used == {"socket", "AF_INET", "AF_INET6", "SOCK_STREAM", "IPPROTO_TCP", "create_server"}
    assert not {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & {"connect", "sendto"}


def test_the_walk_sees_what_it_looks_for() -> None:
    code = "import httpx2\nfrom urllib import request\nimport asyncio\nasyncio.open_connection('a', 1)\nrun(['curl'])\n"
    assert {line for line, _ in connections(ast.parse(code))} == {1, 2, 4, 5}
    assert list(connections(ast.parse((ROOT / OUTBOUND).read_text())))


def test_the_outbound_client_builds_requests_in_one_place() -> None:
    code = (ROOT / OUTBOUND).read_text()
    assert code.count(".build_request(") == 2
    assert code.count("httpx2.AsyncClient(") == 1


def test_commands_load_no_http_client() -> None:
    ask = "import tools.command, tools.privacy_command, ingest.command, sys; print('httpx2' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", ask], capture_output=True, text=True, check=True, timeout=60, env=environment()
    )
    assert done.stdout.strip() == "False"


WATCHED = """
import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind"):
        open({told!r}, "a").write(event)
        raise SystemExit(99)
sys.addaudithook(watch)
from medlit.__main__ import main
sys.exit(main())
"""
"""The launcher in an interpreter that tells of every connection and ends at once."""


@pytest.fixture
def library(tmp_path: Path) -> Path:
    file = write(tmp_path / "a.xml", article(1, "Aspirin for headache", abstract="It helps."), article(2, "Lithium"))
    medlit_json("ingest", "--library", tmp_path / "lib", file)
    return tmp_path / "lib"


@pytest.fixture
def positives(data: Path) -> list[Query]:
    """A few of every class."""
    return development(data / "phi/dev.jsonl")[0][::12]


def traces(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()).lower()


def telling(query: Query) -> list[bytes]:
    """The needles that can be told from chance in a binary file."""
    return [needle.lower().encode() for needle in query.needles if len(needle) >= 6]


@pytest.mark.parametrize("number", range(3))
def test_a_search_with_an_identifier_is_answered_and_leaves_no_trace(
    library: Path, positives: list[Query], tmp_path: Path, number: int
) -> None:
    query = positives[number * 9]
    told = tmp_path / "connected"
    search = ["search", "--json", "--library", str(library), query.text]
    done = subprocess.run(
        [sys.executable, "-P", "-c", WATCHED.format(told=str(told)), *search],
        capture_output=True, text=True, check=False, timeout=60, env=environment(), cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, "a local search is never refused"
    assert not told.exists()
    answer = json.loads(done.stdout)
    del answer["query_translation"]  # said back to whoever asked, and to nobody else
    shown = (json.dumps(answer, ensure_ascii=False) + done.stderr).lower()
    assert not any(needle.lower() in shown for needle in query.needles if len(needle) >= 6)
    assert not any(needle in traces(library) for needle in telling(query))


@pytest.fixture
async def client(library: Path) -> AsyncGenerator[Client]:
    async with Client(build(Settings(library=library, workers=1)), raise_exceptions=True) as connected:
        yield connected


@functools.cache
def attempts() -> list[str]:
    """Every attempt to connect in this process since the first call; an audit hook cannot be taken out again."""
    seen: list[str] = []

    def watch(event: str, _: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
            seen.append(event)

    sys.addaudithook(watch)
    return seen


@pytest.mark.anyio
async def test_no_tool_opens_a_connection_or_keeps_a_query(
    client: Client, library: Path, positives: list[Query], capfd: pytest.CaptureFixture[str]
) -> None:
    before = len(attempts())
    for query in positives:
        for tool, arguments in (
            ("search_literature", {"query": query.text}),
            ("search_literature", {"query": "aspirin", "author": query.text, "journal": query.text}),
            ("get_articles", {"ids": [query.text]}),
            ("ingest", {"paths": [query.text]}),
            ("ingest_status", {"job_id": query.text}),
            ("check_phi", {"text": query.text}),
        ):
            result = await client.call_tool(tool, arguments)
            if tool == "search_literature":
                assert not result.is_error, "a local search is never refused"
            if tool == "check_phi":
                assert result.structured_content
                assert result.structured_content["blocked"] is True
                assert set(result.structured_content) == {"blocked", "categories"}
                said = json.dumps(result.structured_content)
                assert not any(needle in said for needle in query.needles)
    shown = "".join(capfd.readouterr()).lower()
    for query in positives:
        assert not any(needle.lower() in shown for needle in query.needles if len(needle) >= 6)
        assert not any(needle in traces(library) for needle in telling(query))
    assert len(attempts()) == before


def phi_check(lines: bytes, *options: str) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "medlit", "phi-check", *options],
        input=lines, capture_output=True, check=False, timeout=60, env=environment(), cwd=os.fspath(ROOT),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_phi_check_answers_line_by_line_and_never_with_the_text() -> None:
    answers = phi_check(b"patient Jane Roe MRN 00412345\n\nasthma\n\xff\xfe SSN 123-45-6789\n", "--json")
    assert answers == [
        {"blocked": True, "categories": ["name", "medical_record"]},
        {"blocked": False, "categories": []},
        {"blocked": False, "categories": []},
        {"blocked": True, "categories": ["ssn"]},
    ]


def test_phi_check_of_nothing_says_nothing() -> None:
    assert phi_check(b"") == []
