"""Library and live sources in one answer: the library's first, then what only PubMed has.

A live source may be slow, down, refusing, forbidden by the operator, or out of bounds for
a query that may identify a patient. Then the answer is the library's and says so.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import anyio

from medlit.errors import OutboundError, SourceUnavailable
from medlit.identifiers import Identifier, read_identifier
from medlit.library.library import Hit, Library
from medlit.library.pubmed_query import Term, render
from medlit.library.query import Search, filter_terms
from medlit.library.store import StagedRow, StoredArticle
from tools import present, results
from tools.live import NCBI, JournalCitation
from tools.tool import DEADLINE_S, LIVE_DEADLINE_S, Priority

if TYPE_CHECKING:
    # The command line reads this file too, and does not wait for an HTTP client.
    from tools.live.live import Live

SourceChoice = Literal["local", "live", "both"]

MARGIN_S = 0.1
"""What is left of a call's time when the live sources have used theirs up."""

KEEPING_S = 0.3
"""The longest an answer waits for its records to be stored, by which it learns what notices say of them."""


class LiveHits(NamedTuple):
    """What PubMed found."""

    hits: list[Hit]
    total: int | None
    """``None`` when PubMed could not be asked."""
    problem: OutboundError | None
    """Why there is nothing, or less than there should be."""
    notes: list[str]


class LiveArticles(NamedTuple):
    """What was fetched, by the identifier as it was given."""

    found: dict[str, StoredArticle]
    problem: OutboundError | None


def deadline_s(priority: Priority, source: SourceChoice) -> float:
    """How long a call may take; longer where a routine one asks PubMed."""
    return DEADLINE_S[priority] if source == "local" or priority == "emergency" else LIVE_DEADLINE_S


async def with_live(
    live: Live,
    library: Library,
    search: Search,
    local: results.SearchResult,
    *,
    source: SourceChoice,
    priority: Priority,
    detailed: bool,
) -> results.SearchResult:
    """A local answer with what PubMed adds (``both``), or what PubMed finds alone (``live``).

    Raises:
        OutboundError: only for ``live``, which has nothing else to show.
    """
    outside = await search_live(live, library, search, emergency=priority == "emergency")
    if outside.problem and source == "live" and not outside.hits:
        raise outside.problem
    notes = list(outside.notes)
    if outside.problem:
        age = f"last loaded {local.library_updated}" if local.library_updated else "no file loaded yet"
        notes.insert(0, f"{outside.problem} The other hits are the library's own ({age}).")
    found = {hit.article.pmid: present.hit(hit, detailed=detailed) for hit in outside.hits}
    inside = {} if source == "live" else {hit.pmid: hit for hit in local.hits}
    marked = [
        hit.model_copy(update={"source": "both" if pmid in inside and pmid in found else where})
        for where, hits in (
            ("local", inside),
            ("live", {pmid: hit for pmid, hit in found.items() if pmid not in inside}),
        )
        for pmid, hit in hits.items()
    ]
    return local.model_copy(
        update={
            "hits": marked,
            "source": "local" if outside.problem and not outside.hits else source,
            "live_total": outside.total,
            "live_note": " ".join(notes) or None,
            **({"total": outside.total, "total_is_exact": True} if source == "live" else {}),
        }
    )


async def look_up_live(
    live: Live,
    library: Library,
    ids: Sequence[str],
    found: Sequence[StoredArticle],
    not_found: Sequence[str],
    *,
    source: SourceChoice,
    priority: Priority,
) -> tuple[list[StoredArticle], list[str], str | None]:
    """Articles in the order asked for, those the library lacks (with ``live``: all) fetched; ids not found; a note.

    Raises:
        OutboundError: there is nothing to show.
    """
    wanted = list(dict.fromkeys(ids)) if source == "live" else list(not_found)
    fetched = await fetch_live(live, library, wanted, emergency=priority == "emergency")
    if fetched.problem and not fetched.found and not found:
        raise fetched.problem
    articles = {stored.pmid: stored for stored in found} | {each.pmid: each for each in fetched.found.values()}
    lacking = [given for given in not_found if given not in fetched.found]
    note = str(fetched.problem) if fetched.problem else None
    return in_order(ids, articles, fetched.found), lacking, note


def in_order(
    ids: Sequence[str], articles: dict[int, StoredArticle], fetched: dict[str, StoredArticle]
) -> list[StoredArticle]:
    """Each article once, by the first of ``ids`` that names it; those of other identifiers keep their order."""
    pmids: dict[int, None] = {}
    for given in ids:
        known = read_identifier(given)
        pmid = fetched[given].pmid if given in fetched else int(known.value) if known and known.kind == "pmid" else 0
        if pmid in articles:
            pmids[pmid] = None
    return [articles[pmid] for pmid in dict.fromkeys([*pmids, *articles])]


@asynccontextmanager
async def in_time() -> AsyncGenerator[None]:
    """Give live sources the caller's time less a margin.

    Raises:
        SourceUnavailable: the time was not enough.
    """
    with anyio.CancelScope(deadline=anyio.current_effective_deadline() - MARGIN_S) as scope:
        yield
    if scope.cancelled_caught:
        raise SourceUnavailable("did not answer in time", NCBI, final=True)


def pubmed_term(search: Search) -> str:
    """A search as PubMed reads it: the query as it stands, and the filters with their tags."""
    wanted = [
        render(Term(node.text.replace('"', " "), node.field, quoted=True) if isinstance(node, Term) else node)
        for node in filter_terms(search.filters)
    ]
    query = search.query.strip()
    parts = [f"({query})" if wanted and query else query, *(f"({each})" for each in wanted)]
    term = " AND ".join(part for part in parts if part)
    return term if search.filters.include_retracted else f'({term}) NOT "Retracted Publication"[Publication Type]'


async def search_live(live: Live, library: Library, search: Search, *, emergency: bool) -> LiveHits:
    """Ask PubMed; records that the library has are taken from there, the others are fetched and kept."""
    total: int | None = None
    notes: list[str] = []
    pmids: list[int] = []
    articles: dict[int, StoredArticle] = {}
    problem: OutboundError | None = None
    try:
        async with in_time():
            found = await live.eutils.search(
                pubmed_term(search),
                start=search.offset,
                limit=search.limit,
                sort="relevance" if search.sort == "relevance" else "pub_date",
                emergency=emergency,
            )
            total, pmids = found.total, found.pmids
            if found.reachable < found.total:
                notes.append(f"PubMed shows the first {found.reachable:,} of its matches only; narrow the search.")
            articles = await library.articles(pmids)
            lacked = [pmid for pmid in pmids if pmid not in articles]
            articles |= await _fetched(live, library, lacked, emergency=emergency)
    except OutboundError as error:
        problem = error
    lacking = sum(pmid not in articles for pmid in pmids)
    if lacking:
        notes.append(f"{lacking} of PubMed's matches could not be fetched.")
    return LiveHits([Hit(articles[pmid], 0.0) for pmid in pmids if pmid in articles], total, problem, notes)


async def fetch_live(live: Live, library: Library, ids: Sequence[str], *, emergency: bool) -> LiveArticles:
    """Fetch articles by PMID, PMCID or DOI, as given, and keep them in the library."""
    read = {given: known for given in ids if (known := read_identifier(given))}
    pmids = {given: int(known.value) for given, known in read.items() if known.kind == "pmid"}
    articles: dict[int, StoredArticle] = {}
    problem: OutboundError | None = None
    try:
        async with in_time():
            for kind in ("pmcid", "doi"):
                try:
                    pmids |= await _converted(live, {given: each for given, each in read.items() if each.kind == kind})
                except OutboundError as error:  # no reason not to fetch those whose PMID is known
                    problem = error
            articles = await _fetched(live, library, list(dict.fromkeys(pmids.values())), emergency=emergency)
    except OutboundError as error:
        problem = error
    return LiveArticles({given: articles[pmid] for given, pmid in pmids.items() if pmid in articles}, problem)


async def candidates_live(
    live: Live, library: Library, ids: Sequence[str], citations: Sequence[JournalCitation], *, emergency: bool
) -> tuple[list[StoredArticle], OutboundError | None]:
    """Records that citations may mean: those they name, and those that ECitMatch finds; all are kept."""
    fetched = await fetch_live(live, library, ids, emergency=emergency)
    articles = {each.pmid: each for each in fetched.found.values()}
    problem = fetched.problem
    try:
        async with in_time():
            matched = await live.eutils.match(citations) if citations else []
            lacked = list(dict.fromkeys(pmid for pmid in matched if pmid and pmid not in articles))
            articles |= await _fetched(live, library, lacked, emergency=emergency)
    except OutboundError as error:
        problem = error
    return list(articles.values()), problem


async def _converted(live: Live, wanted: dict[str, Identifier]) -> dict[str, int]:
    """The PMIDs of PMCIDs or DOIs. The converter knows what is in PMC; other DOIs PubMed is asked for."""
    if not wanted:
        return {}
    converted = await live.eutils.convert([each.value for each in wanted.values()])
    known = {each.requested_id.lower(): each.pmid for each in converted if each.pmid}
    pmids = {given: known[each.value.lower()] for given, each in wanted.items() if each.value.lower() in known}
    for given, each in wanted.items():
        if given not in pmids and each.kind == "doi":
            found = await live.eutils.search(f'"{each.value}"[doi]', limit=2)
            if len(found.pmids) == 1:
                pmids[given] = found.pmids[0]
    return pmids


async def _fetched(live: Live, library: Library, pmids: Sequence[int], *, emergency: bool) -> dict[int, StoredArticle]:
    """Fetch records and keep them; the library's own view of them, as soon as it has one."""
    if not pmids:
        return {}
    rows = (await live.eutils.fetch(pmids, emergency=emergency)).rows
    stored = live.keeper.keep(rows)
    with anyio.move_on_after(KEEPING_S):
        await stored.wait()
    return {row.pmid: _as_stored(row) for row in rows if row.body} | await library.articles([row.pmid for row in rows])


def _as_stored(row: StagedRow) -> StoredArticle:
    """A record that is not stored yet, or that the library does not show."""
    return StoredArticle(
        row.pmid, row.body or b"", "ncbi-efetch", datetime.now(UTC).isoformat(timespec="seconds"), None
    )
