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

from ingest.formats import pubmed_parts as parts
from ingest.formats.element import Element
from ingest.formats.markup import marked_up, text_of
from ingest.formats.pubmed_dates import date
from ingest.formats.pubmed_people import people
from medlit.record import (
    Article,
    ArticleDate,
    ElocationId,
    Identifier,
    Journal,
    Note,
    SupplementalMesh,
    Term,
)


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


def _medline_citation(element: Element, record: Article) -> None:
    record.status = element.get("Status")
    record.owner = element.get("Owner")
    record.indexing_method = element.get("IndexingMethod")
    for child in element[:]:
        tag = child.tag
        if tag == "PMID":
            record.pmid = parts.pmid(child)
            record.pmid_version = parts.pmid_version(child)
        elif tag == "Article":
            _article(child, record)
        elif tag == "MeshHeadingList":
            record.mesh = parts.mesh_headings(child)
        elif tag == "DateCompleted":
            record.date_completed = date(child)
        elif tag == "DateRevised":
            record.date_revised = date(child)
        elif tag == "MedlineJournalInfo":
            _medline_journal_info(child, record)
        elif tag == "ChemicalList":
            record.chemicals = parts.chemicals(child)
        elif tag == "CitationSubset":
            parts.append(record.citation_subsets, text_of(child))
        elif tag == "KeywordList":
            parts.keywords(child, record)
        elif tag == "CommentsCorrectionsList":
            record.comments_corrections = [parts.comment_correction(item) for item in child[:]]
        elif tag == "OtherAbstract":
            record.other_abstracts.append(parts.other_abstract(child))
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
                parts.append(record.gene_symbols, text_of(item))
        elif tag == "NumberOfReferences":
            record.number_of_references = parts.number(child)
        elif tag == "PersonalNameSubjectList":
            record.personal_name_subjects = people(child)
        elif tag == "InvestigatorList":
            record.investigators = people(child)
        elif tag == "GeneralNote":
            if note := text_of(child):
                record.general_notes.append(Note(owner=child.get("Owner"), text=note))
        elif tag == "SpaceFlightMission":
            parts.append(record.space_flight, text_of(child))


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
            record.abstract, record.abstract_copyright = parts.abstract(child)
        elif tag == "AuthorList":
            record.authors = people(child)
            record.author_list_complete = parts.yes_no(child.get("CompleteYN"))
        elif tag == "Pagination":
            record.pages = parts.pages(child)
        elif tag == "ELocationID":
            if value := text_of(child):
                record.elocation_ids.append(
                    ElocationId(type=child.get("EIdType", ""), value=value, valid=child.get("ValidYN") != "N")
                )
        elif tag == "Language":
            parts.append(record.languages, text_of(child))
        elif tag == "PublicationTypeList":
            record.publication_types = [
                Term(ui=item.get("UI"), name=name) for item in child[:] if (name := text_of(item))
            ]
        elif tag == "GrantList":
            record.grants = parts.grants(child)
            record.grants_complete = parts.yes_no(child.get("CompleteYN"))
        elif tag == "DataBankList":
            record.databanks = [bank for item in child[:] if (bank := parts.databank(item))]
            record.databanks_complete = parts.yes_no(child.get("CompleteYN"))
        elif tag == "VernacularTitle":
            record.vernacular_title = text_of(child)
        elif tag == "ArticleDate":
            record.article_dates.append(ArticleDate(date_type=child.get("DateType"), date=date(child)))


def pubmed_data(element: Element, record: Article) -> None:
    """Take a ``PubmedData`` or ``PubmedBookData``."""
    for child in element[:]:
        tag = child.tag
        if tag == "History":
            record.history = parts.history(child)
        elif tag == "ArticleIdList":
            record.ids = parts.article_ids(child)
        elif tag == "PublicationStatus":
            record.publication_status = text_of(child)
        elif tag == "ReferenceList":
            record.references = record.references + parts.references(child)


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


def shared_field(element: Element, record: Article) -> None:
    """Take a field that books have in the same form as articles."""
    tag = element.tag
    if tag == "Abstract":
        record.abstract, record.abstract_copyright = parts.abstract(element)
    elif tag == "Language":
        parts.append(record.languages, text_of(element))
    elif tag == "KeywordList":
        parts.keywords(element, record)
    elif tag == "VernacularTitle":
        record.vernacular_title = text_of(element)
    elif tag == "Pagination":
        record.pages = parts.pages(element)
    elif tag == "DateRevised":
        record.date_revised = date(element)
    elif tag == "InvestigatorList":
        record.investigators = people(element)
    elif tag == "GrantList":
        record.grants = parts.grants(element)
    elif tag == "ReferenceList":
        record.references = record.references + parts.references(element)
