"""What every adapter shares. Runs in the peer's own environment, so it imports nothing but the standard library.

An adapter gives the fields that its parser carries and a function that reads one
file; the answer goes to standard output as JSON. Values are texts, lists of texts,
or booleans, as the parser gives them: judging is not the adapter's business.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Foreign: TypeAlias = Any
"""Whatever a parser's package gives: they have no types, and are installed only where they run."""


class File(NamedTuple):
    """A file as a parser reads it."""

    records: Sequence[dict[str, Any]]
    deleted: Sequence[str] = ()


def serve(carries: Iterable[str], read: Callable[[Path], File]) -> None:
    """Read every file named on the command line and print the answers."""
    readings: dict[str, dict[str, Any]] = {}
    with contextlib.redirect_stdout(sys.stderr):  # some parsers print
        for name in sys.argv[1:]:
            path = Path(name)
            try:
                file = read(path)
            except Exception as error:  # noqa: BLE001 - whatever a parser raises is its answer to the case
                readings[path.stem] = {"crash": f"{type(error).__name__}: {error}"}
            else:
                readings[path.stem] = {"records": list(file.records), "deleted": list(file.deleted)}
    json.dump({"carries": sorted(carries), "readings": readings}, sys.stdout)


def articles(path: Path) -> list[ElementTree.Element]:
    """The articles and books of a file, for parsers that are handed an element."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 - our own files
    return [element for element in root if element.tag in ("PubmedArticle", "PubmedBookArticle")]


def alone(path: Path) -> list[bytes]:
    """A file for each record, as NCBI sends it for one PMID."""
    records = re.findall(r"<(PubmedArticle|PubmedBookArticle)>(.*?)</\1>", path.read_text("utf-8"), re.DOTALL)
    return [
        f'<?xml version="1.0" ?>\n<PubmedArticleSet>\n<{tag}>{body}</{tag}>\n</PubmedArticleSet>'.encode()
        for tag, body in records
    ]


def year(date: str | None) -> str | None:
    """The year in a date of any notation."""
    match = re.search(r"\d{4}", date or "")
    return match[0] if match else None


def retracted(publication_types: Iterable[str]) -> bool:
    """What the publication types tell, for parsers that have no flag of their own."""
    return any("Retracted Publication" in name or "D016441" in name for name in publication_types)


def given(*values: str | None) -> list[str]:
    """Those that are there."""
    return [value for value in values if value]
