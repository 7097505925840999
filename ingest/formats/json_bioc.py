"""BioC JSON: collections, single documents, and PubTator3's envelope of them.

Reference: Comeau et al., BioC, as NCBI serves it for PubMed and for PMC's full texts.
The title, the abstract and what is said of the article are read; annotations and the
body of a full text are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ingest.formats.json_values import (
    Fields,
    Unusable,
    a_list,
    any_date,
    identifiers,
    plausible_pmid,
    plausible_year,
    printed_pages,
)
from ingest.formats.markup import tidy
from ingest.formats.names import initials_of, person
from medlit.record import AbstractSection, Article, Author, Journal, Pages, PartialDate

ENVELOPES = ("documents", "PubTator3")

_TITLES = frozenset({"title", "front"})
_CITATION = re.compile(
    r"(?P<name>[^;]{1,200}?)\. (?P<date>\d{4}[^;:.]*)(?:;(?P<volume>[^(:;.]*)(?:\((?P<issue>[^)]*)\))?"
    r"(?::(?P<pages>[^\s;:]*?))?)?(?:\.(?: .*)?)?",
    re.DOTALL,
)
_NAME_BEFORE_YEAR = re.compile(r"([^;]{1,200}?)[.;] ?\d{4}\b")
_DOI = re.compile(r"\bdoi: (10\.\S+?)\.?(?:\s|$)")
_DIGITS = re.compile(r"(?:PMC)?0*(\d+)")


class _Printed(NamedTuple):
    """What a citation in one line says: journal, date, volume, issue, pages, DOI."""

    journal: Journal | None = None
    date: PartialDate | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None


def members(fields: Fields) -> list[object] | None:
    """The records in this shape of object, or ``None`` when it is not the shape."""
    for name in ENVELOPES:
        if (documents := a_list(fields.value(name))) is not None:
            return documents
    return [fields.members] if a_list(fields.value("passages")) is not None else None


def article(fields: Fields) -> Article:
    """The record of one document.

    Raises:
        Unusable: it has no passages, or no PMID.
    """
    if a_list(fields.value("passages")) is None:
        raise Unusable("it has no passages")
    passages = fields.objects("passages")
    title = next((passage for passage in passages if _is_title(passage)), None)
    said = Fields({**fields.within("infons").members, **(title.within("infons").members if title else {})})
    pmid = _pmid(fields, said, passages)
    if not pmid:
        raise Unusable("it has no PMID")
    printed = _citation(said.text("journal"))
    journal = fields.text("journal")
    if journal and (printed.journal is None or not printed.journal.medline_ta):
        printed = printed._replace(journal=Journal(medline_ta=journal))
    year = plausible_year(said.value("year"))
    pmcid = _pmcid(fields.text("pmcid") or said.text("article-id_pmc"))
    return Article(
        pmid=pmid,
        title=_text(title) if title else None,
        abstract=_abstract(passages),
        authors=_authors(fields, said),
        journal=printed.journal,
        volume=said.text("volume") or printed.volume,
        issue=said.text("issue") or printed.issue,
        pages=_pages(said) or printed_pages(printed.pages),
        pub_date=printed.date or (PartialDate(year=year) if year else None),
        ids=identifiers(pmid=pmid, doi=said.text("article-id_doi") or printed.doi, pmcid=pmcid),
    )


def _kind(passage: Fields) -> tuple[str, str]:
    infons = passage.within("infons")
    return (infons.text("type") or "").casefold(), (infons.text("section_type") or "").casefold()


def _is_title(passage: Fields) -> bool:
    kind, section = _kind(passage)
    return (kind in _TITLES and section in ("", "title")) or (section == "title" and not kind)


def _pmid(document: Fields, said: Fields, passages: Iterable[Fields]) -> int | None:
    """The PMID. A document's own ``id`` is one only where it is not the number of a full text in PMC."""
    told = plausible_pmid(said.value("article-id_pmid")) or plausible_pmid(document.value("pmid"))
    if told:
        return told
    number = plausible_pmid((document.text("_id") or "").partition("|")[0]) or plausible_pmid(document.value("id"))
    in_pmc = _DIGITS.fullmatch(said.text("article-id_pmc") or "")
    if in_pmc and int(in_pmc[1]) == number:
        return None
    is_full_text = any(_kind(passage)[1] not in ("", "title", "abstract") for passage in passages)
    return None if is_full_text else number


def _pmcid(number: str | None) -> str | None:
    return f"PMC{number}" if number and number.isdigit() else number


def _text(passage: Fields) -> str | None:
    text = passage.text("text")
    return text or tidy(" ".join(part for item in passage.objects("sentences") if (part := item.text("text"))))


def _abstract(passages: Iterable[Fields]) -> list[AbstractSection]:
    """The abstract; a passage that is a heading labels the one after it."""
    sections: list[AbstractSection] = []
    label: str | None = None
    for passage in passages:
        kind, section = _kind(passage)
        if not (section == "abstract" or (not section and kind.startswith("abstract"))):
            continue
        text = _text(passage)
        if "title" in kind:
            label = text if text and text.casefold() != "abstract" else None
        elif text:
            sections.append(AbstractSection(label=label, text=text))
            label = None
    return sections


def _authors(document: Fields, said: Fields) -> list[Author]:
    authors: list[Author] = []
    while parts := said.text(f"name_{len(authors)}"):  # surname:Example;given-names:Ann B
        named = {key.strip(): value.strip() for key, _, value in (part.partition(":") for part in parts.split(";"))}
        last, fore = named.get("surname"), named.get("given-names")
        initials = initials_of(fore) if fore else None
        authors.append(Author(last=last, fore=fore, initials=initials) if last else person(parts))
    if authors:
        return authors
    names = said.texts("authors")
    if len(names) == 1:
        names = names[0].strip(" ,.").split(", ")
    return [person(name) for name in names or document.texts("authors") if name.strip()]


def _pages(said: Fields) -> Pages | None:
    first, last = said.text("fpage"), said.text("lpage")
    if not first:
        return printed_pages(said.text("elocation-id"))
    return Pages(raw=f"{first}-{last}" if last and last != first else first, start=first, end=last)


def _citation(text: str | None) -> _Printed:
    """``J Test. 2017 Jul;12(3):45-6. doi: 10.1/x``, or less of it, or a journal's name alone."""
    if not text:
        return _Printed()
    if match := _CITATION.fullmatch(text):
        parts = match.groupdict()
        doi = _DOI.search(text)
        return _Printed(
            Journal(medline_ta=parts["name"]),
            any_date(parts["date"]),
            tidy(parts["volume"] or ""),
            tidy(parts["issue"] or ""),
            tidy(parts["pages"] or ""),
            doi[1] if doi else None,
        )
    if match := _NAME_BEFORE_YEAR.match(text):
        return _Printed(Journal(medline_ta=match[1]))
    return _Printed(Journal(title=text))
