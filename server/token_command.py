"""``medlit token``: tokens for ``serve --http``."""

from __future__ import annotations

import argparse
import os
import time

import msgspec

from medlit import cli
from medlit.errors import UsageError
from medlit.settings import read_settings
from server.tokens import TokenFile
from tools.tool import Scope

DAYS = 365


def run(arguments: argparse.Namespace) -> int:
    """Make, list or revoke."""
    tokens = TokenFile(read_settings(os.environ, library=arguments.library).token_file)
    if arguments.action == "list":
        return _list(tokens, arguments)
    if not arguments.name:
        raise UsageError(f"Give the name of the token: medlit token {arguments.action} NAME")
    if arguments.action == "revoke":
        tokens.revoke(arguments.name)
        return cli.OK
    token = tokens.new(arguments.name, arguments.scope or [Scope.READ], arguments.days or DAYS)
    if cli.wants_json(arguments):
        cli.emit({"name": arguments.name, "token": token})
    else:
        cli.emit_text(f"{token}\n")
        cli.complain("This token is shown only now: what is kept is its hash.")
    return cli.OK


def _list(tokens: TokenFile, arguments: argparse.Namespace) -> int:
    entries = tokens.entries()
    if cli.wants_json(arguments):
        cli.emit([{**msgspec.to_builtins(entry), "sha256": entry.sha256[:8]} for entry in entries])
        return cli.OK
    console = cli.console()
    for entry in entries:
        until = time.strftime("%Y-%m-%d", time.gmtime(entry.expires))
        console.print(f"{entry.name}  [dim]{', '.join(entry.scopes)}, until {until}[/dim]")
    return cli.OK
