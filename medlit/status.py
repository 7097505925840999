"""What has become of an article: retraction, concern, correction, republication, update.

Two records can tell: the article's own (``RetractionIn``), and the notice that points
at it (``RetractionOf``). Either may come first, or alone; NLM adds the one long after
the other. So a status is resolved from both sides, and is tri-state: yes when either
side says so, no when the article's record comes from NLM, which would say so, and
unknown otherwise.

Reference: NLM, "Errata, Retractions, and Other Linked Citations in PubMed".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

import msgspec

from medlit.record import CommentCorrection, Term

Fate = Literal["retracted", "partially_retracted", "expression_of_concern", "corrected", "republished", "updated"]
FATES: tuple[Fate, ...] = (
    "retracted",
    "partially_retracted",
    "expression_of_concern",
    "corrected",
    "republished",
    "updated",
)

OWN: dict[str, tuple[Fate, ...]] = {
    "RetractionIn": ("retracted",),
    "RetractedandRepublishedIn": ("retracted", "republished"),
    "PartialRetractionIn": ("partially_retracted",),
    "ExpressionOfConcernIn": ("expression_of_concern",),
    "ErratumIn": ("corrected",),
    "CorrectedandRepublishedIn": ("corrected", "republished"),
    "RepublishedIn": ("republished",),
    "UpdateIn": ("updated",),
}
"""What a link in the article's own record says of the article."""

INBOUND: dict[str, tuple[Fate, ...]] = {
    "RetractionOf": ("retracted",),
    "RetractedandRepublishedFrom": ("retracted", "republished"),
    "PartialRetractionOf": ("partially_retracted",),
    "ExpressionOfConcernFor": ("expression_of_concern",),
    "ErratumFor": ("corrected",),
    "CorrectedandRepublishedFrom": ("corrected", "republished"),
    "RepublishedFrom": ("republished",),
    "UpdateOf": ("updated",),
}
"""What a link in another record, pointing at the article, says of the article."""

RETRACTED_PUBLICATION_UI = "D016441"

Pointer = tuple[str, int]
"""A kind of link and the PMID at its other end."""


class Status(msgspec.Struct):
    """An article's status; ``None`` is unknown."""

    retracted: bool | None = None
    partially_retracted: bool | None = None
    expression_of_concern: bool | None = None
    corrected: bool | None = None
    republished: bool | None = None
    updated: bool | None = None
    retraction_notice_of: list[int] = []
    """The articles that this record retracts: a notice is not itself retracted."""


class Telling(Protocol):
    """The part of a record that tells its status."""

    status: str | None
    publication_types: list[Term]
    comments_corrections: list[CommentCorrection]


def status_of(record: Telling, inbound: Iterable[Pointer] = ()) -> Status:
    """The status as the record itself and the links that point at it tell."""
    fates: set[Fate] = set()
    retracts: dict[int, None] = {}
    for link in record.comments_corrections:
        fates.update(OWN.get(link.ref_type, ()))
        if link.ref_type == "RetractionOf" and link.pmid:
            retracts[link.pmid] = None
    for ref_type, pmid in inbound:
        fates.update(INBOUND.get(ref_type, ()))
        if ref_type == "RetractionIn":
            retracts[pmid] = None
    for term in record.publication_types:
        if term.ui == RETRACTED_PUBLICATION_UI or term.name == "Retracted Publication":
            fates.add("retracted")
    otherwise = False if record.status else None
    if not fates:  # nearly always, and this is asked for every record that is loaded
        return Status(otherwise, otherwise, otherwise, otherwise, otherwise, otherwise, sorted(retracts))
    known: dict[Fate, bool | None] = {fate: True if fate in fates else otherwise for fate in FATES}
    return Status(**known, retraction_notice_of=sorted(retracts))


def pointers(links: Sequence[CommentCorrection]) -> list[Pointer]:
    """The links of a record that tell a status, its own or another's."""
    return [
        (link.ref_type, link.pmid) for link in links if link.pmid and (link.ref_type in OWN or link.ref_type in INBOUND)
    ]
