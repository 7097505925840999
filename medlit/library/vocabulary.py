"""MeSH as searches and tools ask for it: headings by any of their terms, phrases in a text, the tree.

Everything is read from the store when it is asked for. Only what is below headings that were asked for is kept,
until the vocabulary changes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from medlit.library.analysis import normalized
from medlit.library.codec import unpack
from medlit.library.store import MeshPlace, MeshTerm, Store
from medlit.mesh import Descriptor

LONGEST_PHRASE = 8
"""Words of a phrase that is looked up; of MeSH's terms, one in 70 is longer, nearly all of them chemical names."""

KEPT = 1_000
"""Exploded headings that are kept: what is below a general one takes milliseconds to read."""

LONGEST_SUGGESTED = 100
"""Characters of a term that are compared with others."""

SIMILAR_ENOUGH = 0.75
"""difflib's ratio from which on a term is suggested: one or two wrong letters in a short word."""


class Heading(NamedTuple):
    """A descriptor's identifier and name."""

    ui: str
    name: str


class Vocabulary:
    """The MeSH of one library; without any, nothing is found and nothing fails."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = 0
        self._below: dict[str, list[str]] = {}

    async def find(self, term: str) -> Descriptor | None:
        """The descriptor with this name, entry term or identifier; case, accents and punctuation do not count."""
        words = normalized(term)
        found = _best(await self._store.mesh_terms([words])).get(words)
        ui = found.ui if found else term.strip().upper()
        bodies = await self._store.mesh_bodies([ui])
        return unpack(bodies[ui], Descriptor) if ui in bodies else None

    def headings(self, normalized_terms: Iterable[str]) -> dict[str, Heading]:
        """The headings that normalised terms lead to; terms that lead nowhere are left out. Blocks; for searches."""
        version, terms = self._store.mesh_terms_now(list(set(normalized_terms)))
        if terms and version != self._version:
            self._version = version
            self._below.clear()
        return _best(terms)

    def explode(self, headings: Sequence[Heading]) -> dict[str, list[str]]:
        """Of every heading, by identifier: its name, then the names of all headings below it in the tree.

        What was found before is given again, until a look-up by term has seen another version of the vocabulary.
        Blocks; for searches.
        """
        version = self._version
        known = {heading.ui: self._below[heading.ui] for heading in headings if heading.ui in self._below}
        names = {heading.ui: {heading.name: None} for heading in headings if heading.ui not in known}
        if not names:
            return known
        for ui, place in self._store.mesh_below_now(list(names)):
            names[ui][place.name] = None
        found = {ui: list(of_heading) for ui, of_heading in names.items()}
        if version == self._version:
            if len(self._below) + len(found) > KEPT:
                self._below.clear()
            self._below.update(found)
        return known | found

    async def broader(self, descriptor: Descriptor) -> list[Heading]:
        """The headings right above a descriptor, in the order of the tree."""
        above = [number.rpartition(".")[0] for number in descriptor.tree_numbers if "." in number]
        return _distinct(await self._store.mesh_at(above))

    async def narrower(self, descriptor: Descriptor) -> list[Heading]:
        """The headings right below a descriptor, in the order of the tree."""
        places = await self._store.mesh_below([descriptor.ui])
        return _distinct([place for _, place in places if place.number.rpartition(".")[0] in descriptor.tree_numbers])

    async def complete(self, beginning: str, limit: int) -> list[str]:
        """Names of headings that begin so, then of those that a term with this beginning leads to."""
        words = normalized(beginning)
        if not words:
            return []
        # Several terms may lead to one heading.
        found = await self._store.mesh_terms_beginning(words, 10 * limit)
        return list(dict.fromkeys(term.name for term in found))[:limit]

    async def suggest(self, term: str, limit: int = 5) -> list[str]:
        """The names of headings with terms that look like one that leads nowhere, the most alike first.

        Only terms with the same first letter and nearly the same length are compared, which takes some 10 ms.
        """
        words = normalized(term)[:LONGEST_SUGGESTED]
        if len(words) < 3:
            return []
        candidates = await self._store.mesh_terms_like(words[0], len(words) - 2, len(words) + 2)
        names = {candidate.term: candidate.name for candidate in reversed(candidates)}
        similar = difflib.get_close_matches(words, names, 3 * limit, SIMILAR_ENOUGH)
        return list(dict.fromkeys(names[each] for each in similar))[:limit]


def _best(terms: Sequence[MeshTerm]) -> dict[str, Heading]:
    """The heading of every term: the one it names, if it leads to several."""
    return {
        term.term: Heading(term.ui, term.name) for term in sorted(terms, key=lambda term: (term.preferred, term.ui))
    }


def _distinct(places: Sequence[MeshPlace]) -> list[Heading]:
    return list(dict.fromkeys(Heading(place.ui, place.name) for place in places))
