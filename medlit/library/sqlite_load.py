"""One file on its way into the SQLite store: gather rows, then merge them in one transaction."""

from __future__ import annotations

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import aiosqlite

from medlit.library.manifest import pack_pmids, unpack_pmids
from medlit.library.sqlite_vocabulary import derive_vocabulary
from medlit.library.store import LoadCounts, MeshRow, SetAside, SourceFile, StagedRow
from medlit.library.winner import Claim, Release, Row, last_word, winner

BATCH = 5_000
"""Rows an insert: beyond a few thousand nothing is gained, and memory grows."""

NO_CLAIM = -1
"""The version of a row whose PMID no file claims any more."""

END_OF_TIME = 9999_12_31
"""The date of a deletion in a file that dates nothing."""


class SqliteFileLoad:
    """A :class:`~medlit.library.store.FileLoad`. Belongs to the one writer's connection."""

    def __init__(
        self, connection: aiosqlite.Connection, source: SourceFile, format_name: str, *, adding: bool = False
    ) -> None:
        self._connection = connection
        self._source = source
        self._format = format_name
        self._adding = adding
        self._rows: list[StagedRow] = []

    async def stage(self, rows: Sequence[StagedRow], set_aside: Sequence[SetAside]) -> None:
        """Take the next rows, in the order of the file."""
        self._rows.extend(rows)
        if len(self._rows) >= BATCH:
            await self._flush()
        if set_aside:
            await self._many("INSERT INTO staged_aside VALUES (?, ?, ?)", set_aside)

    async def stage_mesh(self, rows: Sequence[MeshRow]) -> None:
        """Take the next descriptors; of one that comes twice the later counts."""
        await self._many("INSERT OR REPLACE INTO staged_mesh VALUES (?, ?, ?)", rows)

    async def _flush(self) -> None:
        rows, self._rows = self._rows, []
        await self._many(
            "INSERT INTO staged (position, pmid, version, revised, body, pointers) VALUES (?, ?, ?, ?, ?, ?)",
            (row[:6] for row in rows),
        )

    async def discard(self) -> None:
        """Forget what was gathered and give back a transaction that was not finished."""
        self._rows = []
        if self._connection.in_transaction:
            await self._connection.rollback()
        for table in ("staged", "staged_mesh", "staged_aside"):
            await self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  # names of ours

    async def finish(self) -> LoadCounts:
        """Make the file's rows part of the library, all at once."""
        await self._flush()
        await self._connection.execute("BEGIN IMMEDIATE")
        before = await self._next_seq()
        file_id, kept, earlier = await self._withdraw_earlier_load()
        (read, deleted, set_aside) = (
            await self._all(
                """
                SELECT (SELECT count(*) FROM staged WHERE body IS NOT NULL),
                       (SELECT count(*) FROM staged WHERE body IS NULL),
                       (SELECT count(*) FROM staged_aside)
                """
            )
        )[0]
        await self._keep_last_words()
        pmids = [row[0] for row in await self._all("SELECT pmid FROM staged ORDER BY pmid")]
        stored = await self._merge(file_id)
        await self._relink(before)
        mesh = await self._replace_mesh(file_id)
        counts = LoadCounts(
            read=read + mesh + set_aside,
            stored=stored + mesh,
            superseded=read - stored,
            deleted=deleted,
            set_aside=set_aside,
        )
        await self._connection.execute(
            """
            UPDATE files SET state = 'loaded', read = ?, stored = ?, superseded = ?, deleted = ?, set_aside = ?,
                             loaded_at = ?, error = NULL, pmids = ?
            WHERE id = ?
            """,
            (
                *map(sum, zip(counts, earlier, strict=True)),
                datetime.now(UTC).isoformat(timespec="seconds"),
                pack_pmids(sorted({*kept, *pmids})),
                file_id,
            ),
        )
        await self._connection.execute(
            "INSERT INTO set_aside SELECT ?, position, pmid, reason FROM staged_aside", (file_id,)
        )
        await self._connection.execute("COMMIT")
        return counts

    async def _withdraw_earlier_load(self) -> tuple[int, list[int], LoadCounts]:
        """Take back what an earlier load under this name claimed.

        Returns the file's id in the ledger, and the PMIDs and counts of what stays.
        """
        source = self._source
        release = source.release or (None, None)
        await self._connection.execute(
            """
            INSERT INTO files (key, name, state, format, size, sha256, year, number)
            VALUES (?, ?, 'failed', ?, ?, ?, ?, ?)
            ON CONFLICT (key) DO UPDATE SET
                name = excluded.name, format = excluded.format, size = excluded.size, sha256 = excluded.sha256
            """,
            (source.key, source.name, self._format, source.size, source.sha256, *release),
        )
        (file_id, packed, *counts) = (
            await self._all(
                "SELECT id, pmids, read, stored, superseded, deleted, set_aside FROM files WHERE key = ?", (source.key,)
            )
        )[0]
        claimed = unpack_pmids(packed) if packed else []
        kept: list[int] = []
        if self._adding:
            staged = {row[0] for row in await self._all("SELECT pmid FROM staged")}
            kept = [pmid for pmid in claimed if pmid not in staged]
            claimed = [pmid for pmid in claimed if pmid in staged]
        if claimed:
            await self._many(
                "DELETE FROM superseded WHERE pmid = ? AND file_id = ?", ((pmid, file_id) for pmid in claimed)
            )
            await self._many(
                "UPDATE articles SET version = -1, body = NULL, pointers = NULL WHERE pmid = ? AND file_id = ?",
                ((pmid, file_id) for pmid in claimed),
            )
            await self._reconsider(claimed, file_id)
        if packed and not self._adding:
            await self._connection.execute("DELETE FROM set_aside WHERE file_id = ?", (file_id,))
        return int(file_id), kept, LoadCounts(*counts) if self._adding else LoadCounts(0, 0, 0, 0, 0)

    async def _keep_last_words(self) -> None:
        """Reduce the file to one row a PMID, and date its deletions."""
        rows: defaultdict[int, list[Row]] = defaultdict(list)
        for position, pmid, version, deleted in await self._all(
            """
            SELECT position, pmid, version, body IS NULL FROM staged
            WHERE pmid IN (SELECT pmid FROM staged GROUP BY pmid HAVING count(*) > 1)
            """
        ):
            rows[pmid].append(Row(position, version, bool(deleted)))
        losers: list[tuple[int]] = []
        for candidates in rows.values():
            kept = last_word(candidates)
            losers.extend((row.position,) for row in candidates if row is not kept)
        await self._many("DELETE FROM staged WHERE position = ?", losers)
        await self._connection.execute(
            """
            UPDATE staged SET revised = coalesce(
                nullif((SELECT max(revised) FROM staged WHERE body IS NOT NULL), 0), ?) WHERE body IS NULL
            """,
            (END_OF_TIME,),
        )

    async def _merge(self, file_id: int) -> int:
        """Give every staged row its place; return how many records of the file are now shown."""
        contested = [row[0] for row in await self._all("SELECT pmid FROM staged JOIN articles USING (pmid)")]
        base = await self._next_seq()
        await self._connection.execute(
            """
            INSERT INTO articles
            SELECT pmid, ? + 1 + position, ?, version, revised, pointers, body FROM staged
            WHERE pmid NOT IN (SELECT pmid FROM articles) ORDER BY position
            """,
            (base, file_id),
        )
        if contested:
            await self._connection.execute(
                """
                INSERT INTO superseded SELECT pmid, ?, version, revised, pointers, body FROM staged
                WHERE pmid IN (SELECT value FROM json_each(?))
                """,
                (file_id, json_list(contested)),
            )
            await self._reconsider(contested, file_id)
        (stored,) = (
            await self._all(
                """
                SELECT count(*) FROM staged JOIN articles USING (pmid)
                WHERE file_id = ? AND articles.body IS NOT NULL
                """,
                (file_id,),
            )
        )[0]
        return int(stored)

    async def _replace_mesh(self, file_id: int) -> int:
        """Put the file's descriptors in the place of those of its earlier load; return how many there are."""
        withdrawn = await self._connection.execute("DELETE FROM mesh WHERE file_id = ?", (file_id,))
        stored = await self._connection.execute(
            "INSERT INTO mesh (ui, file_id, name, body) SELECT ui, ?, name, body FROM staged_mesh", (file_id,)
        )
        if withdrawn.rowcount or stored.rowcount:
            await derive_vocabulary(self._connection)
        return stored.rowcount

    async def _reconsider(self, pmids: Sequence[int], file_id: int) -> None:
        """Let the winner rule decide again over all claims of these PMIDs, shown and superseded."""
        releases = {
            row[0]: None if row[1] is None else Release(row[1], row[2])
            for row in await self._all("SELECT id, year, number FROM files")
        }
        for start in range(0, len(pmids), BATCH):
            some = json_list(pmids[start : start + BATCH])
            claims: defaultdict[int, list[Claim]] = defaultdict(list)
            shown: dict[int, int] = {}
            for pmid, claimant, version, revised, deleted, content, is_shown in await self._all(_CLAIMS, (some, some)):
                if is_shown:
                    shown[pmid] = claimant if version != NO_CLAIM else NO_CLAIM
                if version != NO_CLAIM:
                    digest = hashlib.sha256(content).digest() if content else b""
                    claims[pmid].append(Claim(claimant, releases[claimant], revised, version, bool(deleted), digest))
            await self._show([(pmid, winner(of_pmid).file_id) for pmid, of_pmid in claims.items()], shown)
            await self._touch([pmid for pmid in shown if pmid not in claims])

    async def _show(self, winners: Iterable[tuple[int, int]], shown: dict[int, int]) -> None:
        """Swap the shown row for the winner's wherever they differ."""
        changed = [(pmid, file_id) for pmid, file_id in winners if shown.get(pmid) != file_id]
        await self._many(
            """
            INSERT INTO superseded SELECT pmid, file_id, version, revised, pointers, body FROM articles
            WHERE pmid = ? AND version >= 0
            """,
            ((pmid,) for pmid, _ in changed),
        )
        base = await self._next_seq()
        await self._many(
            """
            INSERT INTO articles SELECT pmid, ?, file_id, version, revised, pointers, body FROM superseded
            WHERE pmid = ? AND file_id = ?
            ON CONFLICT (pmid) DO UPDATE SET seq = excluded.seq, file_id = excluded.file_id,
                version = excluded.version, revised = excluded.revised, body = excluded.body,
                pointers = excluded.pointers
            """,
            ((base + place, pmid, file_id) for place, (pmid, file_id) in enumerate(changed, start=1)),
        )
        await self._many("DELETE FROM superseded WHERE pmid = ? AND file_id = ?", changed)

    async def _touch(self, pmids: Sequence[int]) -> None:
        """Number a change of PMIDs whose row stays as it is, or has lost its last claim."""
        base = await self._next_seq()
        await self._many(
            "UPDATE articles SET seq = ? WHERE pmid = ?",
            ((base + place, pmid) for place, pmid in enumerate(pmids, start=1)),
        )

    async def _relink(self, before: int) -> None:
        """Follow the pointers of every winner that changed, and number the change at their other ends.

        What a notice says of an article changes what searches tell of it, though the
        article's own record is the same.
        """
        targets = {row[0] for row in await self._all(_TARGETS_OF_CHANGED, (before,))}
        await self._connection.execute(
            "DELETE FROM links WHERE source IN (SELECT pmid FROM articles WHERE seq > ?)", (before,)
        )
        await self._connection.execute(
            """
            INSERT INTO links
            SELECT DISTINCT json_extract(value, '$[1]'), json_extract(value, '$[0]'), pmid
            FROM articles, json_each(pointers) WHERE seq > ? AND pointers IS NOT NULL
            """,
            (before,),
        )
        targets |= {row[0] for row in await self._all(_TARGETS_OF_CHANGED, (before,))}
        await self._touch(
            [
                row[0]
                for row in await self._all(
                    """
                    SELECT pmid FROM articles
                    WHERE seq <= ? AND pmid IN (SELECT value FROM json_each(?)) ORDER BY pmid
                    """,
                    (before, json_list(sorted(targets))),
                )
            ]
        )

    async def _next_seq(self) -> int:
        return int((await self._all("SELECT coalesce(max(seq), 0) FROM articles"))[0][0])

    async def _all(self, sql: str, parameters: Sequence[object] = ()) -> list[sqlite3.Row]:
        return list(await self._connection.execute_fetchall(sql, parameters))

    async def _many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        await self._connection.executemany(sql, rows)


_TARGETS_OF_CHANGED = "SELECT target FROM links WHERE source IN (SELECT pmid FROM articles WHERE seq > ?)"

# The content is read only where it may have to break a tie: between sources other than NLM.
_CLAIMS = """
    SELECT pmid, file_id, version, revised, articles.body IS NULL,
           CASE WHEN year IS NULL THEN articles.body END, 1
    FROM articles JOIN files ON files.id = file_id WHERE pmid IN (SELECT value FROM json_each(?))
    UNION ALL
    SELECT pmid, file_id, version, revised, superseded.body IS NULL,
           CASE WHEN year IS NULL THEN superseded.body END, 0
    FROM superseded JOIN files ON files.id = file_id WHERE pmid IN (SELECT value FROM json_each(?))
"""


def json_list(numbers: Sequence[int]) -> str:
    """Numbers as one SQL parameter, for ``IN (SELECT value FROM json_each(?))``."""
    return f"[{','.join(map(str, numbers))}]"
