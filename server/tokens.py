"""Tokens for HTTP: made here, kept as hashes, each with scopes and an end.

A token is 256 random bits, so its SHA-256 cannot be turned back or guessed, and needs
neither salt nor a slow hash: those protect what people choose. A token is found by its
hash, so the time that takes tells nothing about other tokens.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from medlit.errors import UsageError
from tools.tool import Scope

PREFIX = "medlit_"
"""By this, scanners for secrets in code know one."""

DAY_S = 86_400

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")

_Stamp = tuple[int, int, int]


class Token(msgspec.Struct, kw_only=True, frozen=True):
    """What is kept of a token. Times are seconds since 1970."""

    name: str
    sha256: str
    scopes: list[str]
    created: int
    expires: int


class TokenFile:
    """The tokens of one server, in a file that only its owner may read. Changes count at once, in every process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: tuple[_Stamp | None, dict[str, Token]] = None, {}

    def exists(self) -> bool:
        """Whether there ever were tokens: then nobody comes in without one, even when all are revoked."""
        return self.path.exists()

    def find(self, token: str) -> Token | None:
        """The entry of a token that is valid now."""
        try:
            stamp = self._stamp()
            if stamp != self._known[0]:
                self._known = stamp, {entry.sha256: entry for entry in self.entries()}
        except (OSError, UsageError):
            # Without a readable file nobody is known.
            self._known = None, {}
        entry = self._known[1].get(_hash(token))
        return entry if entry and entry.expires > time.time() else None

    def entries(self) -> list[Token]:
        """All of them, expired ones too.

        Raises:
            UsageError: the file cannot be read.
        """
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=list[Token])
        except FileNotFoundError:
            return []
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(f"The token file {self.path} cannot be read. Mend it, or make new tokens.") from error

    def new(self, name: str, scopes: Sequence[str], days: int) -> str:
        """Make a token, which is told only now.

        Raises:
            UsageError: the name is taken, or none.
        """
        if not _NAME.fullmatch(name):
            raise UsageError("A token's name has 1 to 64 small letters, digits, dots, hyphens and underscores.")
        entries = self.entries()
        if any(entry.name == name for entry in entries):
            raise UsageError(f"There is a token {name} already. Revoke it first, or choose another name.")
        token, now = PREFIX + secrets.token_urlsafe(32), int(time.time())
        kept = Token(
            name=name,
            sha256=_hash(token),
            scopes=[scope.value for scope in Scope if scope in scopes],
            created=now,
            expires=now + days * DAY_S,
        )
        self._write([*entries, kept])
        return token

    def revoke(self, name: str) -> None:
        """Make a token invalid.

        Raises:
            UsageError: there is none of that name.
        """
        entries = self.entries()
        left = [entry for entry in entries if entry.name != name]
        if len(left) == len(entries):
            raise UsageError("There is no token of that name. `medlit token list` shows those there are.")
        self._write(left)

    def _write(self, entries: Sequence[Token]) -> None:
        """All or nothing: a server may read at any moment."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(entries), indent=1))
        new.replace(self.path)

    def _stamp(self) -> _Stamp:
        stat = self.path.stat()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
