"""BibTeX, in UTF-8.

Reference: Oren Patashnik, "BibTeXing" (1988). The characters that TeX reads as commands
are escaped; all others stand as they are, which LaTeX has understood since 2018. A DOI
is verbatim, as biblatex and every DOI field of a style expect it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from medlit.citation import parts
from medlit.citation.languages import NAMES
from medlit.record import Article, Author, Book

MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

ESCAPES = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
}  # fmt: skip
"""Braces become words: BibTeX counts them even when they are escaped."""

_ESCAPED = str.maketrans(ESCAPES)
_PLAIN_NAME = re.compile(r"[^\W\d_][\w.'’\- ]*")
_AND = re.compile(r"\band\b", re.IGNORECASE)


def bibtex(article: Article) -> str:
    """The entry. Its key does not depend on what else is in an answer, and is unique by its PMID."""
    book = article.book
    kind = "article" if not book else "incollection" if article.record_type == "chapter" else "book"
    fields = list(_book(article, book) if book else _journal_article(article)) + list(_shared(article))
    lines = "".join(f"  {name} = {value},\n" for name, value in fields)
    return f"@{kind}{{{key(article)},\n{lines}}}"


def key(article: Article) -> str:
    """``Smith2020pmid123``."""
    people = parts.authors_of(article) or parts.editors_of(article)
    first = (people[0].last or people[0].collective or "") if people else ""
    date = parts.published(article)
    letters = unicodedata.normalize("NFKD", first).encode("ascii", "ignore").decode()
    return f"{re.sub('[^A-Za-z]', '', letters)}{date.year if date and date.year else ''}pmid{article.pmid}"


def _journal_article(article: Article) -> Iterator[tuple[str, str]]:
    journal = article.journal
    yield from _people("author", parts.authors_of(article), complete=article.author_list_complete is not False)
    title = parts.title_of(article)
    if title:
        yield from _text("title", f"[{title.text}]" if title.translated else title.text, keep_capitals=True)
    if journal:
        yield from _text("journal", journal.title or journal.name)
        yield from _text("issn", journal.issn_print or journal.issn_electronic or journal.issn_linking)
    yield from _date(article)
    yield from _text("volume", article.volume)
    yield from _text("number", article.issue)


def _book(article: Article, book: Book) -> Iterator[tuple[str, str]]:
    yield from _people("author", parts.authors_of(article), complete=article.author_list_complete is not False)
    title = parts.title_of(article)
    if article.record_type == "chapter":
        yield from _text("title", title.text if title else None, keep_capitals=True)
        yield from _text("booktitle", book.title, keep_capitals=True)
    else:
        yield from _text("title", book.title or (title.text if title else None), keep_capitals=True)
    yield from _people("editor", parts.editors_of(article))
    yield from _text("edition", book.edition)
    yield from _text("series", book.series)
    yield from _text("volume", book.volume)
    yield from _text("publisher", book.publisher)
    yield from _text("address", book.place)
    yield from _text("isbn", book.isbn[0] if book.isbn else None)
    yield from _date(article)


def _shared(article: Article) -> Iterator[tuple[str, str]]:
    pages = parts.span(article.pages)
    if pages:
        yield from _text("pages", f"{pages.first}--{pages.last}" if pages.last else pages.first)
    else:
        yield from _text("pages", parts.printed_pages(article.pages) or parts.article_number(article))
    if doi := parts.doi_of(article):
        yield "doi", f"{{{doi.replace('{', '%7B').replace('}', '%7D')}}}"
    yield "pmid", f"{{{article.pmid}}}"
    yield from _text("pmcid", article.ids.get("pmcid"))
    yield from _text("language", ", ".join(NAMES[code] for code in article.languages if code in NAMES))
    if article.retracted:
        said = "; ".join(parts.retraction_sources(article))
        yield from _text("note", f"Retracted. Retraction in: {said}" if said else "Retracted")


def _date(article: Article) -> Iterator[tuple[str, str]]:
    date = parts.published(article)
    if date and date.year:
        yield "year", f"{{{date.year}}}"
        if date.month:
            yield "month", MONTHS[date.month]


def _text(name: str, value: str | None, *, keep_capitals: bool = False) -> Iterator[tuple[str, str]]:
    """A field, or nothing. A second pair of braces keeps a style from lowering capitals."""
    if text := parts.one_line(value).translate(_ESCAPED):
        yield name, f"{{{{{text}}}}}" if keep_capitals else f"{{{text}}}"


def _people(name: str, people: Sequence[Author], *, complete: bool = True) -> Iterator[tuple[str, str]]:
    names = [_name(person) for person in people] + ([] if complete else ["others"])
    if people:
        yield name, f"{{{' and '.join(names)}}}"


def _name(person: Author) -> str:
    """``Last, Suffix, Fore``; braces hold together what BibTeX would take apart."""
    if person.collective:
        return f"{{{parts.one_line(person.collective).translate(_ESCAPED)}}}"
    last, suffix = parts.one_line(person.last), parts.suffix_of(person)
    fore = parts.one_line(person.fore) or " ".join(f"{initial}." for initial in parts.initials_of(person))
    if suffix:
        return f"{_part(last)}, {_part(suffix)}, {_part(fore)}"
    return f"{_part(last)}, {_part(fore)}" if fore else f"{{{last.translate(_ESCAPED)}}}"


def _part(text: str) -> str:
    escaped = text.translate(_ESCAPED)
    return escaped if _PLAIN_NAME.fullmatch(text) and not _AND.search(text) else f"{{{escaped}}}"
