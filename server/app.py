"""The composition root: builds everything, hands it to the SDK's server, closes everything.

The SDK's low-level server, not its decorator layer: medlit validates arguments and
maps errors itself (see :mod:`server.dispatch`), and the layer would log what callers
sent, accept unknown arguments, and cost a third more time per call.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import anyio
import msgspec
from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from ingest.jobs import Board, IngestJobs
from medlit import __version__, log
from medlit.errors import MedlitError, NotAllowed
from medlit.library.codec import unpack
from medlit.library.library import Library, open_library
from medlit.library.sqlite_metrics import SqliteMetrics
from medlit.metrics.grid import GaugeRows, Metrics
from medlit.metrics.keeper import keeping
from medlit.metrics.labels import Workflows
from medlit.metrics.report import report
from medlit.metrics.tracking import Running, Tracker
from medlit.privacy.outbound import Outbound
from medlit.record import Article
from medlit.settings import Settings
from medlit.slots import held
from server.access import allowed
from server.completions import TEMPLATES, complete, read_name
from server.dispatch import Dispatch
from server.lanes.lanes import Lanes
from server.lanes.room import for_routine
from server.prompts import get_prompt, list_prompts
from tools import present
from tools.catalog import TOOLS
from tools.live.live import gates_of, open_live
from tools.metrics import summary
from tools.tool import DEADLINE_S, Scope, Services

INSTRUCTIONS = (
    "medlit is a local PubMed library: searches leave this machine only with source=live or both. Find with "
    "search_literature, read with get_articles before you cite, and tell the user when an article is retracted. A "
    "field that is absent is unknown."
)

ARTICLE = "article://"
METRICS = "metrics://summary"
METRICS_WINDOW = "30d"

Context = ServerRequestContext[Services, Any]


class Shared(NamedTuple):
    """What the processes of one server share, in memory only."""

    jobs: Board
    workflows: Running
    gauges: GaugeRows


Lifespan = Callable[[Server[Services]], AbstractAsyncContextManager[Services]]


def build(settings: Settings, lifespan: Lifespan | None = None) -> Server[Services]:
    """A server on the library that the settings name; without ``lifespan`` it opens the library when it starts."""
    dispatch = Dispatch(TOOLS)

    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=dispatch.listing)

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        arguments = params.arguments or {}
        return await dispatch.call(context.lifespan_context, params.name, arguments, allowed(context.request))

    server = Server[Services](
        "medlit",
        version=__version__,
        title="medlit",
        description="A local PubMed library for agents",
        instructions=INSTRUCTIONS,
        lifespan=lifespan or (lambda _: services(settings)),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=_list_resources,
        on_list_resource_templates=_list_resource_templates,
        on_read_resource=_read_resource,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=_complete,
    )
    # The SDK's tracing would hand the text of calls to whatever exporter the host has set up.
    server.middleware.clear()
    return server


@contextlib.asynccontextmanager
async def services(
    settings: Settings, *, one_client: bool = True, shared: Shared | None = None
) -> AsyncGenerator[Services]:
    """Everything tools work with, closed whatever happens.

    ``one_client`` is as on standard input and output; ``shared`` is what several processes of one server share.
    """
    metrics = Metrics(Workflows(settings.workflows), shared and shared.gauges)
    lanes = Lanes(metrics)
    gates = gates_of(settings.sources)
    async with (
        open_library(settings.library, create=True, searches=lanes.searches, readers=lanes.readers) as library,
        keeping(metrics, SqliteMetrics(settings.library)) as keeper,
        Outbound(
            settings.connection,
            offline=settings.offline,
            around=gates.throttle.around,
            observer=metrics,
            slots=lanes.outbound,
        ) as outbound,
        open_live(settings.sources, gates, outbound, library, lanes.pressed) as live,
        anyio.create_task_group() as tasks,
    ):
        # An ingest beside a server is routine work too: the processors kept for emergencies are not its.
        sparing = replace(settings, workers=for_routine(settings.workers))
        jobs = IngestJobs(tasks, sparing, metrics, shared and shared.jobs)
        try:
            # A crash may have left the index behind; answering does not wait for it.
            tasks.start_soon(library.keep_up, partial(log.failure, log.Event.INDEX_BEHIND, level=log.WARNING))
            tracker = Tracker(metrics, one_client=one_client, running=shared and shared.workflows)
            yield Services(library, jobs, outbound, live, metrics, keeper, tracker, lanes.calls, lanes.pressed)
        finally:
            await jobs.close()
            tasks.cancel_scope.cancel()


async def _list_resources(_: Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
    return ListResourcesResult(
        resources=[
            Resource(
                uri=METRICS,
                name="metrics",
                title="Figures of service",
                description="What get_metrics tells of the last 30 days",
                mime_type="application/json",
            )
        ]
    )


async def _list_resource_templates(_: Context, __: PaginatedRequestParams | None) -> ListResourceTemplatesResult:
    return ListResourceTemplatesResult(
        resource_templates=[
            ResourceTemplate(
                uri_template=ARTICLE + "{pmid}",
                name="article",
                title="Article",
                description="The whole record of an article, by PMID",
                mime_type="application/json",
            ),
            *TEMPLATES,
        ]
    )


async def _complete(context: Context, params: CompleteRequestParams) -> CompleteResult:
    async with _as_a_call(context, Scope.READ):
        return CompleteResult(completion=await complete(context.lifespan_context.library, params))


async def _read_resource(context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
    uri = str(params.uri)
    async with _as_a_call(context, Scope.METRICS if uri == METRICS else Scope.READ):
        text = await _read(context.lifespan_context, uri)
    if text is None:
        # Without the address, which would repeat what the caller typed.
        raise MCPError(
            INVALID_PARAMS,
            f"There is no such resource. There are article://PMID, mesh://TERM, journal://NAME and {METRICS}.",
        )
    return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type="application/json", text=text)])


@contextlib.asynccontextmanager
async def _as_a_call(context: Context, scope: Scope) -> AsyncGenerator[None]:
    """What is no tool is allowed, takes a slot and ends at a deadline as one: routine work."""
    try:
        if scope not in allowed(context.request):
            raise NotAllowed(scope)
        with anyio.fail_after(DEADLINE_S["routine"]):
            async with held(context.lifespan_context.calls):
                yield
    except MedlitError as error:
        raise MCPError(INTERNAL_ERROR, str(error)) from None
    except TimeoutError:
        raise MCPError(INTERNAL_ERROR, "No answer in time: the machine is busy. Try again.") from None


async def _read(services: Services, uri: str) -> str | None:
    """The JSON of a resource; ``None`` when there is none."""
    if uri == METRICS:
        figures = report(await services.keeper.totals(METRICS_WINDOW))
        return summary(METRICS_WINDOW, figures, services.metrics.gauges()).model_dump_json()
    if uri.startswith(ARTICLE):
        return await _read_article(services.library, uri)
    return await read_name(services.library, uri)


async def _read_article(library: Library, uri: str) -> str | None:
    number = uri.removeprefix(ARTICLE)
    pmid = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
    stored = (await library.articles([pmid])).get(pmid)
    return msgspec.json.encode(present.whole(unpack(stored.body, Article), stored)).decode() if stored else None
