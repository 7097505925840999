"""Where a page of hits ended, as the short text that asks for the next one.

A cursor holds a place and nothing of the search: hosts may log it. The caller repeats
the search with it; that it is the same search is seen by the last hit, which stands in
the cursor and must stand at that place again.
"""

from __future__ import annotations

import base64
import struct
from typing import NamedTuple, TypeAlias

from medlit.errors import UsageError

WRONG_CURSOR = "This cursor is none of medlit's. Pass next_cursor on as it came, or leave it out to start again."
OTHER_SEARCH = (
    "This cursor does not go with this search, or its last hit has changed since. Repeat query and filters as they "
    "were, or leave the cursor out to start again."
)


class Ranked(NamedTuple):
    """So many hits into an order of relevance, as one snapshot of the index gave it."""

    snapshot: bytes
    """The snapshot's name, 8 bytes."""
    seen: int
    pmid: int
    """The last hit's."""
    order: int = 0
    """How the order was made (:class:`medlit.library.paging.Wanted`)."""


class Dated(NamedTuple):
    """After one hit in the order of dates, which is the same in every snapshot."""

    key: int
    """The last hit's (:func:`medlit.library.document.date_key`)."""


class Listed(NamedTuple):
    """So many entries into the reference list of an article."""

    pmid: int
    seen: int


Cursor: TypeAlias = Ranked | Dated | Listed

_FORMS: dict[type[Cursor], tuple[bytes, struct.Struct]] = {
    Ranked: (b"r", struct.Struct(">8sIIB")),
    Dated: (b"d", struct.Struct(">Q")),
    Listed: (b"l", struct.Struct(">II")),
}


def write_cursor(place: Cursor) -> str:
    """A place as text: at most 24 letters, digits, ``-`` and ``_``."""
    letter, form = _FORMS[type(place)]
    return base64.urlsafe_b64encode(letter + form.pack(*place)).rstrip(b"=").decode()


def read_cursor(text: str) -> Cursor:
    """The place that a text means.

    Raises:
        UsageError: the text is no cursor.
    """
    try:
        data = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        data = b""
    for kind, (letter, form) in _FORMS.items():
        if data[:1] == letter and len(data) == 1 + form.size:
            return kind(*form.unpack(data[1:]))
    raise UsageError(WRONG_CURSOR)
