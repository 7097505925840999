"""Text that a web service sends with HTML in it."""

from __future__ import annotations

import html
import re
from typing import cast

from lxml import etree

from ingest.formats.element import Element
from ingest.formats.markup import text_of, tidy
from medlit.record import AbstractSection

_INLINE = (
    r"a|abbr|b|bold|cite|code|em|i|italic|q|s|sc|small|span|strong|sub|sup|tt|u|underline"
    r"|(?:mml:)?(?:math|m(?:row|i|n|o|text|style|space|fenced|sub|sup|subsup|under|over|underover|frac|sqrt|root))"
)
# Only names that are known make a tag: "p<0.05", "a<b and c>d" and "<N>" are text.
_ATTRIBUTES = r"""(?:\s+[\w:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*/?"""
_TAG = re.compile(rf"(</?(?:{_INLINE}){_ATTRIBUTES}>)", re.IGNORECASE)
_ENCODED_TAG = re.compile(rf"&lt;(/?(?:{_INLINE}))&gt;", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:p|br|div|ul|ol|li|table|tbody|tr|td|th|h[1-6]|jats:\w+){_ATTRIBUTES}>", re.IGNORECASE)
# A heading ends before the next begins, so that a text of opening tags is not searched to its end for each.
_HEADING = re.compile(r"<h[1-6]>([^<]*(?:<(?!/?h[1-6]>)[^<]*)*)</h[1-6]>", re.IGNORECASE)
_NOT_XML = {code: " " for code in range(32) if chr(code) not in "\t\n\r"}


def plain(text: str) -> str | None:
    """The text that is shown, on one line; ``None`` when there is none."""
    text = _BLOCK.sub(" ", _ENCODED_TAG.sub(r"<\1>", text))
    pieces = _TAG.split(text)
    if len(pieces) == 1:
        return tidy(text)
    # Every second piece is a tag. The rest is escaped, for "R&para" is not "R¶" here either.
    pieces[::2] = [html.escape(piece.translate(_NOT_XML), quote=False) for piece in pieces[::2]]
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=True)
    try:
        return text_of(cast(Element, etree.fromstring(f"<div>{''.join(pieces)}</div>".encode(), parser)))
    except (RecursionError, etree.XMLSyntaxError):
        return tidy(_TAG.sub("", text))


def shown(value: object) -> str | None:
    """A JSON value as plain text; ``None`` for what is no text."""
    return plain(value) if isinstance(value, str) else None


def sections(value: object) -> list[AbstractSection]:
    """An abstract with headings (``<h4>Aim</h4>``) as its sections."""
    if not isinstance(value, str):
        return []
    before, *rest = _HEADING.split(value)
    found = [AbstractSection(text=text)] if (text := plain(before)) else []
    for label, body in zip(rest[::2], rest[1::2], strict=True):
        if text := plain(body):
            found.append(AbstractSection(label=plain(label), text=text))
    return found
