"""The results of tools: the only types that face JSON outside the library."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from tools.tool import Result

Retracted = Field(description="true, false, or null when the record's source cannot tell")


class Hit(Result):
    """A search hit."""

    pmid: int
    title: str | None
    authors: str | None = Field(None, description="first authors as PubMed cites them")
    journal: str | None
    year: int | None
    publication_types: list[str] = []
    doi: str | None = None
    pmcid: str | None = None
    retracted: bool | None = Retracted
    warnings: list[str] = Field([], description="corrected, expression of concern, retraction notice …")
    score: float = Field(description="relevance; 0 when sorted by date")
    abstract: str | None = Field(None, description="with detail=detailed")
    source: str | None = None


class SearchResult(Result):
    """A page of hits."""

    total: int = Field(description="matching records; a lower bound unless total_is_exact")
    total_is_exact: bool
    hits: list[Hit]
    query_translation: str = Field(description="the query as understood, in PubMed's notation")
    source: str = Field(description="where the hits come from: local is this machine's library")
    live_total: int | None = None
    """Matches in PubMed."""
    live_note: str | None = None
    """What PubMed did not give, and why; without a description in the schema, which every host reads."""
    library_updated: str | None = Field(None, description="when files were last loaded (UTC)")
    took_ms: float


class AbstractSection(Result):
    """A section of an abstract."""

    label: str | None = None
    text: str


class Link(Result):
    """A link to another citation: retraction, erratum, comment, update."""

    ref_type: str
    pmid: int | None = None
    source: str | None = None


class Notice(Result):
    """A record that points at this one: RetractionOf means it retracts this one."""

    ref_type: str
    pmid: int


class ArticleResult(Result):
    """An article, to read and cite."""

    pmid: int
    record_type: str
    title: str | None
    vernacular_title: str | None = None
    abstract: list[AbstractSection] = []
    authors: list[str] = []
    journal: str | None
    year: int | None
    publication_date: str | None = Field(None, description="as precise as known")
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    doi: str | None = None
    pmcid: str | None = None
    languages: list[str] = []
    publication_types: list[str] = []
    mesh: list[str] = Field([], description="heading/qualifier; * marks a major topic")
    keywords: list[str] = []
    accessions: list[str] = Field([], description="trial and data bank numbers")
    retracted: bool | None = Retracted
    warnings: list[str] = Field([], description="corrected, expression of concern, retraction notice …")
    links: list[Link] = Field([], description="from this record to others")
    notices: list[Notice] = Field([], description="from other records to this one")
    source_file: str
    record: dict[str, Any] | None = Field(None, description="the whole record, with detail=detailed")


class ArticlesResult(Result):
    """Articles in the order asked for."""

    articles: list[ArticleResult]
    not_found: list[str] = Field(description="ids that the library does not have, or that are no PMID, DOI or PMCID")
    cut: list[str] = Field([], description="ids left out for length; ask for them in another call")
    live_note: str | None = None


class FileProblem(BaseModel):
    """A file that was not loaded."""

    file: str
    reason: str


class IngestReport(Result):
    """What an ingest did."""

    files: int
    files_failed: int
    files_skipped: int
    records_read: int
    records_stored: int
    records_superseded: int
    records_deleted: int
    records_set_aside: int
    articles_per_second: float
    errors: list[FileProblem] = []


class IngestJob(Result):
    """The state of an ingest job."""

    job_id: str
    state: str = Field(description="running, finished, failed or cancelled")
    files_total: int
    files_done: int
    records: int
    records_per_second: float
    seconds: float
    seconds_left: float | None = None
    problem: str | None = None
    report: IngestReport | None = Field(None, description="once finished")


class FormattedCitation(Result):
    """A record in a citation style."""

    pmid: int
    text: str
    retracted: bool | None = Retracted


class CitationsResult(Result):
    """Citations in the order asked for."""

    citations: list[FormattedCitation]
    not_found: list[str]
    cut: list[str] = Field([], description="ids left out for length; ask again for them")


class CitedWork(Result):
    """A record that a citation may mean."""

    pmid: int
    title: str | None
    authors: str | None = None
    journal: str | None = None
    year: int | None = None
    doi: str | None = None
    retracted: bool | None = Retracted
    warnings: list[str] = []


class CheckedCitation(Result):
    """What became of a citation."""

    verdict: str = Field(description="match, mismatch, ambiguous or not_found")
    record: CitedWork | None = Field(None, description="the record matched, or nearest")
    differs: dict[str, str] | None = Field(None, description="field: what the record has")
    notes: list[str] = []
    candidates: list[CitedWork] = Field([], description="others it may mean")


class VerificationResult(Result):
    """Citations in the order given."""

    results: list[CheckedCitation]
    live_note: str | None = None
