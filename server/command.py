"""``medlit serve``: the server on standard input and output, or over HTTP."""

from __future__ import annotations

import argparse
import os
import signal
from functools import partial

import anyio
from mcp.server.stdio import stdio_server

from medlit import log
from medlit.errors import UsageError
from medlit.settings import Settings, read_settings
from server.app import build
from server.lanes import loop

KILLED_BY = 128


def run(arguments: argparse.Namespace) -> int:
    """Serve until standard input ends or a signal comes."""
    settings = read_settings(os.environ, library=arguments.library)
    if arguments.processes and not arguments.http:
        raise UsageError("--processes goes with --http.")
    log.event(log.Event.SERVER_STARTED)
    if arguments.http:
        # Not before: a host that starts medlit on pipes does not wait for what only HTTP needs.
        from server.http.command import run_http

        run_http(arguments.http, arguments.processes or 1, settings)
    else:
        loop.run(partial(_serve, settings))
    log.event(log.Event.SERVER_STOPPED)
    return 0


async def _serve(settings: Settings) -> None:
    received: list[int] = []
    server = build(settings)
    async with anyio.create_task_group() as tasks:

        async def stop_on_signal() -> None:
            with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
                async for number in signals:
                    received.append(number)
                    serving.cancel()
                    return

        tasks.start_soon(stop_on_signal)
        with anyio.CancelScope() as serving:
            async with stdio_server() as (reading, writing):
                try:
                    await server.run(reading, writing, server.create_initialization_options())
                finally:
                    if received:
                        # Everything of ours is closed by now. The SDK's thread may hang in a read of standard
                        # input for ever, and no interpreter shutdown gets past it.
                        os._exit(KILLED_BY + received[0])
        tasks.cancel_scope.cancel()
