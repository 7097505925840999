"""Which record wins, as a pure function of the data.

A library may be told of one PMID by many files. What it shows must not depend on
the order in which the files arrived, on repetitions, or on crashes. So every file
makes at most one *claim* on a PMID, claims are kept, and the winner is computed
from the set of claims:

* Within a file, a ``DeleteCitation`` beats what stands before it; of what stands
  after the last one, the highest PMID version wins, then the later position.
* NLM's numbered files are ordered by (year, number): the latest wins.
* Other sources are ordered by ``DateRevised``, then PMID version, then content.
* Between the best of NLM and the best of the others, the later ``DateRevised``
  wins; NLM wins ties.

A deletion carries no date of its own and takes the latest of its file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

_NLM_NAME = re.compile(r"(?:pubmed|medline)(\d\d)n(\d{4,5})(?:\.xml)?(?:\.gz)?", re.IGNORECASE)

_MESH_NAME = re.compile(r"(?:desc|supp|qual)(\d{4})", re.IGNORECASE)


class Release(NamedTuple):
    """The place of an NLM file in NLM's order of publication."""

    year: int
    number: int


def mesh_release_of(file_name: str) -> Release | None:
    """The year of a MeSH descriptor file such as ``desc2026.xml``, or ``None``."""
    match = _MESH_NAME.match(file_name)
    return Release(int(match[1]), 0) if match else None


def release_of(file_name: str) -> Release | None:
    """NLM's year and number in a file name such as ``pubmed20n0014.xml.gz``, or ``None``."""
    match = _NLM_NAME.fullmatch(file_name)
    if not match:
        return None
    year = int(match[1])
    # The first electronic MEDLINE files are older than PubMed (1996); two digits last until 2089.
    return Release(2000 + year if year < 90 else 1900 + year, int(match[2]))


class Row(NamedTuple):
    """What one record or deletion inside a file says of itself."""

    position: int
    pmid_version: int
    deleted: bool


class Claim(NamedTuple):
    """What one file says of a PMID; ``release`` is ``None`` for sources other than NLM."""

    file_id: int
    release: Release | None
    revised: int
    """``DateRevised`` as yyyymmdd, 0 when unknown."""
    pmid_version: int
    deleted: bool
    digest: bytes
    """Of the content, to break ties between other sources."""


def last_word(rows: Iterable[Row]) -> Row:
    """The row that stands for a whole file, of those it has for one PMID."""
    standing: Row | None = None
    for row in sorted(rows):
        if standing is None or row.deleted or standing.deleted or row.pmid_version >= standing.pmid_version:
            standing = row
    if standing is None:
        raise ValueError("a file says nothing of this PMID")
    return standing


def winner(claims: Iterable[Claim]) -> Claim:
    """The claim that the library shows."""
    nlm: Claim | None = None
    other: Claim | None = None
    for claim in claims:
        if claim.release is not None:
            if nlm is None or nlm.release is None or claim.release > nlm.release:
                nlm = claim
        elif other is None or _rank(claim) > _rank(other):
            other = claim
    if nlm is None or other is None:
        best = nlm or other
        if best is None:
            raise ValueError("nothing claims this PMID")
        return best
    return other if other.revised > nlm.revised else nlm


def _rank(claim: Claim) -> tuple[int, int, bool, bytes]:
    return claim.revised, claim.pmid_version, claim.deleted, claim.digest
