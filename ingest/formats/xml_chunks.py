"""Cut a large XML file into chunks of whole records, without parsing it.

A file of a million records must neither become one tree nor pass through one
process. So the bytes are searched for the end tags of records, and every chunk is
wrapped in the root's tags again: the XML parser in the worker sees a complete
document, and checks all of it. The last chunk keeps the file's own end, so a file
that breaks off is found out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, cast

from lxml import etree

from ingest.formats import Chunk, ForbiddenError, FormatError, OtherFormat
from ingest.formats.element import Element

CHUNK_BYTES = 1_000_000
"""Aimed at. Smaller chunks cost hand-overs, larger ones memory; from 0.3 to 4 MB the parse is equally fast."""

MAX_RECORD_BYTES = 64_000_000
"""The largest record of 2026 has 9 MB; beyond this a file is refused instead of filling the memory."""

MAX_PROLOG_BYTES = 1_000_000

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"""\A<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# What may stand before the root: the declaration, comments, instructions, a document type.
_PROLOG_PART = re.compile(
    rb"""\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE(?:[^\["'>]|"[^"]*"|'[^']*')*(?:\[(?:[^\]"']|"[^"]*"|'[^']*')*\]\s*)?>""",
    re.DOTALL,
)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)(?:\s(?:[^>\"'/]|\"[^\"]*\"|'[^']*')*)?(/?)>")
_LINE = re.compile(r", line (\d+), column \d+.*$")
_OPENERS = ((b"<!--", b"-->"), (b"<![CDATA[", b"]]>"))


class Prolog(NamedTuple):
    """What stands before the first record."""

    root: bytes
    """The name of the root element."""
    start: int
    """Where the root's start tag begins."""
    length: int
    """Bytes up to and with the root's start tag."""
    empty: bool
    """Whether the root is one empty-element tag."""


class Cut(NamedTuple):
    """How files with a certain root are cut."""

    ends: tuple[bytes, ...]
    """The end tags of records."""
    root_is_record: bool = False
    """Whether the root is itself a record; then more of them may follow, which is no XML but is done."""


def to_utf8(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same text as UTF-8, whatever the byte order mark or the declaration says it is.

    Raises:
        FormatError: the encoding is unknown, or the bytes are not in it.
    """
    head = b""
    for block in blocks:
        head += block
        if len(head) >= 1024:
            break
    encoding, skip = _encoding_of(head)
    if encoding == "utf-8":  # by far the usual case; the XML parser checks it
        yield head[skip:]
        yield from blocks
        return
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        raise FormatError(f"its encoding, {encoding}, is unknown") from None
    try:
        yield decoder.decode(head[skip:]).encode()
        for block in blocks:
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeDecodeError as error:
        raise FormatError(f"it is not in the encoding it declares, {encoding}: {error.reason}") from None


def _encoding_of(head: bytes) -> tuple[str, int]:
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, len(bom)
    match = _DECLARATION.match(head.lstrip())
    name = match[1].decode("ascii").lower() if match else "utf-8"
    # ASCII is a part of UTF-8, and UTF-16 without a byte order mark could not have been read so far.
    return ("utf-8" if name in ("utf8", "utf-8", "us-ascii", "ascii", "utf-16") else name), 0


def read_prolog(head: bytes) -> Prolog | None:
    """Read up to and with the root's start tag; ``None`` when more bytes are needed.

    Raises:
        ForbiddenError: the document type declares entities.
        OtherFormat: this is not XML.
        FormatError: there is no root element.
    """
    at = 0
    while match := _PROLOG_PART.match(head, at):
        if match[0].startswith(b"<!DOCTYPE") and b"<!ENTITY" in match[0]:
            raise ForbiddenError("it declares entities, which medlit never expands; remove the declarations")
        at = match.end()
    if root := _ROOT.match(head, at):
        return Prolog(root[1], root.start(), root.end(), bool(root[2]))
    rest = head[at : at + 9]
    if rest and not rest.startswith(b"<"):
        raise OtherFormat("it is not XML: there is text before the first element")
    if b"<!ENTITY" in head:
        raise ForbiddenError("it declares entities, which medlit never expands; remove the declarations")
    if len(head) > MAX_PROLOG_BYTES:
        raise FormatError("it has no root element in its first megabyte")
    return None


def has_root(head: bytes, cuts: Mapping[bytes, Cut]) -> bool:
    """Whether a file that begins with ``head`` is XML with one of these roots.

    Raises:
        FormatError: it is XML, and is unusable.
    """
    try:
        prolog = read_prolog(b"".join(to_utf8(iter([head]))))
    except OtherFormat:
        return False
    return prolog is not None and prolog.root in cuts


def chunks(blocks: Iterator[bytes], cuts: Mapping[bytes, Cut]) -> Iterator[Chunk]:
    """Cut after the end tags of records, as ``cuts`` says for the file's root; every chunk is a complete document.

    Raises:
        FormatError: the file is not XML, breaks off, or has a record larger than
            :data:`MAX_RECORD_BYTES`.
    """
    blocks = to_utf8(blocks)
    head = b""
    prolog: Prolog | None = None
    for block in blocks:
        head += block
        if prolog := read_prolog(head):
            break
    if prolog is None:
        raise FormatError("it breaks off before the first record" if head.strip() else "it is empty")
    ends, root_is_record = cuts[prolog.root]
    opening, closing = b"<" + prolog.root + b">", b"</" + prolog.root + b">"
    start, final = prolog.length, b""
    if root_is_record:
        opening, closing, start, final = b"<records>", b"</records>", prolog.start, b"</records>"
    line = 1 + head.count(b"\n", 0, start)
    data = (closing if prolog.empty and not root_is_record else b"") + head[start:]
    for block in blocks:
        if len(data) >= CHUNK_BYTES:
            cut = _last_cut(data, ends)
            if cut:
                yield Chunk(b"".join((opening, data[:cut], closing)), line)
                line += data.count(b"\n", 0, cut)
                data = data[cut:]
            if len(data) > MAX_RECORD_BYTES:
                raise FormatError(f"a record after line {line:,} is larger than {MAX_RECORD_BYTES:,} bytes")
        data += block
    yield Chunk(b"".join((opening, data, final)), line)


def _last_cut(data: bytes, ends: tuple[bytes, ...]) -> int:
    """The end of the last whole record, 0 when there is none.

    An end tag inside a comment or a CDATA section ends nothing.
    """
    cut = 0
    for end in ends:  # each after the last, so that only the tail is searched again
        at = data.rfind(end, cut)
        cut = at + len(end) if at >= 0 else cut
    opened = _unclosed(data, cut)
    return cut if opened is None else _last_cut(data[:opened], ends)


def _unclosed(data: bytes, limit: int) -> int | None:
    """Where a comment or CDATA section begins that does not end before ``limit``."""
    at = 0
    # Both begin with "<!"; "!" alone is found at memory speed, and is rare.
    while (at := data.find(b"!", at, limit)) >= 0:
        for opener, closer in _OPENERS:
            if data.startswith(opener, at - 1):
                closed = data.find(closer, at, limit)
                if closed < 0:
                    return at - 1
                at = closed
        at += 1
    return None


def document(chunk: Chunk) -> Element:
    """The root element of a chunk, parsed with nothing but the chunk itself.

    Raises:
        FormatError: it is not well-formed; says at which line of the file.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=True,  # a long reference list is no attack; the size of a record is limited before
        collect_ids=False,  # nothing is looked up by ID, and the table costs time
        remove_comments=True,
        remove_pis=True,
        # Not remove_blank_text: it also removes the space between <b>Aim</b> <i>x</i>.
    )
    try:
        return cast(Element, etree.fromstring(chunk.data, parser))
    except etree.XMLSyntaxError as error:
        # lxml's own exception does not survive pickling, and its line counts from the chunk's start.
        line = chunk.line - 1 + (error.lineno or 1)
        raise FormatError(f"broken XML at line {line:,}: {_LINE.sub('', error.msg or 'not well-formed')}") from None
