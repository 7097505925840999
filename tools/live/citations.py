"""Works that a citation may mean, looked for in PubMed.

By its identifiers; by ECitMatch, all citations in one request; and by its title where
neither is enough, a request each.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import anyio

from medlit.errors import OutboundError
from medlit.library.library import Library
from medlit.library.store import StoredArticle
from tools.live import JournalCitation
from tools.live.fetching import fetch, fetch_ids, in_time

if TYPE_CHECKING:
    # The command line reads this file too, and does not wait for an HTTP client.
    from tools.live.live import Live

TITLE_WORDS = 6
"""The longest words of a title stand for it: PubMed reads short ones as stop words, and long titles are misquoted."""

LOOKED_AT = 5
"""Matches of a title that are held against a citation."""

_WORD = re.compile(r"[^\W_]{4,}")


class Wanted(NamedTuple):
    """A citation without an identifier, as the two ways take it."""

    citation: JournalCitation | None
    title: str | None


async def candidates(
    live: Live, library: Library, ids: Sequence[str], wanted: Sequence[Wanted], *, emergency: bool
) -> tuple[list[StoredArticle], OutboundError | None]:
    """Records that citations may mean, all of them kept; and why there may be fewer than there should be."""
    fetched = await fetch_ids(live, library, ids, emergency=emergency)
    problems = [fetched.problem] if fetched.problem else []
    articles = {each.pmid: each for each in fetched.found.values()}
    pmids: dict[int, None] = {}
    try:
        async with in_time():
            await _match(live, wanted, pmids, emergency=emergency)
    except OutboundError as error:
        problems.append(error)
    try:
        async with in_time():
            lacked = [pmid for pmid in pmids if pmid not in articles]
            articles |= await fetch(live, library, lacked, emergency=emergency)
    except OutboundError as error:
        problems.append(error)
    return list(articles.values()), problems[0] if problems else None


async def _match(live: Live, wanted: Sequence[Wanted], pmids: dict[int, None], *, emergency: bool) -> None:
    """Add the PMIDs of what is wanted, as they come."""
    by_journal = [each for each in wanted if each.citation]
    matched: list[int | None] = []
    if by_journal:
        matched = await live.eutils.match([each.citation for each in by_journal if each.citation], emergency=emergency)
    pmids |= dict.fromkeys(pmid for pmid in matched if pmid)
    done = {each for each, pmid in zip(by_journal, matched, strict=True) if pmid}
    terms = [title_term(each.title) for each in wanted if each.title and each not in done]
    problems: list[OutboundError] = []

    async def search(term: str) -> None:
        try:
            pmids.update(dict.fromkeys((await live.eutils.search(term, limit=LOOKED_AT, emergency=emergency)).pmids))
        except OutboundError as error:  # one title that may not go out, or a failure, which the others will meet too
            problems.append(error)

    async with anyio.create_task_group() as tasks:
        for term in filter(None, terms):
            tasks.start_soon(search, term)
    if problems:
        raise problems[0]


def title_term(title: str) -> str:
    """A title as a search of titles, by its longest words; empty if it has none."""
    words = sorted(dict.fromkeys(_WORD.findall(title.lower())), key=len, reverse=True)[:TITLE_WORDS]
    return " AND ".join(f"{word}[Title]" for word in words)
