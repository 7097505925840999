"""The demo: a sample, an ingest, a server, questions."""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, TextContent
from rich.filesize import decimal

from tools.results import ArticlesResult, Hit, SearchResult

from .questions import NLM_ARTICLE, NLM_QUESTIONS, WRONG_ARGUMENTS, Question, questions_from
from .sample import NoSampleError, Sample, real, synthetic
from .screen import Screen

STOP_WITHIN_S = 5.0
INTERRUPTED = 130


class DemoError(Exception):
    """The demo cannot go on; the message says why."""


def main() -> int:
    """Run the demo; return its exit code."""
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="Load a PubMed file and ask it questions over MCP."
    )
    parser.add_argument("file", nargs="?", type=Path, help="a PubMed file (default: a real one of NLM's)")
    parser.add_argument("--synthetic", action="store_true", help="invented records instead; needs no network")
    arguments = parser.parse_args()
    if arguments.file and not arguments.file.exists():
        parser.error(f"there is no file {arguments.file}")
    return anyio.run(_interruptible, arguments.file, arguments.synthetic)


async def _interruptible(given: Path | None, invented: bool) -> int:
    """The demo, ended by signals in good order: processes stopped, files removed."""
    screen = Screen()
    code = INTERRUPTED
    async with anyio.create_task_group() as tasks:

        async def stop_on_signal() -> None:
            with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
                async for _ in signals:
                    running.cancel()
                    return

        tasks.start_soon(stop_on_signal)
        workspace = tempfile.TemporaryDirectory(prefix="medlit-demo-", ignore_cleanup_errors=True)
        with anyio.CancelScope() as running, workspace as folder:
            try:
                await _demonstrate(screen, Path(folder), given, invented)
                code = 0
            except DemoError as error:
                screen.problem(str(error))
                code = 1
        tasks.cancel_scope.cancel()
    if code == INTERRUPTED:
        screen.console.show_cursor()
        screen.problem("The demo was stopped, and its library removed.")
    return code


async def _demonstrate(screen: Screen, folder: Path, given: Path | None, invented: bool) -> None:
    screen.start()
    command = _medlit()
    sample = await _sample(screen, folder, given, invented)
    library = folder / "library"
    await _load(screen, command, sample, library)
    async with _serving(screen, command, library) as client:
        await _ask(screen, client, sample)
    screen.go_on(command, None if folder in sample.path.parents else sample.path.absolute())


def _medlit() -> Path:
    """The console script of this environment."""
    beside = Path(sys.executable).with_name("medlit")
    found = beside if beside.is_file() else shutil.which("medlit")
    if found is None:
        raise DemoError("medlit is not installed in this environment.")
    return Path(found)


async def _sample(screen: Screen, folder: Path, given: Path | None, invented: bool) -> Sample:
    if given:
        sample, what = Sample(given, "given"), "your file"
    elif invented:
        sample, what = synthetic(folder), "[yellow]synthetic: invented records, not literature[/yellow]"
    else:
        try:
            with screen.console.status("getting a real NLM file, 57 MB, kept for next time"):
                sample = await real(folder)
            what = "a real NLM file, citations of 1976–80"
        except NoSampleError as error:
            sample = synthetic(folder)
            what = f"[yellow]synthetic: invented records, not literature[/yellow]; for the real file {error}"
    size = f" ({decimal(sample.path.stat().st_size)})" if sample.path.is_file() else ""
    screen.fact("Sample", f"{sample.path.name}{size}: {what}")
    return sample


async def _load(screen: Screen, command: Path, sample: Sample, library: Path) -> None:
    """Run ``medlit ingest`` as a person would; its progress bar is on standard error."""
    # In a session of its own: Ctrl-C is the demo's to handle.
    process = await anyio.open_process(
        [str(command), "ingest", "--json", "--library", str(library), "--", str(sample.path)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None,
        start_new_session=True,
    )
    output = b""
    try:
        assert process.stdout is not None  # noqa: S101 - for the type checker
        async for block in process.stdout:
            output += block
        await process.wait()
    finally:
        with anyio.CancelScope(shield=True):
            if process.returncode is None:
                process.terminate()
                with anyio.move_on_after(STOP_WITHIN_S):
                    await process.wait()
            if process.returncode is None:
                process.kill()  # its workers follow it
            await process.aclose()
    if process.returncode or not output:
        raise DemoError("The file could not be loaded.")
    report: dict[str, Any] = json.loads(output)
    aside = f", {report['records_set_aside']:,} set aside" if report["records_set_aside"] else ""
    rate = f"{report['articles_per_second']:,.0f} a second"
    screen.fact("Load", f"{report['records_stored']:,} articles searchable in {report['seconds']:.1f} s: {rate}{aside}")


@contextlib.asynccontextmanager
async def _serving(screen: Screen, command: Path, library: Path) -> AsyncGenerator[Client]:
    """``medlit serve``, started and connected as a host does it."""
    started = time.perf_counter()
    server = StdioServerParameters(command=str(command), args=["serve"], env={"MEDLIT_LIBRARY": str(library)})
    async with Client(stdio_client(server)) as client:
        tools = len((await client.list_tools()).tools)
        took = time.perf_counter() - started
        screen.fact("Serve", f"medlit serve over MCP, ready in {took:.2f} s with {tools} tools")
        yield client


async def _ask(screen: Screen, client: Client, sample: Sample) -> None:
    questions, ids = NLM_QUESTIONS, [NLM_ARTICLE]
    if sample.kind != "nlm":
        questions = questions_from(await _newest(client))
    hits: list[Hit] = []
    for number, question in enumerate(questions):
        result, seconds = await _call(client, "search_literature", question.arguments)
        answer = SearchResult.model_validate(result.structured_content)
        screen.answer(question, answer, seconds, cold=number == 0 and sample.kind == "nlm")
        hits += answer.hits
    if sample.kind != "nlm":
        ids = await _most_sections(client, [str(hit.pmid) for hit in hits])
    if ids:
        result, seconds = await _call(client, "get_articles", {"ids": ids})
        for article in ArticlesResult.model_validate(result.structured_content).articles:
            screen.article(article, seconds)
    call = f"search_literature {json.dumps(WRONG_ARGUMENTS)}"
    result, seconds = await _call(client, "search_literature", WRONG_ARGUMENTS, wrong=True)
    screen.refusal(call, _text(result), seconds)


async def _newest(client: Client) -> list[Hit]:
    everything = Question({"query": "", "year_from": 0, "sort": "newest", "limit": 100})
    result, _ = await _call(client, "search_literature", everything.arguments)
    return SearchResult.model_validate(result.structured_content).hits


async def _most_sections(client: Client, ids: list[str]) -> list[str]:
    """The article with the most structured abstract."""
    if not ids:
        return []
    result, _ = await _call(client, "get_articles", {"ids": ids})
    articles = ArticlesResult.model_validate(result.structured_content).articles
    return [str(max(articles, key=lambda article: len(article.abstract)).pmid)]


async def _call(
    client: Client, tool: str, arguments: dict[str, Any], *, wrong: bool = False
) -> tuple[CallToolResult, float]:
    """A tool's result, and the seconds from asking to having it."""
    started = time.perf_counter()
    result = await client.call_tool(tool, arguments)
    took = time.perf_counter() - started
    if bool(result.is_error) != wrong:
        raise DemoError(f"{tool} did not answer as it should: {_text(result)}")
    return result, took


def _text(result: CallToolResult) -> str:
    return " ".join(block.text for block in result.content if isinstance(block, TextContent))


if __name__ == "__main__":
    sys.exit(main())
