"""``get_metrics`` and ``track_workflow``: how well medlit serves, in figures that name nobody."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from medlit.errors import UsageError
from medlit.metrics.keeper import Window
from medlit.metrics.labels import RunOutcome, Source, Workflow
from medlit.metrics.report import CallRow, Durations, Report, RunRow, report
from tools.results import CallFigures, MetricsResult, Percentiles, RunFigures, TrackedWorkflow
from tools.tool import Arguments, Scope, Services, Tool


class MetricsArguments(Arguments):
    """Which figures."""

    window: Window = Field("session", description="session: since this server's start")


class TrackArguments(Arguments):
    """What has begun or ended."""

    event: Literal["start", "finish"]
    workflow: str | None = Field(
        None, description=f"to start: {', '.join(Workflow)}, or the operator's own", max_length=100
    )
    workflow_id: str | None = Field(None, description="to finish", max_length=100)
    outcome: Literal["answered", "partly", "unanswered", "abandoned"] | None = Field(None, description="to finish")
    rating: int | None = Field(None, ge=1, le=5, description="of the help received, 5 is best")


async def get_metrics(services: Services, arguments: MetricsArguments) -> MetricsResult:
    """Show the figures of a window."""
    return summary(arguments.window, report(await services.keeper.totals(arguments.window)), services.metrics.gauges())


async def track_workflow(services: Services, arguments: TrackArguments) -> TrackedWorkflow:
    """Begin or end a workflow."""
    finishing = (arguments.workflow_id, arguments.outcome, arguments.rating)
    if arguments.event == "start":
        if arguments.workflow is None or any(finishing):
            raise UsageError("To start, give workflow, and neither workflow_id nor outcome nor rating.")
        return TrackedWorkflow(workflow_id=services.tracker.start(arguments.workflow))
    if arguments.workflow or arguments.workflow_id is None or arguments.outcome is None:
        raise UsageError("To finish, give workflow_id and outcome, perhaps rating, and not workflow.")
    seconds = services.tracker.finish(arguments.workflow_id, RunOutcome(arguments.outcome), arguments.rating)
    return TrackedWorkflow(seconds=round(seconds, 1))


def summary(window: Window, figures: Report, gauges: dict[str, int]) -> MetricsResult:
    """The figures as they face JSON: times in milliseconds, shares rounded."""
    return MetricsResult(
        window=window,
        response_time_ms=_times(figures.routine, 1_000, 2),
        emergency_response_time_ms=_times(figures.emergency, 1_000, 2),
        patient_safety_score=figures.patient_safety_score,
        phi_exposure_risk=figures.phi_exposure_risk,
        outbound_requests=figures.outbound,
        unscreened_requests=figures.unscreened,
        phi_refusals=figures.phi_refusals,
        answered=figures.answered,
        calls=[_calls(row) for row in figures.calls],
        workflows=[_runs(row) for row in figures.runs],
        ingest_records=figures.ingest_records,
        ingest_records_per_second=_rounded(figures.ingest_records_per_second, 1),
        now=gauges,
    )


def _calls(row: CallRow) -> CallFigures:
    return CallFigures(
        workflow=row.workflow,
        lane=row.lane.value,
        answered=row.answered,
        errors=row.errors,
        sheds=row.sheds,
        within_target=_rounded(row.within_target, 4),
        ms=_times(row.times, 1_000, 2),
    )


def _runs(row: RunRow) -> RunFigures:
    return RunFigures(
        workflow=row.workflow,
        outcomes=row.outcomes,
        seconds=_times(row.times, 1, 1),
        mean_rating=_rounded(row.mean_rating, 2),
    )


def _times(times: Durations, a_second: int, digits: int) -> Percentiles:
    p50, p95, p99 = (None if seconds is None else round(seconds * a_second, digits) for seconds in times)
    return Percentiles(p50=p50, p95=p95, p99=p99)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


GET_METRICS = Tool(
    name="get_metrics",
    title="Figures of service",
    description="How fast, reliable and private medlit is, measured. No figure can identify a patient.",
    arguments=MetricsArguments,
    result=MetricsResult,
    call=get_metrics,
    scope=Scope.METRICS,
    workflow=Workflow.ADMINISTRATION,
    source=Source.NONE,
)

TRACK_WORKFLOW = Tool(
    name="track_workflow",
    title="Track a workflow",
    description="Tell that a piece of work begins, and how it ended, for get_metrics. Takes no free text.",
    arguments=TrackArguments,
    result=TrackedWorkflow,
    call=track_workflow,
    read_only=False,
    idempotent=False,
    workflow=Workflow.ADMINISTRATION,
    source=Source.NONE,
)
