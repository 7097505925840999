"""``verify_citations``: whether what somebody cites exists, and is what they say."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import anyio
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from medlit.errors import MedlitError, UsageError
from medlit.identifiers import read_identifier
from medlit.library.codec import read_pointers, unpack
from medlit.library.library import Library
from medlit.library.query import Filters, Search
from medlit.library.store import StoredArticle
from medlit.metrics.labels import Workflow
from medlit.status import status_of
from medlit.verification import people
from medlit.verification.verdict import Verdict, judge
from medlit.verification.words import words
from medlit.verification.work import Citation, Work
from tools import present
from tools.live import JournalCitation
from tools.live.citations import Wanted, candidates, short_name
from tools.results import CheckedCitation, CitedWork, VerificationResult
from tools.tool import LiveArguments, Services, Tool

MAX_CITATIONS = 25

LONGEST_FIELD = 2_000
"""Characters; a title has 50 words, a list of all authors some hundred names."""

LOOKED_AT = 10
"""Hits of each search that are held against a citation; a title's own record is nearly always among the first."""

LOOKED_AT_WITHOUT_TITLE = 100

_WORD = re.compile(r"[^\W_]+")

TOO_LITTLE = "gives too little to check. Give a PMID, a DOI or a title; or author, year and journal together."


def _number(given: object) -> object:
    """The number in ``PMID: 123`` or in an address of PubMed."""
    read = read_identifier(given) if isinstance(given, str) else None
    return int(read.value) if read and read.kind == "pmid" else given


class CitationArgument(BaseModel):
    """A citation as its author wrote it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    pmid: Annotated[int, BeforeValidator(_number), Field(ge=1)] | None = None
    doi: str | None = None
    title: str | None = None
    author: str | None = Field(None, description="one or all, any style")
    year: int | None = Field(None, ge=1000, le=9999)
    journal: str | None = Field(None, description="title, abbreviation or ISSN")


class VerifyArguments(LiveArguments):
    """What to check."""

    citations: list[CitationArgument] = Field(
        description="all fields you have: each is checked", min_length=1, max_length=MAX_CITATIONS
    )


async def verify_citations(services: Services, arguments: VerifyArguments) -> VerificationResult:
    """Check citations against the library, and those that do not match against PubMed when asked to."""
    checked = await verify(services.library, arguments.citations)
    doubtful = [
        read_citation(citation, "A citation")
        for citation, result in zip(arguments.citations, checked.results, strict=True)
        if result.verdict != "match"
    ]
    if arguments.source == "local" or not doubtful:
        return checked
    found, problem = await candidates(
        services.live,
        services.library,
        [named for citation in doubtful for named in (citation.pmid and str(citation.pmid), citation.doi) if named],
        [_wanted(citation) for citation in doubtful if not (citation.pmid or citation.doi)],
        emergency=arguments.priority == "emergency",
    )
    checked = await verify(services.library, arguments.citations, more=found)
    source = "local" if problem and not found else arguments.source
    return checked.model_copy(update={"source": source, "live_note": str(problem) if problem else None})


def _wanted(citation: Citation) -> Wanted:
    """A citation as PubMed is asked for it."""
    names = people.readings(citation.author)[-1] if citation.author else []
    author = short_name(names[0]) if names else ""
    in_journal = JournalCitation(citation.journal or "", str(citation.year or ""), "", "", author)
    return Wanted(in_journal if citation.journal and author else None, citation.title)


async def verify(
    library: Library,
    citations: Sequence[CitationArgument],
    *,
    first: int = 1,
    more: Sequence[StoredArticle] = (),
) -> VerificationResult:
    """Check citations, all at once; ``first`` is the number that errors call the first one.

    ``more`` are records that a citation may mean, besides those of the library.

    Raises:
        UsageError: a citation has nothing to find a work by, or an identifier that is none.
    """
    read = [read_citation(given, f"Citation {at}") for at, given in enumerate(citations, start=first)]
    checked: dict[int, CheckedCitation] = {}
    failed: list[MedlitError] = []

    async def check(at: int, citation: Citation) -> None:
        try:
            checked[at] = await _checked(library, citation, more)
        except MedlitError as error:  # a task group would wrap it, and nobody would know it for a planned one
            failed.append(error)
            tasks.cancel_scope.cancel()

    async with anyio.create_task_group() as tasks:
        for at, citation in enumerate(read):
            tasks.start_soon(check, at, citation)
    if failed:
        raise failed[0]
    return VerificationResult(results=[checked[at] for at in range(len(read))])


def read_citation(given: CitationArgument, name: str) -> Citation:
    """A citation ready to look up; ``name`` is what an error calls it.

    Raises:
        UsageError: see :func:`verify`.
    """
    for field in ("doi", "title", "author", "journal"):
        if len(getattr(given, field) or "") > LONGEST_FIELD:
            raise UsageError(f"{name}: its {field} is longer than {LONGEST_FIELD:,} characters.")
    citation = Citation(
        pmid=given.pmid,
        doi=_doi(given.doi, name),
        title=_worded(given.title),
        author=_worded(given.author),
        year=given.year,
        journal=_worded(given.journal),
    )
    if not citation.is_enough:
        raise UsageError(f"{name} {TOO_LITTLE}")
    return citation


def _doi(given: str | None, name: str) -> str | None:
    text = (given or "").strip().rstrip(".,;")
    if not text:
        return None
    read = read_identifier(text)
    if read is None or read.kind != "doi":
        raise UsageError(f"{name}: its doi is no DOI. Correct it, or leave it out.")
    return read.value


def _worded(text: str | None) -> str | None:
    """The text if there is a word in it."""
    return text if text and _WORD.search(text) else None


async def _checked(library: Library, citation: Citation, more: Sequence[StoredArticle]) -> CheckedCitation:
    stored = {article.pmid: article for article in more}
    stored |= {article.pmid: article async for article in _candidates(library, citation)}
    return _result(judge(citation, [unpack(article.body, Work) for article in stored.values()]), stored)


async def _candidates(library: Library, citation: Citation) -> AsyncIterator[StoredArticle]:
    """The records of the library that a citation may mean."""
    pmids = [citation.pmid] if citation.pmid else []
    if citation.doi:
        pmids += (await library.pmids_of("doi", [citation.doi])).values()
    for article in (await library.articles(pmids)).values():
        yield article
    for search in _searches(citation):
        try:
            hits = (await library.search(search)).hits
        except UsageError:  # words that no index has, such as one of 2,000 letters: nothing can be like it
            continue
        for hit in hits:
            yield hit.article


def _searches(citation: Citation) -> list[Search]:
    """Searches that bring the cited work up, if the library has it.

    A title is often enough. For titles such as "Editorial" author and year narrow it.
    """
    author = _searchable_name(citation.author)
    years = (citation.year - 1, citation.year + 1) if citation.year else (None, None)
    if citation.title:
        # Plain words in lower case, so that nothing in a title is taken for an operator; in both spellings.
        title = " ".join(dict.fromkeys([*_WORD.findall(citation.title.lower()), *words(citation.title)]))
        narrowed = [Filters(author=author)] if author else []
        narrowed += [Filters(year_from=years[0], year_to=years[1])] if citation.year else []
        return [
            Search(query=title, filters=filters, limit=LOOKED_AT, term_mapping=False, feedback=False)
            for filters in (Filters(), *narrowed)
        ]
    if citation.author and citation.year and citation.journal and not (citation.pmid or citation.doi):
        wide = Filters(author=author, year_from=years[0], year_to=years[1])
        narrow = Filters(author=author, year_from=years[0], year_to=years[1], journal=citation.journal)
        return [Search(filters=filters, limit=LOOKED_AT_WITHOUT_TITLE) for filters in (narrow, wide)]
    return []


def _searchable_name(author: str | None) -> str | None:
    """The longest word of the first name: nearly always of the last name, whatever the order."""
    names = people.readings(author)[0] if author else []
    return max(_WORD.findall(names[0]), key=len, default=None) if names else None


def _result(verdict: Verdict, stored: dict[int, StoredArticle]) -> CheckedCitation:
    return CheckedCitation(
        verdict=verdict.kind,
        record=_work(verdict.work, stored) if verdict.work else None,
        differs={difference.field: difference.found for difference in verdict.differs} or None,
        notes=[*verdict.notes, *(f"{field}: unchecked, the record has none" for field in verdict.unchecked)],
        candidates=[_work(work, stored) for work in verdict.candidates],
    )


def _work(work: Work, stored: dict[int, StoredArticle]) -> CitedWork:
    status = status_of(work, read_pointers(stored[work.pmid].inbound))
    return CitedWork(
        pmid=work.pmid,
        title=present.shown_title(work.title, work.vernacular_title),
        authors=present.short_authors([person.name for person in work.people]),
        journal=work.journal.name if work.journal else None,
        year=work.year,
        doi=work.ids.get("doi"),
        retracted=status.retracted,
        warnings=present.warnings(status),
    )


VERIFY_CITATIONS = Tool(
    name="verify_citations",
    title="Verify citations",
    description=(
        "Check citations before you write or trust them: is the work in the library, which fields differ from its "
        "record, is it retracted or corrected. not_found: the library lacks it. Never cite a mismatch as given."
    ),
    arguments=VerifyArguments,
    result=VerificationResult,
    call=verify_citations,
    workflow=Workflow.CITATION_CHECK,
    open_world=True,
)
