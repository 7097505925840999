"""Cut text files into chunks of whole records, and turn records into rows.

Text formats separate records by an empty line or an end of line. Line ends of any
kind become LF first, so that records are cut alike whatever system wrote the file.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator

import msgspec

from ingest.formats import Chunk, FormatError, Parsed
from medlit.library.codec import pack
from medlit.library.document import document
from medlit.library.store import SetAside, StagedRow
from medlit.record import Article
from medlit.status import pointers

CHUNK_BYTES = 500_000
MAX_RECORD_BYTES = 64_000_000


def start(head: bytes) -> bytes:
    """The beginning of a file without byte order mark and leading white space."""
    return head.removeprefix(codecs.BOM_UTF8).lstrip()


def chunks(blocks: Iterator[bytes], separator: bytes, size: int = CHUNK_BYTES) -> Iterator[Chunk]:
    """Cut after ``separator``, which is made of line feeds, when ``size`` bytes have come together.

    Raises:
        FormatError: a record is larger than :data:`MAX_RECORD_BYTES`.
    """
    data = b""
    line = 1
    carry = b""
    for block in blocks:
        block = carry + block
        # A CR at the end of a block may be half of a CRLF.
        carry = b"\r" if block.endswith(b"\r") else b""
        data += block[: len(block) - len(carry)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if len(data) < size:
            continue
        cut = data.rfind(separator) + len(separator)
        if cut >= len(separator):
            yield Chunk(data[:cut], line)
            line += data.count(b"\n", 0, cut)
            data = data[cut:]
        if len(data) > MAX_RECORD_BYTES:
            raise FormatError(f"a record after line {line:,} is larger than {MAX_RECORD_BYTES:,} bytes")
    if data.strip():
        yield Chunk(data + carry.replace(b"\r", b"\n"), line)


def paragraphs(chunk: Chunk) -> Iterator[bytes]:
    """The runs of lines between empty lines."""
    for paragraph in chunk.data.removeprefix(codecs.BOM_UTF8).split(b"\n\n"):
        if paragraph := paragraph.strip(b"\n"):
            yield paragraph


def parsed(chunk: Chunk, records: Iterable[bytes], read: Callable[[str], Article | None]) -> Parsed:
    """Rows of records in UTF-8; what is not UTF-8 or has no PMID is set aside."""
    rows: list[StagedRow] = []
    set_aside: list[SetAside] = []
    position = 0
    for position, data in enumerate(records, start=1):
        try:
            article = read(data.decode())
        except UnicodeDecodeError as error:
            set_aside.append(SetAside(position - 1, None, f"it is not UTF-8: {error.reason}"))
        else:
            if article is None:
                set_aside.append(SetAside(position - 1, None, "it has no PMID"))
            else:
                rows.append(row(position - 1, article, chunk))
    return Parsed(rows, set_aside, position)


def row(position: int, article: Article, chunk: Chunk) -> StagedRow:
    """A record of a chunk, ready to store."""
    revised = article.date_revised.sort_key if article.date_revised else 0
    told = pointers(article.comments_corrections)
    return StagedRow(
        position,
        article.pmid,
        article.pmid_version,
        revised,
        pack(article),
        msgspec.json.encode(told).decode() if told else None,
        document(article, ()) if chunk.documents else None,
    )
