"""MEDLINE text, as PubMed exports it: ``PMID- ``, NBIB, LF or CRLF.

Reference: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions". The format does
not mark the sections of an abstract, so an abstract is one section here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingest.formats import Chunk, Parsed, medline_fields
from ingest.formats import text_chunks as text
from medlit.record import Article

_TAG = re.compile(rb"[A-Z][A-Z0-9]{1,3} *- ?")
_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,3}) *- ?(.*)", re.DOTALL)


class MedlineText:
    """The reader of MEDLINE text."""

    name = "medline-text"

    def recognizes(self, head: bytes) -> bool:
        """Whether the first line is a field with a tag of MEDLINE's, and there is a PMID."""
        return bool(_TAG.match(text.start(head))) and b"PMID-" in head

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut between records, which are separated by empty lines."""
        return text.chunks(blocks, b"\n\n")

    def parse(self, chunk: Chunk) -> Parsed:
        """All records of a chunk."""
        return text.parsed(chunk, text.paragraphs(chunk), read_record)


def read_record(paragraph: str) -> Article | None:
    """The record of one paragraph of fields, or ``None`` when it has no usable PMID."""
    return medline_fields.article(list(fields(paragraph.split("\n"))))


def fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Tags with their values, continuation lines joined by one space."""
    tag, value = "", ""
    for line in lines:
        if line.startswith("      "):
            value = f"{value.rstrip()} {line.strip()}"  # some exports leave the space at the end of the line too
        elif match := _FIELD.fullmatch(line):
            if tag:
                yield tag, value.strip()
            tag, value = match[1], match[2]
    if tag:
        yield tag, value.strip()
