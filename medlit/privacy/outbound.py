"""The one way out: every request medlit makes is described by typed fields, screened here, and sent from here.

Nothing else in medlit may open a connection; a test walks the imports. A request is
screened twice: field by field before anything is built, and once more as the address
and body that are about to go, decoded, in the client's last step before the wire.
"""

from __future__ import annotations

import contextlib
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, unquote_plus

import httpx2

from medlit import __version__, log
from medlit.errors import NoRoomOutside, Offline, Overloaded, PhiRefused, SourceUnavailable
from medlit.metrics.grid import OutboundObserver
from medlit.privacy.categories import Category
from medlit.privacy.gate import Field, Kind, screen, screen_text
from medlit.settings import Connection
from medlit.slots import FirstCome, Slots

TIMEOUT = httpx2.Timeout(10.0, connect=5.0)
CONCURRENT = 8
"""Requests under way at once, all sources together, where nobody says otherwise."""
MAX_BYTES = 64 * 1024 * 1024
"""Largest answer that is kept in memory; larger ones are for :meth:`Outbound.download`."""

UNTRUSTED = (
    "was not asked: its certificate is not trusted. If a proxy looks into connections, put its authority into the file "
    "of MEDLIT_CA_BUNDLE"
)

_SCREENED = "medlit.screened"


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be asked: the source's base address, a path without free text, and typed parameters."""

    base: str
    """From the settings, such as ``https://host/tool``; ends without a slash."""
    path: str
    """Written in medlit's code or made of identifiers."""
    fields: tuple[Field, ...] = ()
    post: bool = False
    """Send the fields as a form in the body, which has no limit of length."""
    file_from: int | None = None
    """Ask for a file as it is stored, byte for byte, from this byte on (RFC 9110, 14.2)."""
    emergency: bool = False
    """For the policy around the request: it goes before others."""


@dataclass(frozen=True, slots=True)
class Response:
    """What a source answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Download:
    """An answer that is read piece by piece."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]


@dataclass(slots=True)
class OutboundCounts:
    """What went out and what did not, since the process started. Numbers only."""

    requests: int = 0
    """Requests that reached the last step before the wire and were let through."""
    screened: int = 0
    """Those of them that both lines had screened."""
    refused: Counter[Category] = field(default_factory=lambda: Counter[Category]())
    """Refusals; one that has two categories counts in both."""
    refusals: int = 0
    """Requests that were refused, each once."""

    @property
    def bypasses(self) -> int:
        """Requests that went out unscreened. Measured; must be 0."""
        return self.requests - self.screened


Around = Callable[[Request], AbstractAsyncContextManager[None]]
"""What a source's own policy (rate, priority) puts around each of its requests."""


@contextlib.asynccontextmanager
async def no_policy(_: Request) -> AsyncGenerator[None]:
    """Nothing around a request."""
    yield


class Outbound:
    """The outbound client of a process: one pool of connections, opened at the first request.

    Args:
        connection: proxy and certificates.
        offline: refuse every request with :class:`~medlit.errors.Offline`.
        around: the policy around each request; screening comes first, waiting second.
        observer: is told of every request as well, in the same moments as the counts.
        slots: of requests under way at once.
    """

    def __init__(
        self,
        connection: Connection = Connection(),  # noqa: B008  # frozen
        *,
        offline: bool = False,
        around: Around = no_policy,
        observer: OutboundObserver | None = None,
        slots: Slots | None = None,
    ) -> None:
        self._connection = connection
        self.counts = OutboundCounts()
        self._observer = observer
        self._offline = offline
        self._around = around
        self._slots = slots or FirstCome(CONCURRENT)
        self._client: httpx2.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection. A later request would open new ones."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def fetch(self, request: Request) -> Response:
        """Send a request and read the whole answer, whatever its status.

        Raises:
            PhiRefused: the gate is shut; nothing was sent.
            Offline: the operator allows no connections.
            NoRoomOutside: too many requests are under way; nothing was sent.
            SourceUnavailable: no answer, or one larger than ``MAX_BYTES``.
        """
        async with self.download(request) as download:
            body = bytearray()
            async for chunk in download.chunks:
                body += chunk
                if len(body) > MAX_BYTES:
                    raise SourceUnavailable(f"sent more than {MAX_BYTES // 2**20} MB")
            return Response(download.status, download.headers, bytes(body))

    @contextlib.asynccontextmanager
    async def download(self, request: Request) -> AsyncGenerator[Download]:
        """Send a request and read the answer as it comes; the errors are those of :meth:`fetch`."""
        if self._offline:
            raise Offline
        self._screen(request)
        async with self._around(request), _room(self._slots):
            client = self._client = self._client or self._open()
            built = _build(client, request)
            answered = False
            try:
                async with _sent(client, built) as response:
                    answered = True
                    # A stored file keeps its own compression, also where the server names it as the transfer's.
                    chunks = response.aiter_bytes() if request.file_from is None else response.aiter_raw()
                    yield Download(response.status_code, dict(response.headers), chunks)
            except httpx2.HTTPError as error:
                # What httpx2 says of an error repeats the address, and with it the query.
                if answered:
                    raise SourceUnavailable("broke off its answer") from None
                untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in _causes(error))
                raise SourceUnavailable(UNTRUSTED if untrusted else "did not answer", final=untrusted) from None

    def _screen(self, request: Request) -> None:
        """First line: each field as what it is, and the path."""
        categories = set(screen(request.fields).categories)
        if "?" in request.path or "#" in request.path or not request.path.isascii():
            categories.add(Category.MALFORMED)
        categories |= screen_text(request.path).categories
        if categories:
            self._refuse(categories)

    async def _last_step(self, built: httpx2.Request) -> None:
        """Second line: what is about to go, as it is about to go."""
        request = built.extensions.get(_SCREENED)
        if not isinstance(request, Request):
            self._refuse({Category.MALFORMED})
            return
        verdict = screen_text(_free_text(built, request))
        if verdict.blocked:
            self._refuse(verdict.categories)
        self.counts.screened += 1
        if self._observer:
            self._observer.screened()

    async def _count(self, _: httpx2.Request) -> None:
        """After the last step, and apart from it: whatever comes here goes out."""
        self.counts.requests += 1
        if self._observer:
            self._observer.sent()

    def _refuse(self, categories: set[Category] | frozenset[Category]) -> None:
        self.counts.refusals += 1
        self.counts.refused.update(categories)
        if self._observer:
            self._observer.phi_refused(categories)
        raise PhiRefused(categories) from None

    def _open(self) -> httpx2.AsyncClient:
        # Its records hold whole addresses, queries included.
        for library in ("httpx2", "httpcore2"):
            log.tame(library)
        bundle = self._connection.ca_bundle
        try:
            return httpx2.AsyncClient(
                verify=ssl.create_default_context(cafile=bundle) if bundle else True,
                proxy=self._connection.proxy,
                timeout=TIMEOUT,
                follow_redirects=False,  # a redirect would be a request that nobody described
                headers={"User-Agent": f"medlit/{__version__}"},
                limits=httpx2.Limits(max_connections=CONCURRENT),
                event_hooks={"request": [self._last_step, self._count]},
            )
        except (OSError, ValueError, ImportError, httpx2.InvalidURL):
            # Of the environment's: a file that is none, a proxy of another kind. What is wrong may hold a password.
            raise SourceUnavailable(
                "was not asked: the proxy or the certificates cannot be used; see MEDLIT_PROXY, HTTPS_PROXY, "
                "MEDLIT_CA_BUNDLE and SSL_CERT_FILE",
                final=True,
            ) from None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and those it came from."""
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


@contextlib.asynccontextmanager
async def _sent(client: httpx2.AsyncClient, built: httpx2.Request) -> AsyncGenerator[httpx2.Response]:
    response = await client.send(built, stream=True)
    try:
        yield response
    finally:
        await response.aclose()


@contextlib.asynccontextmanager
async def _room(slots: Slots) -> AsyncGenerator[None]:
    try:
        release = await slots.take()
    except Overloaded as error:
        raise NoRoomOutside(error.again_s) from None
    try:
        yield
    finally:
        release()


def _build(client: httpx2.AsyncClient, request: Request) -> httpx2.Request:
    """The only place where a request is made."""
    values: list[tuple[str, str | int | float | bool | None]] = [(each.name, each.value) for each in request.fields]
    address = httpx2.URL(request.base.rstrip("/") + request.path)
    extensions = {_SCREENED: request}
    if request.post:
        form: dict[str, list[str]] = {}
        for each in request.fields:
            form.setdefault(each.name, []).append(each.value)
        return client.build_request("POST", address, data=form, extensions=extensions)
    return client.build_request(
        "GET", address, params=values or None, headers=_stored_file(request.file_from), extensions=extensions
    )


def _stored_file(start: int | None) -> dict[str, str]:
    if start is None:
        return {}
    whole = {"Accept-Encoding": "identity"}
    return whole | {"Range": f"bytes={start}-"} if start else whole


def _free_text(built: httpx2.Request, request: Request) -> str:
    """All that goes out in address and body, decoded, without the values whose shape was checked."""
    shaped = {(each.name, each.value) for each in request.fields if each.kind is not Kind.TOPIC}
    path = built.url.path.removeprefix(httpx2.URL(request.base).path.rstrip("/"))
    sent = parse_qsl(built.url.query.decode("ascii"), keep_blank_values=True)
    if request.post:
        sent += parse_qsl(built.content.decode("utf-8"), keep_blank_values=True)
    free = [part for name, value in sent if (name, value) not in shaped for part in (name, value)]
    return " ; ".join([unquote_plus(path), *free])
