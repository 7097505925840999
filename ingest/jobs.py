"""Ingests that run beside a server, each in a process tree of its own.

The server's event loop and memory stay out of it: when an ingest is killed for
memory, the server goes on. The tree holds the other end of a pipe from the server
and stops when it closes, however the server ended.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, cast

import anyio
import msgspec
from anyio.abc import ByteReceiveStream, Process, TaskGroup
from anyio.streams.buffered import BufferedByteReceiveStream

from ingest.progress import Progress, Report
from ingest.source import find_files
from medlit.errors import MedlitError, Offline, RefusedPath, UnknownJob, UsageError
from medlit.metrics.grid import Metrics
from medlit.metrics.labels import Gauge
from medlit.settings import Settings

State = Literal["running", "finished", "failed", "cancelled"]

REMEMBERED = 100
"""Finished jobs a server still tells about."""

STOP_WITHIN_S = 5.0
LOOK_EVERY_S = 0.1
"""How often a process looks whether another one of its server asks it to stop a job."""
ENDED_UNEXPECTEDLY = (
    "The ingest process ended unexpectedly, perhaps for lack of memory or disk space. Nothing is half-loaded; start it "
    "again to go on."
)
LONGEST_EVENT = 16 * 1024 * 1024


class _Event(msgspec.Struct):
    """A line that ``medlit ingest --events`` or ``medlit sync --events`` writes."""

    progress: Progress | None = None
    report: Report | None = None
    problem: str | None = None


@dataclass(slots=True)
class Job:
    """An ingest that was started here."""

    id: str
    progress: Progress
    state: State = "running"
    report: Report | None = None
    problem: str | None = None
    process: Process | None = None
    ended: anyio.Event = field(default_factory=anyio.Event)


class _Told(msgspec.Struct):
    """What the processes of one server tell each other of a job."""

    id: str
    progress: Progress
    state: State
    report: Report | None
    problem: str | None
    owner: int
    """The process that started it."""


class Board(NamedTuple):
    """Where the processes of one server tell of their jobs, and ask each other to stop one, by its identifier."""

    told: MutableMapping[str, bytes]
    stop: MutableMapping[str, bool]


def abandon(board: Board, owner: int) -> None:
    """Tell of the jobs of a process that died that they died with it."""
    for job_id, content in list(board.told.items()):
        told = msgspec.json.decode(content, type=_Told)
        if told.owner == owner and told.state == "running":
            told.state, told.problem = "failed", ENDED_UNEXPECTEDLY
            board.told[job_id] = msgspec.json.encode(told)


def _read(content: bytes) -> Job:
    told = msgspec.json.decode(content, type=_Told)
    return Job(told.id, told.progress, told.state, told.report, told.problem)


class IngestJobs:
    """The ingests and syncs of one server, one at a time."""

    def __init__(self, tasks: TaskGroup, settings: Settings, metrics: Metrics, board: Board | None = None) -> None:
        self._tasks = tasks
        self._settings = settings
        self._roots = settings.ingest_roots
        self._metrics = metrics
        self._jobs: dict[str, Job] = {}
        """Those that were started in this process."""
        self._board = board or Board({}, {})
        self._shared = board is not None

    async def start(self, paths: Sequence[str]) -> Job:
        """Start loading these files, which must lie in the allowed folders.

        Raises:
            RefusedPath: a path, or what a link in it points to, lies elsewhere.
            UsageError: a job is still running.
        """
        self._check_idle()
        files = await anyio.to_thread.run_sync(self._allowed_files, paths)
        return await self._start("ingest", ["--", *map(str, files)], len(files))

    async def start_sync(self, what: Literal["baseline", "updates"]) -> Job:
        """Start fetching NLM's files and loading what the library lacks.

        Raises:
            Offline: the operator allows no connections.
            UsageError: a job is still running.
        """
        if self._settings.offline:
            raise Offline
        self._check_idle()
        return await self._start("sync", [what], 0)

    def _check_idle(self) -> None:
        running = next((job for job in self._told() if job.state == "running"), None)
        if running:
            raise UsageError(f"Ingest job {running.id} is still running. Wait for it, or stop it with cancel_ingest.")

    async def _start(self, command: str, arguments: Sequence[str], files: int) -> Job:
        job = Job(secrets.token_urlsafe(9), Progress(files_total=files, bytes_total=0))
        place = ("--library", str(self._settings.library), "--workers", str(self._settings.workers))
        job.process = await anyio.open_process(
            # -P: the working directory is the user's and may have modules of our names.
            [sys.executable, "-P", "-m", "medlit", command, "--events", *place, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Not on the command line, which others can read: an address may hold a password.
            env={**os.environ, "MEDLIT_NLM_URL": self._settings.nlm_url},
            start_new_session=True,
        )
        self._jobs[job.id] = job
        self._tell(job)
        for old in [known.id for known in self._told() if known.state != "running"][:-REMEMBERED]:
            self._jobs.pop(old, None)
            self._board.told.pop(old, None)
        self._metrics.set_gauge(Gauge.PARSERS, self._settings.workers)
        self._tasks.start_soon(self._follow, job, job.process)
        if self._shared:
            self._tasks.start_soon(self._obey, job)
        return job

    def get(self, job_id: str) -> Job:
        """A job of this server, whichever of its processes started it.

        Raises:
            UnknownJob: there is none of that name.
        """
        if job_id in self._jobs:
            return self._jobs[job_id]
        told = self._board.told.get(job_id)
        if told is None:
            raise UnknownJob(
                "This server has no such ingest job; jobs end with the server that started them. "
                "Start the ingest again: files already loaded are skipped."
            )
        return _read(told)

    def latest(self) -> Job | None:
        """The job that was started last."""
        return next(reversed(self._told()), None)

    def _told(self) -> list[Job]:
        """All jobs of all processes of this server, in the order they were started."""
        return [_read(told) for told in self._board.told.values()]

    def _tell(self, job: Job) -> None:
        told = _Told(job.id, job.progress, job.state, job.report, job.problem, os.getpid())
        self._board.told[job.id] = msgspec.json.encode(told)

    async def cancel(self, job_id: str) -> Job:
        """Stop a job and wait until its processes are gone."""
        job = self.get(job_id)
        if job.state == "running" and job.process:
            job.state = "cancelled"
            self._tell(job)
            await _stop(job.process)
            await job.ended.wait()
        while job.state == "running":
            # Another process's: it looks from time to time whether it is asked to stop.
            self._board.stop[job_id] = True
            await anyio.sleep(LOOK_EVERY_S)
            job = self.get(job_id)
        return job

    async def _obey(self, job: Job) -> None:
        """Stop a job when another process of this server asks for it."""
        while not job.ended.is_set():
            with anyio.move_on_after(LOOK_EVERY_S):
                await job.ended.wait()
            if self._board.stop.pop(job.id, False):
                await self.cancel(job.id)

    async def close(self) -> None:
        """Stop whatever runs."""
        for job in self._jobs.values():
            if job.state == "running" and job.process:
                job.state = "cancelled"
                job.process.kill()

    def _allowed_files(self, paths: Sequence[str]) -> list[Path]:
        if not self._roots:
            raise RefusedPath(
                "No folder is open to agents. The operator names some in MEDLIT_INGEST_ROOTS, or loads files with "
                "`medlit ingest`."
            )
        placed = [str(self._placed(path)) for path in paths]
        found, missing = find_files(placed)
        if missing:
            # Its place, not the path, which would repeat what the caller typed.
            raise UsageError(f"Path {placed.index(missing[0].file) + 1} of {len(placed)}: {missing[0].reason}.")
        files = [file.resolve() for file in found]
        if any(not self._is_allowed(file) for file in files):
            raise _refusal(self._roots)
        return files

    def _placed(self, path: str) -> Path:
        """An absolute path; a relative one counts from the allowed folders."""
        try:
            tried = [root / path for root in self._roots]
            chosen = next((place for place in tried if place.exists()), tried[0])
            if not self._is_allowed(chosen.resolve()):
                raise _refusal(self._roots)
        except (OSError, ValueError) as error:
            raise UsageError("A path that the file system cannot understand.") from error
        return chosen

    def _is_allowed(self, path: Path) -> bool:
        return any(path.is_relative_to(root) for root in self._roots)

    async def _follow(self, job: Job, process: Process) -> None:
        """Take in what the job tells until it ends."""
        try:
            lines = BufferedByteReceiveStream(cast(ByteReceiveStream, process.stdout))  # a pipe was asked for
            # A cancelled job's process is closed by who cancelled it, perhaps before its last line was read here.
            with contextlib.suppress(anyio.EndOfStream, anyio.IncompleteRead, anyio.ClosedResourceError):
                while True:
                    event = msgspec.json.decode(await lines.receive_until(b"\n", LONGEST_EVENT), type=_Event)
                    job.progress = event.progress or job.progress
                    job.report = event.report or job.report
                    job.problem = event.problem or job.problem
                    self._tell(job)
            await process.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await _stop(process)
            if job.state == "running":
                job.state = "finished" if job.report else "failed"
            if job.state == "failed" and job.problem is None:
                job.problem = ENDED_UNEXPECTEDLY
            self._tell(job)
            self._metrics.set_gauge(Gauge.PARSERS, 0)
            job.ended.set()


def _refusal(roots: Sequence[Path]) -> MedlitError:
    allowed = ", ".join(map(str, roots))
    return RefusedPath(f"A path lies outside the folders open to agents. Allowed: {allowed}")


async def _stop(process: Process) -> None:
    """Let the process tree stop by itself; kill it when it does not."""
    if process.stdin is not None:
        with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
            await process.stdin.aclose()
    with anyio.move_on_after(STOP_WITHIN_S):
        await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()
