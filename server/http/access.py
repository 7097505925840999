"""Who calls, and what they may do."""

from __future__ import annotations

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser, BearerAuthBackend
from mcp.server.auth.provider import AccessToken
from mcp.server.auth.settings import AuthSettings
from starlette.authentication import AuthCredentials, AuthenticationBackend
from starlette.requests import HTTPConnection

from medlit.errors import UsageError
from medlit.privacy.outbound import Outbound
from medlit.settings import Settings
from server.oauth import Issuer, keys_from
from server.tokens import TokenFile
from tools.tool import Scope

PATH = "/mcp"


class Verifier:
    """The SDK's token verifier: our own tokens first, then the issuer's."""

    def __init__(self, tokens: TokenFile, issuer: Issuer | None) -> None:
        self._tokens = tokens
        self._issuer = issuer

    async def verify_token(self, token: str) -> AccessToken | None:
        """What a token stands for; ``None`` when it is not valid. Neither it nor its holder is kept."""
        ours = self._tokens.find(token)
        if ours:
            return AccessToken(token="", client_id=ours.name, scopes=ours.scopes, expires_at=ours.expires)
        found = await self._issuer.scopes(token) if self._issuer else None
        return AccessToken(token="", client_id="", scopes=found[0], expires_at=found[1]) if found else None


class Everybody(AuthenticationBackend):
    """On the loopback of a machine where no tokens were made: everybody on it may do everything, until one is made."""

    def __init__(self, tokens: TokenFile) -> None:
        self._tokens = tokens
        self._bearer = BearerAuthBackend(Verifier(tokens, None))

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, AuthenticatedUser] | None:
        """Let in."""
        if self._tokens.exists():
            return await self._bearer.authenticate(conn)
        scopes = [scope.value for scope in Scope]
        return AuthCredentials(scopes), AuthenticatedUser(AccessToken(token="", client_id="", scopes=scopes))


def is_open(settings: Settings) -> bool:
    """Whether nobody needs a token: there never were any, and there is no issuer."""
    return not TokenFile(settings.token_file).exists() and settings.oauth_issuer is None


async def backend(settings: Settings, outbound: Outbound) -> AuthenticationBackend:
    """Who tells who calls.

    Raises:
        UsageError: the issuer's settings do not go together, or its keys or the tokens cannot be read.
    """
    tokens = TokenFile(settings.token_file)
    if is_open(settings):
        return Everybody(tokens)
    tokens.entries()
    return BearerAuthBackend(Verifier(tokens, await _issuer(settings, outbound)))


async def _issuer(settings: Settings, outbound: Outbound) -> Issuer | None:
    if settings.oauth_issuer is None:
        return None
    if settings.oauth_keys is None or settings.http_url is None:
        raise UsageError("MEDLIT_OAUTH_ISSUER needs MEDLIT_OAUTH_KEYS and MEDLIT_HTTP_URL.")
    issuer = Issuer(settings.oauth_issuer, settings.http_url + PATH, keys_from(settings.oauth_keys, outbound))
    await issuer.load()
    return issuer


def resource_server(settings: Settings) -> AuthSettings | None:
    """What clients are told of who issues tokens for this server (RFC 9728); ``None`` without an issuer."""
    if settings.oauth_issuer is None or settings.http_url is None:
        return None
    return AuthSettings.model_validate(
        {
            "issuer_url": settings.oauth_issuer,
            "resource_server_url": settings.http_url + PATH,
            "validate_token_resource": False,  # the audience is checked with the signature, see server.oauth
        }
    )
