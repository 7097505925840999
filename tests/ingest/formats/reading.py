"""Content through a reader, as an ingest sends it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ingest.formats import Chunk, Reader
from ingest.formats.json_text import JsonDocument, JsonLines
from ingest.formats.pubtator import PubTator
from medlit.library.codec import unpack
from medlit.library.store import SetAside, StagedRow
from medlit.record import Article

HEAD_BYTES = 64 * 1024
READERS: tuple[Reader, ...] = (JsonLines(), JsonDocument(), PubTator())


class Outcome(NamedTuple):
    """What a file became."""

    reader: str
    rows: list[StagedRow]
    set_aside: list[SetAside]
    positions: int

    @property
    def articles(self) -> list[Article]:
        """The records, in the order of the file."""
        return [unpack(row.body, Article) for row in self.rows if row.body is not None]

    @property
    def reasons(self) -> list[str]:
        """Why records were set aside."""
        return [item.reason for item in self.set_aside]


def reader_of(content: bytes) -> Reader | None:
    """The only reader that recognizes the content."""
    known = [reader for reader in READERS if reader.recognizes(content[:HEAD_BYTES])]
    assert len(known) < 2
    return known[0] if known else None


def gather(reader: Reader, chunks: Iterator[Chunk]) -> Outcome:
    """The rows of all chunks, with their positions in the file."""
    outcome = Outcome(reader.name, [], [], 0)
    for chunk in chunks:
        parsed = reader.parse(chunk)
        at = outcome.positions
        outcome.rows.extend(row._replace(position=row.position + at) for row in parsed.rows)
        outcome.set_aside.extend(item._replace(position=item.position + at) for item in parsed.set_aside)
        outcome = outcome._replace(positions=at + parsed.positions)
    return outcome


def read(content: bytes | str) -> Outcome:
    """What the reader for the content makes of it."""
    data = content.encode() if isinstance(content, str) else content
    reader = reader_of(data)
    assert reader is not None, "no reader knows the content"
    return gather(reader, reader.split(iter([data])))


def only(content: bytes | str) -> Article:
    """The one record of the content."""
    outcome = read(content)
    assert outcome.reasons == []
    (article,) = outcome.articles
    return article
