"""JSON: one document, or one value a line.

The two are told apart by the first line: when it is a complete value, the file is
read line by line in bounded memory. A document has to be read whole.

What a JSON object is, is told by its shape, never by a file's name: each module
``json_*`` knows one shape.
"""

from __future__ import annotations

import codecs
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from ingest.formats import Chunk, FormatError, Parsed, json_bioc, json_esummary, json_europepmc, json_own
from ingest.formats import text_chunks as text
from ingest.formats.json_decode import BrokenJson, decode
from ingest.formats.json_values import Fields, Unusable, a_list, an_object
from medlit.library.store import SetAside, StagedRow
from medlit.record import Article

MAX_DOCUMENT_BYTES = 64_000_000
LINES_LOOKED_AT = 100

UNKNOWN = "no shape of record that medlit knows"
OTHER_ANSWERS = {
    "esearchresult": "an ESearch answer has PMIDs but no records; fetch them with EFetch or ESummary",
    "linksets": "an ELink answer has PMIDs but no records; fetch them with EFetch or ESummary",
    "einforesult": "an EInfo answer describes a database and has no records",
    "esummaryresult": "an ESummary answer with an error and no records; ask again",
    "total_is_exact": "an answer of medlit search has hits but no whole records; get them with medlit get --json",
}
"""Answers that medlit knows and cannot load, by the member that gives them away."""

_SIGNS = re.compile(
    rb'"(?:articles|documents|passages|PubTator3|resultList|result|uids|pmid|PMID|uid|id|_id|esearchresult)"\s*:'
)


class _Shape(NamedTuple):
    members: Callable[[Fields], list[object] | None]
    article: Callable[[Fields], Article]


_SHAPES = (
    _Shape(json_esummary.members, json_esummary.article),
    _Shape(json_europepmc.members, json_europepmc.article),
    _Shape(json_bioc.members, json_bioc.article),
    _Shape(json_own.members, json_own.article),  # last: it takes any object with a PMID
)


class JsonLines:
    """The reader of JSON lines, one record or one answer a line."""

    name = "json-lines"

    def recognizes(self, head: bytes) -> bool:
        """Whether the first line is a complete JSON value, and one of the first has a known shape.

        Raises:
            FormatError: it is an answer without records.
        """
        if not _begins_with_a_line(head):
            return False
        values: list[object] = []
        for line in itertools.islice(_lines(text.start(head)), LINES_LOOKED_AT):
            try:
                values.append(decode(line))
            except BrokenJson:
                continue
        return _any_known(values)

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """Cut after any line."""
        return text.chunks(blocks, b"\n")

    def parse(self, chunk: Chunk) -> Parsed:
        """All records of a chunk. A line that is not JSON counts as one record."""
        return _parsed(chunk, _outcomes_of_lines(chunk))


class JsonDocument:
    """The reader of a JSON document, which is one chunk."""

    name = "json"

    def recognizes(self, head: bytes) -> bool:
        """Whether it begins as a JSON object or array, and may have a known shape.

        Raises:
            FormatError: it is an answer without records.
        """
        if not text.start(head).startswith((b"{", b"[")) or _begins_with_a_line(head):
            return False
        try:
            return _any_known([decode(head)])
        except BrokenJson:  # as a rule because the head is not the whole
            return bool(_SIGNS.search(head))

    def split(self, blocks: Iterator[bytes]) -> Iterator[Chunk]:
        """The whole content.

        Raises:
            FormatError: it is larger than :data:`MAX_DOCUMENT_BYTES`.
        """
        parts: list[bytes] = []
        size = 0
        for block in blocks:
            parts.append(block)
            size += len(block)
            if size > MAX_DOCUMENT_BYTES:
                raise FormatError(
                    f"one JSON document of more than {MAX_DOCUMENT_BYTES:,} bytes; "
                    "write it as JSON lines, one record a line, which may be of any size"
                )
        yield Chunk(b"".join(parts), 1)

    def parse(self, chunk: Chunk) -> Parsed:
        """All records of the document.

        Raises:
            FormatError: it is not JSON, or has no shape of record that medlit knows.
        """
        try:
            value = decode(chunk.data)
        except BrokenJson as error:
            # A first line longer than the head looks like a document.
            if _begins_with_a_line(chunk.data):
                return _parsed(chunk, _outcomes_of_lines(chunk))
            raise FormatError(error.told(chunk.line)) from None
        if a_list(value) is None and not _any_known([value]):
            raise FormatError(f"it is JSON, but has {UNKNOWN}")
        return _parsed(chunk, _outcomes(value))


def _lines(data: bytes) -> Iterator[bytes]:
    return (line for line in data.replace(b"\r", b"\n").split(b"\n") if line.strip())


def _begins_with_a_line(head: bytes) -> bool:
    """Whether the first line that is not empty is a complete JSON value."""
    start = text.start(head)
    end = min((at for at in (start.find(b"\n"), start.find(b"\r")) if at >= 0), default=len(start))
    try:
        decode(start[:end])
    except BrokenJson:
        return False
    return True


def _any_known(values: Iterable[object]) -> bool:
    """Whether one of the values has a known shape, or is a list with such a value.

    Raises:
        FormatError: there is none, and the first is an answer without records.
    """
    values = list(values)
    for value in values:
        items = a_list(value)
        if items == [] or any(_shape(item) for item in ([value] if items is None else items)):
            return True
    first = an_object(values[0]) if values else None
    if first and (found := next((OTHER_ANSWERS[name] for name in OTHER_ANSWERS if name in first), None)):
        raise FormatError(found)
    return False


def _shape(value: object) -> tuple[list[object], Callable[[Fields], Article]] | None:
    """The records in a value and what reads them."""
    members = an_object(value)
    if members is None:
        return None
    fields = Fields(members)
    for shape in _SHAPES:
        if (records := shape.members(fields)) is not None:
            return records, shape.article
    return None


def _outcomes_of_lines(chunk: Chunk) -> Iterator[Article | Unusable]:
    for number, line in enumerate(chunk.data.split(b"\n"), start=chunk.line):
        if line.removeprefix(codecs.BOM_UTF8).strip():
            try:
                value = decode(line)
            except BrokenJson as error:
                yield Unusable(error.told(number))
            else:
                yield from _outcomes(value)


def _outcomes(value: object) -> Iterator[Article | Unusable]:
    """What becomes of every record in a value."""
    items = a_list(value)
    for item in [value] if items is None else items:
        if an_object(item) is None:
            yield Unusable("it is not a JSON object")
        elif found := _shape(item):
            records, article = found
            yield from (_outcome(record, article) for record in records)
        else:
            yield Unusable(UNKNOWN)


def _outcome(record: object, article: Callable[[Fields], Article]) -> Article | Unusable:
    members = an_object(record)
    if members is None:
        return Unusable("it is not a JSON object")
    try:
        return article(Fields(members))
    except Unusable as error:
        return error
    except RecursionError:
        return Unusable("it is nested too deeply")


def _parsed(chunk: Chunk, outcomes: Iterable[Article | Unusable]) -> Parsed:
    rows: list[StagedRow] = []
    set_aside: list[SetAside] = []
    position = -1
    for position, outcome in enumerate(outcomes):
        if isinstance(outcome, Unusable):
            set_aside.append(SetAside(position, outcome.pmid, outcome.reason))
        else:
            rows.append(text.row(position, outcome, chunk))
    return Parsed(rows, set_aside, position + 1)
