"""The one place around every tool."""

from __future__ import annotations

import time
from pathlib import Path

import anyio
import pytest
from mcp import Client
from mcp_types import TextContent

from medlit.library.codec import pack
from medlit.library.library import open_library
from medlit.library.store import SourceFile, StagedRow
from medlit.record import Article
from medlit.settings import Settings
from server.app import build, services
from server.dispatch import Dispatch
from tools.tool import Arguments, Result, Services, Tool

pytestmark = pytest.mark.anyio


class Nothing(Result):
    """No result."""


async def never(_: Services, __: Arguments) -> Nothing:
    """Wait for what does not come."""
    await anyio.sleep_forever()
    return Nothing()


NEVER = Tool("never", "Never", "Never answers.", Arguments, Nothing, never)


@pytest.mark.parametrize(("priority", "deadline"), [("routine", 2.0), ("emergency", 0.5)])
async def test_a_call_that_takes_too_long_ends_at_its_deadline(priority: str, deadline: float, tmp_path: Path) -> None:
    async with services(Settings(library=tmp_path, workers=1)) as working:
        started = time.monotonic()
        with anyio.fail_after(30):
            result = await Dispatch([NEVER]).call(working, "never", {"priority": priority})
    assert time.monotonic() - started >= deadline
    assert result.is_error
    [content] = result.content
    assert isinstance(content, TextContent)
    assert content.text == f"No answer within {deadline} s: the machine is busy. Try again, or ask for less."


async def test_a_server_catches_up_after_a_crash_between_store_and_index(tmp_path: Path) -> None:
    source = SourceFile("a", "a", 1, "a", None)
    async with open_library(tmp_path, create=True) as library, library.store.loading(source, "test") as loading:
        await loading.stage([StagedRow(0, 1, 1, 0, pack(Article(pmid=1, title="Aspirin")))], [])
        await loading.finish()
    async with Client(build(Settings(library=tmp_path, workers=1))) as client:
        with anyio.fail_after(30):
            while True:
                result = await client.call_tool("search_literature", {"query": "aspirin"})
                assert result.structured_content
                if result.structured_content["hits"]:
                    break
                await anyio.sleep(0.02)  # nothing tells a client that an index has caught up
    async with open_library(tmp_path) as library:
        assert await library.index_behind() == 0
