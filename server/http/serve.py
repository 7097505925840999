"""Listening, and serving until a signal comes."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
from collections.abc import AsyncGenerator, Generator
from typing import NamedTuple

import anyio
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from uvicorn.protocols.http.h11_impl import H11Protocol

from medlit import log
from medlit.errors import UsageError
from medlit.settings import Settings
from server.app import Shared, build, services
from server.http.access import backend, is_open
from server.http.app import application, session_manager
from server.http.guard import LARGEST_HEAD
from tools.tool import Services

FINISH_WITHIN_S = 10.0
"""For what is under way when a signal comes; the longest deadline of a local call is 2 s."""

MOST_CONNECTIONS = 1_000
IDLE_FOR_S = 30
BACKLOG = 1_024

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "[::1]")


class Place(NamedTuple):
    """Where to listen."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def is_any(self) -> bool:
        """Whether it is all addresses of the machine."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_unspecified
        return False


def read_place(text: str) -> Place:
    """``HOST:PORT``, an IPv6 address in brackets.

    Raises:
        UsageError: it is none.
    """
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not (port.isascii() and port.isdigit() and int(port) < 65_536):
        raise UsageError("--http takes HOST:PORT, such as 127.0.0.1:8321.")
    return Place(host, int(port))


def check(place: Place, settings: Settings) -> None:
    """Whether it is safe to listen there.

    Raises:
        UsageError: it is not; says what is missing.
    """
    if place.is_loopback:
        return
    if is_open(settings):
        raise UsageError(
            "Beyond this machine medlit listens only with tokens. Make one with `medlit token new NAME`, or listen on "
            "127.0.0.1 behind a proxy."
        )
    if place.is_any and settings.http_url is None:
        raise UsageError("On all addresses, MEDLIT_HTTP_URL must say under which one clients reach this server.")


def hosts(place: Place, settings: Settings) -> TransportSecuritySettings:
    """The hosts and origins that requests may name."""
    names = [f"{name}:{place.port}" for name in LOOPBACK_NAMES]
    if not place.is_any and not place.is_loopback:
        names.append(f"[{place.host}]:{place.port}" if ":" in place.host else f"{place.host}:{place.port}")
    origins = [f"http://{name}" for name in names]
    if settings.http_url:
        names.append(settings.http_url.partition("://")[2])
        origins.append(settings.http_url)
    return TransportSecuritySettings(allowed_hosts=names, allowed_origins=origins)


def listen(place: Place) -> socket.socket:
    """A socket that listens.

    Raises:
        UsageError: that is not possible there.
    """
    try:
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        return socket.create_server((place.host, place.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(f"Cannot listen on {place.host}:{place.port}: {error.strerror or 'no such host'}.") from error


async def serve(
    settings: Settings, listening: socket.socket, allowed: TransportSecuritySettings, shared: Shared | None = None
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
