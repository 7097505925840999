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


class _Document(msgspec.Struct, omit_defaults=True):
    """The index's fields, as :func:`medlit.library.analysis.schema` has them; what is empty is left out."""

    kind: str
    pmid: int
    date: int
    newest: int
    title: list[str] = []
    transliterated: list[str] = []
    abstract: list[str] = []
    keyword: list[str] = []
    terms: list[str] = []
    author: list[str] = []
    first_author: list[str] = []
    last_author: list[str] = []
    corporate_author: list[str] = []
    investigator: list[str] = []
    personal_name: list[str] = []
    affiliation: list[str] = []
    mesh: list[str] = []
    major_mesh: list[str] = []
    qualifier: list[str] = []
    substance: list[str] = []
    registry: list[str] = []
    publication_type: list[str] = []
    language: list[str] = []
    subset: list[str] = []
    journal: list[str] = []
    journal_name: list[str] = []
    country: list[str] = []
    volume: list[str] = []
    issue: list[str] = []
    page: list[str] = []
    grant: list[str] = []
    accession: list[str] = []
    doi: list[str] = []
    pmcid: list[str] = []
    cites: list[str] = []
    retraction: int = -1
    entry_date: int = 0
    create_date: int = 0
    mesh_date: int = 0
    completion_date: int = 0
    revision_date: int = 0


def document(record: Article | Indexed, inbound: Sequence[Pointer]) -> str:
    """What the index keeps of a record and of the links that point at it, as the JSON that the index takes."""
    date = record.pub_date.sort_key if record.pub_date else 0
    fields = _Document(record.record_type, record.pmid, date, date_key(date, record.pmid))
    fields.retraction = RETRACTION[status_of(record, inbound).retracted]
    if record.references or record.comments_corrections:
        fields.cites = list(cited(record.references, record.comments_corrections))
    _texts(record, fields)
    _people(record, fields)
    _subjects(record, fields)
    _source(record, fields)
    _dates(record, fields)
    return _encode(fields).decode()


def _texts(record: Article | Indexed, fields: _Document) -> None:
    if record.title:
        fields.title = [record.title]
    if record.vernacular_title:
        fields.transliterated = [record.vernacular_title]
    fields.abstract = [section.text for section in record.abstract]
    for other in record.other_abstracts:
        fields.abstract += [section.text for section in other.sections]
    fields.keyword = [keyword.term for keyword in record.keywords]


def _people(record: Article | Indexed, fields: _Document) -> None:
    last: list[str] = []
    affiliations: dict[str, None] = {}
    for author in record.authors:
        if author.valid:
            if author.collective:
                fields.corporate_author.append(author.collective)
            elif author.last:
                last = _names(author)
                fields.first_author = fields.first_author or last
                fields.author += last
            for affiliation in author.affiliations:
                affiliations[affiliation.text] = None
    fields.last_author = last
    fields.author += fields.corporate_author
    fields.affiliation = list(affiliations)
    if record.investigators:
        fields.investigator = [name for person in record.investigators for name in _names(person)]
    if record.personal_name_subjects:
        fields.personal_name = [name for person in record.personal_name_subjects for name in _names(person)]


def _subjects(record: Article | Indexed, fields: _Document) -> None:
    names: list[str] = []
    qualified: list[str] = []
    major: list[str] = []
    qualifiers: list[str] = []
    for heading in record.mesh:
        name = heading.name
        names.append(name)
        if heading.major:
            major.append(name)
        if heading.qualifiers:
            if not heading.major and any(qualifier.major for qualifier in heading.qualifiers):
                major.append(name)
            for qualifier in heading.qualifiers:
                qualifiers.append(qualifier.name)
                qualified.append(f"{name}/{qualifier.name}")
                if qualifier.major:
                    major.append(qualified[-1])
    concepts = [concept.name for concept in record.supplemental_mesh]
    substances = [chemical.name for chemical in record.chemicals]
    fields.mesh = names + qualified + concepts
    fields.major_mesh = major
    fields.qualifier = list(dict.fromkeys(qualifiers))
    fields.substance = substances + concepts
    fields.registry = [each.registry for each in record.chemicals if each.registry and each.registry != "0"]
    fields.terms = names + qualifiers + concepts + substances + fields.keyword
    fields.publication_type = [term.name for term in record.publication_types]
    fields.language = record.languages
    fields.subset = list(_subsets(record))


def _source(record: Article | Indexed, fields: _Document) -> None:
    ids, journal, pages = record.ids, record.journal, record.pages
    if journal:
        fields.journal, fields.journal_name = _journal(
            journal.medline_ta, journal.iso_abbrev, journal.title, journal.nlm_id, journal.issn_print,
            journal.issn_electronic, journal.issn_linking,
        )  # fmt: skip
        if journal.country:
            fields.country = [journal.country]
    if record.grants:
        grants = [text for grant in record.grants for text in (grant.id, grant.acronym, grant.agency) if text]
        fields.grant = list(dict.fromkeys(grants))
    if record.databanks:
        values = [value for bank in record.databanks for value in (bank.name, *bank.accessions) if value]
        fields.accession = list(dict.fromkeys(values))
    if record.volume:
        fields.volume = [record.volume]
    if record.issue:
        fields.issue = [record.issue]
    if pages and pages.start:
        fields.page = [pages.start]
    if doi := ids.get("doi"):
        fields.doi = [doi]
    if pmcid := ids.get("pmcid"):
        fields.pmcid = [pmcid]


@lru_cache(maxsize=20_000)
def _journal(*names: str | None) -> tuple[list[str], list[str]]:
    """What a journal is found by, and its names as they are completed, from its names (the first three) and numbers."""
    shown = names[0] or names[1] or names[2]
    return (
        [name.removesuffix(".") for name in dict.fromkeys(names) if name],
        [named(name, shown) for name in names[:3] if name and shown],
    )


def _dates(record: Article | Indexed, fields: _Document) -> None:
    """When the record came into PubMed, as NLM's fields EDAT, CRDT, MHDA, DCOM and LR tell it."""
    history = {step.status: step.date for step in record.history}
    added, entrez, medline = history.get("pubmed"), history.get("entrez"), history.get("medline")
    fields.entry_date = (added.sort_key if added else 0) or (entrez.sort_key if entrez else 0)
    fields.create_date = (entrez.sort_key if entrez else 0) or fields.entry_date
    fields.mesh_date = medline.sort_key if medline else 0
    fields.completion_date = record.date_completed.sort_key if record.date_completed else 0
    fields.revision_date = record.date_revised.sort_key if record.date_revised else 0


def cited(references: Sequence[Reference | _Reference], links: Sequence[CommentCorrection]) -> dict[str, None]:
    """What a record cites, each work once: its PMID, or where the record gives none its DOI, or its PMCID."""
    ids = [
        next((ids[kind] for kind in ("pubmed", "doi", "pmcid") if kind in ids), "")
        for ids in (reference.ids for reference in references)
    ]
    ids += [str(link.pmid) for link in links if link.ref_type == "Cites" and link.pmid]
    return {value: None for value in ids if value}


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
