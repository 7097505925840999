"""The one place around every tool: arguments, deadline, time, errors, result.

What comes in is a name and a JSON object; what goes out is always an MCP result, and
its text never repeats what was sent. Lanes, metrics and the privacy gate belong here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import anyio
from mcp_types import CallToolResult, TextContent, ToolAnnotations
from mcp_types import Tool as McpTool
from pydantic import ValidationError

from medlit.errors import DeadlineExceeded, MedlitError, UsageError
from server.schema import compact_schema
from tools.tool import AnyTool, Arguments, Services


class Dispatch:
    """Calls tools by name."""

    def __init__(self, tools: Sequence[AnyTool]) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self.listing = [_listed(tool) for tool in tools]

    async def call(self, services: Services, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call a tool; planned errors become a result that says what to do."""
        try:
            tool = self._tools.get(name)
            if tool is None:
                raise UsageError(f"There is no such tool. There are: {', '.join(self._tools)}.")
            answer = await self._timed(services, tool, _validated(tool, arguments))
        except MedlitError as error:
            return CallToolResult(content=[TextContent(type="text", text=str(error))], is_error=True)
        # The text is complete too: some hosts hand the model only the text, others only the structure.
        text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=answer)

    async def _timed(self, services: Services, tool: AnyTool, arguments: Arguments) -> dict[str, Any]:
        deadline = arguments.deadline_s
        try:
            with anyio.fail_after(deadline):
                result = await tool.call(services, arguments)
        except TimeoutError:
            raise DeadlineExceeded(
                f"No answer within {deadline} s: the machine is busy. Try again, or ask for less."
            ) from None
        dumped: dict[str, Any] = result.model_dump(mode="json")
        return dumped


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


def _listed(tool: AnyTool) -> McpTool:
    return McpTool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=compact_schema(tool.arguments),
        output_schema=compact_schema(tool.result),
        annotations=ToolAnnotations(
            read_only_hint=tool.read_only,
            destructive_hint=tool.destructive,
            idempotent_hint=tool.idempotent,
            open_world_hint=tool.open_world,
        ),
    )
