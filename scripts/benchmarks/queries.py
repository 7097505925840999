"""Queries made of words from titles of the articles searched, the same in every run."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from medlit.library.codec import unpack
from medlit.library.library import open_library
from medlit.library.query import STOP_WORDS, Filters, Search
from medlit.record import Article

SEED = 20_261_101
MOST_WORDS = 5
TITLES_PER_QUERY = 4
"""Titles drawn for each query wanted; some are too short."""

_WORD = re.compile(r"[A-Za-z]{3,}")


class Query(NamedTuple):
    """Words, and perhaps a filter that the article they come from passes."""

    words: str
    filters: Filters

    @property
    def search(self) -> Search:
        """The search as the library takes it."""
        return Search(query=self.words, filters=self.filters)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments of ``search_literature``."""
        filters: dict[str, Any] = msgspec.structs.asdict(self.filters)
        return {"query": self.words} | {
            name: value for name, value in filters.items() if value is not None and value is not True
        }


class Queries(NamedTuple):
    """What is asked of every library."""

    plain: list[Query]
    filtered: list[Query]


async def make(library: Path, plain: int, filtered: int) -> Queries:
    """Queries from one to five words in equal numbers, none of them a stop word."""
    chance = random.Random(SEED)  # noqa: S311  # the same queries every time
    articles = await _draw(library, chance, TITLES_PER_QUERY * (plain + filtered))
    made: list[Query] = []
    for article in articles:
        length = len(made) % MOST_WORDS + 1
        words = [word for word in dict.fromkeys(_WORD.findall(article.title or "")) if word.lower() not in STOP_WORDS]
        if len(words) < length:
            continue
        filters = list(_filters(article)) if len(made) >= plain else [Filters()]
        if filters:
            made.append(Query(" ".join(chance.sample(words, length)), chance.choice(filters)))
        if len(made) == plain + filtered:
            break
    return Queries(made[:plain], made[plain:])


async def _draw(library: Path, chance: random.Random, wanted: int) -> list[Article]:
    async with open_library(library) as opened:
        seqs = range(1, await opened.store.seq() + 1)
        chosen = set(chance.sample(seqs, min(wanted, len(seqs))))
        articles = [
            unpack(change.body, Article)
            async for batch in opened.store.changes(0)
            for change in batch
            if change.seq in chosen and change.body is not None
        ]
    chance.shuffle(articles)
    return articles


def _filters(article: Article) -> Iterator[Filters]:
    if article.year:
        yield Filters(year_from=article.year - 1, year_to=article.year + 1)
        yield Filters(year_from=article.year)
    if article.mesh:
        yield Filters(mesh=article.mesh[0].name)
    if article.publication_types:
        yield Filters(publication_type=article.publication_types[0].name)
    if article.languages:
        yield Filters(language=article.languages[0])
    if article.journal and article.journal.name:
        yield Filters(journal=article.journal.name)
