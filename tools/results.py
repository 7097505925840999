"""The results of tools: the only types that face JSON outside the library."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from tools.tool import Result

Retracted = Field(description="null: unknown")


def untold(*names: str) -> ConfigDict:
    """Leave fields out of the schema that say all by their names: every host reads it in every conversation."""

    def leave_out(schema: dict[str, Any]) -> None:
        for name in names:
            del schema["properties"][name]

    return ConfigDict(json_schema_extra=leave_out)


_ROWS = WithJsonSchema({"type": "array", "items": {"type": "object"}})
"""Not spelled out: every host reads the schema in every conversation, and rows name their fields."""


class Hit(Result):
    """A search hit."""

    model_config = untold("publication_types", "doi", "pmcid")

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
    matched: str | None = Field(None, description="where the words of the query were found")
    snippet: str | None = Field(None, description="the passage that answers, after its section")
    abstract: str | None = Field(None, description="instead, with detail=detailed")
    source: str | None = None


HITS_IN_SHORT: dict[str, Any] = {
    "type": "array",
    "items": {"type": "object"},
    "description": "as search_literature's",
}
"""The schema of hits where another tool has told it: every host reads all schemas in every conversation."""


class SearchResult(Result):
    """A page of hits."""

    total: int = Field(description="matching records; a lower bound unless total_is_exact")
    total_is_exact: bool
    hits: list[Hit]
    next_cursor: str | None = Field(None, description="for the next page; absent on the last")
    reordered: bool | None = Field(None, description="the library changed: hits may repeat or be missed")
    query_translation: str = Field(description="the query as understood, in PubMed's notation")
    ranking: Literal["rm3", "bm25", "date", "pubmed"] = Field(
        description="rm3 learns from the best hits; bm25 is quicker"
    )
    source: str
    live_total: int | None = Field(default=None, description="matches in PubMed")
    live_note: str | None = Field(default=None, description="what PubMed did not give, and why")
    library_updated: str | None = Field(None, description="when files were last loaded (UTC)")
    degraded: str | None = None
    took_ms: float


class BatchAnswer(Result):
    """What one query of a batch found, or why it failed."""

    total: int | None = None
    total_is_exact: bool | None = None
    hits: Annotated[list[Hit], WithJsonSchema(HITS_IN_SHORT)] = []
    cut: int | None = Field(default=None, description="hits left out for length")
    error: str | None = None


class BatchResult(Result):
    """One answer a query."""

    answers: list[BatchAnswer] = Field(description="in the order of the queries")
    degraded: str | None = None


class ReferencedWork(Result):
    """An entry of a reference list that the library has no record of."""

    citation: str | None = None
    pmid: str | None = None
    doi: str | None = None
    pmcid: str | None = None


class RelatedResult(Result):
    """A page of related articles."""

    model_config = untold("reordered", "source", "live_total", "live_note")

    total: int | None = Field(default=None, description="exact; not told for similar")
    hits: Annotated[list[Hit], WithJsonSchema(HITS_IN_SHORT)]
    not_in_library: Annotated[list[ReferencedWork], _ROWS] = Field(default=[], description="other references")
    next_cursor: str | None = None
    reordered: bool | None = None
    source: str | None = None
    live_total: int | None = None
    live_note: str | None = None


class MeshHeading(Result):
    """A MeSH descriptor."""

    model_config = untold("entry_terms", "tree_numbers", "broader", "narrower")

    ui: str
    name: str
    scope_note: str | None = None
    entry_terms: list[str] = []
    tree_numbers: list[str] = []
    broader: list[str] = []
    narrower: list[str] = []
    cut: int | None = Field(default=None, description="terms left out for length")
    articles: int = Field(description="with this very heading")
    articles_exploded: int = Field(description="with it or a narrower one")


class MeshResult(Result):
    """The headings that a term leads to."""

    descriptors: list[MeshHeading]
    suggestions: list[str] = []
    problem: str | None = None


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


class FullTextSection(Result):
    """A section of a full text."""

    title: str
    text: str
    cut_tokens: int | None = None


class OtherSection(Result):
    """A section that is not shown."""

    title: str
    tokens: int


class FullTextResult(Result):
    """What is shown of an open-access article's text, or why there is none."""

    pmcid: str | None = None
    license: str | None = None
    sections: list[FullTextSection] = []
    others: list[OtherSection] = []
    missing: list[str] = []
    problem: str | None = None


class ArticleResult(Result):
    """An article, to read and cite."""

    model_config = untold(
        *("vernacular_title", "authors", "publication_date", "volume", "issue", "pages", "doi", "pmcid"),
        *("languages", "publication_types", "keywords"),
    )

    pmid: int
    record_type: str
    title: str | None
    vernacular_title: str | None = None
    abstract: Annotated[list[AbstractSection], _ROWS] = []
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
    links: Annotated[list[Link], _ROWS] = Field([], description="from this record to others")
    notices: Annotated[list[Notice], _ROWS] = Field([], description="from other records to this one")
    source_file: str
    full_text: Annotated[FullTextResult | None, WithJsonSchema({"type": "object"})] = Field(
        default=None, description="license; sections; others: what is not shown, with tokens; missing; problem"
    )
    record: dict[str, Any] | None = Field(None, description="the whole record, with detail=detailed")


class ArticlesResult(Result):
    """Articles in the order asked for."""

    model_config = untold("source", "live_note")

    articles: list[ArticleResult]
    not_found: list[str] = Field(description="ids without a record")
    cut: list[str] = Field([], description="ids left out for length; ask for them in another call")
    source: str | None = None
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
    report: Annotated[IngestReport | None, WithJsonSchema({"type": "object"})] = Field(
        None, description="once finished: counts of files and records, and errors"
    )


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
    record: Annotated[CitedWork | None, WithJsonSchema({"type": "object"})] = Field(
        None, description="the record matched, or nearest"
    )
    differs: dict[str, str] | None = Field(None, description="field: what the record has")
    notes: list[str] = []
    candidates: Annotated[list[CitedWork], _ROWS] = Field([], description="others it may mean")


class VerificationResult(Result):
    """Citations in the order given."""

    model_config = untold("source", "live_note")

    results: list[CheckedCitation]
    source: str | None = None
    live_note: str | None = None


Shown = Annotated[int | str, WithJsonSchema({"type": ["integer", "string"]})]
"""A count as it may be shown; see :mod:`medlit.metrics.report`."""


class Percentiles(Result):
    """Of times, within 4 %; null without any."""

    p50: float | None
    p95: float | None
    p99: float | None


Times = Annotated[Percentiles, WithJsonSchema({"type": "object"})]


class CallFigures(Result):
    """The calls of one type of workflow in one lane."""

    workflow: str
    lane: str
    answered: Shown
    errors: Shown
    sheds: Shown
    within_target: float | None = None
    ms: Times


class RunFigures(Result):
    """The tracked workflows of one type."""

    workflow: str
    outcomes: dict[str, Shown]
    seconds: Times
    mean_rating: float | None = None


class MetricsResult(Result):
    """How well the server serves."""

    window: str
    response_time_ms: Times = Field(description="p50, p95, p99 of routine calls, failed ones too")
    emergency_response_time_ms: Times
    patient_safety_score: float | None = Field(
        description="100 x least share of: emergencies answered in 0.5 s, calls without failure, records shown whose "
        "retraction status is known"
    )
    phi_exposure_risk: float = Field(description="unscreened / outbound requests; 0 without any")
    outbound_requests: int
    unscreened_requests: int
    phi_refusals: dict[str, Shown]
    answered: Shown = Field(description="cells of 1 to 10 are <11, a total with one is >=N")
    calls: Annotated[list[CallFigures], _ROWS] = Field(description="by workflow and lane; of answered, within_target")
    workflows: Annotated[list[RunFigures], _ROWS]
    ingest_records: int
    ingest_records_per_second: float | None
    now: dict[str, int]


class TrackedWorkflow(Result):
    """What tracking gives back."""

    workflow_id: str | None = Field(default=None, description="of start; lives 12 h at most")
    seconds: float | None = None
