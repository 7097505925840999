"""A program: what each stage of an ingest costs by itself, in CPU time, as JSON.

One process does one stage after the other on the same articles, so that no stage waits for another.
"""

from __future__ import annotations

import contextlib
import json
import pickle
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import anyio

from ingest import worker
from ingest.formats import Chunk, Parsed
from ingest.formats.pubmed_xml import PubmedXml
from ingest.memory import collect_seldom
from ingest.source import identify, unpacked
from medlit.library.library import Library, open_library
from medlit.library.store import StagedRow

INDEX_THREADS = ("thrd-tantivy", "merge_thread", "docstore", "segment_updater")


def main() -> None:
    """Take the files named through every stage."""
    worker.start()
    collect_seldom()
    seconds: dict[str, float] = {}
    parsed = {path: list(_read_and_parse(path, seconds)) for path in map(Path, sys.argv[1:])}
    with tempfile.TemporaryDirectory(prefix="medlit-bench-") as folder:
        anyio.run(_store_and_index, Path(folder), parsed, seconds)
    articles = sum(row.body is not None for parts in parsed.values() for part in parts for row in part.rows)
    sys.stdout.write(json.dumps({"articles": articles, "seconds": seconds}))


def _read_and_parse(path: Path, seconds: dict[str, float]) -> Iterator[Parsed]:
    reader = PubmedXml()
    chunks = reader.split(unpacked(path, lambda _: None))
    while True:
        started = time.process_time()
        chunk = next(chunks, None)
        if chunk is None:
            return
        sent = pickle.dumps(chunk)
        read = time.process_time()
        taken: Chunk = pickle.loads(sent)  # noqa: S301  # made a line before
        result = worker.parse(reader.name, taken.data, taken.line)
        returned = pickle.dumps(result)
        worked = time.process_time()
        received: Parsed = pickle.loads(returned)  # noqa: S301
        ended = time.process_time()
        for stage, cost in (("read", read - started + ended - worked), ("parse", worked - read)):
            seconds[stage] = seconds.get(stage, 0.0) + cost
        yield received


async def _store_and_index(folder: Path, parsed: dict[Path, list[Parsed]], seconds: dict[str, float]) -> None:
    async with open_library(folder, create=True) as library:
        for path, parts in parsed.items():
            source = identify(path)
            begun = time.process_time()
            async with library.store.loading(source, "pubmed-xml") as load:
                position = 0
                for part in parts:
                    await load.stage([StagedRow(row[0] + position, *row[1:6]) for row in part.rows], [])
                    position += part.positions
                await load.finish()
            seconds["store"] = seconds.get("store", 0.0) + time.process_time() - begun
        process, ours = time.process_time(), _our_threads()
        await _index(library, [part.rows for parts in parsed.values() for part in parts])
        seconds["feed"] = _our_threads() - ours
        seconds["index threads"] = time.process_time() - process - seconds["feed"]


async def _index(library: Library, parts: Sequence[Sequence[StagedRow]]) -> None:
    """Index everything, as a load does."""
    async with library.index.writing() as updater:
        if updater is None:
            raise RuntimeError("another process is indexing this new library")
        for rows in parts:
            await updater.anticipate(rows)
        await updater.catch_up(library.store)


def _our_threads() -> float:
    """The CPU seconds so far of all threads but those of the index library, which come and go, as Linux keeps them."""
    ticks = 0.0
    for task in Path("/proc/self/task").glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if not (task / "comm").read_text().startswith(INDEX_THREADS):
                ticks += int((task / "schedstat").read_text().split()[0]) / 1e9
    return ticks


if __name__ == "__main__":
    main()
