"""Serving until a signal comes."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import AsyncGenerator, Generator

import anyio
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from uvicorn.protocols.http.h11_impl import H11Protocol

from medlit import log
from medlit.settings import Settings
from server.app import Shared, build, services
from server.http.access import backend
from server.http.app import application, session_manager
from server.http.guard import LARGEST_HEAD
from server.http.listening import Socket
from tools.tool import Services

FINISH_WITHIN_S = 10.0
"""For what is under way when a signal comes: the longest deadline, which is that of a call that asks other machines."""

MOST_CONNECTIONS = 1_000
IDLE_FOR_S = 30


async def serve(
    settings: Settings, listening: Socket, allowed: TransportSecuritySettings, shared: Shared | None = None
) -> None:
    """Answer until a signal comes, then finish what is under way. ``shared``: with the server's other processes."""
    async with services(settings, one_client=False, shared=shared) as working:
        server = build(settings, lambda _: _opened(working))
        manager = session_manager(server)
        async with manager.run(), anyio.create_task_group() as tasks:
            app = application(settings, working, manager, await backend(settings, working.outbound), allowed)
            running = _Uvicorn(
                uvicorn.Config(
                    app,
                    http=H11Protocol,
                    h11_max_incomplete_event_size=LARGEST_HEAD,
                    ws="none",
                    lifespan="off",  # what lives longer than a request is opened and closed here
                    log_config=None,
                    access_log=False,
                    proxy_headers=False,
                    server_header=False,
                    limit_concurrency=MOST_CONNECTIONS,
                    timeout_keep_alive=IDLE_FOR_S,
                    timeout_graceful_shutdown=int(FINISH_WITHIN_S),
                )
            )
            log.tame("uvicorn")
            tasks.start_soon(_stop_on_signal, running)
            await running.serve(sockets=[listening])
            tasks.cancel_scope.cancel()


@contextlib.asynccontextmanager
async def _opened(working: Services) -> AsyncGenerator[Services]:
    yield working


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals alone: uvicorn would raise them again at its end, before ours."""
        yield


async def _stop_on_signal(server: uvicorn.Server) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            # The second one is for impatient people.
            server.force_exit = server.should_exit
            server.should_exit = True
