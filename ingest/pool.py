"""The process pool that parses.

A plain ``ProcessPoolExecutor`` leaves orphans when its owner is killed, waits for
running jobs when it should stop, and is useless after one worker's death. Workers
here follow their parent (see :mod:`ingest.worker`), :meth:`Pool.close` kills
instead of waiting, and a broken pool is replaced.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Generic, ParamSpec, Self, TypeVar

from ingest import worker
from medlit.errors import WorkerCrashed

P = ParamSpec("P")
T = TypeVar("T")

KILLED_WITHIN_S = 5.0


@dataclass(slots=True)
class Job(Generic[T]):
    """A call on its way through the pool."""

    call: Callable[[], T]
    executor: Executor
    future: Future[T]


class Pool:
    """Parser processes. ``make`` may give any executor, for example a cluster's."""

    def __init__(self, workers: int, make: Callable[[], Executor] | None = None) -> None:
        self.workers = workers
        self._make = make or self._processes
        self._executor = self._make()

    def _processes(self) -> ProcessPoolExecutor:
        # spawn: fork would copy threads' locks and open database connections.
        return ProcessPoolExecutor(
            self.workers, mp_context=multiprocessing.get_context("spawn"), initializer=worker.start
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every worker now, finished or not."""
        executor = self._executor
        # The executor's own list; from Python 3.14 there is kill_workers() for this.
        workers: dict[int, BaseProcess] = dict(getattr(executor, "_processes", None) or {})
        for process in workers.values():
            process.kill()
        _abandon_queue(executor)
        # Not waiting for the executor's own threads: one may hang in that queue all the same.
        executor.shutdown(wait=False, cancel_futures=True)
        for process in workers.values():
            process.join(KILLED_WITHIN_S)

    def start(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Job[T]:
        """Put a pure function's call into the pool."""
        return self._submit(partial(call, *args, **kwargs))

    def _submit(self, call: Callable[[], T]) -> Job[T]:
        try:
            return Job(call, self._executor, self._executor.submit(call))
        except BrokenProcessPool:
            self._renew(self._executor)
            return Job(call, self._executor, self._executor.submit(call))

    async def result(self, job: Job[T]) -> T:
        """Wait for a call. When its worker died the call is made once more, in a new pool.

        Await jobs in the order they were started: then a call that kills its worker
        takes down only itself.

        Raises:
            WorkerCrashed: the worker died both times.
        """
        try:
            return await asyncio.wrap_future(job.future)
        except BrokenProcessPool:
            self._renew(job.executor)
        again = self._submit(job.call)
        try:
            return await asyncio.wrap_future(again.future)
        except BrokenProcessPool as error:
            self._renew(again.executor)
            raise WorkerCrashed(
                "a parser process died twice on the same records, perhaps for lack of memory; "
                "free some, or use fewer workers"
            ) from error

    def _renew(self, broken: Executor) -> None:
        if self._executor is broken:
            _abandon_queue(broken)
            broken.shutdown(wait=False, cancel_futures=True)
            self._executor = self._make()


def _abandon_queue(executor: Executor) -> None:
    """Let go of the queue to workers that are dead.

    A thread of the executor may be writing to it, which nobody reads any more, and
    shutting down waits for that thread. Newer Pythons do the same (cpython#94777).
    """
    reader = getattr(getattr(executor, "_call_queue", None), "_reader", None)
    if reader is not None:
        with contextlib.suppress(OSError):
            reader.close()
