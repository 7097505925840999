"""The article record: every field that PubMed XML carries, as typed values.

Field names follow NLM's element names. Nothing is invented: an absent element
is an absent value (``None`` or an empty list), and an absent value takes no
space in the stored JSON. All text is plain Unicode with markup resolved.

Reference: NLM, "MEDLINE PubMed XML Element Descriptions and their Attributes".
"""

from __future__ import annotations

from typing import Literal

import msgspec

RecordType = Literal["article", "book", "chapter"]
Precision = Literal["day", "month", "season", "year", "none"]


class Part(msgspec.Struct, omit_defaults=True):
    """Base of every part of a record: default values are left out of the JSON."""


class PartialDate(Part, kw_only=True):
    """A date known to some precision; ``month`` and ``day`` count from 1."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    season: str | None = None
    medline_date: str | None = None

    @property
    def precision(self) -> Precision:
        """The finest part that is known."""
        if self.day:
            return "day"
        if self.month:
            return "month"
        if self.season:
            return "season"
        return "year" if self.year else "none"

    @property
    def sort_key(self) -> int:
        """The date as ``yyyymmdd``, with zeros for unknown parts; 0 when nothing is known."""
        return (self.year or 0) * 10_000 + (self.month or 0) * 100 + (self.day or 0)

    def __str__(self) -> str:
        """ISO 8601 as far as it is known; a MedlineDate stands as NLM wrote it."""
        if self.medline_date:
            return self.medline_date
        if not self.year:
            return self.season or ""
        if not self.month:
            return f"{self.year:04} {self.season}" if self.season else f"{self.year:04}"
        if not self.day:
            return f"{self.year:04}-{self.month:02}"
        return f"{self.year:04}-{self.month:02}-{self.day:02}"


class ArticleDate(Part, kw_only=True):
    """A publication date of one medium, for example ``Electronic``."""

    date_type: str | None = None
    date: PartialDate


class HistoryDate(Part, kw_only=True):
    """A step in the article's life: received, accepted, entered into PubMed."""

    status: str
    date: PartialDate


class AbstractSection(Part, kw_only=True):
    """One ``AbstractText``: its printed label, NLM's category for it, and the text."""

    label: str | None = None
    nlm_category: str | None = None
    text: str


class OtherAbstract(Part, kw_only=True):
    """An abstract in another language or from another source."""

    type: str | None = None
    language: str | None = None
    sections: list[AbstractSection] = []
    copyright: str | None = None


class Identifier(Part, kw_only=True):
    """An identifier of a person or an institution: ORCID, ROR, ISNI."""

    source: str | None = None
    value: str


class Affiliation(Part, kw_only=True):
    """An affiliation as printed, with the identifiers of the institution."""

    text: str
    ids: list[Identifier] = []


class Author(Part, kw_only=True):
    """A person (``last``, ``fore``, ``initials``, ``suffix``) or a group (``collective``)."""

    last: str | None = None
    fore: str | None = None
    initials: str | None = None
    suffix: str | None = None
    collective: str | None = None
    orcid: str | None = None
    other_ids: list[Identifier] = []
    affiliations: list[Affiliation] = []
    equal_contrib: bool = False
    valid: bool = True

    @property
    def name(self) -> str:
        """The name as NLM cites it: ``Last IN Suffix``, or the group's name."""
        if self.collective:
            return self.collective
        return " ".join(part for part in (self.last, self.initials or self.fore, self.suffix) if part)


class Journal(Part, kw_only=True):
    """The journal (or, for a book, its publisher's series) that carries the article."""

    title: str | None = None
    iso_abbrev: str | None = None
    medline_ta: str | None = None
    nlm_id: str | None = None
    issn_print: str | None = None
    issn_electronic: str | None = None
    issn_linking: str | None = None
    country: str | None = None

    @property
    def name(self) -> str | None:
        """The shortest official name: NLM's abbreviation, else ISO's, else the title."""
        return self.medline_ta or self.iso_abbrev or self.title


class Pages(Part, kw_only=True):
    """Pagination: as printed, and first and last page as far as NLM gives them."""

    raw: str | None = None
    start: str | None = None
    end: str | None = None


class ElocationId(Part, kw_only=True):
    """An electronic location; ``valid`` is false for ``ValidYN="N"``."""

    type: str
    value: str
    valid: bool = True


class Term(Part, kw_only=True):
    """A name from a controlled vocabulary with its unique identifier."""

    ui: str | None = None
    name: str


class Qualifier(Part, kw_only=True):
    """A MeSH qualifier (subheading); ``major`` marks the article's main point."""

    ui: str | None = None
    name: str
    major: bool = False


class MeshHeading(Part, kw_only=True):
    """A MeSH descriptor with its qualifiers."""

    ui: str | None = None
    name: str
    major: bool = False
    type: str | None = None
    qualifiers: list[Qualifier] = []


class SupplementalMesh(Part, kw_only=True):
    """A supplementary concept: protocol, disease, organism."""

    ui: str | None = None
    name: str
    type: str | None = None


class Chemical(Part, kw_only=True):
    """A substance with its registry number (CAS, EC, UNII; ``0`` when there is none)."""

    registry: str | None = None
    ui: str | None = None
    name: str


class Keyword(Part, kw_only=True):
    """A keyword and who assigned it (``NOTNLM`` is the author)."""

    owner: str | None = None
    term: str
    major: bool = False


class DataBank(Part, kw_only=True):
    """A data bank and the accession numbers there, for example ClinicalTrials.gov."""

    name: str
    accessions: list[str] = []


class Grant(Part, kw_only=True):
    """A grant that supported the work."""

    id: str | None = None
    acronym: str | None = None
    agency: str | None = None
    country: str | None = None


class CommentCorrection(Part, kw_only=True):
    """A link to another citation: RetractionIn, ErratumFor, CommentOn."""

    ref_type: str
    source: str | None = None
    pmid: int | None = None
    note: str | None = None


class Reference(Part, kw_only=True):
    """An entry of the article's reference list; ``ids`` are the cited work's."""

    citation: str | None = None
    ids: dict[str, str] = {}


class Note(Part, kw_only=True):
    """A general note and who wrote it."""

    owner: str | None = None
    text: str


class Book(Part, kw_only=True):
    """What a book record has beyond an article."""

    title: str | None = None
    title_marked: str | None = None
    publisher: str | None = None
    place: str | None = None
    edition: str | None = None
    series: str | None = None
    volume: str | None = None
    volume_title: str | None = None
    isbn: list[str] = []
    medium: str | None = None
    report_numbers: list[str] = []
    editors: list[Author] = []
    begins: PartialDate | None = None
    ends: PartialDate | None = None
    contribution_date: PartialDate | None = None
    location_label: str | None = None
    sections: list[str] = []


class Article(Part, kw_only=True):
    """One citation of PubMed: an article, a book, or a chapter of one."""

    pmid: int
    pmid_version: int = 1
    record_type: RecordType = "article"
    status: str | None = None
    owner: str | None = None
    indexing_method: str | None = None
    date_completed: PartialDate | None = None
    date_revised: PartialDate | None = None
    pub_model: str | None = None

    title: str | None = None
    title_marked: str | None = None
    vernacular_title: str | None = None
    languages: list[str] = []
    abstract: list[AbstractSection] = []
    abstract_copyright: str | None = None
    other_abstracts: list[OtherAbstract] = []

    authors: list[Author] = []
    author_list_complete: bool | None = None
    investigators: list[Author] = []
    personal_name_subjects: list[Author] = []

    journal: Journal | None = None
    book: Book | None = None
    volume: str | None = None
    issue: str | None = None
    cited_medium: str | None = None
    pages: Pages | None = None
    elocation_ids: list[ElocationId] = []
    pub_date: PartialDate | None = None
    article_dates: list[ArticleDate] = []
    history: list[HistoryDate] = []
    publication_status: str | None = None
    ids: dict[str, str] = {}
    other_ids: list[Identifier] = []

    publication_types: list[Term] = []
    mesh: list[MeshHeading] = []
    supplemental_mesh: list[SupplementalMesh] = []
    chemicals: list[Chemical] = []
    keywords: list[Keyword] = []
    gene_symbols: list[str] = []
    citation_subsets: list[str] = []
    databanks: list[DataBank] = []
    databanks_complete: bool | None = None
    grants: list[Grant] = []
    grants_complete: bool | None = None

    comments_corrections: list[CommentCorrection] = []
    references: list[Reference] = []
    number_of_references: int | None = None
    coi_statement: str | None = None
    general_notes: list[Note] = []
    space_flight: list[str] = []

    @property
    def abstract_plain(self) -> str:
        """The abstract as one text, each section under its label."""
        return "\n".join(f"{s.label}: {s.text}" if s.label else s.text for s in self.abstract)

    @property
    def year(self) -> int | None:
        """The year of publication."""
        return self.pub_date.year if self.pub_date else None

    @property
    def retracted(self) -> bool | None:
        """Whether the article is retracted, as its own record alone tells; ``None`` is unknown.

        A library knows more: what other records say of it (:mod:`medlit.status`).
        """
        from medlit.status import status_of  # which is about records, and so imports this module

        return status_of(self).retracted
