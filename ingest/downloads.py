"""NLM's files on their way into the library: which are wanted, fetched in order, a few ahead of the load."""

from __future__ import annotations

import contextlib
import math
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple

import anyio
import anyio.to_thread
from anyio.streams.memory import MemoryObjectSendStream

from ingest.fetch import Fetcher, Patience, ServerFails
from ingest.listing import Listed, Numbered, descriptor_file, descriptors_of, pubmed_files, read_listing
from ingest.lock import exclusive
from ingest.part import compared_now, kept_md5
from ingest.pipeline import ingest_arriving
from ingest.pool import Pool
from ingest.progress import Downloads, FileError, Progress, Report
from medlit.errors import DiskFull, DownloadFailed, NotThere, UsageError
from medlit.library.library import Library
from medlit.library.store import FileEntry
from medlit.library.winner import Release, release_of
from medlit.privacy.outbound import Outbound

What = Literal["baseline", "updates", "mesh"]

FOLDER = "downloads"
"""Inside a library's folder: what is on its way into it, and the MD5s of what has arrived."""
AHEAD = 4
"""Files on the disk that are not loaded yet: the load never waits for one, and they take 200 MB at most."""
GROWTH = 2.5
"""Bytes of store and index for a byte of NLM's gzipped files: 2.4 measured on pubmed21n1298.xml.gz."""
SPARE_BYTES = 256 * 1024 * 1024
"""Left free beside: SQLite's log, the index's merges, and what else writes to that disk."""
GIVEN_UP_AFTER = 3
"""Files in a row that the server failed on. One may be broken there; three are the server or the network."""
ROUNDS = 5
"""How often the listing is read again for what came meanwhile."""
SKEW = timedelta(hours=14)
"""How far a server's clock time may be from UTC."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Files of one kind on NLM's server."""

    paths: tuple[str, ...]
    """Where they may lie below the base address, which may be the whole server's or that of its PubMed folder."""
    select: Callable[[Iterable[Listed]], list[Numbered]]
    release_of: Callable[[str], Release | None]
    has_md5: bool


COLLECTIONS: dict[What, Collection] = {
    "baseline": Collection(("/baseline/", "/pubmed/baseline/"), pubmed_files, release_of, has_md5=True),
    "updates": Collection(("/updatefiles/", "/pubmed/updatefiles/"), pubmed_files, release_of, has_md5=True),
    "mesh": Collection(("/",), descriptor_file, descriptors_of, has_md5=False),
}


class Order(NamedTuple):
    """What a sync is to do."""

    what: What
    base: str
    """The address of the server or of its folder."""
    max_files: int | None = None
    keep: Path | None = None
    """Where files stay after they were loaded; without it they are deleted."""


async def sync(
    order: Order,
    folder: Path,
    library: Library,
    pool: Pool,
    outbound: Outbound,
    observe: Callable[[Progress], None] = lambda _: None,
    *,
    patience: Patience | None = None,
) -> Report:
    """Fetch what the library in ``folder`` lacks, load it, and bring its index up to date.

    A file that cannot be had is reported and does not stop the next; a server that
    fails does, and what was fetched until then is loaded.

    Raises:
        LibraryBusy: another sync works with these folders.
        DownloadFailed: the server's listing cannot be had.
        DiskFull: there is not enough room.
        Offline: the operator allows no connections.
    """
    ours = folder / FOLDER
    target = order.keep or ours
    report = Report()
    with contextlib.ExitStack() as locks:
        for place in sorted({_made(ours), _made(target)}):
            locks.enter_context(exclusive(place))
        progress = Progress(files_total=0, bytes_total=0)
        run = _Run(order, outbound, patience or Patience(), library, ours, progress, observe)
        await run.look()
        # Its length is bounded by AHEAD, which counts files until they are loaded.
        send, receive = anyio.create_memory_object_stream[Path](math.inf)
        async with anyio.create_task_group() as tasks, receive:
            tasks.start_soon(run.fetch, send)
            report = await ingest_arriving(receive, progress, library, pool, observe, run.done_with)
    report.files_failed += len(run.errors)
    report.errors += run.errors
    report.downloads = run.counts
    return report


class _Run:
    """One sync: what is planned, what became of it."""

    def __init__(
        self,
        order: Order,
        outbound: Outbound,
        patience: Patience,
        library: Library,
        ours: Path,
        progress: Progress,
        observe: Callable[[Progress], None],
    ) -> None:
        self.counts = Downloads()
        self.errors: list[FileError] = []
        self._order = order
        self._collection = COLLECTIONS[order.what]
        self._fetcher = Fetcher(outbound, order.base, patience, self._came)
        self._store = library.store
        self._ours = ours
        self._folder = order.keep or ours
        self._progress = progress
        self._observe = observe
        self._started = time.monotonic()
        self._path = ""
        self._planned: list[Numbered] = []
        self._known: set[str] = set()
        self._tried: set[str] = set()
        self._arrived = 0
        self._gone: dict[str, NotThere] = {}
        self._failing = 0
        self._ahead = anyio.Semaphore(AHEAD)

    # Planning

    async def look(self) -> None:
        """Read the listing, plan, and see whether there is room."""
        listed = await self._listing()
        self._plan(listed, await self._wanted(listed))
        self._check_room(self._planned)

    async def _look_again(self) -> None:
        """Plan what came meanwhile, and see whether what was not there has been taken down."""
        listed = await self._listing()
        names = {numbered.file.name for numbered in listed}
        for name, error in self._gone.items():
            if name in names:
                self._report(name, error)
            else:
                self.counts.vanished += 1
        self._gone.clear()
        self._plan(listed, await self._wanted(listed))

    async def _listing(self) -> list[Numbered]:
        for path in [self._path] if self._path else self._collection.paths:
            try:
                listed = self._collection.select(read_listing(await self._fetcher.text(path)))
            except NotThere:
                continue
            if listed:
                self._path = path
                return listed
        raise DownloadFailed(
            f"The server's listing shows no files for `sync {self._order.what}`. Check the address: --mirror, "
            "MEDLIT_NLM_URL, or MEDLIT_MESH_URL."
        )

    async def _wanted(self, listed: Sequence[Numbered]) -> list[Numbered]:
        """The files that the library lacks, or that were issued anew; those of this run apart."""
        loaded = _loaded(await self._store.files(), self._collection.release_of)
        await anyio.to_thread.run_sync(self._tidy, loaded)
        return [
            numbered
            for numbered in listed
            if numbered.file.name not in self._tried
            and (numbered.release not in loaded or await self._issued_anew(numbered.file, loaded[numbered.release]))
        ]

    async def _issued_anew(self, file: Listed, loaded_at: datetime) -> bool:
        """Whether the server's file is another one than the library's, of the same name."""
        if file.modified is None:
            return False
        if not self._collection.has_md5:
            return file.modified - SKEW > loaded_at
        kept = kept_md5(self._folder / file.name)
        if file.modified + SKEW < (max(loaded_at, kept.compared) if kept else loaded_at):
            return False
        if kept is None or await self._fetcher.md5(self._path + file.name) != kept.md5:
            return True
        compared_now(self._folder / file.name)
        return False

    def _plan(self, listed: Sequence[Numbered], wanted: Sequence[Numbered]) -> None:
        limit = self._order.max_files
        self._planned = list(wanted if limit is None else wanted[: max(0, limit - len(self._tried))])
        self._known.update(numbered.file.name for numbered in wanted)
        self.counts.listed = len(listed)
        self.counts.wanted = len(self._known)
        self._progress.files_total += len(self._planned)
        self._progress.bytes_total += sum(numbered.file.size for numbered in self._planned)

    def _check_room(self, files: Sequence[Numbered]) -> None:
        """See whether what is planned fits on the disk, on the way in and once it is loaded."""
        sizes = sorted((numbered.file.size for numbered in files), reverse=True)
        grown, on_the_way = round(sum(sizes) * GROWTH), sum(sizes if self._order.keep else sizes[:AHEAD])
        if not sizes:
            return
        together = self._ours.stat().st_dev == self._folder.stat().st_dev
        needs = {self._ours: grown + (on_the_way if together else 0) + SPARE_BYTES}
        if not together:
            needs[self._folder] = on_the_way
        for folder, needed in needs.items():
            free = shutil.disk_usage(folder).free
            if free < needed:
                raise DiskFull(
                    f"{folder} has {free / 1e9:,.1f} GB free, but about {needed / 1e9:,.1f} GB are needed for "
                    f"{len(files):,} files and the library made of them. Free some space, move the library, or load "
                    "fewer with --max-files."
                )

    # Fetching

    async def fetch(self, send: MemoryObjectSendStream[Path]) -> None:
        """Fetch what is planned, in order, and what comes meanwhile; leave when the server or the disk gives up."""
        async with send:
            for _ in range(ROUNDS):
                try:
                    for numbered in self._planned:
                        await self._ahead.acquire()
                        if not await self._fetch_one(numbered, send):
                            self._ahead.release()
                            self._progress.files_total -= 1
                            self._progress.bytes_total -= numbered.file.size
                    if not self._planned:
                        break
                    await self._look_again()
                except (DownloadFailed, DiskFull) as error:
                    self._report(self._order.what, error)
                    break
            for name, error in self._gone.items():
                self._report(name, error)
            self.counts.left = len(self._known) - self._arrived - self.counts.vanished
            self.counts.requests_repeated = self._fetcher.repeated

    async def _fetch_one(self, numbered: Numbered, send: MemoryObjectSendStream[Path]) -> bool:
        """Fetch a file and hand it over to be loaded; false when it cannot be had."""
        file = numbered.file
        target = self._folder / file.name
        self._check_room([numbered])
        self._tried.add(file.name)
        self._progress.fetching = file.name
        try:
            fetch = self._fetcher.checked if self._collection.has_md5 else self._fetcher.unchecked
            how = await fetch(self._path + file.name, target)
        except NotThere as error:
            self._gone[file.name] = error
            return False
        except DownloadFailed as error:
            self._failing = self._failing + 1 if isinstance(error, ServerFails) else 0
            self._report(file.name, error)
            if self._failing == GIVEN_UP_AFTER:
                raise DownloadFailed(
                    f"{GIVEN_UP_AFTER} files in a row could not be fetched, so the others were not tried. "
                    "Run the command again later: it goes on from here."
                ) from None
            return False
        self._failing = 0
        self._arrived += 1
        self.counts.files += how != "there"
        self.counts.files_resumed += how == "resumed"
        self._progress.bytes_total += (await anyio.Path(target).stat()).st_size - file.size
        await send.send(target)
        return True

    def done_with(self, path: Path) -> None:
        """Make room for the next file."""
        if not self._order.keep:
            with contextlib.suppress(OSError):  # where an open file cannot be deleted, the next run does
                path.unlink()
        self._ahead.release()

    def _came(self, size: int) -> None:
        self.counts.bytes += size
        self._progress.bytes_fetched += size
        self._progress.seconds = max(self._progress.seconds, time.monotonic() - self._started)
        self._observe(self._progress)

    def _report(self, name: str, error: Exception) -> None:
        self.errors.append(FileError(file=name, reason=str(error)))

    def _tidy(self, loaded: dict[Release, datetime]) -> None:
        """Delete what a run that was killed left of files that are loaded; kept files are not touched."""
        for path in self._ours.iterdir():
            name = path.name.removesuffix(".part")
            release = self._collection.release_of(name)
            if release in loaded and name not in self._tried:
                path.unlink(missing_ok=True)


def _loaded(ledger: Iterable[FileEntry], release_of: Callable[[str], Release | None]) -> dict[Release, datetime]:
    """When which of NLM's files was loaded last."""
    return {
        release: datetime.fromisoformat(entry.loaded_at).replace(tzinfo=UTC)
        for entry in ledger
        if entry.state == "loaded" and entry.loaded_at and (release := release_of(entry.name))
    }


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return folder.resolve()
    except OSError as error:
        raise UsageError(f"The folder {folder} cannot be used: {(error.strerror or 'unknown').lower()}.") from error
