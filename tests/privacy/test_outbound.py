"""The one way out, against a real HTTP server on this machine."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from medlit.errors import MedlitError, Offline, PhiRefused, SourceUnavailable
from medlit.privacy.categories import Category
from medlit.privacy.gate import Field, Kind
from medlit.privacy.outbound import Outbound, Request
from tests.privacy import loopback
from tests.privacy.corpora import development, held

pytestmark = pytest.mark.anyio


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Generator[loopback.Source]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with loopback.source() as served:
        yield served


@pytest.fixture
async def outbound() -> AsyncGenerator[Outbound]:
    async with Outbound() as opened:
        yield opened


def search(source: loopback.Source, term: str, *, post: bool = False) -> Request:
    fields = (
        Field(Kind.CONSTANT, "db", "pubmed"),
        Field(Kind.TOPIC, "term", term),
        Field(Kind.DATE, "mindate", "2020/01/31"),
        Field(Kind.NUMBER, "retmax", "20"),
        Field(Kind.OPERATOR, "email", "operator@example.org"),
    )
    return Request(source.base, "/esearch.fcgi", fields, post=post)


async def test_a_literature_query_goes_out_and_is_counted_as_screened(
    source: loopback.Source, outbound: Outbound
) -> None:
    response = await outbound.fetch(search(source, "asthma[mh] AND 2019/01/01:2020/12/31[dp]"))
    assert (response.status, response.body) == (200, b'{"count": 1}')
    assert len(source.lines) == 1
    assert (outbound.counts.requests, outbound.counts.screened, outbound.counts.bypasses) == (1, 1, 0)


async def test_a_form_is_sent_in_the_body(source: loopback.Source, outbound: Outbound) -> None:
    await outbound.fetch(search(source, "asthma", post=True))
    assert source.lines == ["/esearch.fcgi"]
    assert b"term=asthma" in source.bodies[0]


@pytest.mark.parametrize("post", [False, True], ids=["GET", "POST"])
async def test_no_query_with_an_identifier_arrives(
    source: loopback.Source, outbound: Outbound, data: Path, post: bool
) -> None:
    missed = 0
    positives = [*development(data / "phi/dev.jsonl")[0], *(query for query in held() if query.group == "structured")]
    for query in positives:
        said = ""
        try:
            await outbound.fetch(search(source, query.text, post=post))
            missed += 1
        except PhiRefused as error:
            said = str(error).lower()
        assert not any(
            re.search(rf"\b{re.escape(needle.lower())}\b", said) for needle in query.needles if len(needle) > 2
        )
    # What the gate misses does arrive; the floors in test_floors.py say how little that may be.
    assert len(source.lines) == missed == outbound.counts.requests
    assert missed <= 0.01 * len(positives)
    assert outbound.counts.refusals == len(positives) - missed
    assert outbound.counts.refused[Category.SSN] >= 18


ROUND_THE_GATE: dict[str, Callable[[str], Request]] = {
    "path": lambda base: Request(base, "/patients/Jane Roe"),
    "query in the path": lambda base: Request(base, "/search?term=123-45-6789"),
    "author": lambda base: Request(base, "/a", (Field(Kind.AUTHOR, "author", "123-45-6789"),)),
    "constant": lambda base: Request(base, "/a", (Field(Kind.CONSTANT, "db", "123-45-6789"),)),
    "identifier": lambda base: Request(base, "/a", (Field(Kind.IDENTIFIER, "id", "123-45-6789"),)),
    "base": lambda base: Request(f"{base}/x?note=patient+Jane+Roe", "/a"),
    "name of a field": lambda base: Request(base, "/a", (Field(Kind.TOPIC, "SSN 123-45-6789", "asthma"),)),
    "over two fields": lambda base: Request(
        base, "/a", (Field(Kind.TOPIC, "a", "patient Jane"), Field(Kind.TOPIC, "SSN", "123456789"))
    ),
}


@pytest.mark.parametrize("request_of", ROUND_THE_GATE.values(), ids=ROUND_THE_GATE)
async def test_no_part_of_a_request_goes_round_the_gate(
    source: loopback.Source, outbound: Outbound, request_of: Callable[[str], Request]
) -> None:
    with pytest.raises(MedlitError):
        await outbound.fetch(request_of(source.base))
    assert source.lines == []
    assert outbound.counts.requests == 0


async def test_a_request_nobody_described_is_stopped_in_the_last_step(
    source: loopback.Source, outbound: Outbound
) -> None:
    await outbound.fetch(search(source, "asthma"))
    client = outbound._client  # pyright: ignore[reportPrivateUsage]  # what a careless change could reach
    assert client is not None
    with pytest.raises(PhiRefused):
        await client.get(source.base + "/round-the-gate")
    assert len(source.lines) == 1
    assert outbound.counts.bypasses == 0


async def test_a_bypass_would_be_measured(source: loopback.Source, outbound: Outbound) -> None:
    await outbound.fetch(search(source, "asthma"))
    client = outbound._client  # pyright: ignore[reportPrivateUsage]  # what a careless change could do
    assert client is not None
    _, count = client.event_hooks["request"]
    client.event_hooks = {"request": [count]}
    await client.get(source.base + "/round-the-gate")
    assert outbound.counts.bypasses == 1


async def test_offline_nothing_is_opened(source: loopback.Source) -> None:
    async with Outbound(offline=True) as outbound:
        with pytest.raises(Offline, match="MEDLIT_OFFLINE"):
            await outbound.fetch(search(source, "asthma"))
    assert source.lines == []


async def test_a_redirect_is_not_followed(source: loopback.Source, outbound: Outbound) -> None:
    assert (await outbound.fetch(Request(source.base, "/moved"))).status == 302
    assert source.lines == ["/moved"]


async def test_a_large_file_comes_in_pieces(source: loopback.Source, outbound: Outbound) -> None:
    async with outbound.download(Request(source.base, "/large")) as download:
        sizes = [len(chunk) async for chunk in download.chunks]
    assert sum(sizes) == 1_000_000
    assert len(sizes) > 1


@pytest.mark.parametrize("path", ["/cut", None], ids=["breaks off", "nobody there"])
async def test_a_source_that_fails_is_a_planned_error_without_the_query(
    source: loopback.Source, outbound: Outbound, path: str | None
) -> None:
    base = source.base if path else "http://127.0.0.1:9"
    request = Request(base, path or "/a", (Field(Kind.TOPIC, "term", "rare-needle"),))
    with pytest.raises(SourceUnavailable) as raised:
        await outbound.fetch(request)
    assert "needle" not in f"{raised.value!r}{raised.value.__cause__!r}"
    assert raised.value.__suppress_context__


async def test_the_policy_is_around_each_request_and_after_the_gate(source: loopback.Source) -> None:
    seen: list[str] = []

    @asynccontextmanager
    async def around(request: Request) -> AsyncGenerator[None]:
        seen.append(request.path)
        yield

    async with Outbound(around=around) as outbound:
        await outbound.fetch(search(source, "asthma"))
        with pytest.raises(PhiRefused):
            await outbound.fetch(search(source, "SSN 123-45-6789"))
    assert seen == ["/esearch.fcgi"]


async def test_requests_run_side_by_side(source: loopback.Source, outbound: Outbound) -> None:
    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(outbound.fetch, search(source, "asthma"))
    assert len(source.lines) == outbound.counts.requests == 20


async def test_the_http_client_logs_no_address_even_at_debug(
    source: loopback.Source, outbound: Outbound, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", "httpx2", "httpcore2", "httpcore2.http11", "httpcore2.connection"):
        caplog.set_level(logging.DEBUG, logger=name)
    await outbound.fetch(search(source, "rare-needle"))
    assert "needle" not in caplog.text
    assert len(source.lines) == 1


async def test_a_request_shows_no_values_of_its_fields(source: loopback.Source) -> None:
    assert "needle" not in repr(search(source, "rare-needle"))
