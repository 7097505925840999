"""A citation as somebody wrote it, and a work as a record has it: what is held against each other."""

from __future__ import annotations

import re

import msgspec

from medlit.record import (
    Article,
    ArticleDate,
    CommentCorrection,
    ElocationId,
    HistoryDate,
    Journal,
    PartialDate,
    RecordType,
    Term,
)
from medlit.verification.people import Person


class Citation(msgspec.Struct, kw_only=True, frozen=True):
    """What somebody cites: any of these."""

    pmid: int | None = None
    doi: str | None = None
    title: str | None = None
    author: str | None = None
    year: int | None = None
    journal: str | None = None

    @property
    def is_enough(self) -> bool:
        """Whether this can point at one work: an identifier, a title, or author, year and journal together."""
        return bool(self.pmid or self.doi or self.title or (self.author and self.year and self.journal))


class BookOf(msgspec.Struct):
    """What is compared of a book."""

    title: str | None = None
    publisher: str | None = None
    series: str | None = None
    editors: list[Person] = []
    begins: PartialDate | None = None
    ends: PartialDate | None = None
    contribution_date: PartialDate | None = None


class Work(msgspec.Struct, kw_only=True):
    """What is compared and shown of a record; fields as in :class:`medlit.record.Article`."""

    pmid: int
    record_type: RecordType = "article"
    status: str | None = None
    title: str | None = None
    vernacular_title: str | None = None
    authors: list[Person] = []
    author_list_complete: bool | None = None
    journal: Journal | None = None
    book: BookOf | None = None
    pub_date: PartialDate | None = None
    article_dates: list[ArticleDate] = []
    history: list[HistoryDate] = []
    ids: dict[str, str] = {}
    elocation_ids: list[ElocationId] = []
    publication_types: list[Term] = []
    comments_corrections: list[CommentCorrection] = []

    year = Article.year

    @property
    def dois(self) -> set[str]:
        """All DOIs of the record, in lower case: DOIs do not tell cases apart."""
        places = {place.value for place in self.elocation_ids if place.type == "doi"}
        return {doi.lower() for doi in {self.ids.get("doi", ""), *places} if doi}

    @property
    def people(self) -> list[Person]:
        """Authors, and the editors of a book."""
        return [*self.authors, *(self.book.editors if self.book else [])]

    @property
    def years(self) -> set[int]:
        """The years that the published work bears."""
        dates = [self.pub_date]
        if self.book:
            dates += [self.book.begins, self.book.ends, self.book.contribution_date]
        known = [date for date in dates if date]
        written = {int(year) for date in known for year in _YEAR.findall(date.medline_date or "")}
        return written | {date.year for date in known if date.year}

    @property
    def other_years(self) -> set[int]:
        """Years next to the issue's in which another version appeared: online before print, or after."""
        issue = self.year
        if not issue:
            return set()
        online = {step.date.year for step in self.article_dates}
        online |= {step.date.year for step in self.history if step.status in _PUBLICATION}
        # PubMed had the article before its issue's year began: it was online.
        online |= {step.date.year for step in self.history if step.status in _ENTRY and step.date.year == issue - 1}
        return {year for year in online if year and abs(year - issue) <= 1} - self.years


_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?!\d)")
_PUBLICATION = frozenset({"epublish", "ppublish", "aheadofprint", "ecollection"})
_ENTRY = frozenset({"pubmed", "entrez"})
