"""Where to listen, whether that is safe, and the socket.

The one module that has a socket, to listen with and for nothing else.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
from typing import NamedTuple

from mcp.server.transport_security import TransportSecuritySettings

from medlit.errors import UsageError
from medlit.settings import Settings
from server.http.access import is_open

BACKLOG = 1_024

Socket = socket.socket

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


def listen(place: Place) -> Socket:
    """A socket that listens.

    Raises:
        UsageError: that is not possible there.
    """
    try:
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        made = socket.create_server((place.host, place.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise UsageError(f"Cannot listen on {place.host}:{place.port}: {error.strerror or 'no such host'}.") from error
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it every answer is 40 ms late.
    return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, made.detach())
