"""MEDLINE text (NBIB), as PubMed exports it.

Reference: NLM, "MEDLINE/PubMed Data Element (Field) Descriptions". What the format has
no tag for is left out: identifiers of MeSH terms, the reference list, section labels as
such (they stand in the abstract's text, as in NLM's own exports).
"""

from __future__ import annotations

from collections.abc import Iterator

from medlit.citation import parts, vancouver
from medlit.record import Article, Author, Book, CommentCorrection, Grant, MeshHeading, PartialDate

LINE = 87
"""Characters of a line, tag and all, as in NLM's exports."""

LINKS = {
    "CommentIn": "CIN", "CommentOn": "CON", "CorrectedandRepublishedFrom": "CRF", "CorrectedandRepublishedIn": "CRI",
    "DatasetIn": "DDIN", "DatasetDescribedIn": "DRIN", "ExpressionOfConcernFor": "ECF", "ExpressionOfConcernIn": "ECI",
    "ErratumFor": "EFR", "ErratumIn": "EIN", "OriginalReportIn": "ORI", "PartialRetractionIn": "PRIN",
    "PartialRetractionOf": "PROF", "RetractionIn": "RIN", "RetractionOf": "ROF", "RepublishedFrom": "RPF",
    "RepublishedIn": "RPI", "RetractedandRepublishedFrom": "RRF", "RetractedandRepublishedIn": "RRI",
    "SummaryForPatientsIn": "SPIN", "UpdateIn": "UIN", "UpdateOf": "UOF",
}  # fmt: skip
"""The tags of links to other citations."""

_HISTORY = {"pubmed": "EDAT", "medline": "MHDA", "entrez": "CRDT"}

Field = tuple[str, str | None]


def nbib(article: Article) -> str:
    """The record, folded as NLM folds it."""
    return "\n".join(_folded(tag, line) for tag, value in _fields(article) if (line := parts.one_line(value)))


def _folded(tag: str, value: str) -> str:
    """The field on lines of at most :data:`LINE` characters, cut at spaces; a reader joins them with one."""
    lines = [f"{tag:4}-"]
    for word in value.split(" "):
        if len(lines[-1]) + 1 + len(word) > LINE and len(lines[-1]) > 6:
            lines.append("     ")
        lines[-1] += f" {word}"
    return "\n".join(lines)


def _fields(article: Article) -> Iterator[Field]:
    yield "PMID", str(article.pmid)
    yield "OWN", article.owner
    yield "STAT", article.status
    yield "DCOM", _packed(article.date_completed)
    yield "LR", _packed(article.date_revised)
    yield from _issue(article)
    if not article.book or article.record_type == "chapter":
        yield "TI", article.title
    if article.book:
        yield from _book(article.book)
    if article.pages:
        yield "PG", parts.printed_pages(article.pages)
    for place in article.elocation_ids:
        if place.valid:
            yield "LID", f"{place.value} [{place.type}]"
    yield from _abstracts(article)
    yield from _people(article.authors, "FAU", "AU", "AD")
    yield from _people(article.book.editors if article.book else [], "FED", "ED", "AD")
    for language in article.languages:
        yield "LA", language
    yield from _support(article)
    for kind in article.publication_types:
        yield "PT", kind.name
    yield "TT", article.vernacular_title
    for step in article.article_dates:
        yield "DEP", _packed(step.date)
    yield from _journal(article)
    yield from _subjects(article)
    yield "PMC", article.ids.get("pmcid")
    yield "MID", article.ids.get("mid")
    yield from _people(article.investigators, "FIR", "IR", "IRAD")
    yield "COIS", article.coi_statement
    yield from _history(article)
    for kind, value in article.ids.items():
        if kind not in ("pubmed", "pmcid", "mid"):
            yield "AID", f"{value} [{kind}]"
    yield "PST", article.publication_status
    yield "PUBM", article.pub_model
    if not article.book:
        yield "SO", vancouver.source(article) + "."


def _issue(article: Article) -> Iterator[Field]:
    if journal := article.journal:
        numbers = (
            (journal.issn_electronic, "Electronic"),
            (journal.issn_print, "Print"),
            (journal.issn_linking, "Linking"),
        )
        for number, kind in numbers:
            yield "IS", f"{number} ({kind})" if number else None
    yield "VI", article.volume
    yield "IP", article.issue
    yield "DP", parts.nlm_date(article.pub_date) if article.pub_date else None


def _book(book: Book) -> Iterator[Field]:
    yield "BTI", book.title
    yield "CTI", book.series
    yield "EN", book.edition
    yield "PB", book.publisher
    yield "PL", book.place
    for isbn in book.isbn:
        yield "ISBN", isbn


def _abstracts(article: Article) -> Iterator[Field]:
    yield "AB", " ".join(f"{s.label}: {s.text}" if s.label else s.text for s in article.abstract)
    yield "CI", article.abstract_copyright
    for other in article.other_abstracts:
        yield "OAB", " ".join(section.text for section in other.sections)
        yield "OABL", other.language


def _people(people: list[Author], full: str, short: str, affiliation: str) -> Iterator[Field]:
    for person in people:
        if not person.valid:
            continue
        if person.collective:
            yield "CN" if full == "FAU" else full, person.collective
        elif person.last:
            suffix = parts.suffix_of(person)
            fore = " ".join(filter(None, (person.fore, suffix)))
            yield full, f"{person.last}, {fore}" if fore else person.last
            yield short, " ".join(filter(None, (person.last, person.initials, suffix)))
        yield "AUID", f"ORCID: {person.orcid}" if person.orcid else None
        for other in person.other_ids:
            yield "AUID", f"{other.source}: {other.value}" if other.source else other.value
        for place in person.affiliations:
            yield affiliation, place.text


def _support(article: Article) -> Iterator[Field]:
    for bank in article.databanks:
        for accession in bank.accessions or [""]:
            yield "SI", f"{bank.name}/{accession}" if accession else bank.name
    for grant in article.grants:
        yield "GR", _grant(grant)


def _journal(article: Article) -> Iterator[Field]:
    if journal := article.journal:
        yield "PL", journal.country
        yield "TA", journal.medline_ta
        yield "JT", journal.title
        yield "JID", journal.nlm_id


def _subjects(article: Article) -> Iterator[Field]:
    for chemical in article.chemicals:
        yield "RN", f"{chemical.registry} ({chemical.name})" if chemical.registry else chemical.name
    for subset in article.citation_subsets:
        yield "SB", subset
    for link in article.comments_corrections:
        if link.ref_type in LINKS:
            yield LINKS[link.ref_type], _link(link)
    for heading in article.mesh:
        yield "MH", _mesh(heading)
    yield "RF", None if article.number_of_references is None else str(article.number_of_references)
    for symbol in article.gene_symbols:
        yield "GS", symbol
    yield from _people(article.personal_name_subjects, "FPS", "PS", "AD")
    owner: str | None = None
    for keyword in article.keywords:
        if keyword.owner != owner:
            yield "OTO", keyword.owner
            owner = keyword.owner
        yield "OT", ("*" if keyword.major else "") + keyword.term
    for note in article.general_notes:
        yield "GN", note.text
    for mission in article.space_flight:
        yield "SFM", mission
    for other in article.other_ids:
        yield "OID", f"{other.source}: {other.value}" if other.source else other.value


def _history(article: Article) -> Iterator[Field]:
    for status, tag in _HISTORY.items():
        yield tag, next((_slashed(step.date) for step in article.history if step.status == status), None)
    for step in article.history:
        date = _slashed(step.date)
        yield "PHST", f"{date} [{step.status}]" if date else None


def _packed(date: PartialDate | None) -> str | None:
    return f"{date.year:04}{date.month or 0:02}{date.day or 0:02}" if date and date.year else None


def _slashed(date: PartialDate) -> str | None:
    return f"{date.year:04}/{date.month or 0:02}/{date.day or 0:02} 00:00" if date.year else None


def _grant(grant: Grant) -> str:
    if not (grant.id or grant.acronym or grant.country):
        return grant.agency or ""
    known = [part for part in (grant.id, grant.acronym) if part]
    return "/".join([*known, grant.agency or "", grant.country or ""])


def _mesh(heading: MeshHeading) -> str:
    marked = [("*" if term.major else "") + term.name for term in (heading, *heading.qualifiers)]
    return "/".join(marked)


def _link(link: CommentCorrection) -> str:
    number = f"PMID: {link.pmid}" if link.pmid else ""
    return ". ".join(filter(None, ((link.source or "").rstrip(".") if number else link.source, number)))
