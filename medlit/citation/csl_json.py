"""CSL-JSON: what citeproc, Zotero and Pandoc read.

Reference: Citation Style Language 1.0.2, "CSL-JSON schema" (csl-data.json).
"""

from __future__ import annotations

from typing import Any

import msgspec

from medlit.citation import parts
from medlit.citation.languages import TAGS
from medlit.record import Article, Author, PartialDate

_KINDS = {"article": "article-journal", "book": "book", "chapter": "chapter"}
_SEASONS = {"spring": 1, "summer": 2, "autumn": 3, "fall": 3, "winter": 4}


def csl_json(article: Article) -> str:
    """The item as a JSON object."""
    return msgspec.json.encode(item(article)).decode()


def item(article: Article) -> dict[str, Any]:
    """The item; variables the record says nothing for are left out."""
    journal, book = article.journal, article.book
    title = parts.title_of(article)
    language = next((TAGS[code] for code in article.languages if code in TAGS), None)
    date = parts.published(article)
    variables: dict[str, Any] = {
        "title": title and (f"[{title.text}]" if title.translated else title.text),
        "author": [_name(person) for person in parts.authors_of(article)],
        "editor": [_name(person) for person in parts.editors_of(article)],
        "issued": _date(date) if date else None,
        "volume": parts.one_line(article.volume),
        "issue": parts.one_line(article.issue),
        "page": _pages(article),
        "number": parts.article_number(article) if not parts.printed_pages(article.pages) else None,
        "DOI": parts.doi_of(article),
        "PMID": str(article.pmid),
        "PMCID": parts.one_line(article.ids.get("pmcid")),
        "language": language,
        "original-title": parts.vernacular_of(article),
        "status": "retracted" if article.retracted else None,
        "note": "; ".join(f"Retraction in: {said}" for said in parts.retraction_sources(article)),
    }
    if book:
        whole = parts.one_line(book.title)
        variables |= {
            "title": variables["title"] or whole,
            "container-title": whole if article.record_type == "chapter" else None,
            "collection-title": parts.one_line(book.series),
            "edition": parts.one_line(book.edition),
            "publisher": parts.one_line(book.publisher),
            "publisher-place": parts.one_line(book.place),
            "ISBN": book.isbn[0] if book.isbn else None,
            "volume": parts.one_line(book.volume or article.volume),
        }
    elif journal:
        variables |= {
            "container-title": parts.one_line(journal.title or journal.name),
            "container-title-short": parts.one_line(journal.name),
            "ISSN": journal.issn_print or journal.issn_electronic or journal.issn_linking,
        }
    kind = _KINDS[article.record_type if book else "article"]
    known = {name: value for name, value in variables.items() if value}
    return {"id": f"pmid:{article.pmid}", "type": kind} | known


def _name(person: Author) -> dict[str, str]:
    if person.collective:
        return {"literal": parts.one_line(person.collective)}
    given = parts.one_line(person.fore) or " ".join(f"{initial}." for initial in parts.initials_of(person))
    names = {"family": parts.one_line(person.last), "given": given, "suffix": parts.suffix_of(person)}
    return {kind: text for kind, text in names.items() if text}


def _date(date: PartialDate) -> dict[str, Any] | None:
    if not date.year:
        text = parts.one_line(date.medline_date or date.season)
        return {"literal": text} if text else None
    numbers = [date.year] + ([date.month] if date.month else []) + ([date.day] if date.month and date.day else [])
    season = _SEASONS.get((date.season or "").lower())
    return {"date-parts": [numbers]} | ({"season": season} if season and not date.month else {})


def _pages(article: Article) -> str:
    pages = parts.span(article.pages)
    if not pages:
        return parts.printed_pages(article.pages)
    return f"{pages.first}-{pages.last}" if pages.last else pages.first
