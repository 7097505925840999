"""A server of several processes: they share the socket, and in memory what a call may ask of another's.

The process that was started answers nothing itself: it starts the others, starts anew
what dies, and at a signal lets all of them finish.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.process
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Sequence
from functools import partial
from multiprocessing.managers import SyncManager
from typing import NamedTuple

import anyio
from mcp.server.transport_security import TransportSecuritySettings

from ingest.jobs import Board, abandon
from medlit import log
from medlit.errors import WorkerCrashed
from medlit.library.library import open_library
from medlit.metrics.grid import GAUGES, GaugeRows
from medlit.metrics.tracking import Running
from medlit.privacy.outbound import Outbound
from medlit.settings import Settings, read_log_level
from server.app import Shared
from server.http.access import backend
from server.http.listening import Socket
from server.http.serve import FINISH_WITHIN_S, serve
from server.lanes import loop

MOST_DEATHS, WITHIN_S = 5, 60.0
"""So many deaths in so short a time will not stop by starting anew."""

KILL_AFTER_S = FINISH_WITHIN_S + 5.0

# spawn: fork would copy threads' locks and open database connections.
_SPAWN = multiprocessing.get_context("spawn")


class _Common(NamedTuple):
    """What every process is given, pickled on its way."""

    settings: Settings
    listening: Socket
    allowed: TransportSecuritySettings
    board: Board
    workflows: Running
    gauges: ctypes.Array[ctypes.c_longlong]

    def row(self, own: int) -> GaugeRows:
        return GaugeRows(memoryview(self.gauges).cast("B").cast("q"), own)


def serve_in_processes(
    processes: int, settings: Settings, listening: Socket, allowed: TransportSecuritySettings
) -> None:
    """Answer in so many processes until a signal comes.

    Raises:
        MedlitError: the library or the settings are no good.
        WorkerCrashed: the processes die again and again.
    """
    anyio.run(_try, settings)
    manager = SyncManager(ctx=_SPAWN)
    manager.start(_leave_with_parent)
    try:
        board = Board(manager.dict(), manager.dict())
        gauges = _SPAWN.RawArray(ctypes.c_longlong, processes * GAUGES)
        anyio.run(_supervise, _Common(settings, listening, allowed, board, manager.dict(), gauges), processes)
    finally:
        manager.shutdown()


async def _try(settings: Settings) -> None:
    """What would fail in every process fails here, once, and is told as it should be."""
    async with (
        open_library(settings.library, create=True),
        Outbound(settings.connection, offline=settings.offline) as outbound,
    ):
        await backend(settings, outbound)


async def _supervise(common: _Common, processes: int) -> None:
    deaths: deque[float] = deque(maxlen=MOST_DEATHS)
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT, signal.SIGCHLD) as signals:
        running = [_start(common, own) for own in range(processes)]
        try:
            async for number in signals:
                if number != signal.SIGCHLD:
                    return
                for own, process in enumerate(running):
                    if not process.is_alive():
                        log.event(log.Event.PROCESS_DIED, level=log.ERROR)
                        _clear_up(common, own, process.pid)
                        _give_up_after_many(deaths)
                        running[own] = _start(common, own)
        finally:
            _finish(running)


def _start(common: _Common, own: int) -> multiprocessing.process.BaseProcess:
    process = _SPAWN.Process(target=_answer, args=(common, own), name=f"answer-{own}")
    process.start()
    return process


def _clear_up(common: _Common, own: int, pid: int | None) -> None:
    """Take back what a dead process told of itself."""
    for place in range(GAUGES):
        common.gauges[own * GAUGES + place] = 0
    abandon(common.board, pid or 0)


def _give_up_after_many(deaths: deque[float]) -> None:
    deaths.append(time.monotonic())
    if len(deaths) == MOST_DEATHS and deaths[-1] - deaths[0] < WITHIN_S:
        raise WorkerCrashed(
            "The processes of the server die again and again. The log says where; perhaps there is no memory left."
        )


def _finish(running: Sequence[multiprocessing.process.BaseProcess]) -> None:
    for process in running:
        process.terminate()
    last = time.monotonic() + KILL_AFTER_S
    for process in running:
        process.join(max(0.0, last - time.monotonic()))
        if process.is_alive():
            process.kill()


def _answer(common: _Common, own: int) -> None:
    """What one of the processes does."""
    log.install(read_log_level(os.environ))
    _leave_with_parent()
    shared = Shared(common.board, common.workflows, common.row(own))
    loop.run(partial(serve, common.settings, common.listening, common.allowed, shared))


def _leave_with_parent() -> None:
    """End when the process that started this one does, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent decides
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), name="follow-parent", daemon=True).start()


def _follow(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()  # returns on any death of the parent, also by SIGKILL
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(KILL_AFTER_S)
    os._exit(1)
