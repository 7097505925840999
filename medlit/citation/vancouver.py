"""Vancouver style, as NLM and the ICMJE have it.

Reference: NLM, "Citing Medicine", 2nd edition, chapters 1 (journals) and 2 (books);
ICMJE, "Samples of Formatted References for Authors". Dates and identifiers stand as in
PubMed's own citations.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from medlit.citation import parts
from medlit.citation.languages import NAMES
from medlit.citation.parts import ended
from medlit.record import Article, Author, Book, PartialDate

MOST_AUTHORS = 6

DATE_UNKNOWN = "[date unknown]"


def vancouver(article: Article) -> str:
    """The citation as one line of text."""
    sentences = _book(article, article.book) if article.book else _journal_article(article)
    return " ".join(ended(sentence) for sentence in sentences if sentence)


def name(person: Author) -> str:
    """``Last IN Suffix``, or the name of a group."""
    if person.collective:
        return parts.one_line(person.collective)
    words = (parts.one_line(person.last), "".join(parts.initials_of(person)), parts.suffix_of(person))
    return " ".join(filter(None, words))


def names(people: Sequence[Author], *, complete: bool = True) -> str:
    """Up to six names, then et al.; a semicolon stands between persons and groups."""
    shown = people[:MOST_AUTHORS]
    text = name(shown[0]) if shown else ""
    for before, person in pairwise(shown):
        text += ("; " if before.collective or person.collective else ", ") + name(person)
    return f"{text}, et al." if text and (len(people) > MOST_AUTHORS or not complete) else text


def source(article: Article) -> str:
    """Journal, date, volume, issue, pages: ``J Test. 2020 Jan 5;12(3):737-8``."""
    journal = parts.one_line(article.journal.name) if article.journal else ""
    date, _ = _dates(article)
    volume, issue = parts.one_line(article.volume), parts.one_line(article.issue)
    numbers = volume + (f"({issue})" if issue else "")
    pages = parts.span(article.pages)
    where = (parts.shortened(pages) if pages else parts.printed_pages(article.pages)) or parts.article_number(article)
    place = f"{ended(journal)} {date}".strip()
    return place + (f";{numbers}" if numbers else "") + (f":{where}" if where else "")


def _journal_article(article: Article) -> list[str]:
    _, other_date = _dates(article)
    return [
        names(parts.authors_of(article), complete=article.author_list_complete is not False),
        _title(article),
        source(article),
        _doi(article),
        other_date,
        *_after(article),
    ]


def _book(article: Article, book: Book) -> list[str]:
    authors, editors = parts.authors_of(article), parts.editors_of(article)
    edited = names(editors) + (", editors" if len(editors) > 1 else ", editor") if editors else ""
    by_authors = names(authors, complete=article.author_list_complete is not False)
    if article.record_type == "chapter":
        date = parts.published(article)
        opening = [by_authors, _title(article), nlm_date_of(date) if date else ""]
        whole = [" ".join(filter(None, ("In:", ended(edited), ended(_book_title(book)))))]
    else:
        opening = [by_authors or edited]
        whole = [_retracted(article, _book_title(book) or _title(article)), "" if not by_authors else edited]
    publisher = ": ".join(filter(None, (parts.one_line(book.place), parts.one_line(book.publisher))))
    imprint = "; ".join(filter(None, (publisher, _book_dates(article, book))))
    volume = parts.one_line(book.volume or article.volume)
    pages = parts.span(article.pages)
    printed = parts.shortened(pages) if pages else parts.printed_pages(article.pages)
    return [
        *opening,
        *whole,
        parts.edition_of(book),
        imprint,
        f"Vol. {volume}" if volume else "",
        f"p. {printed}" if printed else "",
        f"({series})" if (series := parts.one_line(book.series)) else "",
        _doi(article),
        *_after(article),
    ]


def _title(article: Article) -> str:
    title = parts.title_of(article)
    if title is None:
        return ""
    return _retracted(article, f"[{title.text}]" if title.translated else title.text)


def _retracted(article: Article, title: str) -> str:
    return f"{title} [Retracted]" if article.retracted and title else title


def _book_title(book: Book) -> str:
    title = parts.one_line(book.title).rstrip(".")
    return f"{title} [{book.medium}]" if title and book.medium and book.medium != "Print" else title


def _book_dates(article: Article, book: Book) -> str:
    """``2009-2014`` for a book that grows, else its date."""
    if book.begins and book.begins.year:
        return f"{book.begins.year}-{book.ends.year if book.ends and book.ends.year else ''}"
    return nlm_date_of(article.pub_date)


def nlm_date_of(date: PartialDate | None) -> str:
    """The date as NLM writes it; that there is none is said."""
    return (parts.nlm_date(date) if date else "") or DATE_UNKNOWN


def _dates(article: Article) -> tuple[str, str]:
    """The date that the citation bears, and what is said of the other medium's.

    Which medium's date comes first is the publisher's choice, in ``PubModel``.
    """
    issue, electronic = parts.nlm_date(article.pub_date) if article.pub_date else "", parts.electronic_date(article)
    online = parts.nlm_date(electronic) if electronic else ""
    if not online or article.pub_model in ("Print", "Electronic"):
        return issue or online or DATE_UNKNOWN, ""
    match article.pub_model:
        case "Electronic-eCollection":
            return online, f"eCollection {issue}" if issue else ""
        case "Electronic-Print":
            return online, f"Print {issue}" if issue else ""
        case _:
            return (issue, f"Epub {online}") if issue and issue != online else (online, "")


def _doi(article: Article) -> str:
    doi = parts.doi_of(article)
    return f"doi: {doi}" if doi else ""


def _after(article: Article) -> list[str]:
    """What stands after the citation proper: language, retraction, identifiers."""
    foreign = [NAMES[code] for code in article.languages if code in NAMES]
    pmcid = parts.one_line(article.ids.get("pmcid"))
    retracted_in = "; ".join(parts.retraction_sources(article))
    return [
        ", ".join(foreign) if foreign and foreign != ["English"] else "",
        f"Retraction in: {retracted_in}" if retracted_in else "",
        f"PMID: {article.pmid}" + (f"; PMCID: {pmcid}" if pmcid else ""),
    ]
