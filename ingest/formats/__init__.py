"""The formats medlit reads: detection by content, and one reader a format.

A reader has two halves. ``split`` runs in the ingest process: it cuts the unpacked
bytes into chunks on record boundaries, in bounded memory. ``parse`` runs in a
worker process: it turns one chunk into rows ready to store. What crosses the
process boundary is bytes and plain tuples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from medlit.library.store import MeshRow, SetAside, StagedRow


class Chunk(NamedTuple):
    """A run of whole records."""

    data: bytes
    line: int
    """The line of the unpacked file on which the chunk begins, from 1."""
    documents: bool = True
    """Whether the rows shall have their index documents, too."""


class Parsed(NamedTuple):
    """The rows of a chunk. Positions count from 0 in the chunk, over rows and set-aside records alike."""

    rows: list[StagedRow]
    set_aside: list[SetAside]
    positions: int
    mesh: list[MeshRow] = []  # never changed


class FormatError(Exception):
    """The content of a file is unusable, for the reason in the message. Survives pickling."""


class OtherFormat(FormatError):
    """The content is not of the reader's kind at all; another reader may know it."""


class ForbiddenError(FormatError):
    """The content asks for something medlit never does."""


class Reader(Protocol):
    """One format. Instances are stateless, so that they can be named across processes."""

    name: str

    def recognizes(self, head: bytes) -> bool:
        """Whether a file that begins with ``head`` is of this format.

        Raises:
            FormatError: it is, and is unusable.
        """
        ...

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut unpacked content into chunks.

        Raises:
            FormatError: the content is unusable.
        """
        ...

    def parse(self, chunk: Chunk) -> Parsed:
        """Turn a chunk into rows.

        Raises:
            FormatError: the content is unusable.
        """
        ...
