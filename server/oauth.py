"""Access tokens of an issuer (OAuth 2.1, medlit as resource server): JWTs, checked here against the issuer's keys.

References: RFC 9068 (JWT profile of access tokens), RFC 8725 (best practices: the
algorithms are fixed here, never the token's choice), RFC 8707 (the audience is this
server's address).
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import anyio
import jwt

from medlit.errors import OutboundError, UsageError
from medlit.privacy.outbound import Outbound, Request
from tools.tool import Scope

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures with a public key. A shared secret would have to lie here, and could make tokens."""

LEEWAY_S = 30
"""How far clocks may be apart."""

FETCH_AT_MOST_EVERY_S = 60.0
"""An unknown key may be a new one of the issuer's, or made up by anybody."""

OK = 200

Keys = Callable[[], Awaitable[bytes]]
"""Gets the issuer's keys, a JSON Web Key Set."""


def keys_from(place: str, outbound: Outbound) -> Keys:
    """Keys from a file, or from an address, through the one way out."""
    if not place.startswith("https://"):
        path = Path(place).expanduser()
        return lambda: anyio.Path(path).read_bytes()

    async def fetch() -> bytes:
        answer = await outbound.fetch(Request(base=place, path=""))
        if answer.status != OK:
            raise OSError
        return answer.body

    return fetch


class Issuer:
    """Checks the access tokens of one issuer for one audience."""

    def __init__(self, issuer: str, audience: str, keys: Keys, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._audience = audience
        self._get = keys
        self._clock = clock
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._asked: float | None = None
        self._asking = anyio.Lock()

    async def load(self) -> None:
        """Get the keys, to see at the start that they can be had.

        Raises:
            UsageError: they cannot.
        """
        try:
            self._keys = _read(await self._get())
        except (OSError, OutboundError, ValueError, jwt.PyJWTError) as error:
            raise UsageError(
                "The issuer's keys cannot be had from where MEDLIT_OAUTH_KEYS says. Name a file with its JWKS, or "
                "the https address it publishes it at."
            ) from error
        self._asked = self._clock()

    async def scopes(self, token: str) -> tuple[list[str], int] | None:
        """The scopes of a valid token, and when it expires; ``None`` of any other."""
        try:
            key = await self._key(jwt.get_unverified_header(token).get("kid"))
            if key is None or key.algorithm_name not in ALGORITHMS:
                return None
            claims = jwt.decode(
                token,
                key,
                algorithms=[key.algorithm_name],
                audience=self._audience,
                issuer=self.issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud"]},
            )
        except jwt.PyJWTError:
            return None
        return [scope.value for scope in Scope if scope in _scopes(claims)], int(claims["exp"])

    async def _key(self, kid: str | None) -> jwt.PyJWK | None:
        if kid not in self._keys:
            async with self._asking:
                due = self._asked is None or self._clock() - self._asked >= FETCH_AT_MOST_EVERY_S
                if kid not in self._keys and due:
                    self._asked = self._clock()
                    await self._renew()
        return self._keys.get(kid)

    async def _renew(self) -> None:
        try:
            self._keys = _read(await self._get())
        except (OSError, OutboundError, ValueError, jwt.PyJWTError):
            return  # those there are go on being valid


def _read(content: bytes) -> dict[str | None, jwt.PyJWK]:
    return {key.key_id: key for key in jwt.PyJWKSet.from_json(content.decode()).keys}


def _scopes(claims: dict[str, Any]) -> set[str]:
    """As RFC 9068 has them, or as a list, as some issuers do."""
    value = claims.get("scope", claims.get("scp", ""))
    return set(cast("list[str]", value)) if isinstance(value, list) else set(str(value).split())
