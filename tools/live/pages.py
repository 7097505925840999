"""Pages of answers that two sources give together.

Each source has its own order, and a page is merged for itself: what a page shows from
one source may come again on a later one from the other. The cursor holds two places,
the library's own cursor and how many of the live source's hits were seen:
``library~seen``, either part empty where nothing more is to come from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from medlit.errors import UsageError
from medlit.library.cursor import OTHER_SEARCH, read_cursor
from tools.results import Hit
from tools.tool import SourceChoice

BETWEEN = "~"


class Place(NamedTuple):
    """Where the next page begins."""

    local: str | None = ""
    """The library's cursor, empty for its first page; ``None`` when it has no more."""
    seen: int | None = 0
    """How many of the live source's hits were shown; ``None`` when there are no more."""


def read_place(cursor: str | None, source: SourceChoice) -> Place:
    """The place that a cursor means.

    Raises:
        UsageError: it is none, or of a search with another ``source``.
    """
    if cursor is None:
        return Place("" if source == "both" else None)
    local, between, seen = cursor.partition(BETWEEN)
    if not between or (source == "live" and local) or (seen and not (seen.isascii() and seen.isdigit())):
        raise UsageError(OTHER_SEARCH)
    if local:
        read_cursor(local)
    return Place(local or None, int(seen[:9]) if seen else None)


def write_place(place: Place) -> str | None:
    """The cursor of a place; ``None`` when neither source has more."""
    if not place.local and place.seen is None:
        return None
    return f"{place.local or ''}{BETWEEN}{'' if place.seen is None else place.seen}"


def merged(inside: Sequence[Hit], outside: Sequence[Hit]) -> list[Hit]:
    """The library's hits, then those that only the live source has; each once, and marked by where it was found."""
    live = {hit.pmid: hit for hit in outside}
    local = {hit.pmid: hit for hit in inside}
    return [
        *(_marked(hit, "both" if pmid in live else "local") for pmid, hit in local.items()),
        *(_marked(hit, "live") for pmid, hit in live.items() if pmid not in local),
    ]


def _marked(hit: Hit, source: SourceChoice) -> Hit:
    return hit.model_copy(update={"source": source})
