"""One ``PubmedArticle`` element to one :class:`~medlit.record.Article`.

This code runs for forty million records, and what it costs is the making of lxml's
proxies and iterators. So nothing is looked up by path; an element's children are
taken as one slice, which is twice as fast as iterating over them; and a list of
like things is walked flat with ``iter()``, four times as fast as level by level.
A flat walk stays inside its list: what a reference list says of a cited work never
becomes the article's own.

Reference: NLM, "MEDLINE PubMed XML Element Descriptions and their Attributes",
and the PubMed DTDs of 2009 to 2026.
"""

from __future__ import annotations

import re

from ingest.formats.element import Element
from ingest.formats.markup import marked_up, text_of
from medlit.record import (
    AbstractSection,
    Affiliation,
    Article,
    ArticleDate,
    Author,
    Chemical,
    CommentCorrection,
    DataBank,
    ElocationId,
    Grant,
    HistoryDate,
    Identifier,
    Journal,
    Keyword,
    MeshHeading,
    Note,
    OtherAbstract,
    Pages,
    PartialDate,
    Qualifier,
    Reference,
    SupplementalMesh,
    Term,
)

MONTHS = {
    spelling: number
    for number, name in enumerate(
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        start=1,
    )
    for spelling in (name, name[:3], name.lower(), name[:3].lower(), str(number), f"{number:02}")
} | {"Sept": 9, "sept": 9}
"""Every way a month is written, to its number."""

DATE_PARTS = frozenset({"Year", "Month", "Day"})
PEOPLE = frozenset({"Author", "Investigator", "PersonalNameSubject"})

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_PAGE_RANGE = re.compile(r"([A-Za-z]*)(\d+)-([A-Za-z]*)(\d+)")
_ORCID = re.compile(r"(\d{4})-?(\d{4})-?(\d{4})-?(\d{3}[\dXx])\W*$")
ID_NAMES = {"pmc": "pmcid"}
NO_GRANT = Grant()


def article(element: Element) -> Article | None:
    """The record of a ``PubmedArticle``, or ``None`` when it has no usable PMID."""
    record = Article(pmid=0)
    for child in element[:]:
        tag = child.tag
        if tag == "MedlineCitation":
            _medline_citation(child, record)
        elif tag == "PubmedData":
            pubmed_data(child, record)
    take_locations(record)
    return record if record.pmid > 0 else None


def citation(element: Element) -> Article | None:
    """The record of a ``MedlineCitation`` that stands alone, or ``None`` when it has no usable PMID."""
    record = Article(pmid=0)
    _medline_citation(element, record)
    take_locations(record)
    return record if record.pmid > 0 else None


def take_locations(record: Article) -> None:
    """Let valid electronic locations stand as identifiers where the record has no better ones."""
    for location in record.elocation_ids:
        if location.valid:
            record.ids.setdefault(location.type, location.value)


def pmid(element: Element) -> int:
    """The number in a ``PMID`` element, or 0 when it is none."""
    text = (element.text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def pmid_version(element: Element) -> int:
    """The ``Version`` attribute of a ``PMID`` element; 1 when absent."""
    version = element.get("Version", "1")
    return int(version) if version.isascii() and version.isdigit() else 1


def _medline_citation(element: Element, record: Article) -> None:
    record.status = element.get("Status")
    record.owner = element.get("Owner")
    record.indexing_method = element.get("IndexingMethod")
    for child in element[:]:
        tag = child.tag
        if tag == "PMID":
            record.pmid = pmid(child)
            record.pmid_version = pmid_version(child)
        elif tag == "Article":
            _article(child, record)
        elif tag == "MeshHeadingList":
            record.mesh = _mesh_headings(child)
        elif tag == "DateCompleted":
            record.date_completed = date(child)
        elif tag == "DateRevised":
            record.date_revised = date(child)
        elif tag == "MedlineJournalInfo":
            _medline_journal_info(child, record)
        elif tag == "ChemicalList":
            record.chemicals = _chemicals(child)
        elif tag == "CitationSubset":
            append(record.citation_subsets, text_of(child))
        elif tag == "KeywordList":
            _keywords(child, record)
        elif tag == "CommentsCorrectionsList":
            record.comments_corrections = [_comment_correction(item) for item in child[:]]
        elif tag == "OtherAbstract":
            record.other_abstracts.append(_other_abstract(child))
        elif tag == "CoiStatement":
            record.coi_statement = text_of(child)
        elif tag == "OtherID":
            if value := text_of(child):
                record.other_ids.append(Identifier(source=child.get("Source"), value=value))
        elif tag == "SupplMeshList":
            for item in child[:]:
                if name := text_of(item):
                    record.supplemental_mesh.append(
                        SupplementalMesh(ui=item.get("UI"), name=name, type=item.get("Type"))
                    )
        elif tag == "GeneSymbolList":
            for item in child[:]:
                append(record.gene_symbols, text_of(item))
        elif tag == "NumberOfReferences":
            record.number_of_references = _number(child)
        elif tag == "PersonalNameSubjectList":
            record.personal_name_subjects = people(child)
        elif tag == "InvestigatorList":
            record.investigators = people(child)
        elif tag == "GeneralNote":
            if note := text_of(child):
                record.general_notes.append(Note(owner=child.get("Owner"), text=note))
        elif tag == "SpaceFlightMission":
            append(record.space_flight, text_of(child))


def _article(element: Element, record: Article) -> None:
    record.pub_model = element.get("PubModel")
    for child in element[:]:
        tag = child.tag
        if tag == "Journal":
            _journal(child, record)
        elif tag == "ArticleTitle":
            record.title = text_of(child)
            record.title_marked = marked_up(child)
        elif tag == "Abstract":
            record.abstract, record.abstract_copyright = _abstract(child)
        elif tag == "AuthorList":
            record.authors = people(child)
            record.author_list_complete = _yes_no(child.get("CompleteYN"))
        elif tag == "Pagination":
            record.pages = _pages(child)
        elif tag == "ELocationID":
            if value := text_of(child):
                record.elocation_ids.append(
                    ElocationId(type=child.get("EIdType", ""), value=value, valid=child.get("ValidYN") != "N")
                )
        elif tag == "Language":
            append(record.languages, text_of(child))
        elif tag == "PublicationTypeList":
            record.publication_types = [
                Term(ui=item.get("UI"), name=name) for item in child[:] if (name := text_of(item))
            ]
        elif tag == "GrantList":
            record.grants = [grant for item in child[:] if (grant := _grant(item)) != NO_GRANT]
            record.grants_complete = _yes_no(child.get("CompleteYN"))
        elif tag == "DataBankList":
            record.databanks = [bank for item in child[:] if (bank := _databank(item))]
            record.databanks_complete = _yes_no(child.get("CompleteYN"))
        elif tag == "VernacularTitle":
            record.vernacular_title = text_of(child)
        elif tag == "ArticleDate":
            record.article_dates.append(ArticleDate(date_type=child.get("DateType"), date=date(child)))


def pubmed_data(element: Element, record: Article) -> None:
    """Take a ``PubmedData`` or ``PubmedBookData``."""
    for child in element[:]:
        tag = child.tag
        if tag == "History":
            record.history = _history(child)
        elif tag == "ArticleIdList":
            record.ids = article_ids(child)
        elif tag == "PublicationStatus":
            record.publication_status = text_of(child)
        elif tag == "ReferenceList":
            record.references = record.references + _references(child)


def _journal(element: Element, record: Article) -> None:
    journal = record.journal = record.journal or Journal()
    for child in element[:]:
        tag = child.tag
        if tag == "JournalIssue":
            record.cited_medium = child.get("CitedMedium")
            for part in child[:]:
                tag = part.tag
                if tag == "PubDate":
                    record.pub_date = date(part)
                elif tag == "Volume":
                    record.volume = text_of(part)
                elif tag == "Issue":
                    record.issue = text_of(part)
        elif tag == "Title":
            journal.title = text_of(child)
        elif tag == "ISOAbbreviation":
            journal.iso_abbrev = text_of(child)
        elif tag == "ISSN":
            if child.get("IssnType") == "Electronic":
                journal.issn_electronic = text_of(child)
            else:
                journal.issn_print = text_of(child)


def _medline_journal_info(element: Element, record: Article) -> None:
    journal = record.journal = record.journal or Journal()
    for child in element[:]:
        tag = child.tag
        if tag == "MedlineTA":
            journal.medline_ta = text_of(child)
        elif tag == "NlmUniqueID":
            journal.nlm_id = text_of(child)
        elif tag == "ISSNLinking":
            journal.issn_linking = text_of(child)
        elif tag == "Country":
            journal.country = text_of(child)


def _abstract(element: Element) -> tuple[list[AbstractSection], str | None]:
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


def _other_abstract(element: Element) -> OtherAbstract:
    sections, copyright_ = _abstract(element)
    return OtherAbstract(
        type=element.get("Type"), language=element.get("Language"), sections=sections, copyright=copyright_
    )


def people(element: Element) -> list[Author]:
    """An ``AuthorList``, ``InvestigatorList`` or ``PersonalNameSubjectList``."""
    people: list[Author] = []
    author = Author()
    affiliation: Affiliation | None = None
    for item in element.iter():
        tag = item.tag
        if tag == "LastName":
            author.last = text_of(item)
        elif tag == "ForeName":
            author.fore = text_of(item)
        elif tag == "Initials":
            author.initials = text_of(item)
        elif tag in PEOPLE:
            author = Author(valid=item.get("ValidYN") != "N", equal_contrib=item.get("EqualContrib") == "Y")
            people.append(author)
            affiliation = None
        elif tag == "AffiliationInfo":
            affiliation = Affiliation(text="")  # the author's as soon as there is something in it
        elif tag == "Affiliation":
            if text := text_of(item):
                if affiliation is None:  # DTDs up to 2014 have it right under the author
                    author.affiliations.append(Affiliation(text=text))
                else:
                    affiliation.text = text
                    author.affiliations.append(affiliation)
        elif tag == "Identifier":
            parent = item.getparent()
            if affiliation is not None and parent is not None and parent.tag == "AffiliationInfo":
                if value := text_of(item):
                    if not affiliation.text and not affiliation.ids:  # an institution without a name
                        author.affiliations.append(affiliation)
                    affiliation.ids.append(Identifier(source=item.get("Source"), value=value))
            else:
                _author_identifier(item, author)
        elif tag == "CollectiveName":
            author.collective = text_of(item)
        elif tag == "Suffix":
            author.suffix = text_of(item)
        elif tag in ("FirstName", "MiddleName"):  # DTDs up to 2007
            author.fore = " ".join(filter(None, (author.fore, text_of(item))))
    return people


def _author_identifier(element: Element, author: Author) -> None:
    value = text_of(element)
    if not value:
        return
    source = element.get("Source")
    if source == "ORCID" and not author.orcid and (match := _ORCID.search(value)):
        author.orcid = "-".join(match.groups()).upper()
    else:
        author.other_ids.append(Identifier(source=source, value=value))


def _mesh_headings(element: Element) -> list[MeshHeading]:
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


def _chemicals(element: Element) -> list[Chemical]:
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


def _keywords(element: Element, record: Article) -> None:
    owner = element.get("Owner")
    for child in element[:]:
        if term := text_of(child):
            record.keywords.append(Keyword(owner=owner, term=term, major=child.get("MajorTopicYN") == "Y"))


def _comment_correction(element: Element) -> CommentCorrection:
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


def _databank(element: Element) -> DataBank | None:
    name: str | None = None
    accessions: list[str] = []
    for child in element[:]:
        if child.tag == "DataBankName":
            name = text_of(child)
        elif child.tag == "AccessionNumberList":
            for item in child[:]:
                append(accessions, text_of(item))
    return DataBank(name=name, accessions=accessions) if name else None


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


def _pages(element: Element) -> Pages | None:
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


def _references(element: Element) -> list[Reference]:
    """A ``ReferenceList``; lists in it are taken in order."""
    references: list[Reference] = []
    reference = Reference()
    for item in element.iter():
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


def _history(element: Element) -> list[HistoryDate]:
    history: list[HistoryDate] = []
    date = PartialDate()
    for item in element.iter():
        tag = item.tag
        if tag == "PubMedPubDate":
            date = PartialDate()
            history.append(HistoryDate(status=item.get("PubStatus", ""), date=date))
        elif tag in DATE_PARTS:
            _date_part(tag, item.text, date)
    return history


def date(element: Element) -> PartialDate:
    """Any element with ``Year``, ``Month``, ``Day``, ``Season`` or ``MedlineDate`` in it."""
    date = PartialDate()
    for child in element[:]:
        _date_part(child.tag, child.text, date)
    return date


def _date_part(tag: object, text: str | None, date: PartialDate) -> None:
    if not text:
        return
    if tag == "Year":
        date.year = _leading_number(text)
    elif tag == "Month":
        date.month = MONTHS.get(text) or MONTHS.get(text.strip().lower())
    elif tag == "Day":
        date.day = _leading_number(text)
    elif tag == "Season":
        date.season = text.strip()
    elif tag == "MedlineDate":
        date.medline_date = text.strip()
        if match := _YEAR.search(text):
            date.year = int(match[0])


def _leading_number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _number(element: Element) -> int | None:
    text = (element.text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _yes_no(value: str | None) -> bool | None:
    return {"Y": True, "N": False}.get(value or "")


def append(target: list[str], value: str | None) -> None:
    """Add a value if there is one."""
    if value:
        target.append(value)


def shared_field(element: Element, record: Article) -> None:
    """Take a field that books have in the same form as articles."""
    tag = element.tag
    if tag == "Abstract":
        record.abstract, record.abstract_copyright = _abstract(element)
    elif tag == "Language":
        append(record.languages, text_of(element))
    elif tag == "KeywordList":
        _keywords(element, record)
    elif tag == "VernacularTitle":
        record.vernacular_title = text_of(element)
    elif tag == "Pagination":
        record.pages = _pages(element)
    elif tag == "DateRevised":
        record.date_revised = date(element)
    elif tag == "InvestigatorList":
        record.investigators = people(element)
    elif tag == "GrantList":
        record.grants = [_grant(item) for item in element[:]]
    elif tag == "ReferenceList":
        record.references = record.references + _references(element)
