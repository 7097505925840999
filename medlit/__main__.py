"""The launcher: ``medlit`` and ``python -m medlit``.

Thin on purpose. Every parser process imports this file again, and a command loads
only what it needs, so that ``medlit status`` does not wait for the MCP SDK.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

COMMANDS = {
    "serve": "server.command",
    "token": "server.token_command",
    "ingest": "ingest.command",
    "sync": "ingest.sync_command",
    "search": "tools.command",
    "related": "tools.reference_command",
    "mesh": "tools.reference_command",
    "get": "tools.command",
    "cite": "tools.citation_command",
    "verify": "tools.citation_command",
    "status": "tools.command",
    "phi-check": "tools.privacy_command",
}
"""Which module runs a command: the only place where the parts' names meet."""


def leave_working_directory() -> None:
    """Keep the working directory out of the import path.

    A host starts medlit in the user's project, which may have a ``tools`` folder of
    its own; ``python -m`` would import that one.
    """
    here, ours = str(Path.cwd()), str(Path(__file__).resolve().parents[1])
    sys.path[:] = [entry for entry in sys.path if entry and (entry != here or entry == ours)]


def main() -> int:
    """Run one command; return its exit code."""
    leave_working_directory()
    from medlit import cli

    arguments = cli.parse(sys.argv[1:])
    return cli.run(arguments, importlib.import_module(COMMANDS[arguments.command]).run)


if __name__ == "__main__":
    sys.exit(main())
