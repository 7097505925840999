"""Literature sources outside this machine: asked politely, screened, and never in the way."""

from __future__ import annotations

from typing import NamedTuple

NCBI = "NCBI"
EUROPE_PMC = "Europe PMC"


class JournalCitation(NamedTuple):
    """What ECitMatch finds a citation by; what is unknown stays empty."""

    journal: str
    year: str
    volume: str
    first_page: str
    author: str
