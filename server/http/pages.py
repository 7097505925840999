"""What is there beside MCP: the page, its figures, metrics for machines, and health."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from importlib.resources import files

import anyio
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from medlit import log
from medlit.errors import MedlitError
from medlit.metrics.keeper import WINDOWS, Window
from server.http.exposition import MEDIA_TYPE, exposition
from server.http.status import Status
from tools.tool import Services

READY_WITHIN_S = 1.0

NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

_WINDOWS: dict[str, Window] = {window: window for window in WINDOWS}


class Pages:
    """The handlers of all that is not MCP."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._status = Status(services)
        self._html = files("server.http").joinpath("dashboard.html").read_text(encoding="utf-8")
        self._headers = NO_STORE | {"Content-Security-Policy": _policy(self._html), "Referrer-Policy": "no-referrer"}

    async def page(self, _: Request) -> Response:
        """The page. It holds no figures: it asks for them, with a token where one is needed."""
        return HTMLResponse(self._html, headers=self._headers)

    async def status(self, request: Request) -> Response:
        """The figures of the page."""
        window = request.query_params.get("window", "today")
        if window not in _WINDOWS:
            return JSONResponse({"error": f"window is one of {', '.join(WINDOWS)}"}, 400, NO_STORE)
        return JSONResponse(await self._status.now(_WINDOWS[window]), headers=NO_STORE)

    async def metrics(self, _: Request) -> Response:
        """Everything that is counted, for Prometheus."""
        totals = await self._services.keeper.stored()
        return Response(exposition(totals, self._services.metrics.gauges()), headers=NO_STORE, media_type=MEDIA_TYPE)

    async def alive(self, _: Request) -> Response:
        """Whether the process answers at all; if not, it is to be started anew."""
        return PlainTextResponse("ok\n", headers=NO_STORE)

    async def ready(self, _: Request) -> Response:
        """Whether the library answers; if not, calls had better go elsewhere."""
        try:
            with anyio.fail_after(READY_WITHIN_S):
                await self._services.library.store.last_loaded_at()
        except (MedlitError, TimeoutError):
            return PlainTextResponse("the library does not answer\n", 503, NO_STORE)
        return PlainTextResponse("ready\n", headers=NO_STORE)


def endpoint(handler: Callable[[Request], Awaitable[Response]]) -> ASGIApp:
    """A handler as an application, with planned errors as answers."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            response = await handler(Request(scope, receive))
        except MedlitError as error:
            log.failure(log.Event.CALL_FAILED, error)
            response = JSONResponse({"error": "The library cannot be read now. Try again."}, 503, NO_STORE)
        await response(scope, receive, send)

    return answer


def _policy(html: str) -> str:
    """What the page may do: run its own script and style, ask this server, and nothing else."""

    def hashes(tag: str) -> str:
        contents: list[str] = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digests = (b64encode(hashlib.sha256(content.encode()).digest()).decode() for content in contents)
        return " ".join(f"'sha256-{digest}'" for digest in digests)

    return (
        f"default-src 'none'; script-src {hashes('script')}; style-src {hashes('style')}; img-src data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
