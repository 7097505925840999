"""The server as a host starts it: a process on pipes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.processes import all_gone_after, tree, until
from tests.pubmed import article, environment, medlit_command, medlit_json, write


class Host:
    """Speaks the protocol line by line, so that everything on the wire is seen."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._id = 0

    def send(self, method: str, params: dict[str, Any], *, notify: bool = False) -> None:
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
        if not notify:
            self._id += 1
            message["id"] = self._id
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def request(self, method: str, **params: Any) -> dict[str, Any]:
        self.send(method, params)
        assert self.process.stdout
        answer = json.loads(self.process.stdout.readline())  # every line on the wire is a message
        assert answer["id"] == self._id
        return answer["result"]

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        return self.request("tools/call", name=tool, arguments=arguments)

    def start(self) -> dict[str, Any]:
        info = {"name": "test", "version": "1"}
        answer = self.request("initialize", protocolVersion="2025-06-18", capabilities={}, clientInfo=info)
        self.send("notifications/initialized", {}, notify=True)
        return answer


@pytest.fixture
def host(tmp_path: Path) -> Generator[Host]:
    with subprocess.Popen(
        medlit_command("serve", "--library", tmp_path / "lib"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(MEDLIT_INGEST_ROOTS=str(tmp_path), MEDLIT_WORKERS="2"),
    ) as process:
        try:
            yield Host(process)
        finally:
            process.kill()


def test_a_host_searches_a_fresh_library(host: Host, tmp_path: Path) -> None:
    started = host.start()
    assert started["serverInfo"]["name"] == "medlit"
    assert "before you cite" in started["instructions"]
    medlit_json("ingest", "--library", tmp_path / "lib", write(tmp_path / "a.xml", article(1, "Aspirin")))
    answer = host.call("search_literature", query="aspirin")
    assert answer["structuredContent"]["hits"][0]["pmid"] == 1


def test_garbage_on_the_wire_does_not_end_the_server(host: Host) -> None:
    host.start()
    assert host.process.stdin
    host.process.stdin.write(b"\xff\xfe not json\n{}\n")
    host.process.stdin.flush()
    host.send("tools/list", {})
    assert host.process.stdout
    answers = [json.loads(host.process.stdout.readline())]
    while "result" not in answers[-1]:
        answers.append(json.loads(host.process.stdout.readline()))
    assert answers[-1]["result"]["tools"]


def begin_endless_ingest(host: Host, tmp_path: Path) -> None:
    write(tmp_path / "big.xml", *[article(n, "Big " * 100) for n in range(1, 40_000)])
    host.start()
    job = host.call("ingest", paths=["big.xml"])
    assert job["structuredContent"]["state"] == "running"
    until(lambda: len(tree(host.process.pid)) >= 4, "the start of the parsers")


def test_the_end_of_input_ends_everything(host: Host, tmp_path: Path) -> None:
    begin_endless_ingest(host, tmp_path)
    with all_gone_after(host.process.pid):
        assert host.process.stdin
        host.process.stdin.close()
        assert host.process.wait(timeout=20) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_everything(number: signal.Signals, host: Host, tmp_path: Path) -> None:
    begin_endless_ingest(host, tmp_path)
    with all_gone_after(host.process.pid):
        host.process.send_signal(number)
        code = host.process.wait(timeout=20)
    assert code == (-number if number == signal.SIGKILL else 128 + number)


@pytest.mark.anyio
async def test_the_sdk_client_searches_a_whole_nlm_file(data: Path, tmp_path: Path) -> None:
    file = data / "pubmed-xml" / "pubmed20n0014.xml.gz"
    report = medlit_json("ingest", "--library", tmp_path / "lib", "--workers", "2", file)
    assert report["records_stored"] == 30_000
    command, *arguments = medlit_command("serve", "--library", tmp_path / "lib")
    server = StdioServerParameters(command=command, args=arguments, env=dict(environment()))
    async with Client(stdio_client(server)) as client:
        result = await client.call_tool("search_literature", {"query": "lithium prophylaxis of manic depression"})
        assert result.structured_content
        titles = " ".join(hit["title"] for hit in result.structured_content["hits"]).lower()
        assert "lithium" in titles
        result = await client.call_tool("get_articles", {"ids": ["399296"]})
        assert result.structured_content
        [found] = result.structured_content["articles"]
        assert found["journal"] == "J S Afr Vet Assoc"
        assert (found["publication_date"], found["volume"], found["pages"]) == ("1979-06", "50", "123-33")


def test_nothing_is_imported_from_the_working_directory(tmp_path: Path) -> None:
    for name in ("tools", "server", "ingest"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('decoy')")
    file = write(tmp_path / "a.xml", article(1))
    done = subprocess.run(
        [sys.executable, "-m", "medlit", "ingest", "--library", str(tmp_path / "lib"), str(file), "--json"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "lib" / "library.sqlite3").exists()
