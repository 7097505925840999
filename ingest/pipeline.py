"""The order of an ingest: read and cut → parse in processes → gather → merge → index.

Three tasks share the work, so that neither parsers nor the store wait for each
other at the end of a file: *reading* cuts files into chunks and hands them to the
pool; *storing* takes the results in the order of the file and merges each file at
its end; *indexing* lets the search index follow.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterator, Sequence
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import NamedTuple

import anyio
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from ingest import worker
from ingest.formats import Chunk, ForbiddenError, FormatError, Parsed, Reader
from ingest.formats.registry import HEAD_BYTES, detect
from ingest.pool import Job, Pool
from ingest.progress import FileError, Progress, Report
from ingest.source import identify, is_gzip, ledger_key, unpacked
from medlit.errors import DamagedFile, ForbiddenContent, InputError, UnknownFormat, UnreadableFile, WorkerCrashed
from medlit.library.damage import noticed
from medlit.library.library import Library
from medlit.library.store import FileLoad, LoadCounts, SetAside, SourceFile, StagedRow
from medlit.library.updater import Updater

CHUNKS_IN_FLIGHT = 3
"""Chunks a worker has before it, so that it never waits: one parsed, one queued, one result to fetch."""

CHUNKS_TO_INDEX = 64
"""Parsed chunks that may wait for the index while it settles a file: some 25 MB, and two seconds of parsing."""

WRITER_WAIT_S = 0.1


class Opened(NamedTuple):
    """A file begins."""

    path: Path
    source: SourceFile
    format: str


class Parsing(NamedTuple):
    """A chunk of the file that was opened last, and the bytes of the file used up to its end."""

    job: Job[Parsed]
    bytes_done: int


class Ended(NamedTuple):
    """The file that was opened last has no more chunks."""


class Skipped(NamedTuple):
    """A file whose bytes the library has."""

    path: Path


class Failed(NamedTuple):
    """A file cannot be loaded; if it was opened, what came of it is void."""

    path: Path
    error: InputError


Step = Opened | Parsing | Ended | Skipped | Failed


class Gathered(NamedTuple):
    """Rows that the store has taken for the file in hand."""

    rows: Sequence[StagedRow]


class Settled(NamedTuple):
    """The store has made the file in hand part of the library, up to this change, or has given it up."""

    seq: int


Indexing = Gathered | Settled


async def ingest(
    paths: Sequence[Path], library: Library, pool: Pool, observe: Callable[[Progress], None] = lambda _: None
) -> Report:
    """Load files into the library, in the order given, and bring its index up to date.

    A file that cannot be loaded is reported and does not stop the next.
    ``observe`` is called often, from the event loop, and must be quick.
    """

    async def all_there() -> AsyncGenerator[Path]:
        for path in paths:
            yield path

    progress = Progress(files_total=len(paths), bytes_total=sum(map(_size, paths)))
    return await ingest_arriving(all_there(), progress, library, pool, observe)


async def ingest_arriving(
    paths: AsyncIterable[Path],
    progress: Progress,
    library: Library,
    pool: Pool,
    observe: Callable[[Progress], None] = lambda _: None,
    done_with: Callable[[Path], None] = lambda _: None,
) -> Report:
    """Load files in the order in which they come, while others are still on their way.

    ``progress`` is kept by the caller too: its totals are what will come, and may still
    change. ``done_with`` is called when a file is not needed any more, loaded or failed.
    """
    run = _Run(library, pool, progress, observe, done_with)
    send, receive = anyio.create_memory_object_stream[Step](pool.workers * CHUNKS_IN_FLIGHT)
    follow, followed = anyio.create_memory_object_stream[Indexing](CHUNKS_TO_INDEX)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run.read, paths, send)
        tasks.start_soon(run.index, followed)
        await run.store(receive, follow)
    return run.report()


class _Run:
    """One ingest's tasks and their counts."""

    def __init__(
        self,
        library: Library,
        pool: Pool,
        progress: Progress,
        observe: Callable[[Progress], None],
        done_with: Callable[[Path], None],
    ) -> None:
        self._library = library
        self._pool = pool
        self._observe = observe
        self._done_with = done_with
        self._started = time.monotonic()
        self._progress = progress
        self._report = Report()
        self._given_up: set[Path] = set()
        self._has_writer = False
        self._writer_asked = anyio.Event()

    def report(self) -> Report:
        """The counts, with the time until now."""
        report = self._report
        report.seconds = round(time.monotonic() - self._started, 3)
        report.articles_per_second = round(report.records_read / report.seconds, 1) if report.seconds else 0.0
        return report

    # Reading

    async def read(self, paths: AsyncIterable[Path], send: MemoryObjectSendStream[Step]) -> None:
        """Hand every file to the pool, chunk by chunk, as fast as the chunks are used."""
        await self._writer_asked.wait()
        async with send:
            async for path in paths:
                try:
                    await self._read_file(path, send)
                except InputError as error:
                    await send.send(Failed(path, error))

    async def _read_file(self, path: Path, send: MemoryObjectSendStream[Step]) -> None:
        source = await anyio.to_thread.run_sync(identify, path)
        if await self._library.store.loaded(source):
            await send.send(Skipped(path))
            return
        used = 0

        def on_read(count: int) -> None:
            nonlocal used
            used = count

        blocks = unpacked(path, on_read)
        head, reader = await anyio.to_thread.run_sync(partial(_recognize, path, blocks))
        await send.send(Opened(path, source, reader.name))
        async with aclosing(_in_thread(reader.split(_chain(head, blocks)), path)) as chunks:
            async for chunk in chunks:
                if path in self._given_up:
                    return
                # Without the index's writer, which another process holds, nobody here takes documents.
                job = self._pool.start(worker.parse, reader.name, chunk.data, chunk.line, self._has_writer)
                await send.send(Parsing(job, used))
        await send.send(Ended())

    # Storing

    async def store(self, receive: MemoryObjectReceiveStream[Step], follow: MemoryObjectSendStream[Indexing]) -> None:
        """Take the steps in order, and make each whole file part of the library."""
        async with receive, follow:
            async for step in receive:
                match step:
                    case Opened():
                        await self._store_file(step, receive, follow)
                    case Skipped(path):
                        self._report.files_skipped += 1
                        self._file_done(path)
                    case Failed(path, error):
                        await self._fail(path, error)
                    case Parsing() | Ended():
                        continue  # the rest of a file that has failed
        self._progress.indexing = True

    async def _store_file(
        self, opened: Opened, receive: MemoryObjectReceiveStream[Step], follow: MemoryObjectSendStream[Indexing]
    ) -> None:
        self._progress.file = opened.path.name
        before = self._progress.bytes_done
        try:
            async with self._library.store.loading(opened.source, opened.format) as load:
                await self._gather(opened.path, load, receive, follow, before)
                counts = await load.finish()
        except InputError as error:
            await self._fail(opened.path, error, before)
        else:
            self._count(counts)
            self._file_done(opened.path, before)
        await follow.send(Settled(await self._library.store.seq()))

    async def _gather(
        self,
        path: Path,
        load: FileLoad,
        receive: MemoryObjectReceiveStream[Step],
        follow: MemoryObjectSendStream[Indexing],
        before: int,
    ) -> None:
        position = 0
        async for step in receive:
            match step:
                case Parsing(job, bytes_done):
                    try:
                        parsed = await self._pool.result(job)
                    except FormatError as error:
                        raise _input_error(path, error) from error
                    except WorkerCrashed as error:
                        raise InputError(str(path), str(error)) from error
                    await follow.send(Gathered(parsed.rows))
                    await load.stage(*_placed(parsed, position))
                    if parsed.mesh:
                        await load.stage_mesh(parsed.mesh)
                    position += parsed.positions
                    self._progress.records += parsed.positions
                    self._progress.set_aside += len(parsed.set_aside)
                    self._progress.bytes_done = before + bytes_done
                    self._tell()
                case Failed(_, error):
                    raise error
                case _:  # Ended
                    return

    async def _fail(self, path: Path, error: InputError, before: int | None = None) -> None:
        if path in self._given_up:
            return  # its parser and its reader may both find the damage
        self._given_up.add(path)
        self._report.files_failed += 1
        self._report.errors.append(FileError(file=error.file, reason=error.reason))
        await self._library.store.record_failure(ledger_key(path), path.name, error.reason)
        self._file_done(path, before)

    def _count(self, counts: LoadCounts) -> None:
        report = self._report
        report.files += 1
        report.records_read += counts.read
        report.records_stored += counts.stored
        report.records_superseded += counts.superseded
        report.records_deleted += counts.deleted
        report.records_set_aside += counts.set_aside

    def _file_done(self, path: Path, before: int | None = None) -> None:
        self._progress.files_done += 1
        self._progress.bytes_done = (self._progress.bytes_done if before is None else before) + _size(path)
        self._done_with(path)
        self._tell()

    def _tell(self) -> None:
        self._progress.seconds = time.monotonic() - self._started
        self._observe(self._progress)

    # Indexing

    async def index(self, followed: MemoryObjectReceiveStream[Indexing]) -> None:
        """Follow the store until everything stored can be found."""
        with noticed():
            await self._index(followed)

    async def _index(self, followed: MemoryObjectReceiveStream[Indexing]) -> None:
        await self._library.mend()
        async with followed, self._library.index.writing() as updater:
            self._has_writer = updater is not None
            self._writer_asked.set()
            if updater:
                await updater.advance(self._library.store)
            async for step in followed:
                if updater:
                    await self._follow(updater, step)
            if updater:
                await updater.catch_up(self._library.store)
        # Another process may hold the writer, or have held it until a moment ago.
        while await self._library.index_behind():
            if not await self._library.catch_up():
                await anyio.sleep(WRITER_WAIT_S)

    async def _follow(self, updater: Updater, step: Indexing) -> None:
        match step:
            case Gathered(rows):
                await updater.anticipate(rows)
            case Settled(seq):
                await updater.advance(self._library.store, seq)
                self._tell()


def _recognize(path: Path, blocks: Iterator[bytes]) -> tuple[bytes, Reader]:
    head = b""
    while len(head) < HEAD_BYTES and (block := next(blocks, b"")):
        head += block
    if not head.strip():
        raise UnreadableFile(str(path), "the file is empty")
    try:
        reader = detect(head)
    except FormatError as error:
        raise _input_error(path, error) from error
    if reader is None:
        not_gzip = "it is not gzip, as its name says, and " if path.suffix == ".gz" and not is_gzip(path) else ""
        raise UnknownFormat(str(path), f"{not_gzip}its content is none of the formats medlit reads")
    return head, reader


def _chain(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield head
    yield from blocks


async def _in_thread(items: Iterator[Chunk], path: Path) -> AsyncGenerator[Chunk]:
    """Draw from an iterator that reads and unpacks, each time in a thread."""
    while True:
        try:
            item = await anyio.to_thread.run_sync(next, items, None)
        except FormatError as error:
            raise _input_error(path, error) from error
        if item is None:
            return
        yield item


def _input_error(path: Path, error: FormatError) -> InputError:
    kind = ForbiddenContent if isinstance(error, ForbiddenError) else DamagedFile
    return kind(str(path), str(error))


def _placed(parsed: Parsed, position: int) -> tuple[list[StagedRow], list[SetAside]]:
    """The rows and what was set aside, counted from the file's beginning; the store has no use for documents."""
    return (
        [StagedRow(row[0] + position, *row[1:6]) for row in parsed.rows],
        [SetAside(item[0] + position, *item[1:]) for item in parsed.set_aside],
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
