"""Text out of mixed content: inline markup, sub- and superscripts, MathML.

The rule: what a reader sees stays, as plain Unicode. ``H<sub>2</sub>O`` becomes
``H₂O``; where Unicode has no sub- or superscript for a character, the characters
stand on the line, as PubMed's own text export has them. A formula is written on
one line: ``a/b``, ``√(x)``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any, cast

from lxml import etree

from ingest.formats.element import Element

SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
SUPERSCRIPTS = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_SCRIPTABLE = re.compile(r"[0-9+\-−=()]+").fullmatch

LAYOUT = " \t\r\n"
"""White space in the sense of XML. A no-break space is none: authors put it where they mean a space."""

_WHITE = re.compile(f"[{LAYOUT}]+")
_DOUBLE_ENCODED = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});")


def text_of(element: Element) -> str | None:
    """The text an element shows, white space collapsed; ``None`` when it shows nothing."""
    text = _flatten(element) if len(element) else element.text
    if not text:
        return None
    # Most texts are a single word, and nearly all are tidy: the tests are cheap, the work behind them is not.
    if text.isalnum():
        return text
    if "&" in text or "\n" in text or "  " in text or text[0] == " " or text[-1] == " " or "\t" in text or "\r" in text:
        return tidy(text)
    return text


def tidy(text: str) -> str | None:
    """Collapse white space and undo a second and a third encoding of ``&``; ``None`` for an empty text.

    A literal ``&amp;`` in parsed text is always a leftover of double encoding.
    """
    while _DOUBLE_ENCODED.search(text):  # ends: what is put in is shorter
        text = _DOUBLE_ENCODED.sub(_unescaped, text)
    return _WHITE.sub(" ", text).strip(" ") or None


def _unescaped(match: re.Match[str]) -> str:
    return html.unescape(match[0])  # of the match alone: in the whole text it would also read "R&para" as "R¶"


def rendered(element: Element) -> str:
    """What an element shows where it stands in a text: itself rendered, white space as it is."""
    render = _RENDER.get(str(element.tag).rpartition("}")[2])
    return render(element) if render else _flatten(element)


def marked_up(element: Element) -> str | None:
    """The element's content with its inline tags, or ``None`` when it has none."""
    if not len(element):
        return None
    serialized = etree.tostring(cast(Any, element), encoding="unicode", with_tail=False)
    inner = serialized[serialized.index(">") + 1 : serialized.rindex("<")]
    return _WHITE.sub(" ", inner).strip(" ")


def _flatten(element: Element) -> str:
    pieces = [element.text or ""]
    for child in element:
        tag = child.tag
        if isinstance(tag, str):  # a comment or processing instruction has a function for a tag
            name = tag.rpartition("}")[2].rpartition(":")[2]
            render = _RENDER.get(name)
            pieces.append(render(child) if render else _flatten(child))
        pieces.append(child.tail or "")
    return "".join(pieces)


def _script(table: dict[int, int]) -> Callable[[Element], str]:
    def render(element: Element) -> str:
        text = _flatten(element)
        return text.translate(table) if _SCRIPTABLE(text) else text

    return render


def _parts(element: Element) -> list[str]:
    """The rendered children of a MathML element; white space between them is layout."""
    parts: list[str] = []
    for child in element:
        if isinstance(child.tag, str):
            name = child.tag.rpartition("}")[2]
            render = _RENDER.get(name)
            parts.append((render(child) if render else _flatten(child)).strip(LAYOUT))
    return parts


def _row(element: Element) -> str:
    return "".join(_parts(element)) or (element.text or "").strip(LAYOUT)


def _grouped(text: str) -> str:
    return text if len(text) == 1 or text.isalnum() else f"({text})"


def _scripted(sign: str, table: dict[int, int]) -> Callable[[Element], str]:
    def render(element: Element) -> str:
        base, *rest = _parts(element) or [""]
        script = "".join(rest)
        if not script:
            return base
        return base + (script.translate(table) if _SCRIPTABLE(script) else sign + _grouped(script))

    return render


def _both_scripts(element: Element) -> str:
    base, sub, sup = [*_parts(element), "", "", ""][:3]
    low = sub.translate(SUBSCRIPTS) if _SCRIPTABLE(sub) else f"_{_grouped(sub)}" if sub else ""
    high = sup.translate(SUPERSCRIPTS) if _SCRIPTABLE(sup) else f"^{_grouped(sup)}" if sup else ""
    return base + low + high


def _fraction(element: Element) -> str:
    return "/".join(_grouped(part) for part in _parts(element))


def _root(element: Element) -> str:
    return f"√({_row(element)})"


def _indexed_root(element: Element) -> str:
    base, index = [*_parts(element), "", ""][:2]
    return f"{index.translate(SUPERSCRIPTS) if _SCRIPTABLE(index) else _grouped(index)}√({base})"


def _fenced(element: Element) -> str:
    separator = element.get("separators", ",")[:1]
    return element.get("open", "(") + separator.join(_parts(element)) + element.get("close", ")")


_RENDER: dict[str, Callable[[Element], str]] = {
    "sub": _script(SUBSCRIPTS),
    "sup": _script(SUPERSCRIPTS),
    "math": _row,
    "mrow": _row,
    "mstyle": _row,
    "mfenced": _fenced,
    "msub": _scripted("_", SUBSCRIPTS),
    "munder": _scripted("_", SUBSCRIPTS),
    "msup": _scripted("^", SUPERSCRIPTS),
    "mover": _scripted("^", SUPERSCRIPTS),
    "msubsup": _both_scripts,
    "munderover": _both_scripts,
    "mfrac": _fraction,
    "msqrt": _root,
    "mroot": _indexed_root,
    "annotation": lambda _: "",
    "annotation-xml": lambda _: "",
}
