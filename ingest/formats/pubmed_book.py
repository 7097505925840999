"""One ``PubmedBookArticle``: a book of NLM's Bookshelf, or a chapter of one.

A chapter has an ``ArticleTitle`` of its own; a book's title is the book's.
"""

from __future__ import annotations

from ingest.formats import pubmed_parts as parts
from ingest.formats import pubmed_record as common
from ingest.formats.element import Element
from ingest.formats.markup import marked_up, text_of
from ingest.formats.pubmed_dates import date
from ingest.formats.pubmed_people import people
from medlit.record import Article, Author, Book, ElocationId, Term


def book_article(element: Element) -> Article | None:
    """The record of a ``PubmedBookArticle``, or ``None`` when it has no usable PMID."""
    record = Article(pmid=0, record_type="book", book=Book())
    ids: dict[str, str] = {}
    for child in element[:]:
        if child.tag == "BookDocument":
            ids |= _book_document(child, record)
        elif child.tag == "PubmedBookData":
            common.pubmed_data(child, record)
    record.ids = ids | record.ids
    common.take_locations(record)
    return record if record.pmid > 0 else None


def _book_document(element: Element, record: Article) -> dict[str, str]:
    ids: dict[str, str] = {}
    book = record.book or Book()
    authors_of_book: list[Author] = []
    for child in element[:]:
        tag = child.tag
        if tag == "PMID":
            record.pmid = parts.pmid(child)
            record.pmid_version = parts.pmid_version(child)
        elif tag == "ArticleIdList":
            ids = parts.article_ids(child)
        elif tag == "Book":
            authors_of_book = _book(child, record, book)
        elif tag == "ArticleTitle":
            record.record_type = "chapter"
            record.title = text_of(child)
            record.title_marked = marked_up(child)
        elif tag == "AuthorList":
            (book.editors if child.get("Type") == "editors" else record.authors).extend(people(child))
        elif tag == "PublicationType":
            if name := text_of(child):
                record.publication_types.append(Term(ui=child.get("UI"), name=name))
        elif tag == "LocationLabel":
            book.location_label = text_of(child)
        elif tag == "Sections":
            book.sections = [title for item in child.iter("SectionTitle") if (title := text_of(item))]
        elif tag == "ContributionDate":
            book.contribution_date = date(child)
        else:
            common.shared_field(child, record)
    if record.title is None:
        record.title, record.title_marked = book.title, book.title_marked
    record.authors = record.authors or authors_of_book
    return ids


def _book(element: Element, record: Article, book: Book) -> list[Author]:
    """Fill in the book; return the authors of the whole book."""
    authors: list[Author] = []
    for child in element[:]:
        tag = child.tag
        if tag == "BookTitle":
            book.title, book.title_marked = text_of(child), marked_up(child)
        elif tag == "Publisher":
            for part in child[:]:
                if part.tag == "PublisherName":
                    book.publisher = text_of(part)
                elif part.tag == "PublisherLocation":
                    book.place = text_of(part)
        elif tag == "PubDate":
            record.pub_date = date(child)
        elif tag == "BeginningDate":
            book.begins = date(child)
        elif tag == "EndingDate":
            book.ends = date(child)
        elif tag == "AuthorList":
            (book.editors if child.get("Type") == "editors" else authors).extend(people(child))
        elif tag == "Isbn":
            parts.append(book.isbn, text_of(child))
        elif tag == "ReportNumber":
            parts.append(book.report_numbers, text_of(child))
        elif tag == "ELocationID":
            if value := text_of(child):
                record.elocation_ids.append(
                    ElocationId(type=child.get("EIdType", ""), value=value, valid=child.get("ValidYN") != "N")
                )
        elif tag == "Volume":
            book.volume = text_of(child)
        elif tag == "VolumeTitle":
            book.volume_title = text_of(child)
        elif tag == "Edition":
            book.edition = text_of(child)
        elif tag == "CollectionTitle":
            book.series = text_of(child)
        elif tag == "Medium":
            book.medium = text_of(child)
    return authors
