"""The store on SQLite: one writer, a few pooled readers, WAL between them.

Several processes may open one library. Loading a file locks nothing until its last
step: rows gather in a temporary table of the writer's connection, which a crash
takes with it, and become part of the library in one transaction.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from pathlib import Path

import aiosqlite
import anyio
import anyio.to_thread
import msgspec

from medlit.errors import LibraryBusy, LibraryError, LibraryTooNew, NoLibrary
from medlit.library.manifest import unpack_pmids
from medlit.library.sqlite_load import SqliteFileLoad, json_list
from medlit.library.sqlite_reading import BUSY_TIMEOUT_S, READING, ThreadConnections
from medlit.library.sqlite_schema import APPLICATION_ID, MIGRATIONS, PAGE_BYTES, STAGING, VOCABULARY
from medlit.library.sqlite_vocabulary import AT, BEGINNING, BELOW, BODIES, MATCHING, SIMILAR, derive_vocabulary
from medlit.library.store import (
    LIVE,
    Change,
    FileEntry,
    MeshPlace,
    MeshRow,
    MeshTerm,
    SetAsideEntry,
    SourceFile,
    StoredArticle,
    StoreStatus,
    Vanished,
)
from medlit.slots import FirstCome, Slots, held

READERS = 4
"""Connections that read, where nobody says otherwise."""
CHANGES_AT_ONCE = 1_000

# In both, the links that point at an article come as JSON; NULL when there are none.
_ARTICLES = """
    SELECT pmid, body, name, loaded_at,
           (SELECT json_group_array(json_array(ref_type, source)) FROM links WHERE target = pmid HAVING count(*))
    FROM articles JOIN files ON files.id = file_id
    WHERE pmid IN (SELECT value FROM json_each(?)) AND body IS NOT NULL
"""
_CHANGES = """
    SELECT seq, pmid, body,
           (SELECT json_group_array(json_array(ref_type, source)) FROM links WHERE target = pmid HAVING count(*))
    FROM articles WHERE seq > ? ORDER BY seq LIMIT ?
"""
_SHOWN_FROM = """
    SELECT pmid FROM articles
    WHERE pmid IN (SELECT value FROM json_each(?)) AND file_id = ? AND body IS NOT NULL
"""

_LAST_LETTER = chr(0x10FFFF)
"""Sorts after whatever a text may go on with."""


class SqliteStore:
    """A :class:`~medlit.library.store.Store` in one SQLite file."""

    def __init__(self, path: Path, writer: aiosqlite.Connection, readers: Slots) -> None:
        self._path = path
        self._writer = writer
        self._writing = anyio.Lock()
        self._idle: list[aiosqlite.Connection] = []
        self._readers = readers
        self._searching = ThreadConnections(path)

    @classmethod
    async def open(cls, path: Path, *, create: bool, readers: Slots | None = None) -> SqliteStore:
        """Open the file at ``path`` and bring its schema up to date; ``readers`` are the connections that may read.

        Raises:
            NoLibrary: there is no file and ``create`` is false.
            LibraryError: the file is not a medlit library, or of a newer medlit.
        """
        if create:
            await anyio.Path(path.parent).mkdir(parents=True, exist_ok=True)
        elif not await anyio.Path(path).exists():
            raise NoLibrary(str(path.parent))
        with explained(path):
            writer = await _connect(path)
            try:
                await _migrate(writer, path)
                await writer.executescript(f"PRAGMA temp.page_size = {PAGE_BYTES};" + STAGING)
            except BaseException:
                await writer.close()
                raise
        return cls(path, writer, readers or FirstCome(READERS))

    async def close(self) -> None:
        """Close every connection."""
        with anyio.CancelScope(shield=True):
            try:
                await anyio.to_thread.run_sync(self._searching.close)
                while self._idle:
                    await self._idle.pop().close()
            finally:
                await self._writer.close()

    @contextlib.asynccontextmanager
    async def _reader(self) -> AsyncGenerator[aiosqlite.Connection]:
        async with held(self._readers):
            connection = self._idle.pop() if self._idle else await _connect(self._path, reading=True)
            try:
                yield connection
            except BaseException:
                # A cancelled statement would go on in its thread and delay the next borrower.
                with anyio.CancelScope(shield=True):
                    await connection.interrupt()
                raise
            finally:
                self._idle.append(connection)

    async def _rows(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        with explained(self._path):
            async with self._reader() as connection:
                return list(await connection.execute_fetchall(sql, parameters))

    def _rows_now(self, sql: str, parameters: Sequence[object]) -> list[sqlite3.Row]:
        with explained(self._path):
            return self._searching.rows(sql, parameters)

    async def loaded(self, source: SourceFile) -> bool:
        """Whether these very bytes are in the library already."""
        return bool(
            await self._rows(
                "SELECT 1 FROM files WHERE key = ? AND sha256 = ? AND state = 'loaded'", (source.key, source.sha256)
            )
        )

    @contextlib.asynccontextmanager
    async def loading(
        self, source: SourceFile, format_name: str, *, adding: bool = False
    ) -> AsyncGenerator[SqliteFileLoad]:
        """Load a file; leaving without ``finish`` leaves nothing behind."""
        async with self._writing:
            with explained(self._path):
                load = SqliteFileLoad(self._writer, source, format_name, adding=adding)
                try:
                    yield load
                finally:
                    with anyio.CancelScope(shield=True):
                        await load.discard()

    async def record_failure(self, key: str, name: str, reason: str) -> None:
        """Note in the ledger that a file could not be loaded, unless it is loaded already."""
        async with self._writing:
            with explained(self._path):
                await self._writer.execute(
                    """
                INSERT INTO files (key, name, state, error) VALUES (?, ?, 'failed', ?)
                ON CONFLICT (key) DO UPDATE SET error = excluded.error
                """,
                    (key, name, reason),
                )

    async def articles(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        """The records of these PMIDs, as far as the library has them."""
        rows = await self._rows(
            _ARTICLES,
            (json_list(pmids),),
        )
        return {row[0]: StoredArticle(*row) for row in rows}

    def articles_now(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        """The same for a thread that searches, over a connection of its own."""
        if not pmids:
            return {}
        rows = self._rows_now(_ARTICLES, (json_list(pmids),))
        return {row[0]: StoredArticle(*row) for row in rows}

    async def changes(self, after: int) -> AsyncIterator[list[Change]]:
        """Every change after ``after``, in order of ``seq``, in bounded batches."""
        while True:
            rows = await self._rows(
                _CHANGES,
                (after, CHANGES_AT_ONCE),
            )
            if not rows:
                return
            batch = [Change(*row) for row in rows]
            yield batch
            after = batch[-1].seq

    async def seq(self) -> int:
        """The latest change number."""
        return int((await self._rows("SELECT coalesce(max(seq), 0) FROM articles"))[0][0])

    async def mesh(self) -> list[MeshRow]:
        """The vocabulary: of every descriptor the newest file's, by identifier."""
        rows = await self._rows(
            """
            SELECT ui, mesh.name, body FROM mesh JOIN files ON files.id = file_id
            ORDER BY ui, coalesce(year, 0), files.name, sha256
            """
        )
        return list({row[0]: MeshRow(*row) for row in rows}.values())

    async def mesh_terms(self, terms: Sequence[str]) -> list[MeshTerm]:
        """The headings that these normalised terms lead to."""
        return [MeshTerm(*row[:4]) for row in await self._rows(MATCHING, (_json_texts(terms),))]

    def mesh_terms_now(self, terms: Sequence[str]) -> tuple[int, list[MeshTerm]]:
        """The same, with the vocabulary's version if there are any, for a thread that searches."""
        rows = self._rows_now(MATCHING, (_json_texts(terms),))
        return (int(rows[0][4]) if rows else 0), [MeshTerm(*row[:4]) for row in rows]

    async def mesh_terms_beginning(self, prefix: str, limit: int) -> list[MeshTerm]:
        """The terms with this normalised beginning: headings first, the shortest first."""
        return [MeshTerm(*row) for row in await self._rows(BEGINNING, (prefix, prefix + _LAST_LETTER, limit))]

    async def mesh_terms_like(self, initial: str, shortest: int, longest: int) -> list[MeshTerm]:
        """The terms with this first letter and a length in characters between these two."""
        return [
            MeshTerm(*row) for row in await self._rows(SIMILAR, (initial, initial + _LAST_LETTER, shortest, longest))
        ]

    async def mesh_bodies(self, uis: Sequence[str]) -> dict[str, bytes]:
        """The packed descriptors with these identifiers, as far as there are any."""
        return {row[0]: row[1] for row in await self._rows(BODIES, (_json_texts(uis),))}

    async def mesh_at(self, numbers: Sequence[str]) -> list[MeshPlace]:
        """The headings at these places of the tree."""
        return [MeshPlace(*row) for row in await self._rows(AT, (_json_texts(numbers),))]

    async def mesh_below(self, uis: Sequence[str]) -> list[tuple[str, MeshPlace]]:
        """With every identifier the places of its heading and of all below it, in the order of the tree."""
        return [(row[0], MeshPlace(*row[1:])) for row in await self._rows(BELOW, (_json_texts(uis),))]

    def mesh_below_now(self, uis: Sequence[str]) -> list[tuple[str, MeshPlace]]:
        """The same for a thread that searches."""
        return [(row[0], MeshPlace(*row[1:])) for row in self._rows_now(BELOW, (_json_texts(uis),))]

    async def loads(self) -> object:
        """Changes with every file that is loaded."""
        # The time is of whole seconds, so it alone would not tell two quick loads apart.
        rows = await self._rows("SELECT max(loaded_at), count(*), total(size), total(read), total(stored) FROM files")
        return tuple(rows[0])

    async def last_loaded_at(self) -> str | None:
        """When a file was last loaded, in UTC, ISO 8601."""
        value = (await self._rows("SELECT max(loaded_at) FROM files WHERE format IS NOT ?", (LIVE,)))[0][0]
        return None if value is None else str(value)

    async def status(self) -> StoreStatus:
        """Counts for people."""
        (total, seq) = (await self._rows("SELECT count(*), coalesce(max(seq), 0) FROM articles"))[0]
        (gone, deleted) = (
            await self._rows("SELECT count(*), coalesce(sum(version >= 0), 0) FROM articles WHERE body IS NULL")
        )[0]
        (superseded,) = (await self._rows("SELECT count(*) FROM superseded"))[0]
        (mesh,) = (await self._rows("SELECT count(DISTINCT ui) FROM mesh"))[0]
        (files, failed, set_aside, last) = (
            await self._rows(
                """
                SELECT coalesce(sum(state = 'loaded'), 0), coalesce(sum(error IS NOT NULL), 0),
                       coalesce(sum(set_aside), 0), max(CASE WHEN format IS NOT ? THEN loaded_at END)
                FROM files
                """,
                (LIVE,),
            )
        )[0]
        newest = await self._rows(
            """
            SELECT name FROM files WHERE state = 'loaded' AND format NOT IN ('mesh-xml', ?)
            ORDER BY year DESC, number DESC, loaded_at DESC LIMIT 1
            """,
            (LIVE,),
        )
        return StoreStatus(
            articles=total - gone,
            deleted=deleted,
            superseded=superseded,
            mesh_descriptors=mesh,
            files=files,
            files_failed=failed,
            set_aside=set_aside,
            newest_file=newest[0][0] if newest else None,
            last_loaded_at=last,
            seq=seq,
            size_bytes=sum(
                file.stat().st_size for file in self._path.parent.glob(self._path.name + "*") if file.is_file()
            ),
        )

    async def vanished(self) -> Vanished:
        """The PMIDs that an earlier year's files had and the newest year's have not.

        Every year NLM issues all citations anew. One that is shown from an earlier year's
        file is in no file of the new year, and no deletion said so.
        """
        releases = await self._rows(
            "SELECT year, number FROM files WHERE state = 'loaded' AND year IS NOT NULL AND format <> 'mesh-xml'"
        )
        years = sorted({row[0] for row in releases})
        if len(years) < 2:
            return Vanished(year=None, missing_numbers=[], pmids=[])
        numbers = {row[1] for row in releases if row[0] == years[-1]}
        missing = sorted(set(range(1, max(numbers) + 1)) - numbers)
        pmids: list[int] = []
        for file_id, packed in (
            []
            if missing
            else await self._rows("SELECT id, pmids FROM files WHERE state = 'loaded' AND year < ?", (years[-1],))
        ):
            found = await self._rows(_SHOWN_FROM, (json_list(unpack_pmids(packed)), file_id))
            pmids.extend(row[0] for row in found)
        return Vanished(year=years[-1], missing_numbers=missing, pmids=sorted(pmids))

    async def files(self) -> list[FileEntry]:
        """The ledger, in the order of loading."""
        rows = await self._rows("SELECT name, state, format, read, set_aside, loaded_at, error FROM files ORDER BY id")
        return [
            FileEntry(
                name=row[0],
                state=row[1],
                format=row[2],
                records_read=row[3],
                records_set_aside=row[4],
                loaded_at=row[5],
                error=row[6],
            )
            for row in rows
        ]

    async def set_aside(self, limit: int) -> list[SetAsideEntry]:
        """The records set aside, the latest files first."""
        rows = await self._rows(
            """
            SELECT name, position, pmid, reason FROM set_aside JOIN files ON files.id = file_id
            ORDER BY file_id DESC, position LIMIT ?
            """,
            (limit,),
        )
        return [SetAsideEntry(file=row[0], position=row[1], pmid=row[2], reason=row[3]) for row in rows]


@contextlib.contextmanager
def explained(path: Path) -> Generator[None]:
    """SQLite's errors as ours, with what to do."""
    try:
        yield
    except sqlite3.OperationalError as error:
        reason = str(error)
        if "locked" in reason or "busy" in reason:
            raise LibraryBusy(f"{path} is locked by another process. Try again when it has finished.") from error
        if "full" in reason:
            raise LibraryError(f"The disk of {path} is full. Nothing is half-stored; make room and go on.") from error
        raise LibraryError(f"{path} cannot be used: {reason}. Check the folder and its permissions.") from error
    except sqlite3.DatabaseError as error:
        raise LibraryError(f"{path} is not a medlit library, or is damaged ({error}).") from error


async def _connect(path: Path, *, reading: bool = False) -> aiosqlite.Connection:
    # Shielded: a connection that is half open when its task is cancelled would be nobody's to close.
    with anyio.CancelScope(shield=True):
        connection = await aiosqlite.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None)
        try:
            # FULL, not NORMAL: after a power cut the store must not be behind an index that was derived from it.
            await connection.executescript("PRAGMA synchronous = FULL;" + (READING if reading else ""))
        except BaseException:
            await connection.close()
            raise
    return connection  # pyright: ignore[reportPossiblyUnboundVariable]  # a scope that nobody cancels swallows nothing


async def _migrate(connection: aiosqlite.Connection, path: Path) -> None:
    (application,) = (await _fetch_one(connection, "PRAGMA application_id")) or (0,)
    (version,) = (await _fetch_one(connection, "PRAGMA user_version")) or (0,)
    if version > len(MIGRATIONS):
        raise LibraryTooNew(version, len(MIGRATIONS))
    if application not in (0, APPLICATION_ID) or (
        application == 0 and await _fetch_one(connection, "SELECT 1 FROM sqlite_schema LIMIT 1")
    ):
        raise LibraryError(f"{path} is an SQLite file of another program. Choose another folder for the library.")
    if version == len(MIGRATIONS):
        return
    await connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
    await connection.execute("PRAGMA journal_mode = WAL")
    await connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have migrated while this one waited for the lock.
        (version,) = (await _fetch_one(connection, "PRAGMA user_version")) or (0,)
        for step in MIGRATIONS[version:]:
            for statement in filter(str.strip, step.split(";")):
                await connection.execute(statement)
        if VOCABULARY in MIGRATIONS[version:]:
            await derive_vocabulary(connection)
        await connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        await connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        await connection.execute("COMMIT")
    except BaseException:
        await connection.rollback()
        raise


async def _fetch_one(connection: aiosqlite.Connection, sql: str) -> sqlite3.Row | None:
    rows = list(await connection.execute_fetchall(sql))
    return rows[0] if rows else None


def _json_texts(texts: Sequence[str]) -> str:
    """Texts as one SQL parameter, for ``json_each(?)``."""
    return msgspec.json.encode(texts).decode()
