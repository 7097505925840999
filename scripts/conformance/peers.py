"""The parsers in the comparison, and an environment for each, kept between runs.

Each has an environment of its own: one of them installs top-level modules called
``server`` and ``tests``, and their requirements need not agree.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

INSTALL_WITHIN_S = 600


class Peer(NamedTuple):
    """A parser: what to install, and the adapter that speaks to it."""

    requirement: str
    adapter: str
    also: str = ""
    """What it needs beyond what it asks for."""

    @property
    def title(self) -> str:
        """Name and version."""
        return self.requirement.replace("==", " ")


PEERS = (
    Peer("pubmed_parser==0.5.1", "with_pubmed_parser.py"),
    Peer("pubmed-downloader==0.1.0", "with_pubmed_downloader.py"),
    Peer("metapub==0.7.5", "with_metapub.py"),
    Peer("paperetl==2.5.2", "with_paperetl.py"),
    Peer("pymed==0.8.9", "with_pymed.py"),
    Peer("pubmed-search-mcp==0.8.0", "with_pubmed_search_mcp.py"),
    Peer("pubmed-access-mcp==0.3.1", "with_pubmed_access_mcp.py"),
    Peer("mcp-simple-pubmed==0.1.16", "with_mcp_simple_pubmed.py", also="mcp<2"),
)


class CouldNotInstall(Exception):
    """A peer cannot be had here."""


def python_with(peer: Peer, cache: Path) -> Path:
    """The interpreter of the environment that has this peer.

    Raises:
        CouldNotInstall: the package index does not have it, or its build fails.
    """
    folder = cache / peer.requirement.replace("==", "-")
    python = folder / "bin" / "python"
    installed = folder / "installed"
    if installed.exists():
        return python
    print(f"Installing {peer.requirement} (once) …", file=sys.stderr, flush=True)  # noqa: T201
    try:
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *_wanted(peer))
    except (OSError, subprocess.SubprocessError) as error:
        raise CouldNotInstall(peer.title) from error
    installed.touch()
    return python


def _wanted(peer: Peer) -> list[str]:
    return [requirement for requirement in (peer.requirement, peer.also) if requirement]


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=INSTALL_WITHIN_S)
