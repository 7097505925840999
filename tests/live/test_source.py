"""What a source's failures come to: another attempt where that is safe, else a planned error; never an empty answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import anyio
import pytest

from medlit.errors import PhiRefused, SourceUnavailable
from tests.live import servers
from tests.live.servers import FAILURES, Answer
from tools.live.breaker import FAILURES as FAILURES_IN_A_ROW
from tools.live.breaker import OPEN_S, Breaker
from tools.live.eutils import Eutils
from tools.live.source import ATTEMPTS, retry_after
from tools.live.throttle import Gate

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_a_failure_that_passes_is_not_noticed(
    server: servers.Sources, ncbi: Eutils, failure: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.live.source.COOL_S", 0.01)
    server.add(11, "Asthma")
    server.fail("/esearch.fcgi", failure)
    with anyio.fail_after(10):
        assert (await ncbi.search("asthma")).pmids == [11]
    assert server.paths() == ["/esearch.fcgi"] * 2


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
async def test_a_failure_that_stays_is_an_error_without_the_query_and_never_an_empty_result(
    server: servers.Sources, ncbi: Eutils, failure: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.live.source.COOL_S", 0.01)
    server.fail("/esearch.fcgi", *[failure] * ATTEMPTS)
    with anyio.fail_after(10), pytest.raises(SourceUnavailable, match=r"^NCBI ") as raised:
        await ncbi.search("rare-needle")
    assert "needle" not in str(raised.value)
    assert len(server.asked) == ATTEMPTS


@pytest.mark.parametrize("status", [302, 400, 403, 404, 414])
async def test_what_another_attempt_cannot_mend_is_asked_once(
    server: servers.Sources, ncbi: Eutils, status: int
) -> None:
    server.fail("/esearch.fcgi", Answer(status))
    with pytest.raises(SourceUnavailable, match=str(status)):
        await ncbi.search("asthma")
    assert len(server.asked) == 1


async def test_a_query_that_ncbi_cannot_read_is_asked_once(server: servers.Sources, ncbi: Eutils) -> None:
    with pytest.raises(SourceUnavailable, match="could not make sense"):
        await ncbi.search("nonsense")
    assert len(server.asked) == 1


async def test_a_query_that_the_gate_refuses_is_asked_never(server: servers.Sources, ncbi: Eutils) -> None:
    with pytest.raises(PhiRefused):
        await ncbi.search("asthma SSN 123-45-6789")
    assert server.asked == []


async def test_a_wait_beyond_the_deadline_is_not_begun(server: servers.Sources, ncbi: Eutils, gate: Gate) -> None:
    server.fail("/esearch.fcgi", Answer(429, headers=(("Retry-After", "120"),)))
    with anyio.fail_after(20), pytest.raises(SourceUnavailable, match="left alone for 120 s"):
        await ncbi.search("asthma")
    assert len(server.asked) == 1
    with anyio.move_on_after(0.1) as scope:  # and all others wait, too
        async with gate.passing(emergency=True):
            pytest.fail("the source asked to be left alone")
    assert scope.cancelled_caught


async def test_waiting_counts_inside_the_deadline_of_the_caller(
    server: servers.Sources, ncbi: Eutils, gate: Gate
) -> None:
    await gate.cool_down(60.0)
    with anyio.move_on_after(0.1) as scope:
        await ncbi.search("asthma")
    assert scope.cancelled_caught
    assert server.asked == []


async def test_a_slow_drip_ends_with_the_deadline_and_leaves_its_place(server: servers.Sources, ncbi: Eutils) -> None:
    server.add(11, "Asthma")
    for _ in range(6):  # more than there are places
        server.fail("/esearch.fcgi", Answer(200, b"{", ends="drip"))
        with anyio.move_on_after(0.1) as scope:
            await ncbi.search("asthma")
        assert scope.cancelled_caught
        if len(server.asked) == FAILURES_IN_A_ROW:
            break
    with pytest.raises(SourceUnavailable, match="left alone for half a minute"):
        await ncbi.search("asthma")


async def test_a_source_that_fails_again_and_again_is_left_alone(server: servers.Sources, ncbi: Eutils) -> None:
    server.fail("/esearch.fcgi", *[Answer(500)] * 20)
    for _ in range(3):
        with pytest.raises(SourceUnavailable):
            await ncbi.search("asthma")
    assert len(server.asked) == FAILURES_IN_A_ROW


def test_the_breaker_tries_again_after_its_pause_with_one_request() -> None:
    breaker = Breaker()
    for _ in range(FAILURES_IN_A_ROW):
        assert not breaker.is_open(0.0)
        breaker.failed(0.0)
    assert breaker.is_open(OPEN_S - 0.1)
    assert not breaker.is_open(OPEN_S)
    assert breaker.is_open(OPEN_S)
    breaker.succeeded()
    assert not breaker.is_open(OPEN_S)


def test_retry_after_is_seconds_or_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after({"Retry-After": "7"}) == 7.0
    assert 20.0 < (retry_after({"retry-after": later}) or 0.0) <= 30.0
    assert retry_after({"Retry-After": "Wed, 01 Jan 2020 00:00:00 GMT"}) == 0.0
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after({}) is None
