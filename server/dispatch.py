"""The one place around every tool: arguments, lane, deadline, time, metrics, errors, result.

What comes in is a name and a JSON object; what goes out is always an MCP result, and
its text never repeats what was sent.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from contextlib import nullcontext
from types import TracebackType
from typing import Any, Self

import anyio
import msgspec
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from mcp_types import Tool as McpTool
from pydantic import ValidationError

from medlit import log
from medlit.errors import (
    DeadlineExceeded,
    MedlitError,
    NotAllowed,
    Offline,
    Overloaded,
    PhiRefused,
    RefusedPath,
    UnknownArticle,
    UnknownJob,
    UsageError,
)
from medlit.metrics.labels import Gauge, Lane, Outcome, Source, Workflow
from medlit.slots import held
from server.access import EVERYTHING
from server.lanes.lanes import in_lane
from server.schema import compact_schema
from tools.tool import AnyTool, Arguments, Result, Scope, Services

OUTCOMES: tuple[tuple[type[MedlitError], Outcome], ...] = (
    (UsageError, Outcome.REFUSED),
    (NotAllowed, Outcome.REFUSED),
    (RefusedPath, Outcome.REFUSED),
    (UnknownJob, Outcome.REFUSED),
    (UnknownArticle, Outcome.REFUSED),
    (PhiRefused, Outcome.REFUSED),
    (Offline, Outcome.REFUSED),
    (DeadlineExceeded, Outcome.TIMED_OUT),
    (Overloaded, Outcome.SHED),
)
"""What a planned error counts as; what is not here is a failure of ours."""

UNPLANNED = "medlit failed in a way that was not planned for; its log says where. Try again, or ask differently."

_SOURCES: dict[object, Source] = {source.value: source for source in Source}


class Dispatch:
    """Calls tools by name."""

    def __init__(self, tools: Sequence[AnyTool]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        told: dict[type[Result], str] = {}
        self.listing = [_listed(tool, told.setdefault(tool.result, tool.name)) for tool in tools]

    async def call(
        self, services: Services, name: str, arguments: Mapping[str, Any], allowed: Set[Scope] = EVERYTHING
    ) -> CallToolResult:
        """Call a tool; errors become a result that says what to do."""
        tool = self._tools.get(name)
        with _Measured(services, tool, arguments) as measured:
            try:
                if tool is None:
                    raise UsageError(f"There is no such tool. There are: {', '.join(self._tools)}.")
                validated = _validated(tool, arguments)
                _check_scopes(tool, validated, allowed)
                result = await _in_time(services, tool, validated)
                answer: dict[str, Any] = result.model_dump(mode="json")
                # The text is complete too: some hosts hand the model only the text, others only the structure.
                text = msgspec.json.encode(answer).decode()
                measured.answered(result)
                return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer)
            except MedlitError as error:
                measured.failed(error)
                return _refusal(str(error))
            except Exception as error:  # noqa: BLE001  # the boundary: the SDK would send and log its text
                measured.failed(error)
                log.failure(log.Event.CALL_FAILED, error)
                return _refusal(UNPLANNED)


class _Measured:
    """One call on its way into the metrics. One that ends without an answer and without an error was cancelled."""

    __slots__ = ("_lane", "_metrics", "_outcome", "_source", "_started", "_workflow")

    def __init__(self, services: Services, tool: AnyTool | None, arguments: Mapping[str, Any]) -> None:
        self._started = time.perf_counter()
        self._metrics = services.metrics
        self._workflow = services.tracker.code_for(tool.workflow if tool else Workflow.OTHER)
        self._source = tool.source if tool else Source.NONE
        self._lane = Lane.EMERGENCY if arguments.get("priority") == Lane.EMERGENCY else Lane.ROUTINE
        self._outcome = Outcome.CANCELLED

    def __enter__(self) -> Self:
        self._metrics.change_gauge(Gauge.CALLS_RUNNING, +1)
        return self

    def answered(self, result: Result) -> None:
        self._outcome = Outcome.OK
        self._source = _SOURCES.get(vars(result).get("source"), self._source)
        self._metrics.shown(result.retraction_statuses())

    def failed(self, error: Exception) -> None:
        self._outcome = next((outcome for kind, outcome in OUTCOMES if isinstance(error, kind)), Outcome.FAILED)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._metrics.change_gauge(Gauge.CALLS_RUNNING, -1)
        seconds = time.perf_counter() - self._started
        self._metrics.called(self._workflow, self._lane, self._outcome, self._source, seconds)


async def _in_time(services: Services, tool: AnyTool, arguments: Arguments) -> Result:
    deadline = arguments.deadline_s
    try:
        # Waiting counts: the deadline stands around the lane, and slots look at it.
        with anyio.fail_after(deadline), in_lane(Lane(arguments.priority)):
            async with nullcontext() if arguments.waits_outside else held(services.calls):
                result: Result = await tool.call(services, arguments)
    except TimeoutError:
        raise DeadlineExceeded(
            f"No answer within {deadline} s: the machine is busy. Try again, or ask for less."
        ) from None
    return result


def _check_scopes(tool: AnyTool, arguments: Arguments, allowed: Set[Scope]) -> None:
    if tool.scope not in allowed:
        raise NotAllowed(tool.scope)
    if arguments.priority == Lane.EMERGENCY and Scope.EMERGENCY not in allowed:
        raise NotAllowed(Scope.EMERGENCY, "Ask again with priority routine.")


def _refusal(text: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=True)


def _validated(tool: AnyTool, arguments: Mapping[str, Any]) -> Arguments:
    try:
        validated: Arguments = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        raise UsageError(_problems(tool, error)) from None
    return validated


def _problems(tool: AnyTool, error: ValidationError) -> str:
    """What is wrong with the arguments, in the tool's own words: values and unknown names stay out."""
    known = list(tool.arguments.model_fields)
    problems: list[str] = []
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(detail["loc"][0]) if detail["loc"] else ""
        if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
            problem = f"unknown argument; {tool.name} takes {', '.join(known)}"
        elif name in known:
            which = "".join(f"[{part}]" for part in detail["loc"][1:2] if isinstance(part, int))
            problem = f"{name}{which}: {detail['msg'][0].lower()}{detail['msg'][1:]}"
        else:
            problem = "the arguments are not a JSON object"
        if problem not in problems:
            problems.append(problem)
    return "Invalid arguments. " + "; ".join(problems) + "."


def _listed(tool: AnyTool, told_by: str) -> McpTool:
    """The tool as a model reads it; a result that another tool has told in full is not told again."""
    whole = told_by == tool.name
    return McpTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=compact_schema(tool.arguments),
        output_schema=compact_schema(tool.result) if whole else {"type": "object", "description": f"as {told_by}'s"},
        annotations=ToolAnnotations(
            read_only_hint=tool.read_only,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=tool.open_world,
        ),
    )
