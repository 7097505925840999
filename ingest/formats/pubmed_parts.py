"""The parts of a record in PubMed XML, one function an element. Articles and books share them."""

from __future__ import annotations

import re

from ingest.formats.element import Element
from ingest.formats.markup import text_of
from ingest.formats.pubmed_dates import DATE_PARTS, date_part
from medlit.record import (
    AbstractSection,
    Article,
    Chemical,
    CommentCorrection,
    DataBank,
    Grant,
    HistoryDate,
    Keyword,
    MeshHeading,
    OtherAbstract,
    Pages,
    PartialDate,
    Qualifier,
    Reference,
)

ID_NAMES = {"pmc": "pmcid"}
NO_GRANT = Grant()

_PAGE_RANGE = re.compile(r"([A-Za-z]*)(\d+)-([A-Za-z]*)(\d+)")


def pmid(element: Element) -> int:
    """The number in a ``PMID`` element, or 0 when it is none."""
    text = (element.text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def pmid_version(element: Element) -> int:
    """The ``Version`` attribute of a ``PMID`` element; 1 when absent."""
    version = element.get("Version", "1")
    return int(version) if version.isascii() and version.isdigit() else 1


def abstract(element: Element) -> tuple[list[AbstractSection], str | None]:
    """An ``Abstract``: its sections, and its copyright."""
    sections: list[AbstractSection] = []
    copyright_: str | None = None
    for child in element[:]:
        if child.tag == "AbstractText":
            if text := text_of(child):
                sections.append(
                    AbstractSection(label=child.get("Label") or None, nlm_category=child.get("NlmCategory"), text=text)
                )
        elif child.tag == "CopyrightInformation":
            copyright_ = text_of(child)
    return sections, copyright_


def other_abstract(element: Element) -> OtherAbstract:
    """An ``OtherAbstract``."""
    sections, copyright_ = abstract(element)
    return OtherAbstract(
        type=element.get("Type"), language=element.get("Language"), sections=sections, copyright=copyright_
    )


def mesh_headings(element: Element) -> list[MeshHeading]:
    """A ``MeshHeadingList``."""
    headings: list[MeshHeading] = []
    qualifiers: list[Qualifier] | None = None
    for item in element.iter("DescriptorName", "QualifierName"):
        name = text_of(item)
        if not name:
            continue
        ui, major = item.get("UI"), item.get("MajorTopicYN") == "Y"
        if item.tag == "DescriptorName":
            qualifiers = []
            headings.append(MeshHeading(ui=ui, name=name, major=major, type=item.get("Type"), qualifiers=qualifiers))
        elif qualifiers is not None:
            qualifiers.append(Qualifier(ui=ui, name=name, major=major))
    return headings


def chemicals(element: Element) -> list[Chemical]:
    """A ``ChemicalList``."""
    chemicals: list[Chemical] = []
    registry: str | None = None
    for item in element.iter():
        tag = item.tag
        if tag == "RegistryNumber":
            registry = text_of(item)
        elif tag == "NameOfSubstance":
            if name := text_of(item):
                chemicals.append(Chemical(registry=registry, ui=item.get("UI"), name=name))
            registry = None
    return chemicals


def keywords(element: Element, record: Article) -> None:
    """A ``KeywordList``; a record may have several."""
    owner = element.get("Owner")
    for child in element[:]:
        if term := text_of(child):
            record.keywords.append(Keyword(owner=owner, term=term, major=child.get("MajorTopicYN") == "Y"))


def comment_correction(element: Element) -> CommentCorrection:
    """A ``CommentsCorrections``."""
    link = CommentCorrection(ref_type=element.get("RefType", ""))
    for child in element[:]:
        tag = child.tag
        if tag == "RefSource":
            link.source = text_of(child)
        elif tag == "PMID":
            link.pmid = pmid(child) or None
        elif tag == "Note":
            link.note = text_of(child)
    return link


def databank(element: Element) -> DataBank | None:
    """A ``DataBank``, or ``None`` when it has no name."""
    name: str | None = None
    accessions: list[str] = []
    for child in element[:]:
        if child.tag == "DataBankName":
            name = text_of(child)
        elif child.tag == "AccessionNumberList":
            for item in child[:]:
                append(accessions, text_of(item))
    return DataBank(name=name, accessions=accessions) if name else None


def grants(element: Element) -> list[Grant]:
    """A ``GrantList``, without grants that say nothing."""
    return [grant for item in element[:] if (grant := _grant(item)) != NO_GRANT]


def _grant(element: Element) -> Grant:
    grant = Grant()
    for child in element[:]:
        tag = child.tag
        if tag == "GrantID":
            grant.id = text_of(child)
        elif tag == "Acronym":
            grant.acronym = text_of(child)
        elif tag == "Agency":
            grant.agency = text_of(child)
        elif tag == "Country":
            grant.country = text_of(child)
    return grant


def pages(element: Element) -> Pages | None:
    """A ``Pagination``, or ``None`` when it says nothing."""
    pages = Pages()
    for child in element[:]:
        tag = child.tag
        if tag == "MedlinePgn":
            pages.raw = text_of(child)
        elif tag == "StartPage":
            pages.start = text_of(child)
        elif tag == "EndPage":
            pages.end = text_of(child)
    if pages.raw and not pages.start:
        pages.start, pages.end = page_range(pages.raw)
    return pages if pages.raw or pages.start else None


def page_range(raw: str) -> tuple[str | None, str | None]:
    """First and last page of a printed range, a shortened end completed: ``737-8`` is 737 to 738.

    Only a plain range or a single page is read; anything else gives ``(None, None)``.
    """
    if match := _PAGE_RANGE.fullmatch(raw):
        start_prefix, start, end_prefix, end = match.groups()
        if not end_prefix and len(end) < len(start):
            end = start[: len(start) - len(end)] + end
        return start_prefix + start, (end_prefix or start_prefix) + end
    return (raw, None) if raw.replace(".", "").isalnum() else (None, None)


def article_ids(element: Element) -> dict[str, str]:
    """An ``ArticleIdList``, by kind."""
    ids: dict[str, str] = {}
    for child in element[:]:
        if value := text_of(child):
            kind = child.get("IdType", "pubmed")
            ids.setdefault(ID_NAMES.get(kind, kind), value)
    return ids


def references(element: Element) -> list[Reference]:
    """A ``ReferenceList``; lists in it are taken in order."""
    references: list[Reference] = []
    reference = Reference()
    for item in element.iter("Reference", "Citation", "ArticleId"):
        tag = item.tag
        if tag == "Citation":
            reference.citation = text_of(item)
        elif tag == "ArticleId":
            if value := text_of(item):
                kind = item.get("IdType", "pubmed")
                reference.ids[ID_NAMES.get(kind, kind)] = value
        elif tag == "Reference":
            reference = Reference()
            references.append(reference)
    return references


def history(element: Element) -> list[HistoryDate]:
    """A ``History``, hours and minutes left out."""
    history: list[HistoryDate] = []
    date = PartialDate()
    for item in element.iter():
        tag = item.tag
        if tag == "PubMedPubDate":
            date = PartialDate()
            history.append(HistoryDate(status=item.get("PubStatus", ""), date=date))
        elif tag in DATE_PARTS:
            date_part(tag, item.text, date)
    return history


def number(element: Element) -> int | None:
    """A whole number, or ``None``."""
    text = (element.text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def yes_no(value: str | None) -> bool | None:
    """``Y`` or ``N``; ``None`` for anything else."""
    return {"Y": True, "N": False}.get(value or "")


def append(target: list[str], value: str | None) -> None:
    """Add a value if there is one."""
    if value:
        target.append(value)
