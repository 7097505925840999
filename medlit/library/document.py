"""A record's index document: which of its words and values stand in which field.

Parser processes make it while they have the record in hand; the search index makes
it from the stored record when they have not. So nothing here needs the index.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

import msgspec

from medlit.record import (
    AbstractSection,
    Article,
    Author,
    CommentCorrection,
    Journal,
    PartialDate,
    Reference,
    Term,
)
from medlit.status import Pointer, status_of

_encode = msgspec.json.Encoder().encode

HIGHEST_PMID = 999_999_999
"""PMIDs have at most nine digits."""

RETRACTION = {None: 0, False: 1, True: 2}
"""Tri-state retraction status as an index value."""


class _Name(msgspec.Struct):
    name: str = ""


class _Section(msgspec.Struct):
    text: str = ""


class _Abstract(msgspec.Struct):
    sections: list[_Section] = []


class _Qualifier(msgspec.Struct):
    name: str = ""
    major: bool = False


class _Heading(msgspec.Struct):
    name: str = ""
    major: bool = False
    qualifiers: list[_Qualifier] = []


class _Affiliation(msgspec.Struct):
    text: str = ""


class _Person(msgspec.Struct):
    last: str | None = None
    fore: str | None = None
    initials: str | None = None
    collective: str | None = None
    valid: bool = True
    affiliations: list[_Affiliation] = []


class _Keyword(msgspec.Struct):
    term: str = ""


class _Reference(msgspec.Struct):
    ids: dict[str, str] = {}


class _Chemical(msgspec.Struct):
    name: str = ""
    registry: str | None = None


class _Pages(msgspec.Struct):
    start: str | None = None


class _History(msgspec.Struct):
    status: str = ""
    date: PartialDate = msgspec.field(default_factory=PartialDate)


class _DataBank(msgspec.Struct):
    name: str = ""
    accessions: list[str] = []


class _Grant(msgspec.Struct):
    id: str | None = None
    acronym: str | None = None
    agency: str | None = None


class Indexed(msgspec.Struct, kw_only=True):
    """The part of a record that the index reads; decoding only this much halves the cost."""

    pmid: int
    record_type: str = "article"
    status: str | None = None
    date_completed: PartialDate | None = None
    date_revised: PartialDate | None = None
    title: str | None = None
    vernacular_title: str | None = None
    languages: list[str] = []
    abstract: list[_Section] = []
    other_abstracts: list[_Abstract] = []
    authors: list[_Person] = []
    investigators: list[_Person] = []
    personal_name_subjects: list[_Person] = []
    journal: Journal | None = None
    volume: str | None = None
    issue: str | None = None
    pages: _Pages | None = None
    pub_date: PartialDate | None = None
    history: list[_History] = []
    ids: dict[str, str] = {}
    publication_types: list[Term] = []
    mesh: list[_Heading] = []
    supplemental_mesh: list[_Name] = []
    chemicals: list[_Chemical] = []
    keywords: list[_Keyword] = []
    citation_subsets: list[str] = []
    databanks: list[_DataBank] = []
    grants: list[_Grant] = []
    comments_corrections: list[CommentCorrection] = []
    references: list[_Reference] = []


def beginning(name: str) -> str:
    """A name, or the beginning of one, in the spelling by which names are completed: lower case, no accents."""
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", name.lower()) if not unicodedata.combining(letter)
    )


@lru_cache(maxsize=20_000)
def named(name: str, shown: str) -> str:
    """A name to be found by its beginning, with how it is shown: names may be completed without reading records."""
    return f"{beginning(name)}\t{shown}"


def date_key(date: int, pmid: int) -> int:
    """What an order of dates goes by: the date as ``yyyymmdd``, and the PMID where dates are equal."""
    return date * (HIGHEST_PMID + 1) + pmid


def document(record: Article | Indexed, inbound: Sequence[Pointer]) -> str:
    """What the index keeps of a record and of the links that point at it, as the JSON that the index takes."""
    date = record.pub_date.sort_key if record.pub_date else 0
    fields: dict[str, object] = {
        "kind": record.record_type,
        "pmid": record.pmid,
        "date": date,
        "newest": date_key(date, record.pmid),
        "retraction": RETRACTION[status_of(record, inbound).retracted],
        "cites": list(cited(record.references, record.comments_corrections)),
    }
    for part in (_texts(record), _people(record), _subjects(record), _source(record), _dates(record)):
        fields.update((name, value) for name, value in part.items() if value)
    return _encode(fields).decode()


def _texts(record: Article | Indexed) -> dict[str, list[str]]:
    abstract = [section.text for section in _sections(record)]
    keywords = [keyword.term for keyword in record.keywords]
    return {
        "title": [title for title in (record.title, record.vernacular_title) if title],
        "abstract": abstract,
        "terms": [*_subject_terms(record), *keywords],
        "title_words": [record.title] if record.title else [],
        "transliterated_words": [record.vernacular_title] if record.vernacular_title else [],
        "abstract_words": abstract,
        "keyword_words": keywords,
    }


def _people(record: Article | Indexed) -> dict[str, list[str]]:
    names: list[str] = []
    people: list[list[str]] = []
    groups: list[str] = []
    affiliations: dict[str, None] = {}
    for author in record.authors:
        if author.valid:
            if author.collective:
                groups.append(author.collective)
            elif author.last:
                people.append(_names(author))
                names += people[-1]
            for affiliation in author.affiliations:
                affiliations[affiliation.text] = None
    fields = {
        "author": names + groups,
        "first_author": people[0] if people else [],
        "last_author": people[-1] if people else [],
        "corporate_author": groups,
        "affiliation": list(affiliations),
    }
    if record.investigators:
        fields["investigator"] = [name for person in record.investigators for name in _names(person)]
    if record.personal_name_subjects:
        fields["personal_name"] = [name for person in record.personal_name_subjects for name in _names(person)]
    return fields


def _subjects(record: Article | Indexed) -> dict[str, list[str]]:
    major: list[str] = []
    qualified: list[str] = []
    for heading in record.mesh:
        if heading.major or any(qualifier.major for qualifier in heading.qualifiers):
            major.append(heading.name)
        for qualifier in heading.qualifiers:
            qualified.append(f"{heading.name}/{qualifier.name}")
            if qualifier.major:
                major.append(qualified[-1])
    concepts = [concept.name for concept in record.supplemental_mesh]
    return {
        "mesh": [heading.name for heading in record.mesh] + qualified + concepts,
        "major_mesh": major,
        "qualifier": list({qualifier.name: None for heading in record.mesh for qualifier in heading.qualifiers}),
        "substance": [chemical.name for chemical in record.chemicals] + concepts,
        "registry": [each.registry for each in record.chemicals if each.registry and each.registry != "0"],
        "publication_type": [term.name for term in record.publication_types],
        "language": record.languages,
        "subset": list(_subsets(record)),
    }


def _source(record: Article | Indexed) -> dict[str, list[str]]:
    ids, journal, pages = record.ids, record.journal, record.pages
    names: tuple[str | None, ...] = ()
    if journal:
        names = (
            journal.medline_ta, journal.iso_abbrev, journal.title, journal.nlm_id,
            journal.issn_print, journal.issn_electronic, journal.issn_linking,
        )  # fmt: skip
    grants = [text for grant in record.grants for text in (grant.id, grant.acronym, grant.agency) if text]
    accessions = [value for bank in record.databanks for value in (bank.name, *bank.accessions) if value]
    return {
        "journal": [name.removesuffix(".") for name in dict.fromkeys(names) if name],
        "journal_name": [named(name, journal.name) for name in names[:3] if name and journal and journal.name],
        "country": [journal.country] if journal and journal.country else [],
        "volume": [record.volume] if record.volume else [],
        "issue": [record.issue] if record.issue else [],
        "page": [pages.start] if pages and pages.start else [],
        "grant": list(dict.fromkeys(grants)),
        "accession": list(dict.fromkeys(accessions)),
        "doi": [ids["doi"]] if ids.get("doi") else [],
        "pmcid": [ids["pmcid"]] if ids.get("pmcid") else [],
    }


def _dates(record: Article | Indexed) -> dict[str, int]:
    """When the record came into PubMed, as NLM's fields EDAT, CRDT, MHDA, DCOM and LR tell it."""
    history = {step.status: step.date.sort_key for step in record.history}
    return {
        "entry_date": history.get("pubmed") or history.get("entrez") or 0,
        "create_date": history.get("entrez") or history.get("pubmed") or 0,
        "mesh_date": history.get("medline") or 0,
        "completion_date": record.date_completed.sort_key if record.date_completed else 0,
        "revision_date": record.date_revised.sort_key if record.date_revised else 0,
    }


def cited(references: Sequence[Reference | _Reference], links: Sequence[CommentCorrection]) -> dict[str, None]:
    """What a record cites, each work once: its PMID, or where the record gives none its DOI, or its PMCID."""
    ids = [
        next((ids[kind] for kind in ("pubmed", "doi", "pmcid") if kind in ids), "")
        for ids in (reference.ids for reference in references)
    ]
    ids += [str(link.pmid) for link in links if link.ref_type == "Cites" and link.pmid]
    return {value: None for value in ids if value}


def _sections(record: Article | Indexed) -> Iterator[AbstractSection | _Section]:
    yield from record.abstract
    for other in record.other_abstracts:
        yield from other.sections


def _subject_terms(record: Article | Indexed) -> Iterator[str]:
    for heading in record.mesh:
        yield heading.name
        for qualifier in heading.qualifiers:
            yield qualifier.name
    for concept in record.supplemental_mesh:
        yield concept.name
    for chemical in record.chemicals:
        yield chemical.name


def _subsets(record: Article | Indexed) -> Iterator[str]:
    """What PubMed's filters call the record, letters only: how far it is indexed, NLM's subsets, what it has."""
    if record.status:
        yield record.status.replace("-", "")
    for code in record.citation_subsets:
        yield f"jsubset{code}"
    if record.abstract:
        yield "hasabstract"
    if record.ids.get("pmcid"):
        yield "pubmedpmc"
    for kind in {link.ref_type for link in record.comments_corrections if link.ref_type != "Cites"}:
        yield f"has{kind}"


def _names(person: Author | _Person) -> list[str]:
    """A name as NLM cites it, with every beginning of its initials, and with the fore name.

    PubMed's author search truncates: ``smith j`` finds Smith JA. Indexing the
    beginnings makes that an exact phrase, however many names begin with a J.
    """
    last, fore, initials = person.last, person.fore, person.initials
    if not last:
        return [person.collective] if person.collective else []
    if not initials:
        names = [last]
    else:
        letters = initials.replace(" ", "")
        names = [f"{last} {letters[:length]}" for length in range(1, min(len(letters), 4) + 1)]
    if fore and fore != initials:
        names.append(f"{last} {fore}")
    return names
