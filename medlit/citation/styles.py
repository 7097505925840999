"""The citation styles by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from medlit.citation.apa import apa
from medlit.citation.bibtex import bibtex
from medlit.citation.csl_json import csl_json
from medlit.citation.nbib import nbib
from medlit.citation.ris import ris
from medlit.citation.vancouver import vancouver
from medlit.record import Article

Style = Literal["vancouver", "apa", "bibtex", "ris", "nbib", "csl-json"]

STYLES: dict[Style, Callable[[Article], str]] = {
    "vancouver": vancouver,
    "apa": apa,
    "bibtex": bibtex,
    "ris": ris,
    "nbib": nbib,
    "csl-json": csl_json,
}


def joined(style: Style, texts: list[str]) -> str:
    """Citations of one style as one document, ready for a file."""
    if style == "csl-json":
        return "[" + ",\n".join(texts) + "]\n"
    return "".join(f"{text}\n" for text in texts) if style in ("vancouver", "apa") else "\n\n".join(texts) + "\n"
