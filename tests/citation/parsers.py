"""Public parsers of the formats that programs read, behind types."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast

import pybtex.database  # pyright: ignore[reportMissingTypeStubs]  # it has no types
import rispy  # pyright: ignore[reportMissingTypeStubs]  # it has no types

from ingest.formats.medline_text import MedlineText
from medlit.citation.bibtex import ESCAPES
from medlit.library.codec import unpack
from medlit.record import Article


class BibtexEntry(NamedTuple):
    """What pybtex reads: names as last (with von), first, suffix; TeX's commands taken back."""

    kind: str
    key: str
    fields: dict[str, str]
    people: dict[str, list[tuple[str, str, str]]]


def read_bibtex(text: str) -> list[BibtexEntry]:
    """Read a .bib file."""
    database = cast("Any", pybtex.database).parse_string(text, "bibtex")
    return [
        BibtexEntry(
            entry.type,
            key,
            {name: without_tex(value) for name, value in entry.fields.items()},
            {
                role: [
                    (
                        without_tex(" ".join([*each.prelast_names, *each.last_names])),
                        without_tex(" ".join([*each.first_names, *each.middle_names])),
                        without_tex(" ".join(each.lineage_names)),
                    )
                    for each in everybody
                ]
                for role, everybody in entry.persons.items()
            },
        )
        for key, entry in database.entries.items()
    ]


def without_tex(text: str) -> str:
    """Text as it would be printed: commands as their characters, no grouping braces."""
    commands = {command: character for character, command in ESCAPES.items()}
    pattern = "|".join(re.escape(command) for command in sorted(commands, key=len, reverse=True))
    return re.sub(f"({pattern})|[{{}}]", lambda match: commands.get(match[0], ""), text)


def read_ris(text: str) -> list[dict[str, Any]]:
    """Read a .ris file."""
    return cast("list[dict[str, Any]]", cast("Any", rispy).loads(text))


def read_nbib(text: str) -> list[Article]:
    """Read MEDLINE text with medlit's own reader."""
    reader = MedlineText()
    content = text.encode()
    assert reader.recognizes(content)
    parsed = [reader.parse(chunk) for chunk in reader.split(iter([content]))]
    assert not any(part.set_aside for part in parsed)
    return [unpack(row.body, Article) for part in parsed for row in part.rows if row.body]


NAME = {
    "anyOf": [
        {
            "type": "object",
            "properties": {name: {"type": "string"} for name in ("family", "given", "suffix")},
            "required": ["family"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"literal": {"type": "string"}},
            "required": ["literal"],
            "additionalProperties": False,
        },
    ]
}

CSL = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["id", "type"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": ["string", "number"]},
            "type": {"enum": ["article-journal", "book", "chapter"]},
            "author": {"type": "array", "items": NAME},
            "editor": {"type": "array", "items": NAME},
            "issued": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "date-parts": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 2,
                        "items": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": 3,
                            "items": {"type": ["string", "number"]},
                        },
                    },
                    "season": {"type": ["string", "number"]},
                    "literal": {"type": "string"},
                },
            },
        }
        | {
            variable: {"type": "string"}
            for variable in (
                "title original-title container-title container-title-short collection-title publisher publisher-place "
                "page DOI PMID PMCID ISSN ISBN language status note"
            ).split()
        }
        | {variable: {"type": ["string", "number"]} for variable in ("volume", "issue", "number", "edition")},
    },
}
"""The part of CSL's csl-data.json that bibliographic records of PubMed can use, with its types."""
