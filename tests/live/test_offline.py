"""``MEDLIT_OFFLINE=1``: no socket is opened, whatever is asked, and every refusal says why."""

from __future__ import annotations

import functools
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from medlit.settings import read_settings
from server.app import build
from tests.live.test_federation import call, library, loaded, refusal
from tests.packaging.project import ROOT
from tests.pubmed import environment

pytestmark = pytest.mark.anyio

__all__ = ["library", "loaded"]  # fixtures

NETWORKED = (
    ("search_literature", {"query": "cimetidine"}),
    ("get_articles", {"ids": [30, "10.1/x", "PMC7"]}),
    ("find_related", {"pmid": 30, "relation": "references"}),
)

WATCHED = """
import socket, sys
told = sys.argv.pop(1)
def watch(event, arguments):
    outside = event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6)
    if outside or event in ("socket.connect", "socket.getaddrinfo"):
        open(told, "a").write(event)
sys.addaudithook(watch)
from medlit.__main__ import main
sys.exit(main())
"""
"""The launcher in an interpreter that tells of every socket for the network."""


@functools.cache
def opened() -> list[str]:
    """Every socket for the network in this process since the first call; an audit hook cannot be taken out again."""
    seen: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
            seen.append(event)
        if event in ("socket.connect", "socket.getaddrinfo"):
            seen.append(event)

    sys.addaudithook(watch)
    return seen


def test_the_watch_sees_a_socket() -> None:
    before = len(opened())
    socket.socket(socket.AF_INET).close()
    assert len(opened()) == before + 1


async def test_no_tool_opens_a_socket_and_each_says_why_it_did_not(library: Path) -> None:
    settings = read_settings({"MEDLIT_LIBRARY": str(library), "MEDLIT_OFFLINE": "1", "MEDLIT_WORKERS": "1"})
    before = len(opened())
    async with Client(build(settings), raise_exceptions=True) as client:
        for tool, arguments in NETWORKED:
            assert "MEDLIT_OFFLINE" in await refusal(client, tool, source="live", **arguments)
        assert "MEDLIT_OFFLINE" in await refusal(client, "ingest", pubmed="updates")
        both = await call(client, "search_literature", query="aspirin", source="both")
        assert len(both["hits"]) == 2
        assert "MEDLIT_OFFLINE" in both["live_note"]
        related = await call(client, "find_related", pmid=1, source="both")
        assert "MEDLIT_OFFLINE" in related["live_note"]
        checked = await call(client, "verify_citations", citations=[{"title": "No such work"}], source="both")
        assert "MEDLIT_OFFLINE" in checked["live_note"]
        [article] = (await call(client, "get_articles", ids=[1], sections=["all"], source="both"))["articles"]
        assert article["full_text"] == {"problem": "Not in PMC."}
    assert len(opened()) == before


def test_a_sync_opens_no_socket(tmp_path: Path) -> None:
    told = tmp_path / "opened"
    done = subprocess.run(
        [sys.executable, "-P", "-c", WATCHED, str(told), "sync", "updates", "--library", str(tmp_path / "lib")],
        capture_output=True, text=True, check=False, timeout=60, cwd=ROOT,
        env=environment(MEDLIT_OFFLINE="1", PYTHONPATH=str(ROOT)),
    )  # fmt: skip
    assert done.returncode == 1
    assert "MEDLIT_OFFLINE is set" in done.stderr
    assert not told.exists()
    assert done.stdout == ""
