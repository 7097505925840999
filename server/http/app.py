"""The application that answers HTTP: MCP, health, metrics, the page."""

from __future__ import annotations

from mcp.server.auth.middleware.bearer_auth import RequireAuthMiddleware
from mcp.server.auth.routes import build_resource_metadata_url, create_protected_resource_routes
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.authentication import AuthenticationBackend
from starlette.middleware import Middleware
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from medlit.settings import Settings
from server.http.access import PATH, resource_server
from server.http.guard import LARGEST_BODY, BodyGuard, HostGuard
from server.http.pages import Pages, endpoint
from tools.tool import Scope, Services


def session_manager(server: Server[Services]) -> StreamableHTTPSessionManager:
    """MCP without sessions: any process can answer any request, and a client that goes away leaves nothing behind."""
    return StreamableHTTPSessionManager(
        server,
        stateless=True,
        json_response=True,
        max_request_body_size=LARGEST_BODY,
        # Host and origin are checked for all routes at once, before anything else: see HostGuard.
        security_settings=None,
    )


def application(
    settings: Settings,
    services: Services,
    manager: StreamableHTTPSessionManager,
    backend: AuthenticationBackend,
    hosts: TransportSecuritySettings,
) -> Starlette:
    """All routes. ``services`` and ``manager`` must be open while it runs."""
    about = resource_server(settings)
    told = build_resource_metadata_url(about.resource_server_url) if about and about.resource_server_url else None
    pages = Pages(services)

    def guarded(app: ASGIApp, *scopes: Scope) -> RequireAuthMiddleware:
        return RequireAuthMiddleware(app, [scope.value for scope in scopes], told)

    routes: list[BaseRoute] = [
        Route(PATH, guarded(BodyGuard(StreamableHTTPASGIApp(manager))), methods=["POST"]),
        Route("/", pages.page, methods=["GET"]),
        Route("/healthz", pages.alive, methods=["GET"]),
        Route("/readyz", pages.ready, methods=["GET"]),
        Route("/metrics", guarded(endpoint(pages.metrics), Scope.METRICS), methods=["GET"]),
        Route("/status", guarded(endpoint(pages.status), Scope.METRICS), methods=["GET"]),
    ]
    if about is not None and about.resource_server_url is not None:
        scopes = [scope.value for scope in Scope]
        routes += create_protected_resource_routes(about.resource_server_url, [about.issuer_url], scopes)
    middleware = [
        Middleware(HostGuard, allowed=hosts),
        Middleware(AuthenticationMiddleware, backend=backend),
    ]
    return Starlette(routes=routes, middleware=middleware)
