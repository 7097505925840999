"""Europe PMC's REST service: search with a cursor, and full texts of open-access articles.

Reference: "Europe PMC RESTful web service", reference guide.
"""

from __future__ import annotations

from typing import NamedTuple

import anyio.to_thread
import msgspec

from ingest import worker
from ingest.formats import FormatError
from ingest.formats.xml_chunks import Cut
from medlit.errors import SourceUnavailable
from medlit.library.store import StagedRow
from medlit.privacy.gate import Field, Kind
from medlit.privacy.outbound import Request, Response
from medlit.settings import Sources
from tools.live import EUROPE_PMC
from tools.live.answers import is_whole_xml, read_json, usable
from tools.live.source import NoAnswerError, Source

FIRST_PAGE = "*"
MOST_A_PAGE = 1_000


_ARTICLE = {b"article": Cut((b"</article>",))}


class Page(NamedTuple):
    """A page of a search: records that have a PMID, as files give them, and where the next one begins."""

    total: int
    rows: list[StagedRow]
    without_pmid: int
    next_cursor: str | None
    """``None`` after the last page."""


class _Envelope(msgspec.Struct):
    """What stands around the hits. The hits themselves are for the reader of files."""

    hits: int = msgspec.field(name="hitCount")
    next_cursor: str | None = msgspec.field(name="nextCursorMark", default=None)


class EuropePmc:
    """Europe PMC as one asks it from here."""

    def __init__(self, source: Source, sources: Sources) -> None:
        self._source = source
        self._url = sources.europepmc_url
        self._who = (Field(Kind.OPERATOR, "email", sources.email),) if sources.email else ()

    async def search(self, query: str, *, cursor: str = FIRST_PAGE, limit: int = 25, emergency: bool = False) -> Page:
        """A page of hits; ``cursor`` is the last page's ``next_cursor``."""
        fields = (
            Field(Kind.TOPIC, "query", query),
            Field(Kind.TOKEN, "cursorMark", cursor),
            Field(Kind.NUMBER, "pageSize", str(min(limit, MOST_A_PAGE))),
            Field(Kind.CONSTANT, "resultType", "core"),
            Field(Kind.CONSTANT, "format", "json"),
            *self._who,
        )
        request = Request(self._url, "/search", fields, emergency=emergency)
        body, envelope = await self._source.get(request, _page)
        parsed = await anyio.to_thread.run_sync(_records, body)
        following = envelope.next_cursor if envelope.next_cursor != cursor else None
        return Page(envelope.hits, parsed[0], parsed[1], following)

    async def full_text(self, pmcid: str, *, emergency: bool = False) -> bytes | None:
        """The article in JATS XML; ``None`` when it is not open access, which Europe PMC says with 404."""
        request = Request(self._url, f"/{pmcid}/fullTextXML", emergency=emergency)
        return await self._source.get(request, _article, statuses=frozenset({200, 404}))


def _page(response: Response) -> tuple[bytes, _Envelope]:
    return response.body, read_json(_Envelope)(response)


def _records(body: bytes) -> tuple[list[StagedRow], int]:
    """Records and how many of the hits have no PMID, such as preprints. Blocks; run it in a thread."""
    try:
        parsed = worker.parse("json", body, 1)
    except FormatError:
        raise SourceUnavailable("answered with records that cannot be read", EUROPE_PMC, final=True) from None
    return parsed.rows, len(parsed.set_aside)


def _article(response: Response) -> bytes | None:
    if response.status == 404:
        return None
    body = usable(response)
    if not is_whole_xml(body, _ARTICLE, (b"</article>",)):
        raise NoAnswerError("answered with something else than an article, or broke off")
    return body
