"""PubTator text: ``123|t|Title``, ``123|a|Abstract``, then annotations, which are passed over.

Reference: NCBI, "PubTator: Format". The abstract is one line, so it is one section here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.formats import Chunk, Parsed
from ingest.formats import text_chunks as text
from ingest.formats.json_values import plausible_pmid
from ingest.formats.markup import tidy
from medlit.record import AbstractSection, Article

NO_TEXT = frozenset({"-No text-", "- No text -", "-No abstract-", "- No abstract -"})
"""What PubTator writes for an abstract that is not there."""

_FIRST_LINE = re.compile(rb"[^\s|]{1,40}\|[ta]\|")
_BEGINS_RECORD = re.compile(rb"^(?=[^\s|]{1,40}\|t\|)", re.MULTILINE)
_LINE = re.compile(r"([^\s|]{1,40})\|([ta])\|(.*)", re.DOTALL)
_ANNOTATION = re.compile(rb"[^\s|]{1,40}\t")


class PubTator:
    """The reader of PubTator text."""

    name = "pubtator"

    def recognizes(self, head: bytes) -> bool:
        """Whether the first line is a title or an abstract."""
        return bool(_FIRST_LINE.match(text.start(head)))

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut between records, which are separated by empty lines."""
        return text.chunks(blocks, b"\n\n")

    def parse(self, chunk: Chunk) -> Parsed:
        """All records of a chunk."""
        return text.parsed(chunk, _records(chunk), read_record)


def _records(chunk: Chunk) -> Iterator[bytes]:
    """Runs of lines, cut also where a title follows without an empty line."""
    for paragraph in text.paragraphs(chunk):
        for record in _BEGINS_RECORD.split(paragraph):
            if record.strip() and not _ANNOTATION.match(record):
                yield record


def read_record(lines: str) -> Article | None:
    """The record of one run of lines, or ``None`` when it has no usable PMID."""
    article: Article | None = None
    for line in lines.split("\n"):
        match = _LINE.fullmatch(line)
        if not match:
            continue
        number, kind, rest = match.groups()
        if article is None:
            pmid = plausible_pmid(number)
            if not pmid:
                return None
            article = Article(pmid=pmid, ids={"pubmed": str(pmid)})
        shown = tidy(rest)
        if kind == "t":
            article.title = shown
        elif shown and shown not in NO_TEXT:
            article.abstract.append(AbstractSection(text=shown))
    return article
