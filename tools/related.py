"""``find_related``: articles like one, those that cite it, and those it cites."""

from __future__ import annotations

from typing import Literal, NamedTuple

from pydantic import Field

from medlit.errors import Spared, UnknownArticle, UsageError
from medlit.library.codec import unpack
from medlit.library.cursor import OTHER_SEARCH, Listed, read_cursor, write_cursor
from medlit.library.library import Hit, Library
from medlit.library.related import Citing, cited_works
from medlit.metrics.labels import Workflow
from medlit.record import Reference
from tools import present
from tools.live import federation
from tools.live.pages import Place, merged, read_place, write_place
from tools.results import ReferencedWork, RelatedResult
from tools.tool import LiveArguments, Services, Tool

Relation = Literal["similar", "cited_by", "references"]

MAX_LIMIT = 100

CITATION_CHARACTERS = 300
"""Of a reference as printed: some lists hold whole footnotes."""


class RelatedArguments(LiveArguments):
    """Whose relations, and which."""

    pmid: int = Field(ge=1, le=999_999_999)
    relation: Relation = "similar"
    limit: int = Field(10, ge=1, le=MAX_LIMIT)
    cursor: str | None = Field(None, description="next_cursor of the page before; repeat all else", max_length=100)


class References(NamedTuple):
    """A page of a reference list: the works the library has, and the others."""

    total: int
    hits: list[Hit]
    others: list[Reference]
    next_cursor: str | None


async def find_related(services: Services, arguments: RelatedArguments) -> RelatedResult:
    """Find what is related to an article, in the library and in PubMed."""
    pmid, relation, limit = arguments.pmid, arguments.relation, arguments.limit
    if arguments.source == "local":
        return await related(services.library, pmid, relation, limit, cursor=arguments.cursor)
    place = read_place(arguments.cursor, arguments.source)
    outside = federation.Outside([])
    if place.seen is not None:
        outside = await federation.related_in_pubmed(
            services.live, services.library, pmid, relation, place.seen, limit,
            emergency=arguments.priority == "emergency",
        )  # fmt: skip
    if arguments.source == "live" and isinstance(outside.problem, Spared):
        page = await related(services.library, pmid, relation, limit)
        told = {"source": "local", "next_cursor": write_place(place), "live_note": outside.told()}
        return page.model_copy(update=told)
    if arguments.source == "live":
        return _alone(outside)
    local = RelatedResult(hits=[])
    if place.local is not None:
        try:
            local = await related(services.library, pmid, relation, limit, cursor=place.local or None)
        except UnknownArticle:
            outside.check()  # PubMed may know it; if neither does, there is nothing to show
    answer = federation.both(local, outside, place, await services.library.last_loaded_at())
    shown = {str(hit.pmid) for hit in answer.hits}
    return answer.model_copy(
        update={"not_in_library": [work for work in answer.not_in_library if work.pmid not in shown]}
    )


def _alone(outside: federation.Outside) -> RelatedResult:
    outside.check()
    return RelatedResult(
        hits=merged([], outside.hits),
        next_cursor=write_place(Place(None, outside.seen)),
        source="live",
        live_total=outside.total,
        live_note=outside.told(),
    )


async def related(
    library: Library, pmid: int, relation: Relation, limit: int, *, cursor: str | None = None
) -> RelatedResult:
    """A page of the articles that stand in this relation to one.

    Raises:
        UnknownArticle: the library does not have it, and the relation is not ``cited_by``.
        UsageError: the cursor is not of this question.
    """
    if relation == "references":
        page = await references(library, pmid, limit, cursor)
        return RelatedResult(
            total=page.total,
            hits=[present.hit(hit, None, detailed=False) for hit in page.hits],
            not_in_library=[_cited(work) for work in page.others],
            next_cursor=page.next_cursor,
        )
    find = library.similar if relation == "similar" else library.cited_by
    found = await find(pmid, limit, cursor)
    return RelatedResult(
        total=found.total if found.total_is_exact else None,
        hits=[present.hit(hit, None, detailed=False) for hit in found.hits],
        next_cursor=found.next_cursor,
        reordered=found.reordered or None,
    )


async def references(library: Library, pmid: int, limit: int, cursor: str | None) -> References:
    """A page of an article's reference list, in its order."""
    works = cited_works(unpack((await library.article(pmid)).body, Citing))
    after = read_cursor(cursor) if cursor else Listed(pmid, 0)
    if not isinstance(after, Listed) or after.pmid != pmid or after.seen > len(works):
        raise UsageError(OTHER_SEARCH)
    page = works[after.seen : after.seen + limit]
    pmids = await _resolved(library, page)
    articles = await library.articles([known for known in pmids if known])
    found = [articles.get(known) if known else None for known in pmids]
    ended = after.seen + limit >= len(works)
    return References(
        len(works),
        [Hit(stored, 0.0) for stored in dict.fromkeys(found) if stored],
        [work for work, stored in zip(page, found, strict=True) if not stored],
        None if ended else write_cursor(Listed(pmid, after.seen + limit)),
    )


async def _resolved(library: Library, works: list[Reference]) -> list[int | None]:
    """The PMIDs of these works: their own, else those of the records with their DOI or PMCID."""
    known: dict[tuple[str, str], int] = {}
    for kind in ("doi", "pmcid"):
        values = [work.ids[kind] for work in works if kind in work.ids and "pubmed" not in work.ids]
        known |= {(kind, value): pmid for value, pmid in (await library.pmids_of(kind, values)).items()}
    return [
        int(own)
        if (own := work.ids.get("pubmed", "")).isascii() and own.isdigit() and len(own) < 10
        else next((known[item] for item in work.ids.items() if item in known), None)
        for work in works
    ]


def _cited(work: Reference) -> ReferencedWork:
    return ReferencedWork(
        citation=present.shortened(work.citation, CITATION_CHARACTERS) if work.citation else None,
        pmid=work.ids.get("pubmed"),
        doi=work.ids.get("doi"),
        pmcid=work.ids.get("pmcid"),
    )


FIND_RELATED = Tool(
    name="find_related",
    title="Find related articles",
    description=(
        "From one article to others in the library, or PubMed (source): similar (by text and MeSH, most alike first), "
        "cited_by (newest first) or references (its list, in order)."
    ),
    arguments=RelatedArguments,
    result=RelatedResult,
    call=find_related,
    open_world=True,
    workflow=Workflow.LITERATURE_SEARCH,
)
