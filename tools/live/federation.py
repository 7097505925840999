"""Library and PubMed in one answer: the library's hits first, then what only PubMed has.

PubMed may be slow, down, refusing, forbidden by the operator, or out of bounds for a
query that may identify a patient. Then the answer is the library's and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from medlit.errors import OutboundError, UsageError
from medlit.library.library import Hit, Library
from medlit.library.pubmed_query import Term, render
from medlit.library.query import Search, filter_terms
from tools import present, results
from tools.live.fetching import fetch_lacking, in_time
from tools.live.pages import Place, merged, write_place

if TYPE_CHECKING:
    # The command line reads this file too, and does not wait for an HTTP client.
    from tools.live.eutils import Found, LinkName
    from tools.live.live import Live


class Outside(NamedTuple):
    """What a live source gave for a page."""

    hits: list[results.Hit]
    total: int | None = None
    """How many it has; ``None`` when it could not be asked."""
    seen: int | None = None
    """Where its next page begins; ``None`` when there is none."""
    problem: OutboundError | None = None
    """Why there is nothing, or less than there should be."""
    notes: tuple[str, ...] = ()
    translation: str = ""
    """The query as the source understood it."""

    def check(self) -> None:
        """Raise what went wrong, if there is nothing to show."""
        if self.problem and not self.hits:
            raise self.problem

    def told(self, beside: str = "") -> str | None:
        """What to say of it; ``beside`` is said of the hits beside those that are missing."""
        notes = [*([f"{self.problem} {beside}".strip()] if self.problem else []), *self.notes]
        return " ".join(notes) or None


def of_the_library(updated: str | None) -> str:
    """What to say of hits that stand without the live source's: whose they are, and how old."""
    return f"The other hits are the library's own ({f'last loaded {updated}' if updated else 'no file loaded yet'})."


async def search_pubmed(
    live: Live, library: Library, search: Search, start: int, *, detailed: bool, emergency: bool
) -> Outside:
    """Ask PubMed for a page; records that the library has are taken from there, the others are fetched and kept."""
    try:
        async with in_time():
            found = await live.eutils.search(
                pubmed_term(search),
                start=start,
                limit=search.limit,
                sort="relevance" if search.sort == "relevance" else "pub_date",
                emergency=emergency,
            )
    except OutboundError as error:
        return Outside([], seen=start, problem=error)
    articles, problem = await fetch_lacking(live, library, found.pmids, emergency=emergency)
    notes = [f"PubMed shows the first {found.reachable:,} of its matches only; narrow the search."]
    notes = notes if found.reachable < found.total else []
    if not found.total:
        notes += await _spelling(live, search, emergency=emergency)
    if lacking := sum(pmid not in articles for pmid in found.pmids):
        notes.append(f"{lacking} of PubMed's matches could not be fetched.")
    hits = [present.hit(Hit(articles[pmid], 0.0), None, detailed=detailed) for pmid in found.pmids if pmid in articles]
    return Outside(hits, found.total, _following(found, start), problem, tuple(notes), found.translation)


def _following(found: Found, start: int) -> int | None:
    end = start + len(found.pmids)
    return end if found.pmids and end < found.reachable else None


async def _spelling(live: Live, search: Search, *, emergency: bool) -> list[str]:
    """What PubMed would spell otherwise in a query that finds nothing there. To know it is not worth an error."""
    if not search.query.strip():
        return []
    try:
        async with in_time():
            better = await live.eutils.spelling(search.query, emergency=emergency)
    except OutboundError:
        return []
    return [f"PubMed finds nothing, and suggests: {better}"] if better else []


def pubmed_term(search: Search) -> str:
    """A search as PubMed reads it: the query as it stands, and the filters with their tags.

    Raises:
        UsageError: there is nothing to search for.
    """
    wanted = [
        render(Term(node.text.replace('"', " "), node.field, quoted=True) if isinstance(node, Term) else node)
        for node in filter_terms(search.filters)
    ]
    query = search.query.strip()
    parts = [f"({query})" if wanted and query else query, *(f"({each})" for each in wanted)]
    term = " AND ".join(part for part in parts if part)
    if not term:
        raise UsageError("There is nothing to search for: give at least one word, or a filter.")
    return term if search.filters.include_retracted else f'({term}) NOT "Retracted Publication"[Publication Type]'


RELATIONS: dict[str, LinkName] = {
    "similar": "pubmed_pubmed",
    "cited_by": "pubmed_pubmed_citedin",
    "references": "pubmed_pubmed_refs",
}
"""ELink's names of them."""


async def related_in_pubmed(
    live: Live, library: Library, pmid: int, relation: str, start: int, limit: int, *, emergency: bool
) -> Outside:
    """Ask ELink for a page of articles that stand in a relation to one; those the library lacks are fetched and kept.

    ELink has no pages: it gives all PMIDs at once, and the page is cut from them.
    """
    try:
        async with in_time():
            links = await live.eutils.links(pmid, RELATIONS[relation], emergency=emergency)
    except OutboundError as error:
        return Outside([], seen=start, problem=error)
    page = [other for other, _ in links[start : start + limit]]
    articles, problem = await fetch_lacking(live, library, page, emergency=emergency)
    notes = (f"{lacking} of them could not be fetched.",) if (lacking := len(page) - len(articles)) else ()
    hits = [present.hit(Hit(articles[each], 0.0), None, detailed=False) for each in page if each in articles]
    return Outside(hits, len(links), start + limit if start + limit < len(links) else None, problem, notes)


PageOfHits = TypeVar("PageOfHits", results.SearchResult, results.RelatedResult)


def both(local: PageOfHits, outside: Outside, place: Place, library_updated: str | None) -> PageOfHits:
    """A local page with what PubMed adds to it. ``place`` is where the page began."""
    local_next = local.next_cursor if place.local is not None else None
    # Where the library has no more and PubMed fails, the next page would ask for the same again.
    seen = None if outside.problem and not outside.hits and not local_next else outside.seen
    return local.model_copy(
        update={
            "hits": merged(local.hits if place.local is not None else [], outside.hits),
            "next_cursor": write_place(Place(local_next, seen)),
            "source": "local" if outside.problem and not outside.hits else "both",
            "live_total": outside.total,
            "live_note": outside.told(of_the_library(library_updated)),
        }
    )


def alone(outside: Outside, library_updated: str | None) -> results.SearchResult:
    """A page of PubMed's own.

    Raises:
        OutboundError: there is nothing to show.
    """
    outside.check()
    return results.SearchResult(
        total=outside.total or 0,
        total_is_exact=True,
        hits=merged([], outside.hits),
        next_cursor=write_place(Place(None, outside.seen)),
        reordered=None,
        query_translation=outside.translation,
        ranking="pubmed",
        source="live",
        live_total=outside.total,
        live_note=outside.told(),
        library_updated=library_updated,
        took_ms=0.0,
    )
