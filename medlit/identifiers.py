"""The identifiers people write for an article: PMID, PMCID, DOI."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

IdentifierKind = Literal["pmid", "pmcid", "doi"]

_PMID = re.compile(r"(?:pmid\s*:?\s*|https?://pubmed\.ncbi\.nlm\.nih\.gov/)?(\d{1,9})/?", re.IGNORECASE)
_PMCID = re.compile(
    r"(?:pmcid\s*:?\s*|https?://(?:www\.ncbi\.nlm\.nih\.gov/pmc|pmc\.ncbi\.nlm\.nih\.gov)/articles/)?"
    r"(PMC\d{1,9})(?:\.\d+)?/?",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?:doi\s*:?\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{1,9}(?:\.\d+)*/\S+)", re.IGNORECASE)


class Identifier(NamedTuple):
    """An identifier in its usual form: digits, ``PMC…``, ``10.…/…``."""

    kind: IdentifierKind
    value: str


def read_identifier(text: str) -> Identifier | None:
    """What identifier a text is, with or without its usual prefix or address; ``None`` for none."""
    text = text.strip()
    if match := _PMID.fullmatch(text):
        return Identifier("pmid", str(int(match[1])))
    if match := _PMCID.fullmatch(text):
        return Identifier("pmcid", match[1].upper())
    if match := _DOI.fullmatch(text):
        return Identifier("doi", match[1])
    return None
