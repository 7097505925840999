"""From text to index terms: the analyzers, the index schema, and a record's index document.

The same analyzers serve records and queries; a change here is a new
:data:`INDEX_VERSION`, which makes every library rebuild its index from the store.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from medlit.record import CommentCorrection, Journal, PartialDate, Term
from medlit.status import Pointer, status_of

INDEX_VERSION = 2

TEXT = "medlit_text"
"""Words: lower case, accents folded (also ``₂`` to ``2``), English stems (Snowball)."""

NAME = "medlit_name"
"""Words as they stand: lower case, accents folded, no stems."""

EXACT = "medlit_exact"
"""A whole value as one term: lower case, accents folded."""

LONGEST_TERM = 255

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


def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """The analyzers by the names the schema uses."""
    simple, raw = Tokenizer.simple(), Tokenizer.raw()
    return {
        TEXT: _folding(simple).filter(Filter.stemmer("english")).build(),
        NAME: _folding(simple).build(),
        EXACT: TextAnalyzerBuilder(raw).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build(),
    }


def _folding(tokenizer: Tokenizer) -> TextAnalyzerBuilder:
    words = TextAnalyzerBuilder(tokenizer).filter(Filter.remove_long(LONGEST_TERM))
    return words.filter(Filter.lowercase()).filter(Filter.ascii_fold())


_words_of_names = analyzers()[NAME].analyze
_whole_value = analyzers()[EXACT].analyze


def folded(value: str) -> str:
    """A whole value as the index has it: lower case, no accents."""
    return "".join(_whole_value(value))


def named(name: str, shown: str) -> str:
    """A name to be found by its beginning, with how it is shown: names may be completed without reading records."""
    return f"{folded(name)}\t{shown}"


def normalized(text: str) -> str:
    """The words of a name as the index has them, with one space between: lower case, no accents, no punctuation."""
    return " ".join(_words_of_names(text))


WORDS = ("title_words", "transliterated_words", "abstract_words", "keyword_words", "affiliation")
"""Words as they stand, and their places: for tags, phrases and truncation."""

NAMES = ("author", "first_author", "last_author", "corporate_author", "investigator", "personal_name")

VALUES = (
    "major_mesh", "qualifier", "substance", "registry", "publication_type", "language", "journal", "country",
    "volume", "issue", "page", "grant", "accession", "subset", "doi", "pmcid", "cites",
)  # fmt: skip
"""Whole values, each one term."""

DATES = ("entry_date", "create_date", "mesh_date", "completion_date", "revision_date")


def schema() -> tantivy.Schema:
    """The index's fields."""
    builder = tantivy.SchemaBuilder()
    # ``kind`` is the record type, and ``mark`` for the one document that holds the index's change number.
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("seq", fast=True)
    builder.add_unsigned_field("pmid", indexed=True, fast=True)
    # What plain words are ranked by: stems and their numbers. Their places are known from the words.
    for name in ("title", "abstract"):
        builder.add_text_field(name, tokenizer_name=TEXT, index_option="freq")
    builder.add_text_field("terms", tokenizer_name=TEXT)
    for name in WORDS + NAMES:
        builder.add_text_field(name, tokenizer_name=NAME)
    # With numbers, so that headings can be ranked by in one union with words (see ``Translator``).
    builder.add_text_field("mesh", tokenizer_name=EXACT, index_option="freq")
    for name in VALUES:
        builder.add_text_field(name, tokenizer_name=EXACT, index_option="basic")
    builder.add_text_field("journal_name", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("date", indexed=True, fast=True)
    for name in DATES:
        builder.add_unsigned_field(name, fast=True)
    builder.add_unsigned_field("newest", fast=True)
    builder.add_unsigned_field("retraction", indexed=True)
    return builder.build()


def date_key(date: int, pmid: int) -> int:
    """What an order of dates goes by: the date as ``yyyymmdd``, and the PMID where dates are equal."""
    return date * (HIGHEST_PMID + 1) + pmid


def document(record: Indexed, inbound: Sequence[Pointer], schema: tantivy.Schema) -> tantivy.Document:
    """What the index keeps of a record, and of the links that point at it."""
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
    return tantivy.Document.from_dict(fields, schema)  # pyright: ignore[reportUnknownMemberType]  # the stub says dict


def _texts(record: Indexed) -> dict[str, list[str]]:
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


def _people(record: Indexed) -> dict[str, list[str]]:
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


def _subjects(record: Indexed) -> dict[str, list[str]]:
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


def _source(record: Indexed) -> dict[str, list[str]]:
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


def _dates(record: Indexed) -> dict[str, int]:
    """When the record came into PubMed, as NLM's fields EDAT, CRDT, MHDA, DCOM and LR tell it."""
    history = {step.status: step.date.sort_key for step in record.history}
    return {
        "entry_date": history.get("pubmed") or history.get("entrez") or 0,
        "create_date": history.get("entrez") or history.get("pubmed") or 0,
        "mesh_date": history.get("medline") or 0,
        "completion_date": record.date_completed.sort_key if record.date_completed else 0,
        "revision_date": record.date_revised.sort_key if record.date_revised else 0,
    }


def mark_document(seq: int) -> tantivy.Document:
    """The document that says how far the index has come."""
    mark = tantivy.Document()
    mark.add_text("kind", "mark")
    mark.add_unsigned("seq", seq)
    return mark


def cited(references: Sequence[_Reference], links: Sequence[CommentCorrection]) -> dict[str, None]:
    """What a record cites, each work once: its PMID, or where the record gives none its DOI, or its PMCID."""
    ids = [
        next((ids[kind] for kind in ("pubmed", "doi", "pmcid") if kind in ids), "")
        for ids in (reference.ids for reference in references)
    ]
    ids += [str(link.pmid) for link in links if link.ref_type == "Cites" and link.pmid]
    return {value: None for value in ids if value}


def _sections(record: Indexed) -> Iterator[_Section]:
    yield from record.abstract
    for other in record.other_abstracts:
        yield from other.sections


def _subject_terms(record: Indexed) -> Iterator[str]:
    for heading in record.mesh:
        yield heading.name
        for qualifier in heading.qualifiers:
            yield qualifier.name
    for concept in record.supplemental_mesh:
        yield concept.name
    for chemical in record.chemicals:
        yield chemical.name


def _subsets(record: Indexed) -> Iterator[str]:
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


def _names(person: _Person) -> list[str]:
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
