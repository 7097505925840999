"""What a request is for, told from its body before anything else looks at it."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.types import Scope as RequestScope

from medlit.metrics.labels import Lane
from server.access import allowed
from tools.tool import Scope


class _Arguments(msgspec.Struct):
    priority: str = ""


class _Call(msgspec.Struct):
    arguments: _Arguments = msgspec.field(default_factory=_Arguments)


class _Message(msgspec.Struct):
    params: _Call = msgspec.field(default_factory=_Call)


_DECODER = msgspec.json.Decoder(_Message)


def lane_of(body: bytes, scope: RequestScope) -> Lane:
    """The lane of a call: an emergency's only where the caller may have one.

    Whatever else is wrong with a request, it is routine work to say so.
    """
    try:
        priority = _DECODER.decode(body).params.arguments.priority
    except msgspec.DecodeError:
        return Lane.ROUTINE
    urgent = priority == Lane.EMERGENCY and Scope.EMERGENCY in allowed(Request(scope))
    return Lane.EMERGENCY if urgent else Lane.ROUTINE
