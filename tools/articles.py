"""``get_articles``: whole records by identifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from medlit.errors import UsageError
from medlit.identifiers import read_identifier
from medlit.library.library import Library
from medlit.library.store import StoredArticle
from medlit.metrics.labels import Workflow
from tools import present
from tools.live import fetching
from tools.live.full_text import with_full_text
from tools.results import ArticleResult, ArticlesResult
from tools.tool import LiveArguments, Services, Tool

MAX_IDS = 50

MAX_SECTIONS = 20

ANSWER_CHARACTERS = 60_000
"""About 15,000 tokens: hosts cut longer answers, and cut them anywhere."""


class ArticlesArguments(LiveArguments):
    """Which articles to show."""

    ids: list[Annotated[str | int, Field(union_mode="left_to_right")]] = Field(
        description="PMIDs, DOIs, PMCIDs, mixed", min_length=1, max_length=MAX_IDS
    )
    detail: Literal["concise", "detailed"] = Field("concise", description="detailed adds every field of the record")
    sections: list[str] = Field(
        [],
        description="of open-access full text, with source both or live: introduction, methods, …, any title, or all",
        max_length=MAX_SECTIONS,
    )
    max_tokens: int = Field(6_000, ge=200, le=12_000, description="of all sections together")


async def look_up(library: Library, ids: Sequence[str]) -> tuple[list[StoredArticle], list[str]]:
    """The articles in the order asked for, each once, and the ids that were not found."""
    read = {given: read_identifier(given) for given in ids}
    pmids = {given: int(known.value) for given, known in read.items() if known and known.kind == "pmid"}
    for kind in ("doi", "pmcid"):
        wanted = {given: known.value for given, known in read.items() if known and known.kind == kind}
        found = await library.pmids_of(kind, list(wanted.values()))
        pmids |= {given: found[value] for given, value in wanted.items() if value in found}
    articles = await library.articles(list(dict.fromkeys(pmids.values())))
    found_pmids = dict.fromkeys(pmids[given] for given in ids if pmids.get(given) in articles)
    return [articles[pmid] for pmid in found_pmids], [given for given in read if pmids.get(given) not in articles]


async def get_articles(services: Services, arguments: ArticlesArguments) -> ArticlesResult:
    """Look articles up in the library, and fetch what is asked for and not there.

    Raises:
        UsageError: sections are asked for from the library, which has none.
    """
    outside, emergency = arguments.source != "local", arguments.priority == "emergency"
    if arguments.sections and not outside:
        raise UsageError("The library holds no full texts. With source both they are asked of Europe PMC.")
    ids = [str(given) for given in arguments.ids]
    looked_up = fetching.LookedUp(*await look_up(services.library, ids), arguments.source, None)
    if arguments.source == "live" or (arguments.source == "both" and looked_up.not_found):
        looked_up = await fetching.look_up(
            services.live,
            services.library,
            ids,
            looked_up.found,
            looked_up.not_found,
            source=arguments.source,
            emergency=emergency,
        )
    shown: list[ArticleResult] = []
    cut: list[str] = []
    length = 0
    for stored in looked_up.found:
        article = present.article(stored, detailed=arguments.detail == "detailed")
        length += len(article.model_dump_json())
        if shown and length > ANSWER_CHARACTERS:
            cut.append(str(stored.pmid))
        else:
            shown.append(article)
    if arguments.sections:
        shown = await with_full_text(
            services.live, shown, arguments.sections, arguments.max_tokens, emergency=emergency
        )
    return ArticlesResult(
        articles=shown,
        not_found=looked_up.not_found,
        cut=cut,
        source=looked_up.source if outside else None,
        live_note=looked_up.note,
    )


GET_ARTICLES = Tool(
    name="get_articles",
    title="Get articles",
    description=(
        "Show articles of the local library, or fetch them (source): abstract by sections, authors, journal, MeSH, "
        "retraction status and links to notices; with sections, full text. Ids not found are listed, never invented."
    ),
    arguments=ArticlesArguments,
    result=ArticlesResult,
    call=get_articles,
    workflow=Workflow.LITERATURE_SEARCH,
    open_world=True,
)
