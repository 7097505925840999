"""The journals of a library, as its articles name them: no table of its own, the index knows every name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import msgspec

from medlit.library.codec import unpack
from medlit.library.store import StoredArticle
from medlit.record import Journal


class _Published(msgspec.Struct):
    journal: Journal | None = None


class JournalEntry(NamedTuple):
    """A journal as one of its records has it, and how many articles of it there are."""

    journal: Journal
    articles: int


class Indexed(Protocol):
    """What is asked of a library."""

    async def names(self, field: str, beginning: str, limit: int) -> list[str]:
        """What names with this beginning are shown as, those of the most records first."""
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
        """Abbreviated titles of journals with a title or an abbreviation that begins so, by articles."""
        return await self._library.names("journal_name", beginning.strip(), limit)

    async def look_up(self, name: str) -> JournalEntry | None:
        """The journal with this title, abbreviation, ISSN or NLM number."""
        name = name.strip().removesuffix(".")
        pmids = await self._library.pmids_of("journal", [name] if name else [])
        published = [
            unpack(stored.body, _Published) for stored in (await self._library.articles([*pmids.values()])).values()
        ]
        if not published or not published[0].journal:
            return None
        return JournalEntry(published[0].journal, await self._library.count("journal", [name]))
