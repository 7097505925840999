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
from medlit.privacy.gate import MAX_CHARACTERS, screen_text
from tools.live import JournalCitation
from tools.live.fetching import fetch, fetch_ids, in_time

if TYPE_CHECKING:
    # The command line reads this file too, and does not wait for an HTTP client.
    from tools.live.live import Live

TITLE_WORDS = 6
"""The longest words of a title stand for it: PubMed reads short ones as stop words, and long titles are misquoted."""

LOOKED_AT = 5
"""Matches of a title that are held against a citation."""

LINE_CHARACTERS = 20
"""What a citation's line has beside its cells, at most."""

_LETTERS = re.compile(r"[^\W\d_]+")
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
    problems: list[OutboundError] = []
    done: set[Wanted] = set()
    for group in sendable([each for each in wanted if each.citation]):
        try:
            citations = [each.citation for each in group if each.citation]
            matched = await live.eutils.match(citations, emergency=emergency)
        except OutboundError as error:
            problems.append(error)
        else:
            pmids |= dict.fromkeys(pmid for pmid in matched if pmid)
            done |= {each for each, pmid in zip(group, matched, strict=True) if pmid}
    terms = [title_term(each.title) for each in wanted if each.title and each not in done]

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


def sendable(wanted: Sequence[Wanted]) -> list[list[Wanted]]:
    """Citations in groups for one request each: one that the gate refuses stands alone, and takes no other with it."""
    groups: list[list[Wanted]] = []
    room = 0
    for each in wanted:
        line = "|".join(each.citation or ())
        alone = screen_text(line).blocked
        if alone or len(line) + LINE_CHARACTERS > room:
            groups.append([])
            room = 0 if alone else MAX_CHARACTERS
        groups[-1].append(each)
        room -= len(line) + LINE_CHARACTERS
    return groups


def short_name(name: str) -> str:
    """A name as ECitMatch reads it, ``Last IN``; in ``Ann Roe`` the last word is taken for the last name."""
    last, comma, fore = name.partition(",")
    parts = name.split()
    if not comma and parts:
        ends_in_initials = len(parts) > 1 and _initials(parts[-1]) == parts[-1].replace(".", "").replace("-", "")
        last, fore = (" ".join(parts[:-1]), parts[-1]) if ends_in_initials else (parts[-1], " ".join(parts[:-1]))
    return f"{last.strip()} {_initials(fore)}".strip()


def _initials(fore: str) -> str:
    letters = (word if word.isupper() and len(word) <= 3 else word[0].upper() for word in _LETTERS.findall(fore))
    return "".join(letters)[:3]


def title_term(title: str) -> str:
    """A title as a search of titles, by its longest words; empty if it has none."""
    words = sorted(dict.fromkeys(_WORD.findall(title.lower())), key=len, reverse=True)[:TITLE_WORDS]
    return " AND ".join(f"{word}[Title]" for word in words)
