"""Records that the library lacks, fetched from NCBI and kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import anyio

from medlit.errors import OutboundError, SourceUnavailable
from medlit.identifiers import Identifier, read_identifier
from medlit.library.library import Library
from medlit.library.store import StagedRow, StoredArticle
from medlit.privacy.gate import Field, Kind, screen
from tools.live import NCBI
from tools.tool import SourceChoice

if TYPE_CHECKING:
    # The command line reads this file too, and does not wait for an HTTP client.
    from tools.live.live import Live

MARGIN_S = 0.1
"""What is left of a call's time when the live sources have used theirs up."""

KEEPING_S = 0.3
"""The longest an answer waits for its records to be stored, by which it learns what notices say of them."""


class LiveArticles(NamedTuple):
    """What was fetched, by the identifier as it was given."""

    found: dict[str, StoredArticle]
    problem: OutboundError | None
    """Why some could not be asked for."""


class LookedUp(NamedTuple):
    """Articles by identifier, from the library and from outside."""

    found: list[StoredArticle]
    not_found: list[str]
    source: SourceChoice
    """``local`` where nothing came from outside."""
    note: str | None


@asynccontextmanager
async def in_time(name: str = NCBI) -> AsyncGenerator[None]:
    """Give a live source the caller's time less a margin.

    Raises:
        SourceUnavailable: the time was not enough.
    """
    with anyio.CancelScope(deadline=anyio.current_effective_deadline() - MARGIN_S) as scope:
        yield
    if scope.cancelled_caught:
        raise SourceUnavailable("did not answer in time", name, final=True)


async def fetch(live: Live, library: Library, pmids: Sequence[int], *, emergency: bool) -> dict[int, StoredArticle]:
    """Fetch records and keep them; the library's own view of them, as soon as it has one."""
    if not pmids:
        return {}
    rows = (await live.eutils.fetch(pmids, emergency=emergency)).rows
    stored = live.additions.keep(rows)
    left = anyio.current_effective_deadline() - anyio.current_time()
    with anyio.move_on_after(min(KEEPING_S, left / 2)):
        await stored.wait()
    return {row.pmid: _as_stored(row) for row in rows if row.body} | await library.articles([row.pmid for row in rows])


async def fetch_lacking(
    live: Live, library: Library, pmids: Sequence[int], *, emergency: bool
) -> tuple[dict[int, StoredArticle], OutboundError | None]:
    """Records from the library, and those it lacks fetched; and why some of these are missing."""
    articles = await library.articles(pmids)
    try:
        async with in_time():
            lacked = [pmid for pmid in pmids if pmid not in articles]
            articles |= await fetch(live, library, lacked, emergency=emergency)
    except OutboundError as error:
        return articles, error
    return articles, None


async def fetch_ids(live: Live, library: Library, ids: Sequence[str], *, emergency: bool) -> LiveArticles:
    """Fetch articles by PMID, PMCID or DOI, as given, and keep them in the library."""
    read = {given: known for given in ids if (known := read_identifier(given))}
    pmids = {given: int(known.value) for given, known in read.items() if known.kind == "pmid"}
    articles: dict[int, StoredArticle] = {}
    problem: OutboundError | None = None
    try:
        async with in_time():
            for wanted in _sendable(read):
                try:
                    pmids |= await _converted(live, wanted, emergency=emergency)
                except OutboundError as error:  # no reason not to fetch the others
                    problem = error
            articles = await fetch(live, library, list(dict.fromkeys(pmids.values())), emergency=emergency)
    except OutboundError as error:
        problem = error
    return LiveArticles({given: articles[pmid] for given, pmid in pmids.items() if pmid in articles}, problem)


async def look_up(
    live: Live,
    library: Library,
    ids: Sequence[str],
    found: Sequence[StoredArticle],
    not_found: Sequence[str],
    *,
    source: SourceChoice,
    emergency: bool,
) -> LookedUp:
    """Articles in the order asked for, those the library lacks (with ``live``: all) fetched.

    Raises:
        OutboundError: there is nothing to show.
    """
    wanted = list(dict.fromkeys(ids)) if source == "live" else list(not_found)
    fetched = await fetch_ids(live, library, wanted, emergency=emergency)
    if fetched.problem and not fetched.found and not found:
        raise fetched.problem
    articles = {stored.pmid: stored for stored in found} | {each.pmid: each for each in fetched.found.values()}
    lacking = [given for given in not_found if given not in fetched.found]
    note = str(fetched.problem) if fetched.problem else None
    answered = "local" if fetched.problem and not fetched.found else source
    return LookedUp(_in_order(ids, articles, fetched.found), lacking, answered, note)


def _in_order(
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


def _sendable(read: dict[str, Identifier]) -> list[dict[str, Identifier]]:
    """PMCIDs and DOIs in groups for one request each: one that the gate refuses stands alone."""
    groups: list[dict[str, Identifier]] = []
    for kind in ("pmcid", "doi"):
        wanted = {given: each for given, each in read.items() if each.kind == kind}
        refused = [
            given for given, each in wanted.items() if screen([Field(Kind.IDENTIFIER, "ids", each.value)]).blocked
        ]
        groups += [{given: wanted.pop(given)} for given in refused]
        groups += [wanted] if wanted else []
    return groups


async def _converted(live: Live, wanted: dict[str, Identifier], *, emergency: bool) -> dict[str, int]:
    """The PMIDs of PMCIDs or DOIs. The converter knows what is in PMC; other DOIs PubMed is asked for."""
    converted = await live.eutils.convert([each.value for each in wanted.values()], emergency=emergency)
    known = {each.requested_id.lower(): each.pmid for each in converted if each.pmid}
    pmids = {given: known[each.value.lower()] for given, each in wanted.items() if each.value.lower() in known}
    for given, each in wanted.items():
        if given not in pmids and each.kind == "doi":
            found = await live.eutils.search(f'"{each.value}"[doi]', limit=2, emergency=emergency)
            if len(found.pmids) == 1:
                pmids[given] = found.pmids[0]
    return pmids


def _as_stored(row: StagedRow) -> StoredArticle:
    """A record that is not stored yet, or that the library does not show."""
    return StoredArticle(
        row.pmid, row.body or b"", "ncbi-efetch", datetime.now(UTC).isoformat(timespec="seconds"), None
    )
