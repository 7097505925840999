"""What the caller of a request may do."""

from __future__ import annotations

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from starlette.requests import Request

from tools.tool import Scope

EVERYTHING = frozenset(Scope)


def allowed(request: object) -> frozenset[Scope]:
    """The scopes of a request's caller. Standard input and output have no requests, and may do everything."""
    if request is None:
        return EVERYTHING
    user = request.scope.get("user") if isinstance(request, Request) else None
    held = user.scopes if isinstance(user, AuthenticatedUser) else []
    return frozenset(scope for scope in Scope if scope in held)
