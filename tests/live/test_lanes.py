"""Lanes and live sources together: who waits for another machine stands in nobody's way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from anyio.abc import TaskGroup

from medlit.settings import Settings, Sources
from server.app import services
from server.dispatch import Dispatch
from server.lanes.lanes import CALLS
from server.lanes.room import for_routine
from tests.live import servers
from tests.live.servers import Answer
from tests.live.test_federation import library, loaded
from tools.catalog import TOOLS
from tools.tool import Arguments, Result, Services, Tool

__all__ = ["library", "loaded"]  # fixtures

pytestmark = pytest.mark.anyio


@pytest.fixture
def settings(library: Path, sources: Sources) -> Settings:
    return Settings(library=library, workers=1, sources=sources)


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(20):
        while not condition():
            await anyio.lowlevel.checkpoint()


async def answer(dispatch: Dispatch, working: Services, **arguments: Any) -> dict[str, Any]:
    result = await dispatch.call(working, "search_literature", {"query": "aspirin", **arguments})
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def test_calls_that_wait_for_pubmed_hold_no_slot_for_calls_and_without_their_turn_none_for_requests(
    settings: Settings, server: servers.Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.live.live.EUROPEPMC_GAP_S", 60.0)  # both sources have one address here
    server.fail("/esearch.fcgi", Answer(200, b"{", ends="drip"))
    dispatch = Dispatch(TOOLS)
    async with services(settings) as working, anyio.create_task_group() as tasks:
        live = {"query": "aspirin", "source": "live"}
        for _ in range(CALLS + 1):
            tasks.start_soon(dispatch.call, working, "search_literature", live)
        gauges = working.metrics.gauges
        await until(lambda: len(server.asked) == 1 and gauges()["calls_running"] == CALLS + 1)
        assert (gauges()["call_slots"], gauges()["outbound_slots"]) == (0, 1)
        assert (await answer(dispatch, working))["total"] == 2
        tasks.cancel_scope.cancel()


class Nothing(Result):
    """Of a tool that says nothing."""


def waiting(gate: anyio.Event) -> Dispatch:
    """All tools, and one that holds its slot until the gate opens."""

    async def wait(_: Services, __: Arguments) -> Nothing:
        await gate.wait()
        return Nothing()

    return Dispatch([*TOOLS, Tool("wait", "Wait", "Waits.", Arguments, Nothing, wait)])


async def fill(tasks: TaskGroup, dispatch: Dispatch, working: Services) -> None:
    """Let routine work fill what it may."""
    for _ in range(for_routine(CALLS)):
        tasks.start_soon(dispatch.call, working, "wait", dict[str, Any]())
    await until(lambda: working.metrics.gauges().get("call_slots") == for_routine(CALLS))


@pytest.mark.parametrize(("source", "pages"), [("both", [[2], [1]]), ("live", [[2], [2]])])
async def test_under_stress_an_emergency_is_answered_by_the_library_and_goes_on_with_pubmed_later(
    settings: Settings, server: servers.Sources, source: str, pages: list[list[int]]
) -> None:
    server.add(30, "Aspirin and the stomach")
    gate = anyio.Event()
    dispatch = waiting(gate)
    question: dict[str, Any] = {"source": source, "limit": 1, "sort": "newest"}
    cursor, shown = None, list[list[int]]()
    async with services(settings) as working:
        async with anyio.create_task_group() as tasks:
            await fill(tasks, dispatch, working)
            for _ in range(2):
                short = await answer(dispatch, working, **question, priority="emergency", cursor=cursor)
                assert (short["source"], "local library only" in short["degraded"]) == ("local", True)
                cursor = short["next_cursor"]
                shown.append([hit["pmid"] for hit in short["hits"]])
            assert not server.asked
            gate.set()
        whole = await answer(dispatch, working, **question, cursor=cursor)
    assert shown == pages
    assert [hit["pmid"] for hit in whole["hits"]] == [30]
    assert "degraded" not in whole


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_articles", {"ids": [1, 30], "source": "both"}),
        ("get_articles", {"ids": [1, 30], "source": "live"}),
        ("find_related", {"pmid": 1, "source": "both"}),
        ("find_related", {"pmid": 1, "source": "live"}),
        ("verify_citations", {"citations": [{"pmid": 30, "title": "Another"}], "source": "both"}),
        ("verify_citations", {"citations": [{"title": "Another thing altogether"}], "source": "live"}),
    ],
)
async def test_under_stress_an_emergency_of_any_tool_is_answered_without_other_machines_and_says_so(
    settings: Settings, server: servers.Sources, tool: str, arguments: dict[str, Any]
) -> None:
    server.add(30, "Aspirin and the stomach")
    gate = anyio.Event()
    dispatch = waiting(gate)
    async with services(settings) as working, anyio.create_task_group() as tasks:
        await fill(tasks, dispatch, working)
        result = await dispatch.call(working, tool, arguments | {"priority": "emergency"})
        assert not result.is_error, result.content
        assert result.structured_content
        assert result.structured_content["source"] == "local"
        assert "from the local library only" in result.structured_content["live_note"]
        assert not server.asked
        gate.set()


async def test_with_no_room_for_another_request_the_answer_is_the_librarys_and_says_so(
    settings: Settings, server: servers.Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tools.live.live.EUROPEPMC_GAP_S", 0.0)  # both sources have one address here
    monkeypatch.setattr("server.lanes.lanes.OUTBOUND", 2)
    monkeypatch.setattr("server.lanes.lanes.MOST_WAITING", 0)
    server.fail("/esearch.fcgi", Answer(200, b"{", ends="drip"))
    dispatch = Dispatch(TOOLS)
    async with services(settings) as working, anyio.create_task_group() as tasks:
        live = {"query": "aspirin", "source": "live"}
        tasks.start_soon(dispatch.call, working, "search_literature", live)
        await until(lambda: len(server.asked) == 1)
        both = await answer(dispatch, working, source="both")
        assert (both["source"], both["total"]) == ("local", 2)
        assert both["live_note"].startswith("Not sent: as many requests as may be are under way. Try again in ")
        alone = await dispatch.call(working, "search_literature", live)
        assert alone.is_error
        assert len(server.asked) == 1
        tasks.cancel_scope.cancel()
