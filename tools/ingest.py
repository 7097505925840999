"""``ingest``, ``ingest_status``, ``cancel_ingest``: loading files as jobs."""

from __future__ import annotations

from typing import Literal

import msgspec
from pydantic import Field

from ingest.jobs import Job
from medlit.errors import UsageError
from medlit.metrics.labels import Source, Workflow
from tools.results import IngestJob, IngestReport
from tools.tool import Arguments, Scope, Services, Tool


class IngestArguments(Arguments):
    """What to load."""

    paths: list[str] | None = Field(
        None, description="files or folders inside the folders the operator allows", min_length=1, max_length=1_000
    )
    pubmed: Literal["baseline", "updates"] | None = Field(
        None, description="instead of paths: fetch from NLM all of PubMed (50 GB), or the daily files since"
    )


class JobArguments(Arguments):
    """Which job."""

    job_id: str = Field(description="from ingest", max_length=100)


async def ingest(services: Services, arguments: IngestArguments) -> IngestJob:
    """Start loading files."""
    if arguments.paths and not arguments.pubmed:
        return shown_job(await services.jobs.start(arguments.paths))
    if arguments.pubmed and not arguments.paths:
        return shown_job(await services.jobs.start_sync(arguments.pubmed))
    raise UsageError("Give either paths or pubmed: files of this machine, or what to fetch from NLM.")


async def ingest_status(services: Services, arguments: JobArguments) -> IngestJob:
    """Tell how far a job is."""
    return shown_job(services.jobs.get(arguments.job_id))


async def cancel_ingest(services: Services, arguments: JobArguments) -> IngestJob:
    """Stop a job; files that were finished stay in the library."""
    return shown_job(await services.jobs.cancel(arguments.job_id))


def shown_job(job: Job) -> IngestJob:
    """A job as it faces JSON."""
    progress = job.progress
    return IngestJob(
        job_id=job.id,
        state=job.state,
        files_total=progress.files_total,
        files_done=progress.files_done,
        records=progress.records,
        records_per_second=round(progress.records_per_second, 1),
        seconds=round(progress.seconds, 1),
        seconds_left=None if progress.seconds_left is None else round(progress.seconds_left, 1),
        problem=job.problem,
        report=IngestReport.model_validate(msgspec.to_builtins(job.report)) if job.report else None,
    )


INGEST = Tool(
    name="ingest",
    title="Load files",
    description=(
        "Load PubMed files into the local library, in the background. Returns a job_id at once; follow it with "
        "ingest_status. A job lives as long as this server; loading the same files again goes on where it stopped."
    ),
    arguments=IngestArguments,
    result=IngestJob,
    call=ingest,
    workflow=Workflow.INGEST,
    scope=Scope.INGEST,
    source=Source.NONE,
    read_only=False,
    open_world=True,
)

INGEST_STATUS = Tool(
    name="ingest_status",
    title="Progress of a load",
    description="Files, records, rate and remaining time of an ingest job, and its report once it has finished.",
    arguments=JobArguments,
    result=IngestJob,
    call=ingest_status,
    workflow=Workflow.INGEST,
    scope=Scope.INGEST,
    source=Source.NONE,
)

CANCEL_INGEST = Tool(
    name="cancel_ingest",
    title="Stop a load",
    description="Stop an ingest job. Files already finished stay in the library; nothing half-loaded does.",
    arguments=JobArguments,
    result=IngestJob,
    call=cancel_ingest,
    workflow=Workflow.INGEST,
    scope=Scope.INGEST,
    source=Source.NONE,
    read_only=False,
)
