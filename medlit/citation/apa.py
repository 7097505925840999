"""APA style, 7th edition, as plain text: italics are lost.

Reference: Publication Manual of the American Psychological Association (2020), chapters
9 and 10. Titles keep the record's capitals: what is a proper name cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from medlit.citation import parts
from medlit.citation.parts import ended
from medlit.record import Article, Author, Book

MOST_AUTHORS = 20

_SOURCE = re.compile(
    r"(?P<journal>.+?)\. (?P<year>\d{4})[^;:]*(?:;(?P<volume>\w+))?(?:\((?P<issue>[^)]+)\))?(?::(?P<page>[\w-]+))?"
)
"""A citation as NLM writes it in links: ``J Test. 2010 Feb 6;3(1):44``."""


def apa(article: Article) -> str:
    """The citation as one line of text."""
    book = article.book
    title = _book_title(book, article) if book and article.record_type == "book" else _title(article)
    authors = parts.authors_of(article)
    by = names(authors, complete=article.author_list_complete is not False)
    if not by and book and article.record_type == "book":
        editors = parts.editors_of(article)
        by = f"{names(editors)} {_editors(editors)}" if editors else ""
    date = parts.published(article)
    year = f"({date.year if date and date.year else 'n.d.'})"
    opening = [by, year, title] if by else [title, year]
    sentences = [*opening, *(_container(article, book) if book else [_source(article)])]
    doi = parts.doi_of(article)
    text = [ended(sentence) for sentence in sentences if sentence]
    return " ".join([*text, *([f"https://doi.org/{doi}"] if doi else []), *_retraction(article)])


def _inverted(person: Author) -> str:
    """The last name first: ``Smith, J. A.``."""
    if person.collective:
        return parts.one_line(person.collective)
    return ", ".join(filter(None, (parts.one_line(person.last), _initials(person), _suffix(person))))


def _upright(person: Author) -> str:
    """The name as it is spoken: ``J. A. Smith``."""
    if person.collective:
        return parts.one_line(person.collective)
    return " ".join(filter(None, (_initials(person), parts.one_line(person.last), _suffix(person))))


def _initials(person: Author) -> str:
    """``J.-P. M.`` where the fore names show the hyphen."""
    initials = parts.initials_of(person)
    fore = parts.one_line(person.fore)
    hyphens = re.findall(r"[\s.]+|-", fore)
    between = [" "] * len(initials)
    if len(hyphens) == len(initials) - 1:
        between[1:] = ["-" if hyphen == "-" else " " for hyphen in hyphens]
    return "".join(f"{before}{initial}." for before, initial in zip(between, initials, strict=True)).strip()


def _suffix(person: Author) -> str:
    suffix = parts.suffix_of(person)
    return f"{suffix}." if suffix in ("Jr", "Sr") else suffix


def names(people: Sequence[Author], *, complete: bool = True) -> str:
    """The authors, each with the last name first."""
    return _listed([_inverted(person) for person in people], complete=complete)


def _listed(names: Sequence[str], *, complete: bool = True) -> str:
    """Up to twenty names; of more, the first nineteen and the last (section 9.8)."""
    if not complete and names:
        return ", ".join([*names[: MOST_AUTHORS - 1], "et al."])
    if len(names) > MOST_AUTHORS:
        return ", ".join(names[: MOST_AUTHORS - 1]) + f", . . . {names[-1]}"
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + f", & {names[-1]}"


def _editors(editors: Sequence[Author]) -> str:
    return "(Eds.)" if len(editors) > 1 else "(Ed.)"


def _title(article: Article) -> str:
    """The title; a translation stands in brackets after the original (section 9.38)."""
    title, original = parts.title_of(article), parts.vernacular_of(article)
    if title is None or not title.translated:
        return title.text if title else ""
    return f"{original} [{title.text}]" if original else f"[{title.text}]"


def _source(article: Article) -> str:
    journal = parts.one_line(article.journal.title or article.journal.name) if article.journal else ""
    volume, issue = parts.one_line(article.volume), parts.one_line(article.issue)
    numbers = volume + (f"({issue})" if issue else "")
    return ", ".join(filter(None, (journal.rstrip("."), numbers, _pages(article))))


def _pages(article: Article) -> str:
    if number := parts.article_number(article):
        return f"Article {number}"
    pages = parts.span(article.pages)
    if not pages:
        return parts.printed_pages(article.pages)
    return f"{pages.first}–{pages.last}" if pages.last and pages.last != pages.first else pages.first


def _book_title(book: Book, article: Article) -> str:
    title = parts.one_line(book.title).rstrip(".") or _title(article)
    pages = _pages(article) if article.record_type == "chapter" else ""
    details = ", ".join(filter(None, (parts.edition_of(book), f"pp. {pages}" if pages else "")))
    return f"{title} ({details})" if details else title


def _container(article: Article, book: Book) -> list[str]:
    """A chapter's book, and the publisher."""
    whole = ""
    if article.record_type == "chapter":
        editors = parts.editors_of(article)
        by = f"{_upright_names(editors)} {_editors(editors)}, " if editors else ""
        whole = f"In {by}{_book_title(book, article)}"
    return [whole, parts.one_line(book.publisher)]


def _upright_names(people: Sequence[Author]) -> str:
    """Two names have no comma between them (section 10.3)."""
    names = [_upright(person) for person in people]
    return f"{names[0]} & {names[1]}" if len(names) == 2 else _listed(names)


def _retraction(article: Article) -> list[str]:
    """``(Retraction published 2010, Journal, 3[1], 44)``, as in example 20 of section 10.1."""
    if not article.retracted:
        return []
    for source in parts.retraction_sources(article):
        if match := _SOURCE.match(source):
            issue = f"[{match['issue']}]" if match["issue"] else ""
            where = (match["journal"], (match["volume"] or "") + issue, (match["page"] or "").replace("-", "–"))
            return [f"(Retraction published {', '.join(filter(None, (match['year'], *where)))})"]
    return ["(Retracted)"]
