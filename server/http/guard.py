"""What a request must be like before anything looks at it: its host and origin, and its body."""

from __future__ import annotations

import anyio
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.urgency import lane_of
from server.lanes.lanes import in_lane

LARGEST_HEAD = 16 * 1024
"""Bytes of request line and headers."""

LARGEST_BODY = 2 * 1024 * 1024
"""Bytes of a body: more than the longest arguments of any tool that make sense."""

BODY_WITHIN_S = 10.0

UNGUARDED = frozenset({"/healthz", "/readyz"})
"""Asked by machines under whatever name, and saying nothing worth stealing."""


class HostGuard:
    """Refuses what a page from elsewhere makes a browser send: DNS rebinding, and requests of another origin."""

    def __init__(self, app: ASGIApp, allowed: TransportSecuritySettings) -> None:
        self._app = app
        self._check = TransportSecurityMiddleware(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what names this server."""
        refusal: Response | None = None
        # uvicorn's own limit holds only for a head that comes in several pieces.
        head = len(scope["raw_path"]) + len(scope["query_string"])
        if head + sum(len(name) + len(value) for name, value in scope["headers"]) > LARGEST_HEAD:
            refusal = _answer(431, "The request's headers are too large.")
        elif scope["path"] not in UNGUARDED:
            refusal = await self._check.validate_request(Request(scope))
        await (refusal or self._app)(scope, receive, send)


class BodyGuard:
    """Reads the body, which must be short and come soon; only then is the application called."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request with its whole body."""
        body, complete = bytearray(), False
        try:
            with anyio.fail_after(BODY_WITHIN_S):
                while not complete:
                    message = await receive()
                    if message["type"] != "http.request":
                        return  # the client is gone
                    body += message.get("body", b"")
                    if len(body) > LARGEST_BODY:
                        await _answer(413, "The request is too large.")(scope, receive, send)
                        return
                    complete = not message.get("more_body", False)
        except TimeoutError:
            await _answer(408, "The request did not come in time.")(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        # Long before the tool is called: the way to it has a dozen steps, each of which may have to wait.
        with in_lane(lane_of(bytes(body), scope)):
            await self._app(scope, replay, send)


def _answer(status: int, text: str) -> PlainTextResponse:
    # Closed: what is left of the body would be read as the next request.
    return PlainTextResponse(text, status, headers={"Connection": "close"})
