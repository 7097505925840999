"""A program: what each stage of an ingest costs by itself, in CPU time, as JSON.

One process does one stage after the other on the same articles, so that no stage waits for another.
"""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import anyio

from ingest import worker
from ingest.formats import Chunk, Parsed
from ingest.formats.pubmed_xml import PubmedXml
from ingest.memory import collect_seldom
from ingest.source import identify, unpacked
from medlit.library.library import Library, open_library
from medlit.library.prepared import Prepared
from medlit.library.store import StagedRow

INDEX_THREADS = "thrd-tantivy"


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
        prepared = Prepared()
        started = time.process_time()
        for path, parts in parsed.items():
            source = identify(path)
            begun = time.process_time()
            async with library.store.loading(source, "pubmed-xml") as load:
                position = 0
                for part in parts:
                    rows = [StagedRow(row[0] + position, *row[1:]) for row in part.rows]
                    position += part.positions
                    prepared.keep(rows)
                    await load.stage(rows, [])
                await load.finish()
            seconds["store"] = seconds.get("store", 0.0) + time.process_time() - begun
        started = time.process_time()
        threads = await _index(library, prepared)
        seconds["index threads"] = threads
        seconds["feed"] = time.process_time() - started - threads


async def _index(library: Library, prepared: Prepared) -> float:
    """Index everything; return the CPU time of the index's own threads."""
    async with library.index.writing() as updater:
        if updater is None:
            raise RuntimeError("another process is indexing this new library")
        await updater.advance(library.store, prepared)
        spent = _index_threads()
        started = time.process_time()
        await updater.commit()
        # Until the commit the index's threads still work, and nobody else does.
        return spent + time.process_time() - started


def _index_threads() -> float:
    """The CPU seconds so far of the index's threads, as Linux keeps them."""
    ticks = 0.0
    for task in Path("/proc/self/task").glob("*"):
        if (task / "comm").read_text().startswith(INDEX_THREADS):
            ticks += int((task / "schedstat").read_text().split()[0]) / 1e9
    return ticks


if __name__ == "__main__":
    main()
