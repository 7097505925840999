"""The figures of service as an agent sees them: real calls, and what they change."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import CallToolResult, TextContent, TextResourceContents

from medlit.errors import Overloaded
from medlit.library.sqlite_schema import LIBRARY_FILE
from medlit.privacy.categories import Category
from medlit.settings import Settings
from server.app import build, services
from server.dispatch import UNPLANNED, Dispatch
from tests.pubmed import article, medlit_json, write
from tools.catalog import TOOLS
from tools.tool import Arguments, Result, Services, Tool

pytestmark = pytest.mark.anyio

PATIENT = "Jane Roe"

NOTHING_BUT_THIS_CALL = {
    "calls_running": 1,
    "queued_routine": 0,
    "queued_emergency": 0,
    "call_slots": 1,
    "search_slots": 0,
    "outbound_slots": 0,
}
"""The index is brought up to date when a server starts, which takes a reader's slot for a moment."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(library=tmp_path / "lib", workers=1, workflows=("ward_round",))


@pytest.fixture
async def working(settings: Settings) -> AsyncGenerator[Services]:
    async with services(settings) as opened:
        yield opened


class Nothing(Result):
    """No result."""


def tool_that(does: Callable[[], Awaitable[None]]) -> Dispatch:
    """All tools, and one that does something odd."""

    async def call(_: Services, __: Arguments) -> Nothing:
        await does()
        return Nothing()

    return Dispatch([*TOOLS, Tool("odd", "Odd", "Odd.", Arguments, Nothing, call)])


async def fail() -> None:
    raise ValueError(PATIENT)


async def turn_away() -> None:
    raise Overloaded(1)


async def called(dispatch: Dispatch, working: Services, tool: str, **arguments: Any) -> dict[str, Any]:
    result = await dispatch.call(working, tool, arguments)
    assert not result.is_error, text_of(result)
    assert result.structured_content is not None
    return result.structured_content


def text_of(result: CallToolResult) -> str:
    [content] = result.content
    assert isinstance(content, TextContent)
    return content.text


async def figures(working: Services, window: str = "session") -> dict[str, Any]:
    return await called(Dispatch(TOOLS), working, "get_metrics", window=window)


def of(rows: list[dict[str, Any]], workflow: str, lane: str = "routine") -> dict[str, Any]:
    [row] = [row for row in rows if row["workflow"] == workflow and row["lane"] == lane]
    return row


async def test_a_fresh_server_claims_nothing(working: Services) -> None:
    fresh = await figures(working)
    assert fresh["response_time_ms"] == {"p50": None, "p95": None, "p99": None}
    assert fresh["emergency_response_time_ms"] == {"p50": None, "p95": None, "p99": None}
    assert fresh["patient_safety_score"] is None
    assert (fresh["phi_exposure_risk"], fresh["outbound_requests"]) == (0.0, 0)
    assert fresh["now"].items() >= NOTHING_BUT_THIS_CALL.items()


async def test_calls_move_the_figures_of_their_workflow_and_lane(working: Services) -> None:
    for _ in range(12):
        await called(Dispatch(TOOLS), working, "search_literature", author="Roe J", priority="emergency")
    await called(Dispatch(TOOLS), working, "get_articles", ids=[1])
    moved = await figures(working)
    emergency = of(moved["calls"], "literature_search", "emergency")
    assert (emergency["answered"], emergency["errors"], emergency["sheds"]) == (12, 0, 0)
    assert emergency["within_target"] == 1.0
    assert 0 < emergency["ms"]["p50"] <= emergency["ms"]["p99"] < 500
    assert moved["emergency_response_time_ms"] == emergency["ms"]
    assert of(moved["calls"], "literature_search")["answered"] == "<11"
    assert moved["answered"] == ">=13"
    assert moved["patient_safety_score"] == 100.0


async def test_a_failure_nobody_planned_is_counted_and_keeps_its_text(
    working: Services, capsys: pytest.CaptureFixture[str]
) -> None:
    dispatch = tool_that(fail)
    await called(dispatch, working, "search_literature", author="Roe J")
    result = await dispatch.call(working, "odd", {})
    assert (result.is_error, text_of(result)) == (True, UNPLANNED)
    moved = await figures(working)
    assert of(moved["calls"], "other")["errors"] == "<11"
    assert moved["patient_safety_score"] == 50.0
    assert PATIENT not in "".join(capsys.readouterr())


async def test_a_late_answer_counts_as_an_error_and_lowers_the_score(working: Services) -> None:
    dispatch = tool_that(anyio.sleep_forever)
    assert (await dispatch.call(working, "odd", {"priority": "emergency"})).is_error
    moved = await figures(working)
    assert of(moved["calls"], "other", "emergency")["errors"] == "<11"
    assert moved["emergency_response_time_ms"]["p50"] >= 490
    assert moved["patient_safety_score"] == 0.0


async def test_a_call_turned_away_is_shed(working: Services) -> None:
    dispatch = tool_that(turn_away)
    assert "no room" in text_of(await dispatch.call(working, "odd", {}))
    row = of((await figures(working))["calls"], "other")
    assert (row["sheds"], row["errors"], row["answered"]) == ("<11", 0, 0)


async def test_wrong_calls_and_calls_given_up_do_not_count_against_the_server(working: Services) -> None:
    dispatch = tool_that(anyio.sleep_forever)
    assert (await dispatch.call(working, PATIENT, {"priority": PATIENT})).is_error
    assert (await dispatch.call(working, "search_literature", {"limit": PATIENT})).is_error
    assert (await dispatch.call(working, "ingest_status", {"job_id": PATIENT})).is_error
    with anyio.move_on_after(0.01):
        await dispatch.call(working, "odd", {})
    moved = await figures(working)
    assert {(row["answered"], row["errors"], row["sheds"]) for row in moved["calls"]} == {(0, 0, 0)}
    assert moved["patient_safety_score"] is None
    assert moved["now"].items() >= NOTHING_BUT_THIS_CALL.items()
    outcomes = [outcome for _, _, outcome, _, _ in (await working.keeper.totals("session")).tables["calls"]]
    assert sorted(outcomes) == [0, 1, 1, 1, 4]  # 0 is get_metrics itself


async def test_a_request_that_was_not_screened_is_a_risk(working: Services) -> None:
    for screened in (True, True, True, False):
        if screened:
            working.metrics.screened()
        working.metrics.sent()
    working.metrics.phi_refused([Category.NAME, Category.SSN])
    moved = await figures(working)
    assert moved["phi_exposure_risk"] == 0.25
    assert (moved["outbound_requests"], moved["unscreened_requests"]) == (4, 1)
    assert moved["phi_refusals"] == {"name": "<11", "ssn": "<11"}


async def test_records_of_unknown_status_lower_the_safety_score(settings: Settings, tmp_path: Path) -> None:
    from_nlm = write(tmp_path / "a.xml", article(1, "Aspirin"), article(2, "Aspirin", retracted=True))
    elsewhere = tmp_path / "b.jsonl"
    elsewhere.write_text('{"pmid": 3, "title": "Aspirin"}\n{"pmid": 4, "title": "Aspirin"}\n')
    medlit_json("ingest", "--library", settings.library, from_nlm, elsewhere)
    async with services(settings) as working:
        found = await called(Dispatch(TOOLS), working, "search_literature", query="aspirin")
        assert sorted(str(hit["retracted"]) for hit in found["hits"]) == ["False", "None", "None", "True"]
        moved = await figures(working)
        assert moved["patient_safety_score"] == 50.0
        await called(Dispatch(TOOLS), working, "get_articles", ids=[1, 2])
        assert (await figures(working))["patient_safety_score"] == 66.6
        loaded = await figures(working, "today")
    assert loaded["ingest_records"] == 4
    assert loaded["ingest_records_per_second"] > 0


async def test_servers_on_one_library_add_up(settings: Settings) -> None:
    for _ in range(2):
        async with services(settings) as working:
            for _ in range(6):
                await called(Dispatch(TOOLS), working, "get_articles", ids=[1])
            assert of((await figures(working))["calls"], "literature_search")["answered"] == "<11"
    async with services(settings) as working:
        assert of((await figures(working, "all"))["calls"], "literature_search")["answered"] == 12
        assert (await figures(working))["answered"] == ">=1"  # its own get_metrics


async def test_calls_are_answered_and_counted_while_the_library_is_busy(settings: Settings) -> None:
    async with services(settings) as working:
        with contextlib.closing(sqlite3.connect(settings.library / LIBRARY_FILE, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            for _ in range(11):
                await called(Dispatch(TOOLS), working, "get_articles", ids=[1])
            assert not await working.keeper.store(0.01)
            assert of((await figures(working, "today"))["calls"], "literature_search")["answered"] == 11
            writer.execute("ROLLBACK")
    async with services(settings) as working:
        assert of((await figures(working, "today"))["calls"], "literature_search")["answered"] == 11


async def test_calls_count_for_the_workflow_that_is_tracked(working: Services) -> None:
    dispatch = Dispatch(TOOLS)
    started = await called(dispatch, working, "track_workflow", event="start", workflow="ward_round")
    for _ in range(11):
        await called(dispatch, working, "get_articles", ids=[1])
    finish = {"event": "finish", "workflow_id": started["workflow_id"], "outcome": "answered", "rating": 5}
    assert (await called(dispatch, working, "track_workflow", **finish))["seconds"] >= 0
    await called(dispatch, working, "get_articles", ids=[1])
    moved = await figures(working)
    assert of(moved["calls"], "ward_round")["answered"] == 11
    assert of(moved["calls"], "literature_search")["answered"] == "<11"
    assert of(moved["calls"], "administration")["answered"] == "<11"  # tracking itself
    [run] = moved["workflows"]
    assert run["workflow"] == "ward_round"
    assert run["outcomes"] == {"answered": "<11", "partly": 0, "unanswered": 0, "abandoned": 0}
    assert "mean_rating" not in run
    assert run["seconds"]["p50"] is not None


async def test_two_types_under_way_leave_calls_with_the_type_of_their_tool(working: Services) -> None:
    dispatch = Dispatch(TOOLS)
    for workflow in ("drug_safety", "teaching"):
        await called(dispatch, working, "track_workflow", event="start", workflow=workflow)
    await called(dispatch, working, "get_articles", ids=[1])
    assert of((await figures(working))["calls"], "literature_search")["answered"] == "<11"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"event": "start", "workflow": PATIENT}, "no such workflow. There are: literature_search, "),
        ({"event": "start", "workflow": PATIENT}, "ward_round."),
        ({"event": "start"}, "give workflow"),
        ({"event": "start", "workflow": "research", "rating": 3}, "neither workflow_id nor"),
        ({"event": PATIENT}, "event: input should be 'start' or 'finish'"),
        ({"event": "finish"}, "give workflow_id and outcome"),
        ({"event": "finish", "workflow_id": PATIENT, "outcome": "answered"}, "No workflow of this workflow_id"),
        ({"event": "finish", "workflow_id": "x", "outcome": PATIENT}, "outcome: input should be 'answered', 'partly'"),
        ({"event": "finish", "workflow_id": "x", "outcome": "partly", "rating": 6}, "rating: input should be less"),
        ({"event": "start", "workflow": "research", "patient": PATIENT}, "unknown argument"),
    ],
)
async def test_tracking_takes_nothing_but_the_closed_lists(
    working: Services, arguments: dict[str, Any], complaint: str
) -> None:
    result = await Dispatch(TOOLS).call(working, "track_workflow", arguments)
    assert result.is_error
    assert complaint in text_of(result)
    assert PATIENT not in text_of(result)
    assert (await figures(working))["workflows"] == []


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_figures_are_a_resource_too(settings: Settings, mode: Any) -> None:
    async with Client(build(settings), mode=mode, raise_exceptions=True) as client:
        [resource] = (await client.list_resources()).resources
        await client.call_tool("get_articles", {"ids": [1]})
        [content] = (await client.read_resource(resource.uri)).contents
    assert isinstance(content, TextResourceContents)
    told = json.loads(content.text)
    assert told["window"] == "30d"
    assert told["response_time_ms"]["p50"] > 0
