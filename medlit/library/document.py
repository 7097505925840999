"""A record's index document: which of its words and values stand in which field.

Parser processes make it while they have the record in hand; the search index makes
it from the stored record when they have not. So nothing here needs the index.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from medlit.record import AbstractSection, Article, Author, CommentCorrection, Journal, PartialDate, Term
from medlit.status import Pointer, status_of

_encode = msgspec.json.Encoder().encode

RETRACTION = {None: 0, False: 1, True: 2}
"""Tri-state retraction status as an index value."""


class _Name(msgspec.Struct):
    name: str = ""


class _Section(msgspec.Struct):
    text: str = ""


class _Abstract(msgspec.Struct):
    sections: list[_Section] = []


class _Heading(msgspec.Struct):
    name: str = ""
    qualifiers: list[_Name] = []


class _Person(msgspec.Struct):
    last: str | None = None
    fore: str | None = None
    initials: str | None = None
    collective: str | None = None
    valid: bool = True


class _Keyword(msgspec.Struct):
    term: str = ""


class Indexed(msgspec.Struct, kw_only=True):
    """The part of a record that the index reads; decoding only this much halves the cost."""

    pmid: int
    record_type: str = "article"
    status: str | None = None
    title: str | None = None
    vernacular_title: str | None = None
    languages: list[str] = []
    abstract: list[_Section] = []
    other_abstracts: list[_Abstract] = []
    authors: list[_Person] = []
    journal: Journal | None = None
    pub_date: PartialDate | None = None
    ids: dict[str, str] = {}
    publication_types: list[Term] = []
    mesh: list[_Heading] = []
    supplemental_mesh: list[_Name] = []
    chemicals: list[_Name] = []
    keywords: list[_Keyword] = []
    comments_corrections: list[CommentCorrection] = []


def document(record: Article | Indexed, inbound: Sequence[Pointer]) -> str:
    """What the index keeps of a record and of the links that point at it, as the JSON that the index takes."""
    sections: list[AbstractSection | _Section] = [*record.abstract]
    for other in record.other_abstracts:
        sections += other.sections
    mesh = [heading.name for heading in record.mesh]
    concepts = [concept.name for concept in record.supplemental_mesh]
    fields: dict[str, object] = {
        "kind": record.record_type,
        "pmid": record.pmid,
        "title": [title for title in (record.title, record.vernacular_title) if title],
        "abstract": [section.text for section in sections],
        "terms": [
            *mesh,
            *[qualifier.name for heading in record.mesh for qualifier in heading.qualifiers],
            *concepts,
            *[keyword.term for keyword in record.keywords],
            *[chemical.name for chemical in record.chemicals],
        ],
        "author": _author_names(record.authors),
        "mesh": mesh + concepts,
        "publication_type": [term.name for term in record.publication_types],
        "language": record.languages,
        "date": record.pub_date.sort_key if record.pub_date else 0,
        "retraction": RETRACTION[status_of(record, inbound).retracted],
    }
    if journal := record.journal:
        names = (
            journal.medline_ta, journal.iso_abbrev, journal.title, journal.nlm_id,
            journal.issn_print, journal.issn_electronic, journal.issn_linking,
        )  # fmt: skip
        fields["journal"] = [name.removesuffix(".") for name in dict.fromkeys(names) if name]
    for name in ("doi", "pmcid"):
        if value := record.ids.get(name):
            fields[name] = value
    return _encode(fields).decode()


def _author_names(authors: Sequence[Author | _Person]) -> list[str]:
    """Each name as NLM cites it, with every beginning of its initials, and with the fore name.

    PubMed's author search truncates: ``smith j`` finds Smith JA. Indexing the
    beginnings makes that an exact phrase, however many names begin with a J.
    """
    names: list[str] = []
    for author in authors:
        if not author.valid:
            continue
        if author.collective:
            names.append(author.collective)
        elif last := author.last:
            initials = (author.initials or "").replace(" ", "")[:4]
            names += [f"{last} {initials[:length]}" for length in range(1, len(initials) + 1)] or [last]
            if author.fore and author.fore != author.initials:
                names.append(f"{last} {author.fore}")
    return names
