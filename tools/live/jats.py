"""An article's full text out of JATS XML: its licence, and its sections as plain text.

Tags are those of "JATS: Journal Archiving and Interchange Tag Library" 1.3. Figures and
tables stay with the text they stand in: captions, and rows of cells. The abstract and
the reference list are left to the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ingest.formats import Chunk, FormatError
from ingest.formats.element import Element
from ingest.formats.markup import rendered, text_of, tidy
from ingest.formats.xml_chunks import document, read_prolog, to_utf8

LICENSE_CHARACTERS = 300

_BLOCKS = frozenset(
    "p list list-item def-list def-item def table-wrap table-wrap-group fig fig-group caption disp-quote boxed-text "
    "preformat verse-group verse-line statement speech table-wrap-foot fn-group fn attrib".split()
)
_SKIPPED = frozenset(
    "graphic inline-graphic media supplementary-material inline-supplementary-material object-id sec sec-meta "
    "permissions ref-list alt-text long-desc processing-meta".split()
)
_PARTS = {"ack": "Acknowledgments", "app": "Appendix", "notes": "Notes", "sec": "Section", "glossary": "Glossary"}
"""What can be a section, and its name if it gives none."""

_HREF = "{http://www.w3.org/1999/xlink}href"
_COMMONS = re.compile(r"creativecommons\.org/(?:licenses/([a-z-]+)|publicdomain/(zero|mark))/(\d\.\d)")


class Section(NamedTuple):
    """A section: its own text in paragraphs, and the sections in it."""

    title: str
    kind: str
    """What the publisher says it is (``sec-type``), or nothing."""
    paragraphs: tuple[str, ...]
    sections: tuple[Section, ...] = ()

    @property
    def text(self) -> str:
        """All of it, paragraphs apart by an empty line, with the titles of the sections in it."""
        return "\n\n".join([*self.paragraphs, *(f"{each.title}\n\n{each.text}" for each in self.sections)])


class FullText(NamedTuple):
    """An article's text."""

    license: str | None
    """Under which it may be used, as stated; ``None`` when it is not stated."""
    sections: tuple[Section, ...]


def read(body: bytes) -> FullText:
    """The text of an article in JATS XML.

    Raises:
        FormatError: it is not well-formed XML, declares entities, or is nested too deeply.
    """
    body = b"".join(to_utf8(iter([body])))
    prolog = read_prolog(body)
    if prolog is None:
        raise FormatError("it has no root element")
    # The parser sees no document type: what one could declare cannot happen.
    root = document(Chunk(body[prolog.start :], 1))
    try:
        return FullText(_license(root), tuple(_article(root)))
    except RecursionError:
        raise FormatError("it is nested too deeply") from None


def _license(root: Element) -> str | None:
    for meta in root.iter("permissions"):
        stated = [text for tag in ("license-p", "copyright-statement") for each in meta.iter(tag)
                  if (text := text_of(each))]  # fmt: skip
        links = [link for each in meta.iter() if (link := each.get(_HREF) or _reference(each))]
        known = next((match for link in links if (match := _COMMONS.search(link))), None)
        if known:
            return f"CC {known[1].upper()} {known[3]}" if known[1] else f"CC0 {known[3]}"
        said = " ".join([*stated[:1], *links[:1]])
        if said:
            return said[:LICENSE_CHARACTERS]
    return None


def _reference(element: Element) -> str | None:
    """The address in ``ali:license_ref``."""
    return element.text if _name(element) == "license_ref" else None


def _article(root: Element) -> Iterator[Section]:
    for part in root:
        if _name(part) == "body":
            paragraphs = tuple(_paragraphs(part))
            if paragraphs:
                yield Section("Text", "", paragraphs)
            yield from _sections(part)
        if _name(part) == "back":
            yield from _sections(part)
        if _name(part) == "floats-group" and (paragraphs := tuple(_paragraphs(part))):
            yield Section("Figures and tables", "", paragraphs)


def _sections(parent: Element) -> Iterator[Section]:
    for each in parent:
        name = _name(each)
        if name in _PARTS:
            label, title = (_child_text(each, tag) for tag in ("label", "title"))
            section = Section(
                " ".join(filter(None, (label, title))) or _PARTS[name],
                each.get("sec-type", ""),
                tuple(_paragraphs(each)),
                tuple(_sections(each)),
            )
            if section.paragraphs or section.sections:
                yield section
        elif name == "app-group":
            yield from _sections(each)


def _paragraphs(parent: Element) -> Iterator[str]:
    """The blocks of text in a section, in a caption, in a list: sections in it apart."""
    line = [parent.text or ""]
    heading = _name(parent) in _PARTS
    for child in parent:
        name = _name(child)
        if name in _BLOCKS or name == "table":
            yield from _flushed(line)
            yield from [_table(child)] if name == "table" else _paragraphs(child)
        elif not (heading and name in ("label", "title")) and name not in _PARTS:
            line.append(_inline(child))
            if name in ("label", "title"):
                line.append(" ")
        line.append(child.tail or "")
    yield from _flushed(line)


def _flushed(line: list[str]) -> Iterator[str]:
    text = tidy("".join(line))
    line.clear()
    if text:
        yield text


def _table(table: Element) -> str:
    """Rows as lines, cells apart by a bar."""
    rows = ([text_of(cell) or "" for cell in row if _name(cell) in ("th", "td")] for row in table.iter("tr"))
    return "\n".join(" | ".join(cells) for cells in rows if any(cells))


def _inline(element: Element) -> str:
    """The text of an element that stands in a line."""
    name = _name(element)
    if name in _SKIPPED:
        return ""
    if name in ("sub", "sup", "math"):
        return rendered(element)
    children = list(element)
    if name == "alternatives":  # one formula in several notations, or one picture
        children = sorted(children, key=lambda child: _name(child) != "math")[:1]
    pieces = [element.text or ""]
    for child in children:
        pieces += [_inline(child), child.tail or ""]
    text = "".join(pieces)
    if name in ("alternatives", "inline-formula"):
        return text.strip()
    return f" {text} " if name in ("disp-formula", "break") else text


def _child_text(element: Element, tag: str) -> str | None:
    return next((text_of(child) for child in element if _name(child) == tag), None)


def _name(element: Element) -> str:
    """The tag without its namespace; nothing for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
