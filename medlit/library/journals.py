"""The journals of a library, as its articles name them: no table of its own, the index knows every name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from medlit.library.codec import unpack
from medlit.library.store import StoredArticle
from medlit.record import Journal

NAMES_A_JOURNAL = 6
"""Abbreviation, title, NLM's number and ISSNs: so many values of the index may be one journal."""


class _Published(msgspec.Struct):
    journal: Journal | None = None


class JournalEntry(NamedTuple):
    """A journal as one of its records has it, and how many articles of it there are."""

    journal: Journal
    articles: int


class Indexed(Protocol):
    """What is asked of a library."""

    async def values(self, field: str, beginning: str, limit: int) -> list[tuple[str, int]]:
        """The values of a field that begin so, the most frequent first."""
        ...

    async def count(self, field: str, values: Sequence[str]) -> int:
        """How many records have one of these values."""
        ...

    async def pmids_of(self, field: str, values: Sequence[str]) -> dict[str, int]:
        """A record for each of these values."""
        ...

    async def articles(self, pmids: Sequence[int]) -> dict[int, StoredArticle]:
        """The records of these PMIDs."""
        ...


class Journals:
    """Looks journals up in one library."""

    def __init__(self, library: Indexed) -> None:
        self._library = library

    async def complete(self, beginning: str, limit: int) -> list[str]:
        """Abbreviated titles of journals with a name, an abbreviation or an ISSN that begins so, by articles."""
        values = await self._library.values("journal", beginning.strip(), NAMES_A_JOURNAL * limit)
        found = await self._named([value for value, _ in values])
        return list(dict.fromkeys(journal.name for journal in found.values() if journal.name))[:limit]

    async def look_up(self, name: str) -> JournalEntry | None:
        """The journal with this title, abbreviation, ISSN or NLM number."""
        name = name.strip().removesuffix(".")
        journal = (await self._named([name])).get(name) if name else None
        return JournalEntry(journal, await self._library.count("journal", [name])) if journal else None

    async def _named(self, names: Sequence[str]) -> dict[str, Journal]:
        pmids = await self._library.pmids_of("journal", names)
        articles = await self._library.articles(list(pmids.values()))
        published = {pmid: unpack(stored.body, _Published).journal for pmid, stored in articles.items()}
        return {name: journal for name in names if name in pmids and (journal := published.get(pmids[name]))}
