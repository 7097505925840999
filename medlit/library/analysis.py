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
"""Words of names: lower case, accents folded, no stems."""

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


class _Reference(msgspec.Struct):
    ids: dict[str, str] = {}


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
    references: list[_Reference] = []


def analyzers() -> dict[str, tantivy.TextAnalyzer]:
    """The analyzers by the names the schema uses."""
    words = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(LONGEST_TERM))
    return {
        TEXT: words.filter(Filter.lowercase()).filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build(),
        NAME: TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build(),
        EXACT: TextAnalyzerBuilder(Tokenizer.raw()).filter(Filter.lowercase()).filter(Filter.ascii_fold()).build(),
    }


_words_of_names = analyzers()[NAME].analyze


def normalized(text: str) -> str:
    """The words of a name as the index has them, with one space between: lower case, no accents, no punctuation."""
    return " ".join(_words_of_names(text))


def schema() -> tantivy.Schema:
    """The index's fields."""
    builder = tantivy.SchemaBuilder()
    # ``kind`` is the record type, and ``mark`` for the one document that holds the index's change number.
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("seq", fast=True)
    builder.add_unsigned_field("pmid", indexed=True, fast=True)
    for name in ("title", "abstract", "terms"):
        builder.add_text_field(name, tokenizer_name=TEXT)
    builder.add_text_field("author", tokenizer_name=NAME)
    for name in ("journal", "mesh", "publication_type", "language", "doi", "pmcid", "cites"):
        builder.add_text_field(name, tokenizer_name=EXACT, index_option="basic")
    builder.add_unsigned_field("date", indexed=True, fast=True)
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
        "title": [title for title in (record.title, record.vernacular_title) if title],
        "abstract": [section.text for section in _sections(record)],
        "terms": list(_terms(record)),
        "author": list(_author_names(record.authors)),
        "mesh": [heading.name for heading in record.mesh] + [term.name for term in record.supplemental_mesh],
        "publication_type": [term.name for term in record.publication_types],
        "language": record.languages,
        "date": date,
        "newest": date_key(date, record.pmid),
        "retraction": RETRACTION[status_of(record, inbound).retracted],
        "cites": list(cited(record.references, record.comments_corrections)),
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
    return tantivy.Document.from_dict(fields, schema)  # pyright: ignore[reportUnknownMemberType]  # the stub says dict


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


def _terms(record: Indexed) -> Iterator[str]:
    for heading in record.mesh:
        yield heading.name
        for qualifier in heading.qualifiers:
            yield qualifier.name
    for concept in record.supplemental_mesh:
        yield concept.name
    for keyword in record.keywords:
        yield keyword.term
    for chemical in record.chemicals:
        yield chemical.name


def _author_names(authors: list[_Person]) -> Iterator[str]:
    """Each name as NLM cites it, with every beginning of its initials, and with the fore name.

    PubMed's author search truncates: ``smith j`` finds Smith JA. Indexing the
    beginnings makes that an exact phrase, however many names begin with a J.
    """
    for author in authors:
        if not author.valid:
            continue
        if author.collective:
            yield author.collective
        elif author.last:
            initials = (author.initials or "").replace(" ", "")
            if not initials:
                yield author.last
            for length in range(1, min(len(initials), 4) + 1):
                yield f"{author.last} {initials[:length]}"
            if author.fore and author.fore != author.initials:
                yield f"{author.last} {author.fore}"
