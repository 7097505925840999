"""What citation styles share: who, what, when, where, taken from a record and never made up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from medlit.record import Article, Author, Book, CommentCorrection, Pages, PartialDate
from medlit.status import INBOUND, OWN, Pointer

NO_TITLE = frozenset({"[Not Available].", "[Not Available]", "Not Available"})
"""What NLM writes where there is no title in English."""

MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_SEEN_FROM_HERE = {notice: own for notice in INBOUND for own in OWN if INBOUND[notice] == OWN[own]}
"""What a link is called in the article that a notice points at: RetractionOf there is RetractionIn here."""

_LAYOUT = re.compile(r"[ \t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")  # not the no-break space: authors mean it
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x9f]")

_PLAIN_PAGES = re.compile(r"([A-Za-z]*)(\d+)-([A-Za-z]*)(\d+)")
_OTHER_PAGES = re.compile(r"([\w.]+)-([\w.]+)")  # roman numerals, 123.e1-123.e5
_ARTICLE_NUMBER = re.compile(r"[A-Za-z]{0,6}\d{2,12}")
_ELECTRONIC_PAGE = re.compile(r"[eE]\w*\d\w*|\d{6,}")  # no volume has 100,000 pages
_GIVEN_NAME = re.compile(r"[^\s.\-‐‑–]+")


class Title(NamedTuple):
    """A title without its full stop; ``translated`` titles stand without NLM's brackets."""

    text: str
    translated: bool


class Span(NamedTuple):
    """First and last page, written out; ``last`` is ``None`` for one page."""

    first: str
    last: str | None


def one_line(text: str | None) -> str:
    """Layout as single spaces, control characters left out: what a line of a format can hold."""
    return _LAYOUT.sub(" ", _CONTROL.sub("", _LAYOUT.sub(" ", text))).strip() if text else ""


def ended(text: str) -> str:
    """The text with a full stop, unless it ends a sentence already."""
    return text if not text or text[-1] in ".?!" else text + "."


def title_of(article: Article) -> Title | None:
    """The article's title; the vernacular one where NLM has only a placeholder, or none."""
    text = one_line(article.title)
    if not text or text in NO_TITLE:
        text = one_line(article.vernacular_title)
        return Title(_unended(text), False) if text else None
    inner = _unbracketed(_unended(text))
    return Title(_unended(inner), True) if inner else Title(_unended(text), False)


def vernacular_of(article: Article) -> str | None:
    """The title in its own language, without its full stop, where the record has both."""
    text = _unended(one_line(article.vernacular_title))
    title = title_of(article)
    return text if text and title and title.text != text else None


def _unended(text: str) -> str:
    return text[:-1].rstrip() if text.endswith(".") and not text.endswith("...") else text


def _unbracketed(text: str) -> str | None:
    """What stands in brackets that hold the whole text, or ``None``."""
    if not (text.startswith("[") and text.endswith("]")):
        return None
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "[") - (character == "]")
        if depth == 0:
            return text[1:-1].strip() or None if at == len(text) - 1 else None
    return None


def authors_of(article: Article) -> list[Author]:
    """Who is cited: names that NLM has superseded are left out."""
    return _named(article.authors)


def editors_of(article: Article) -> list[Author]:
    """The editors of a book."""
    return _named(article.book.editors) if article.book else []


def _named(people: Sequence[Author]) -> list[Author]:
    return [person for person in people if person.valid and (one_line(person.collective) or one_line(person.last))]


def initials_of(author: Author) -> list[str]:
    """The initials, one a name; those of ``Iu A`` are ``Iu`` and ``A``."""
    if not author.initials:
        return [name[0].upper() for name in _GIVEN_NAME.findall(author.fore or "") if name[0].isalpha()]
    initials: list[str] = []
    for letter in filter(str.isalpha, author.initials):
        if letter.isupper() or not initials:
            initials.append(letter)
        else:
            initials[-1] += letter
    return initials


def suffix_of(author: Author) -> str:
    """``Jr``, ``3rd``: without the punctuation that some records have around it."""
    return one_line(author.suffix).strip(" ,.")


def published(article: Article) -> PartialDate | None:
    """The date to cite: of a chapter its own, where it has one."""
    if article.record_type == "chapter" and article.book and article.book.contribution_date:
        return article.book.contribution_date
    return article.pub_date


def electronic_date(article: Article) -> PartialDate | None:
    """When the electronic version appeared."""
    return next((step.date for step in article.article_dates if step.date_type in ("Electronic", None)), None)


def nlm_date(date: PartialDate) -> str:
    """``2020 Jan 5``, as far as it is known; a season and a MedlineDate stand as NLM has them."""
    if date.medline_date or not date.year:
        return one_line(date.medline_date or date.season)
    if not date.month:
        return f"{date.year} {one_line(date.season)}".strip()
    return f"{date.year} {MONTHS[date.month]}" + (f" {date.day}" if date.day else "")


def printed_pages(pages: Pages | None) -> str:
    """The pages as the record has them, or nothing."""
    if not pages:
        return ""
    return one_line(pages.raw) or "-".join(filter(None, (one_line(pages.start), one_line(pages.end))))


def span(pages: Pages | None) -> Span | None:
    """First and last page where the pages are one range or one page, a shortened end completed."""
    text = printed_pages(pages)
    if match := _PLAIN_PAGES.fullmatch(text):
        before, first, before_last, last = match.groups()
        if not before_last and len(last) < len(first):
            last = first[: len(first) - len(last)] + last
        return Span(before + first, (before_last or before) + last)
    if match := _OTHER_PAGES.fullmatch(text):
        return Span(match[1], match[2])
    return Span(text, None) if text and " " not in text and ";" not in text and "," not in text else None


def shortened(pages: Span) -> str:
    """``737-8``: of the last page only the digits that change (Citing Medicine, chapter 1)."""
    first, last = pages
    if not last or last == first:
        return first
    if not (first[-1:].isdigit() and last[-1:].isdigit()):
        return f"{first}-{last}"
    same = 0
    while len(first) == len(last) and same < len(last) - 1 and first[same] == last[same]:
        same += 1
    return f"{first}-{last[same:]}" if last[same:].isdigit() else f"{first}-{last}"


def article_number(article: Article) -> str | None:
    """The number that stands for pages in an electronic journal, where the record has one."""
    pages = printed_pages(article.pages)
    if pages:
        return pages if _ELECTRONIC_PAGE.fullmatch(pages) else None
    numbers = (one_line(place.value) for place in article.elocation_ids if place.type == "pii" and place.valid)
    return next((number for number in numbers if _ARTICLE_NUMBER.fullmatch(number)), None)


def edition_of(book: Book) -> str:
    """The edition with the word for it: ``2nd ed``."""
    edition = one_line(book.edition).rstrip(".")
    if not edition:
        return ""
    return edition if re.search(r"\bed(ition)?\b", edition, re.IGNORECASE) else f"{edition} ed."


def doi_of(article: Article) -> str | None:
    """The DOI: no blanks, no resolver's address before it."""
    return one_line(article.ids.get("doi")).replace(" ", "") or None


def retraction_sources(article: Article) -> list[str]:
    """Where the article was retracted, as its record tells: a citation, or a PMID."""
    said = [
        (one_line(link.source).rstrip("."), f"PMID: {link.pmid}" if link.pmid else "")
        for link in article.comments_corrections
        if "retracted" in OWN.get(link.ref_type, ())
    ]
    return [". ".join(filter(None, parts)) for parts in said if any(parts)]


def with_notices(article: Article, inbound: Sequence[Pointer]) -> Article:
    """The record with the links that only notices in other records tell: a style needs to look in one place."""
    known = {(link.ref_type, link.pmid) for link in article.comments_corrections}
    links = [
        CommentCorrection(ref_type=_SEEN_FROM_HERE[kind], pmid=pmid)
        for kind, pmid in inbound
        if kind in _SEEN_FROM_HERE and (_SEEN_FROM_HERE[kind], pmid) not in known
    ]
    if not links:
        return article
    return msgspec.structs.replace(article, comments_corrections=[*article.comments_corrections, *links])
