"""RIS, as reference managers import it.

Reference: Research Information Systems, "RIS Format Specifications" (2011).
"""

from __future__ import annotations

from collections.abc import Iterator

from medlit.citation import parts
from medlit.citation.languages import NAMES
from medlit.record import Article, Author, Book, PartialDate

_KINDS = {"article": "JOUR", "book": "BOOK", "chapter": "CHAP"}


def ris(article: Article) -> str:
    """The entry, one line a field."""
    lines = [f"{tag}  - {line}" for tag, value in _fields(article) if (line := parts.one_line(value))]
    return "\n".join([*lines, "ER  - "])


def _fields(article: Article) -> Iterator[tuple[str, str | None]]:
    yield "TY", "JOUR" if not article.book else _KINDS[article.record_type]
    for person in parts.authors_of(article):
        yield "AU", _name(person)
    title = parts.title_of(article)
    if title:
        yield "TI", f"[{title.text}]" if title.translated else title.text
    yield "TT", parts.vernacular_of(article)
    if article.book:
        yield from _book(article, article.book)
    elif journal := article.journal:
        yield "T2", journal.title or journal.name
        yield "J2", journal.name
        yield "SN", journal.issn_print or journal.issn_electronic or journal.issn_linking
    if date := parts.published(article):
        yield "PY", str(date.year or "")
        yield "DA", _date(date)
    yield "VL", (article.book.volume if article.book else None) or article.volume
    yield "IS", article.issue
    yield from _pages(article)
    yield "DO", parts.doi_of(article)
    yield "AN", str(article.pmid)
    yield "DB", "PubMed"
    yield "C2", article.ids.get("pmcid")
    yield "LA", ", ".join(NAMES.get(code, code) for code in article.languages)
    if article.retracted:
        said = "; ".join(parts.retraction_sources(article))
        yield "N1", f"Retracted. Retraction in: {said}" if said else "Retracted"
    yield "UR", f"https://pubmed.ncbi.nlm.nih.gov/{article.pmid}/"


def _book(article: Article, book: Book) -> Iterator[tuple[str, str | None]]:
    if article.record_type == "chapter":
        yield "T2", book.title
    else:
        yield "T2", book.series
    for person in parts.editors_of(article):
        yield "A2", _name(person)
    yield "ET", book.edition
    yield "PB", book.publisher
    yield "CY", book.place
    yield "SN", book.isbn[0] if book.isbn else None


def _name(person: Author) -> str:
    """``Last, Fore, Suffix``."""
    if person.collective:
        return parts.one_line(person.collective)
    fore = parts.one_line(person.fore) or " ".join(f"{initial}." for initial in parts.initials_of(person))
    suffix = parts.suffix_of(person)
    # The place of the fore names is kept where there are none, or the suffix would be taken for them.
    names = [parts.one_line(person.last), fore, suffix] if suffix else [parts.one_line(person.last), fore]
    return ", ".join(names).removesuffix(", ")


def _date(date: PartialDate) -> str:
    """``YYYY/MM/DD/other``; what is unknown stays empty."""
    if not date.year:
        return ""
    month = f"{date.month:02}" if date.month else ""
    day = f"{date.day:02}" if date.day else ""
    return f"{date.year}/{month}/{day}/{parts.one_line(date.season or date.medline_date)}"


def _pages(article: Article) -> Iterator[tuple[str, str | None]]:
    if number := parts.article_number(article):
        yield "C7", number
    if pages := parts.span(article.pages):
        yield "SP", pages.first
        yield "EP", pages.last
    else:
        yield "SP", parts.printed_pages(article.pages)
