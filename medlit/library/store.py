"""What the library asks of a store: the system of record.

A store keeps the winning record of every PMID with its change number ``seq``, the
claims that did not win, and a ledger of files. It knows nothing of XML or search.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

import msgspec

from medlit.library.winner import Release

LIVE = "live"
"""The format of what single requests brought: in the ledger, but no file, and no sign of how new the library is."""


class StagedRow(NamedTuple):
    """One record or deletion of a file, ready to store. Rows are counted from 0 through the file."""

    position: int
    pmid: int
    pmid_version: int
    revised: int
    """``DateRevised`` as yyyymmdd, 0 when unknown."""
    body: bytes | None
    """The packed record; ``None`` for a deletion."""
    pointers: str | None = None
    """The links that tell a status (:func:`medlit.status.pointers`), as JSON; ``None`` for none."""
    document: str | None = None
    """The record's index document (:mod:`medlit.library.document`), for the index; a store does not keep it."""


class MeshRow(NamedTuple):
    """A MeSH descriptor, ready to store."""

    ui: str
    name: str
    body: bytes
    """The packed :class:`~medlit.mesh.Descriptor`."""


class MeshTerm(NamedTuple):
    """A term that leads to a heading."""

    term: str
    """Normalised: :func:`medlit.library.analysis.normalized`."""
    ui: str
    name: str
    """The heading's."""
    preferred: bool
    """Whether the term is the heading's name."""


class MeshPlace(NamedTuple):
    """A place of the tree and the heading that stands there."""

    number: str
    ui: str
    name: str


class SetAside(NamedTuple):
    """A record that could not be read."""

    position: int
    pmid: int | None
    reason: str


class SourceFile(NamedTuple):
    """A file as the ledger knows it."""

    key: str
    """What makes it the same file again: NLM's name for NLM's files, else the full path."""
    name: str
    size: int
    sha256: str
    release: Release | None


class LoadCounts(NamedTuple):
    """What became of a file's records: ``read = stored + superseded + set_aside``; ``deleted`` counts deletions."""

    read: int
    stored: int
    superseded: int
    deleted: int
    set_aside: int


class StoredArticle(NamedTuple):
    """The winning record of a PMID and where it came from."""

    pmid: int
    body: bytes
    file: str
    loaded_at: str
    inbound: str | None
    """The links of other records that point at this one and tell its status, as JSON."""


class Change(NamedTuple):
    """A PMID whose winner changed; ``body`` is ``None`` when it is gone."""

    seq: int
    pmid: int
    body: bytes | None = None
    inbound: str | None = None


class FileEntry(msgspec.Struct, kw_only=True):
    """A line of the ledger."""

    name: str
    state: str
    format: str | None
    records_read: int
    records_set_aside: int
    loaded_at: str | None
    error: str | None


class SetAsideEntry(msgspec.Struct, kw_only=True):
    """A record set aside, with the file it stands in."""

    file: str
    position: int
    pmid: int | None
    reason: str


class StoreStatus(msgspec.Struct, kw_only=True):
    """What a store holds."""

    articles: int
    deleted: int
    superseded: int
    mesh_descriptors: int
    files: int
    files_failed: int
    set_aside: int
    newest_file: str | None
    last_loaded_at: str | None
    seq: int
    size_bytes: int


class Vanished(msgspec.Struct, kw_only=True):
    """What the newest year of NLM's files does not have any more, without a deletion."""

    year: int | None
    """The newest year; ``None`` when there are no NLM files, or only one year's."""
    missing_numbers: list[int]
    """Files of that year that are not loaded; while there are any, nothing can be said."""
    pmids: list[int]


class FileLoad(Protocol):
    """One file on its way in. Nothing of it is seen by others before :meth:`finish` returns."""

    async def stage(self, rows: Sequence[StagedRow], set_aside: Sequence[SetAside]) -> None:
        """Take the next rows, in the order of the file."""
        ...

    async def stage_mesh(self, rows: Sequence[MeshRow]) -> None:
        """Take the next descriptors."""
        ...

    async def finish(self) -> LoadCounts:
        """Make the file's rows part of the library, all at once."""
        ...


class Store(Protocol):
    """The system of record."""

    async def close(self) -> None:
        """Close every connection."""
        ...

    async def loaded(self, source: SourceFile) -> bool:
        """Whether these very bytes are in the library already."""
        ...

    def loading(
        self, source: SourceFile, format_name: str, *, adding: bool = False
    ) -> AbstractAsyncContextManager[FileLoad]:
        """Load a file; leaving without :meth:`FileLoad.finish` leaves nothing behind.

        What the file claimed before is taken back; with ``adding``, only of the PMIDs it claims now.
        """
        ...

    async def record_failure(self, key: str, name: str, reason: str) -> None:
        """Note in the ledger that a file could not be loaded, unless it is loaded already."""
        ...

    async def articles(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        """The records of these PMIDs, as far as the library has them."""
        ...

    def articles_now(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        """The same for a thread that searches, which blocks meanwhile: going back to the event loop would take longer.

        No place at the connections is needed: whoever searches has one at the searches.
        """
        ...

    def changes(self, after: int) -> AsyncIterator[list[Change]]:
        """Every change after ``after``, in order of ``seq``, in bounded batches."""
        ...

    async def seq(self) -> int:
        """The latest change number."""
        ...

    async def mesh(self) -> list[MeshRow]:
        """The vocabulary: of every descriptor the newest file's, by identifier."""
        ...

    async def mesh_terms(self, terms: Sequence[str]) -> list[MeshTerm]:
        """The headings that these normalised terms lead to."""
        ...

    def mesh_terms_now(self, terms: Sequence[str]) -> tuple[int, list[MeshTerm]]:
        """The same, with the vocabulary's version if there are any, for a thread that searches."""
        ...

    async def mesh_terms_beginning(self, prefix: str, limit: int) -> list[MeshTerm]:
        """The terms with this normalised beginning: headings first, the shortest first."""
        ...

    async def mesh_terms_like(self, initial: str, shortest: int, longest: int) -> list[MeshTerm]:
        """The terms with this first letter and a length in characters between these two."""
        ...

    async def mesh_bodies(self, uis: Sequence[str]) -> dict[str, bytes]:
        """The packed descriptors with these identifiers, as far as there are any."""
        ...

    async def mesh_at(self, numbers: Sequence[str]) -> list[MeshPlace]:
        """The headings at these places of the tree."""
        ...

    async def mesh_below(self, uis: Sequence[str]) -> list[tuple[str, MeshPlace]]:
        """With every identifier the places of its heading and of all below it, in the order of the tree."""
        ...

    def mesh_below_now(self, uis: Sequence[str]) -> list[tuple[str, MeshPlace]]:
        """The same for a thread that searches."""
        ...

    async def loads(self) -> object:
        """Changes with every file that is loaded."""
        ...

    async def last_loaded_at(self) -> str | None:
        """When a file was last loaded, in UTC, ISO 8601."""
        ...

    async def status(self) -> StoreStatus:
        """Counts for people."""
        ...

    async def vanished(self) -> Vanished:
        """The PMIDs that an earlier year's files had and the newest year's have not."""
        ...

    async def files(self) -> list[FileEntry]:
        """The ledger, in the order of loading."""
        ...

    async def set_aside(self, limit: int) -> list[SetAsideEntry]:
        """The records set aside, the latest files first."""
        ...
