"""MCP over HTTP as clients, proxies and browsers meet it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import signal
import socket
import stat
import sys
import threading
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import jwt
import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from mcp import Client
from prometheus_client.parser import text_string_to_metric_families
from starlette.responses import PlainTextResponse
from starlette.types import Message

from ingest.jobs import Board
from medlit.cli import SCOPES, parse
from medlit.errors import UsageError
from medlit.metrics.grid import GAUGES, GaugeRows
from medlit.metrics.labels import Gauge, RunOutcome
from medlit.settings import Settings
from server import command
from server.app import Shared, services
from server.dispatch import Dispatch
from server.http import guard
from server.http.exposition import exposition
from server.http.listening import Place, check, hosts, listen, read_place
from server.lanes.lanes import CALLS
from server.oauth import FETCH_AT_MOST_EVERY_S, Issuer
from server.tokens import TokenFile
from tests.browser import opened
from tests.processes import all_gone_after, until
from tests.pubmed import article, medlit, medlit_json, write
from tests.serving import Serving, serving
from tools.catalog import TOOLS

NEEDLE = "roe jane 00412345"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("http")
    file = write(folder / "a.xml", article(1, "Aspirin for headache", abstract="It helps."), article(2, "Lithium"))
    medlit_json("ingest", "--library", folder / "lib", file)
    return folder / "lib"


@pytest.fixture(scope="module")
def server(library: Path) -> Generator[Serving]:
    """On the loopback, without tokens."""
    with serving(library) as running:
        yield running


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_sdk_client_searches_over_http_in_both_eras(server: Serving, mode: Any) -> None:
    async with Client(server.url + "/mcp", mode=mode) as client:
        assert len((await client.list_tools()).tools) == 13
        result = await client.call_tool("search_literature", {"query": "aspirin", "priority": "emergency"})
        assert result.structured_content
        assert [hit["pmid"] for hit in result.structured_content["hits"]] == [1]


def test_a_server_tells_that_it_lives_and_is_ready(server: Serving) -> None:
    assert (server.get("/healthz").text, server.get("/readyz").text) == ("ok\n", "ready\n")
    assert server.get("/healthz", Host="10.0.0.7:8321").status_code == 200
    assert server.get("/nothing").status_code == 404
    assert server.get("/mcp").status_code == 405


@pytest.mark.parametrize("path", ["/", "/status", "/metrics", "/nothing"])
def test_requests_that_a_page_from_elsewhere_makes_are_refused(server: Serving, path: str) -> None:
    assert server.get(path, Host="evil.example").status_code == 421
    assert server.get(path, Origin="http://evil.example").status_code == 403
    assert server.get(path, Origin=server.url).status_code in (200, 404)


def test_that_holds_for_tools_too(server: Serving) -> None:
    ask: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    assert server.post(ask, Host="evil.example").status_code == 421
    assert server.post(ask, Origin="http://evil.example").status_code == 403
    assert server.post(ask).status_code == 200


def test_requests_that_are_too_large_are_refused_and_the_server_goes_on(server: Serving) -> None:
    long = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"x": "y" * guard.LARGEST_BODY}}
    with contextlib.suppress(httpx2.WriteError):  # the server may close while the rest is on its way
        assert server.post(long).status_code == 413
    assert server.get("/readyz", **{"X-Long": "y" * 2 * guard.LARGEST_HEAD}).status_code == 431
    assert server.get("/readyz").status_code == 200


@pytest.mark.anyio
async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_WITHIN_S", 0.01)
    sent: list[Message] = []

    async def receive() -> Message:
        if sent:
            return {"type": "http.disconnect"}
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    with anyio.fail_after(30):
        await guard.BodyGuard(PlainTextResponse("never"))({"type": "http"}, receive, send)
    assert sent[0]["status"] == 408


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("127.0.0.1:8321", Place("127.0.0.1", 8321)),
        ("[::1]:80", Place("::1", 80)),
        ("localhost:0", Place("localhost", 0)),
    ],
)
def test_a_place_to_listen_is_read(text: str, place: Place) -> None:
    assert read_place(text) == place
    assert place.is_loopback


@pytest.mark.parametrize("text", ["8321", "127.0.0.1", ":80", "127.0.0.1:x", "127.0.0.1:70000", ""])
def test_what_is_no_place_is_wrong_usage(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT"):
        read_place(text)


def test_beyond_this_machine_medlit_listens_only_with_tokens(tmp_path: Path) -> None:
    done = medlit("serve", "--http", "0.0.0.0:0", "--library", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "only with tokens" in done.stderr
    bare = Settings(library=tmp_path, workers=1)
    for host in ("0.0.0.0", "::", "192.0.2.7", "medlit.example.org"):  # noqa: S104  # refused
        with pytest.raises(UsageError, match="only with tokens"):
            check(Place(host, 80), bare)
    TokenFile(bare.token_file).new("ward", ["read"], 1)
    check(Place("192.0.2.7", 80), bare)
    with pytest.raises(UsageError, match="MEDLIT_HTTP_URL"):
        check(Place("0.0.0.0", 80), bare)  # noqa: S104  # refused
    TokenFile(bare.token_file).revoke("ward")
    check(Place("192.0.2.7", 80), bare)  # nobody comes in


def test_the_address_that_clients_use_is_let_in(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path, workers=1, http_url="https://medlit.example.org")
    allowed = hosts(Place("127.0.0.1", 8321), settings)
    assert "medlit.example.org" in allowed.allowed_hosts
    assert allowed.allowed_hosts.count("127.0.0.1:8321") == 1
    assert "https://medlit.example.org" in allowed.allowed_origins


def test_a_place_that_is_taken_is_a_plain_error(server: Serving) -> None:
    with pytest.raises(UsageError, match="Cannot listen"):
        listen(read_place(server.url.removeprefix("http://")))


@pytest.mark.anyio
async def test_answers_do_not_wait_to_be_sent_together() -> None:
    """Nagle's algorithm and delayed acknowledgements would make every answer 40 ms late."""
    with listen(read_place("127.0.0.1:0")) as listening:
        seen, looked = list[int](), anyio.Event()

        def look(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            seen.append(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()
            looked.set()

        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            with anyio.fail_after(30):
                await looked.wait()
            writer.close()
            await writer.wait_closed()
    assert seen[0] != 0


def test_processes_go_with_http_only(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--http"):
        command.run(parse(["serve", "--processes", "2", "--library", str(tmp_path)]))


ISSUER = "https://issuer.example"
AUDIENCE = "https://medlit.example.org/mcp"
KEY = rsa.generate_private_key(65537, 2048)
OTHER_KEY = rsa.generate_private_key(65537, 2048)


def key_set(*kids: str) -> bytes:
    numbers = KEY.public_key().public_numbers()
    n, e = (
        base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()
        for value in (numbers.n, numbers.e)
    )
    keys = [{"kty": "RSA", "kid": kid, "alg": "RS256", "use": "sig", "n": n, "e": e} for kid in kids]
    return json.dumps({"keys": keys}).encode()


def access_token(kid: str = "k1", key: Any = KEY, algorithm: str = "RS256", **claims: Any) -> str:
    whole = {"iss": ISSUER, "aud": AUDIENCE, "exp": int(time.time()) + 600, "scope": "openid read", **claims}
    return jwt.encode(
        {name: value for name, value in whole.items() if value is not None}, key, algorithm, headers={"kid": kid}
    )


@pytest.fixture(scope="module")
def tokens(server: Serving, library: Path) -> dict[str, str]:
    assert status_of(server, None) == 200, "it was started without any"
    reader = medlit_json("token", "new", "reader", "--library", library)["token"]
    file = TokenFile(library / "tokens.json")
    return {"reader": reader, "gone": file.new("gone", ["read"], 1), "all": file.new("all", list(SCOPES), 1)}


@pytest.fixture(scope="module")
def team(library: Path, tokens: dict[str, str]) -> Generator[Serving]:
    """Two processes that want tokens."""
    keys = library.parent / "keys.json"
    keys.write_bytes(key_set("k1"))
    env = {
        "MEDLIT_HTTP_URL": "https://medlit.example.org",
        "MEDLIT_OAUTH_ISSUER": ISSUER,
        "MEDLIT_OAUTH_KEYS": str(keys),
        "MEDLIT_LOG_LEVEL": "debug",
    }
    with serving(library, "--processes", "2", env=env) as running:
        yield running


def status_of(team: Serving, token: str | None) -> int:
    return team.post({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}, token).status_code


def test_tokens_are_kept_as_hashes_that_only_their_owner_may_read(library: Path, tokens: dict[str, str]) -> None:
    file = library / "tokens.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any(token.removeprefix("medlit_") in file.read_text() for token in tokens.values())
    assert [entry["name"] for entry in medlit_json("token", "list", "--library", library)] == list(tokens)
    assert all(len(token) >= 43 for token in tokens.values())


def test_with_the_first_token_a_server_that_was_open_is_not_any_more(server: Serving, tokens: dict[str, str]) -> None:
    assert status_of(server, None) == 401
    assert status_of(server, tokens["reader"]) == 200


def test_nobody_comes_in_without_a_valid_token(team: Serving, library: Path, tokens: dict[str, str]) -> None:
    assert status_of(team, tokens["reader"]) == 200
    assert [status_of(team, token) for token in (None, "", "medlit_x", tokens["reader"][:-1])] == [401] * 4
    assert team.get("/metrics").status_code == 401
    assert team.get("/status").status_code == 401
    assert team.get("/").status_code == 200, "the page itself holds nothing"
    assert status_of(team, tokens["gone"]) == 200
    medlit_json_nothing("token", "revoke", "gone", "--library", library)
    assert status_of(team, tokens["gone"]) == 401, "at once, in every process"


def medlit_json_nothing(*arguments: str | Path) -> None:
    done = medlit(*arguments)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_token_allows_what_its_scopes_say(team: Serving, tokens: dict[str, str]) -> None:
    def said(token: str, tool: str, **arguments: Any) -> str:
        return team.call(tool, tokens[token], **arguments)["content"][0]["text"]

    assert '"pmid":1' in said("reader", "search_literature", query="aspirin")
    assert "lacks the scope ingest" in said("reader", "ingest", paths=["x"])
    assert "lacks the scope ingest" in said("reader", "cancel_ingest", job_id="x")
    assert "lacks the scope metrics" in said("reader", "get_metrics")
    refused = said("reader", "search_literature", query="aspirin", priority="emergency")
    assert refused.endswith("lacks the scope emergency. Ask again with priority routine.")
    assert '"pmid":1' in said("all", "search_literature", query="aspirin", priority="emergency")
    assert "No folder is open" in said("all", "ingest", paths=["x"])
    assert '"window"' in said("all", "get_metrics")
    assert team.get("/metrics", tokens["reader"]).status_code == 403
    assert team.get("/metrics", tokens["all"]).status_code == 200
    read = team.request("resources/read", tokens["reader"], uri="metrics://summary")
    assert "lacks the scope metrics" in read["error"]["message"]
    assert "contents" in team.request("resources/read", tokens["all"], uri="metrics://summary")["result"]
    assert "contents" in team.request("resources/read", tokens["reader"], uri="article://1")["result"]


def test_access_tokens_of_the_issuer_count_as_tokens(team: Serving) -> None:
    assert status_of(team, access_token()) == 200
    assert "lacks the scope metrics" in team.call("get_metrics", access_token())["content"][0]["text"]
    listed = access_token(scope=None, scp=["metrics", "unheard"])
    assert not team.call("get_metrics", listed)["isError"]
    assert team.get("/metrics", listed).status_code == 200


PUBLIC = json.loads(key_set("k1"))["keys"][0]["n"]


@pytest.mark.parametrize(
    "token",
    [
        access_token(aud="https://other.example/mcp"),
        access_token(aud=None),
        access_token(iss="https://other.example"),
        access_token(iss=None),
        access_token(exp=int(time.time()) - 600),
        access_token(exp=None),
        access_token(kid="k2"),
        access_token(key=OTHER_KEY),
        access_token(key=PUBLIC, algorithm="HS256"),
        access_token(key=None, algorithm="none"),
        access_token()[:-4] + "AAAA",
        "a.b.c",
    ],
    ids=["audience", "no audience", "issuer", "no issuer", "old", "no end", "key", "signature", "shared secret",
         "unsigned", "damaged", "nonsense"],
)  # fmt: skip
def test_no_other_access_token_does(team: Serving, token: str) -> None:
    assert status_of(team, token) == 401


def test_clients_are_told_where_to_get_a_token(team: Serving) -> None:
    refused = team.get("/metrics")
    [address] = [
        part.partition("=")[2].strip('"')
        for part in refused.headers["WWW-Authenticate"].removeprefix("Bearer ").split(", ")
        if part.startswith("resource_metadata=")
    ]
    assert address == "https://medlit.example.org/.well-known/oauth-protected-resource/mcp"
    told = team.get(address.removeprefix("https://medlit.example.org"), Host="medlit.example.org").json()
    assert (told["resource"], told["authorization_servers"]) == (AUDIENCE, [ISSUER])
    assert told["scopes_supported"] == ["read", "ingest", "emergency", "metrics"]


@pytest.mark.anyio
async def test_new_keys_are_asked_for_when_they_are_needed_but_not_by_a_flood() -> None:
    now, sets, asked = [0.0], [key_set("k1")], [0]

    async def keys() -> bytes:
        asked[0] += 1
        return sets[0]

    issuer = Issuer(ISSUER, AUDIENCE, keys, clock=lambda: now[0])
    await issuer.load()
    sets[0] = key_set("k1", "k2")
    assert await issuer.scopes(access_token("k2")) is None
    now[0] += FETCH_AT_MOST_EVERY_S
    for _ in range(20):
        assert await issuer.scopes(access_token("made-up")) is None
    found = await issuer.scopes(access_token("k2"))
    assert found is not None
    assert found[0] == ["read"]
    assert asked[0] == 2
    now[0] += FETCH_AT_MOST_EVERY_S
    sets[0] = b"<html>"
    assert await issuer.scopes(access_token("made-up")) is None
    assert await issuer.scopes(access_token("k1")) is not None, "those there are go on being valid"


def test_an_expired_token_is_none(tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "tokens.json")
    token = tokens.new("ward", ["read"], 0)
    assert tokens.find(token) is None
    assert tokens.find(tokens.new("other", ["read"], 1)) is not None
    (tmp_path / "tokens.json").write_text("{")
    assert tokens.find(token) is None, "without a readable file nobody is known"
    with pytest.raises(UsageError, match="cannot be read"):
        tokens.new("third", ["read"], 1)


@pytest.mark.parametrize("name", ["", "Jane Roe", "a" * 65, "ward"])
def test_a_name_that_is_no_name_or_taken_is_refused(name: str, tmp_path: Path) -> None:
    tokens = TokenFile(tmp_path / "tokens.json")
    tokens.new("ward", ["read"], 1)
    with pytest.raises(UsageError, match="name"):
        tokens.new(name, ["read"], 1)


def families(text: str) -> dict[str, Any]:
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(found: dict[str, Any], family: str, **labels: str) -> float:
    samples = [sample for sample in found[family].samples if labels.items() <= sample.labels.items()]
    return sum(sample.value for sample in samples)


def test_metrics_are_what_prometheus_reads_without_types_of_workflow(team: Serving, tokens: dict[str, str]) -> None:
    found = families(team.get("/metrics", tokens["all"]).text)
    assert value(found, "medlit_ingest_records") == 2
    assert value(found, "medlit_slots", resource="calls") == CALLS
    assert {sample.labels.get("le") for sample in found["medlit_call_seconds"].samples} >= {"0.5", "2.0", "+Inf"}
    labels = {name for family in found.values() for sample in family.samples for name in sample.labels}
    assert labels <= {"lane", "outcome", "source", "le", "category", "resource", "version"}


@pytest.mark.anyio
async def test_metrics_tell_what_is_stored_so_that_no_process_ever_tells_less(tmp_path: Path) -> None:
    dispatch = Dispatch(TOOLS)
    async with services(Settings(library=tmp_path, workers=1)) as one:
        await dispatch.call(one, "search_literature", {"author": "Roe J", "priority": "emergency"})
        await dispatch.call(one, "search_literature", {"author": 7})
        assert await one.keeper.store(10.0)
        async with services(Settings(library=tmp_path, workers=1)) as other:
            await dispatch.call(other, "search_literature", {"author": "Roe J"})  # not stored yet
            for told in (one, other):
                found = families(exposition(await told.keeper.stored(), told.metrics.gauges()).decode())
                assert value(found, "medlit_calls", lane="emergency", outcome="ok", source="local") == 1
                assert value(found, "medlit_calls", lane="routine", outcome="refused") == 1
                assert value(found, "medlit_calls") == 2
                assert value(found, "medlit_call_seconds", lane="emergency", le="0.5") == 1
                assert value(found, "medlit_call_seconds", lane="routine") == 0


def test_the_log_of_the_server_holds_neither_tokens_nor_questions(team: Serving, tokens: dict[str, str]) -> None:
    team.call("search_literature", tokens["reader"], query=NEEDLE)
    team.call(NEEDLE, tokens["reader"])
    team.get(f"/{NEEDLE}?q={NEEDLE}", Host=NEEDLE.replace(" ", "-"))
    said = "".join(team.said)
    assert not any(secret in said for secret in (*tokens.values(), NEEDLE, NEEDLE.replace(" ", "-"), "jane"))


def test_with_tokens_the_page_asks_for_one_and_shows_nothing(team: Serving, tmp_path: Path) -> None:
    page = opened(team.url, tmp_path)
    assert not page.shown
    assert set(page.figures.values()) == {""}


def test_a_process_that_dies_is_started_anew_and_all_end_with_the_first(team: Serving, tokens: dict[str, str]) -> None:
    port = int(team.url.rpartition(":")[2])

    def listens(child: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error):  # it may just be dying
            return any(place.laddr and place.laddr.port == port for place in child.net_connections("tcp"))
        return False

    def answering() -> list[psutil.Process]:
        return [child for child in psutil.Process(team.process.pid).children() if listens(child)]

    until(lambda: len(answering()) == 2, "the start of both")
    killed, other = answering()
    killed.kill()
    until(lambda: len(answering()) == 2 and killed not in answering(), "the new process")
    assert other in answering()
    assert status_of(team, tokens["reader"]) == 200
    with all_gone_after(team.process.pid):
        team.process.send_signal(signal.SIGKILL)
        team.process.wait(timeout=20)


def test_at_a_signal_what_is_under_way_is_finished(tmp_path: Path) -> None:
    exposed = [sys.executable, "-m", "tests.exposed"]
    with serving(tmp_path / "lib", command=exposed) as running:
        answers: list[dict[str, Any]] = []
        hanging = threading.Thread(
            target=lambda: answers.append(running.call("go_wrong", text="x", how="hang")),
            daemon=True,
        )
        hanging.start()
        until(lambda: running.get("/status").json()["metrics"]["now"].get("calls_running") == 1, "the call's start")
        with all_gone_after(running.process.pid):
            running.process.send_signal(signal.SIGTERM)
            hanging.join(30)
            assert running.process.wait(timeout=20) == 0
    [answer] = answers
    assert answer["content"][0]["text"].startswith("No answer within 2.0 s")


@pytest.mark.anyio
async def test_the_processes_of_a_server_know_of_each_others_jobs_and_workflows(tmp_path: Path) -> None:
    write(tmp_path / "big.xml", *[article(n, "Big " * 50) for n in range(1, 20_000)])
    settings = Settings(library=tmp_path / "lib", workers=1, ingest_roots=(tmp_path,))
    board, workflows, rows = Board({}, {}), dict[str, tuple[int, float]](), memoryview(bytearray(16 * GAUGES)).cast("q")
    async with (
        services(settings, one_client=False, shared=Shared(board, workflows, GaugeRows(rows, 0))) as one,
        services(settings, one_client=False, shared=Shared(board, workflows, GaugeRows(rows, 1))) as other,
    ):
        job = await one.jobs.start(["big.xml"])
        assert other.jobs.get(job.id).state == "running"
        with pytest.raises(UsageError, match="still running"):
            await other.jobs.start(["big.xml"])
        with anyio.fail_after(30):
            assert (await other.jobs.cancel(job.id)).state == "cancelled"
        assert one.jobs.get(job.id).state == "cancelled"
        one.metrics.change_gauge(Gauge.CALLS_RUNNING, 2)
        other.metrics.change_gauge(Gauge.CALLS_RUNNING, 3)
        assert one.metrics.gauges()["calls_running"] == other.metrics.gauges()["calls_running"] == 5
        identifier = one.tracker.start("research")
        assert other.tracker.finish(identifier, RunOutcome.ANSWERED, None) >= 0
        with pytest.raises(UsageError, match="No workflow"):
            one.tracker.finish(identifier, RunOutcome.ANSWERED, None)
