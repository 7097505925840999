"""``search_literature`` and ``search_literature_batch``: ranked search in the library."""

from __future__ import annotations

import time
from typing import Annotated, Literal

import anyio
import msgspec
from pydantic import Field

from medlit.errors import MedlitError
from medlit.library.library import SearchPage
from medlit.library.query import Filters, Search
from medlit.metrics.labels import Workflow
from tools import present
from tools.live import federation
from tools.live.pages import read_place, write_place
from tools.results import BatchAnswer, BatchResult, Hit, SearchResult
from tools.tool import DEADLINE_S, Arguments, LiveArguments, Services, Tool

MAX_LIMIT = 100

MAX_QUERIES = 20

BATCH_CHARACTERS = 60_000
"""About 15,000 tokens for all answers of a batch: hosts cut longer ones, and cut them anywhere."""

BATCH_SHARE = 0.9
"""Of the deadline: a query that takes longer fails alone, before the whole call does."""

SNIPPETS_UNDER_STRESS = 3
"""Hits of an answer in short that show why they were found."""

DEGRADED = (
    "The machine is under stress, so this emergency was answered in short: from the local library only, ranked without "
    f"feedback, snippets in the first {SNIPPETS_UNDER_STRESS} hits only. Ask again later for the rest."
)

TRANSLATION_SHOWN = 500
"""Characters of a query's translation that a result shows."""


class SearchArguments(LiveArguments):
    """What to search for."""

    query: str = Field(
        "",
        description="plain words, ranked, or PubMed syntax (AND OR NOT, quotes, *, [tiab] [mh] [au] [dp] …); "
        "may be empty with a filter",
        max_length=10_000,
    )
    limit: int = Field(10, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, description="next_cursor of the page before; repeat all else", max_length=100)
    sort: Literal["relevance", "newest"] = "relevance"
    author: str | None = Field(None, description="last name and initials: Smith JA")
    journal: str | None = Field(None, description="title, abbreviation or ISSN")
    mesh: str | None = Field(None, description="MeSH heading; narrower ones count too")
    publication_type: str | None = Field(None, description="e.g. Review, Randomized Controlled Trial")
    language: str | None = Field(None, description="three-letter code: eng")
    year_from: int | None = Field(None, ge=0, le=9999)
    year_to: int | None = Field(None, ge=0, le=9999)
    include_retracted: bool = True
    term_mapping: bool = Field(True, description="also find what MeSH calls untagged words")
    detail: Literal["concise", "detailed"] = Field("concise", description="detailed adds abstracts")


async def search_literature(services: Services, arguments: SearchArguments) -> SearchResult:
    """Search the library, and PubMed when asked to."""
    in_short = services.pressed()
    search = Search(
        query=arguments.query,
        filters=Filters(
            author=arguments.author,
            journal=arguments.journal,
            mesh=arguments.mesh,
            publication_type=arguments.publication_type,
            language=arguments.language,
            year_from=arguments.year_from,
            year_to=arguments.year_to,
            include_retracted=arguments.include_retracted,
        ),
        limit=arguments.limit,
        cursor=arguments.cursor if arguments.source == "local" else None,
        sort=arguments.sort,
        term_mapping=arguments.term_mapping,
        feedback=not in_short,
    )
    if arguments.source == "local":
        return await _search(services, search, arguments)
    if in_short:
        return await _search_inside(services, search, arguments)
    return await _search_outside(services, search, arguments)


async def _search_inside(services: Services, search: Search, arguments: SearchArguments) -> SearchResult:
    """The library's page alone, in place of what was asked of PubMed too; that is still to come with its cursor."""
    place = read_place(arguments.cursor, arguments.source)
    page = await _search(services, msgspec.structs.replace(search, cursor=place.local or None), arguments)
    if arguments.source == "live":
        return page.model_copy(update={"next_cursor": write_place(place)})
    answer = federation.both(page, federation.Outside([], seen=place.seen), place, page.library_updated)
    return answer.model_copy(update={"source": page.source})


async def _search_outside(services: Services, search: Search, arguments: SearchArguments) -> SearchResult:
    started = time.perf_counter()
    place = read_place(arguments.cursor, arguments.source)
    local: SearchResult | None = None
    if arguments.source == "both":
        # Also when it has no more hits, for what it says of all of them.
        local = await _search(services, msgspec.structs.replace(search, cursor=place.local or None), arguments)
    outside = federation.Outside([])
    if place.seen is not None:
        outside = await federation.search_pubmed(
            services.live,
            services.library,
            search,
            place.seen,
            detailed=arguments.detail == "detailed",
            emergency=arguments.priority == "emergency",
        )
    updated = await services.library.last_loaded_at()
    answer = federation.both(local, outside, place, updated) if local else federation.alone(outside, updated)
    return answer.model_copy(update={"took_ms": _ms_since(started)})


async def _search(services: Services, search: Search, arguments: SearchArguments) -> SearchResult:
    """A page of the library's. Without feedback it is an answer in short."""
    started = time.perf_counter()
    in_short = not search.feedback
    page = await services.library.search(search)
    return SearchResult(
        total=page.total,
        total_is_exact=page.total_is_exact,
        hits=_hits(page, detailed=arguments.detail == "detailed", in_short=in_short),
        ranking=page.method,
        next_cursor=page.next_cursor,
        reordered=page.reordered or None,
        query_translation=present.shortened(page.understood, TRANSLATION_SHOWN),
        source="local",
        library_updated=await services.library.last_loaded_at(),
        took_ms=_ms_since(started),
        degraded=DEGRADED if in_short else None,
    )


def _ms_since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def _hits(page: SearchPage, *, detailed: bool, in_short: bool) -> list[Hit]:
    """The hits of a page; in short, only the first say why they were found."""
    explained = SNIPPETS_UNDER_STRESS if in_short else len(page.hits)
    return [
        present.hit(hit, page.question if place < explained else None, detailed=detailed)
        for place, hit in enumerate(page.hits)
    ]


SEARCH_LITERATURE = Tool(
    name="search_literature",
    title="Search literature",
    description=(
        "Search biomedical literature in the local PubMed library; nothing leaves this machine unless source says so. "
        "Best matches first. "
        "Every hit tells whether the article is retracted. Read hits with get_articles before citing them."
    ),
    arguments=SearchArguments,
    result=SearchResult,
    call=search_literature,
    open_world=True,
    workflow=Workflow.LITERATURE_SEARCH,
)


class BatchArguments(Arguments):
    """What to search for, all at once."""

    queries: list[Annotated[str, Field(max_length=10_000)]] = Field(min_length=1, max_length=MAX_QUERIES)
    limit: int = Field(5, ge=1, le=20, description="hits a query")


async def search_literature_batch(services: Services, arguments: BatchArguments) -> BatchResult:
    """Run searches side by side; each has an answer of its own, whatever becomes of the others."""
    answers = [BatchAnswer() for _ in arguments.queries]
    in_short = services.pressed()

    async def run(place: int, query: str) -> None:
        try:
            with anyio.fail_after(BATCH_SHARE * DEADLINE_S[arguments.priority]):
                page = await services.library.search(Search(query=query, limit=arguments.limit, feedback=not in_short))
        except MedlitError as error:
            answers[place] = BatchAnswer(error=str(error))
        except TimeoutError:
            answers[place] = BatchAnswer(error="No answer in time: the machine is busy. Ask this one again alone.")
        else:
            hits = _hits(page, detailed=False, in_short=in_short)
            answers[place] = BatchAnswer(total=page.total, total_is_exact=page.total_is_exact, hits=hits)

    async with anyio.create_task_group() as tasks:
        for place, query in enumerate(arguments.queries):
            tasks.start_soon(run, place, query)
    return BatchResult(
        answers=[_bounded(answer, BATCH_CHARACTERS // len(answers)) for answer in answers],
        degraded=DEGRADED if in_short else None,
    )


def _bounded(answer: BatchAnswer, characters: int) -> BatchAnswer:
    """An answer without the last hits that would make it too long."""
    length = 0
    for place, hit in enumerate(answer.hits):
        length += len(hit.model_dump_json())
        if length > characters:
            return answer.model_copy(update={"hits": answer.hits[:place], "cut": len(answer.hits) - place})
    return answer


SEARCH_LITERATURE_BATCH = Tool(
    name="search_literature_batch",
    title="Search literature, many queries",
    description=(
        "Run up to 20 searches of the local library at once, e.g. one per aspect or synonym. A query that fails has an "
        "error in its place; the others are answered."
    ),
    arguments=BatchArguments,
    result=BatchResult,
    call=search_literature_batch,
    workflow=Workflow.LITERATURE_SEARCH,
)
