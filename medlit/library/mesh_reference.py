"""MeSH as a reference: a heading with its terms, its place in the tree and the articles about it.

Counting the articles under a heading and all below it is the dearest look-up there is, so
what was found is kept, until the library changes. Kept are headings by their identifiers;
what was asked for is not.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, TypeAlias

from medlit.library.analysis import normalized
from medlit.library.codec import unpack
from medlit.library.store import Store
from medlit.library.vocabulary import Vocabulary
from medlit.mesh import Descriptor

KEPT = 1_000
"""Headings: about 5 kB each."""

HEADINGS_A_TERM = 5

Count: TypeAlias = Callable[[str, Sequence[str]], Awaitable[int]]
"""How many articles have one of these values in this field of the index."""


class Entry(NamedTuple):
    """A heading as a reference shows it."""

    descriptor: Descriptor
    broader: list[str]
    """The names of the headings right above, in the order of the tree."""
    narrower: list[str]
    articles: int
    """Articles with this very heading."""
    articles_exploded: int
    """Articles with this heading or one below it."""


class MeshReference:
    """Looks headings up in one library."""

    def __init__(
        self, store: Store, count: Count, version: Callable[[], Awaitable[object]], *, keep: int = KEPT
    ) -> None:
        self.keep = keep
        self._store = store
        self._vocabulary = Vocabulary(store)
        self._count = count
        self._version = version
        self.kept: OrderedDict[str, Entry] = OrderedDict()
        """The headings found, by identifier, the latest used last."""
        self._kept_of: object = None

    async def look_up(self, term: str) -> list[Entry]:
        """The headings that a name, an entry term or an identifier leads to, the one it names first."""
        version = await self._version()
        if version != self._kept_of:
            self.kept.clear()
            self._kept_of = version
        return [entry for ui in await self._leading(term) if (entry := await self._entry(ui, version))]

    async def suggest(self, term: str) -> list[str]:
        """Names of headings for a term that leads to none: those that begin so, and those that look like it."""
        begun = await self._vocabulary.complete(term, HEADINGS_A_TERM)
        return list(dict.fromkeys(begun + await self._vocabulary.suggest(term)))[:HEADINGS_A_TERM]

    async def complete(self, beginning: str, limit: int) -> list[str]:
        """Names of headings that this beginning of a term leads to."""
        return await self._vocabulary.complete(beginning, limit)

    async def loaded(self) -> bool:
        """Whether the library has a vocabulary at all."""
        return bool(await self._store.mesh_terms_beginning("", 1))

    async def _leading(self, term: str) -> list[str]:
        found = await self._store.mesh_terms([normalized(term)])
        uis = [each.ui for each in sorted(found, key=lambda each: (not each.preferred, each.ui))]
        return uis[:HEADINGS_A_TERM] or [term.strip().upper()]

    async def _entry(self, ui: str, version: object) -> Entry | None:
        if ui in self.kept:
            self.kept.move_to_end(ui)
            return self.kept[ui]
        body = (await self._store.mesh_bodies([ui])).get(ui)
        if body is None:
            return None
        descriptor = unpack(body, Descriptor)
        below = [descriptor.name, *(place.name for _, place in await self._store.mesh_below([ui]))]
        entry = Entry(
            descriptor,
            [heading.name for heading in await self._vocabulary.broader(descriptor)],
            [heading.name for heading in await self._vocabulary.narrower(descriptor)],
            await self._count("mesh", [descriptor.name]),
            await self._count("mesh", list(dict.fromkeys(below))),
        )
        # Another look-up may have seen a newer library meanwhile.
        if version == self._kept_of:
            self.kept[ui] = entry
            if len(self.kept) > self.keep:
                self.kept.popitem(last=False)
        return entry
