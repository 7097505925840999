"""``search_literature``: ranked search in the library."""

from __future__ import annotations

import time
from typing import Literal

from pydantic import Field

from medlit.library.query import Filters, Search
from tools import present
from tools.live import federation
from tools.results import SearchResult
from tools.tool import Arguments, Services, Tool

MAX_LIMIT = 100

TRANSLATION_SHOWN = 1_000
"""Characters of a query's translation that a result shows."""


class SearchArguments(Arguments):
    """What to search for."""

    query: str = Field(
        "",
        description="plain words, ranked, or PubMed syntax (AND OR NOT, quotes, *, [tiab] [mh] [au] [dp] …); "
        "may be empty with a filter",
        max_length=10_000,
    )
    limit: int = Field(10, ge=1, le=MAX_LIMIT)
    sort: Literal["relevance", "newest"] = "relevance"
    author: str | None = Field(None, description="last name and initials: Smith JA")
    journal: str | None = Field(None, description="title, abbreviation or ISSN")
    mesh: str | None = Field(None, description="MeSH heading; narrower ones count too")
    publication_type: str | None = Field(None, description="e.g. Review, Randomized Controlled Trial")
    language: str | None = Field(None, description="three-letter code: eng")
    year_from: int | None = Field(None, ge=0, le=9999)
    year_to: int | None = Field(None, ge=0, le=9999)
    include_retracted: bool = True
    source: federation.SourceChoice = Field("local", description="live and both ask PubMed; live_note says what failed")
    term_mapping: bool = Field(True, description="also find what MeSH calls untagged words")
    detail: Literal["concise", "detailed"] = Field("concise", description="detailed adds abstracts")

    @property
    def deadline_s(self) -> float:
        """How long the call may take; longer where PubMed is asked."""
        return federation.deadline_s(self.priority, self.source)


async def search_literature(services: Services, arguments: SearchArguments) -> SearchResult:
    """Search the library, and PubMed when asked to."""
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
        sort=arguments.sort,
        term_mapping=arguments.term_mapping,
    )
    result = await _search(services, search, arguments)
    if arguments.source == "local":
        return result
    return await federation.with_live(
        services.live,
        services.library,
        search,
        result,
        source=arguments.source,
        priority=arguments.priority,
        detailed=arguments.detail == "detailed",
    )


async def _search(services: Services, search: Search, arguments: SearchArguments) -> SearchResult:
    started = time.perf_counter()
    page = await services.library.search(search)
    return SearchResult(
        total=page.total,
        total_is_exact=page.total_is_exact,
        hits=[present.hit(hit, detailed=arguments.detail == "detailed") for hit in page.hits],
        query_translation=present.shortened(page.understood, TRANSLATION_SHOWN),
        source="local",
        library_updated=await services.library.last_loaded_at(),
        took_ms=round((time.perf_counter() - started) * 1000, 2),
    )


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
)
