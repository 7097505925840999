"""NCBI's E-utilities and PMC's ID converter.

References: "Entrez Programming Utilities Help" (NCBI Bookshelf NBK25501), chapters 2 to
4; "PMC ID Converter API". Requests carry ``tool`` and ``email`` as NCBI asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import anyio.to_thread
import msgspec

from ingest import worker
from ingest.formats import FormatError, Parsed
from ingest.formats.pubmed_xml import CUTS, PubmedXml
from medlit.errors import SourceUnavailable
from medlit.library.store import StagedRow
from medlit.privacy.gate import Field, Kind
from medlit.privacy.outbound import Request, Response
from medlit.settings import Sources
from tools.live import NCBI, JournalCitation
from tools.live.answers import is_whole_xml, read_json, read_xml, refused, text_of, usable
from tools.live.source import NoAnswerError, Source

SEARCH_LIMIT = 9_999
"""ESearch shows the first 9,999 records of a PubMed search; for the others there is no request."""

FETCHED_AT_ONCE = 200
POST_FROM = 200
"""Identifiers or characters beyond which a request goes as a form, as NCBI asks."""

CONVERTED_AT_ONCE = 200

LinkName = Literal["pubmed_pubmed", "pubmed_pubmed_citedin", "pubmed_pubmed_refs"]


class Found(NamedTuple):
    """What a search found. ``web_env`` and ``query_key`` name the whole result on NCBI's history server."""

    total: int
    pmids: list[int]
    translation: str
    web_env: str
    query_key: int
    reachable: int
    """How many of ``total`` can be had: not more than ``SEARCH_LIMIT``."""


class Fetched(NamedTuple):
    """Records as files give them, and how many could not be read."""

    rows: list[StagedRow]
    set_aside: int


class Converted(msgspec.Struct):
    """An article's identifiers; those without an article in PMC have none."""

    requested_id: str = msgspec.field(name="requested-id", default="")
    pmid: int | None = None
    pmcid: str | None = None
    doi: str | None = None
    errmsg: str | None = None


class _SearchResult(msgspec.Struct):
    count: int | None = None
    idlist: list[int] = []
    querytranslation: str = ""
    webenv: str = ""
    querykey: int = 0
    error: str | None = msgspec.field(name="ERROR", default=None)


class _Search(msgspec.Struct):
    esearchresult: _SearchResult


class _Scored(msgspec.Struct):
    id: int
    score: int = 0


class _LinkSetDb(msgspec.Struct):
    linkname: str
    links: list[int | _Scored] = []


class _LinkSet(msgspec.Struct):
    linksetdbs: list[_LinkSetDb] = []


class _Links(msgspec.Struct):
    linksets: list[_LinkSet]


class _Conversion(msgspec.Struct):
    records: list[Converted]


class Eutils:
    """NCBI as one asks it from here."""

    def __init__(self, source: Source, sources: Sources) -> None:
        self._source = source
        self._url = sources.ncbi_url
        self._idconv_url = sources.idconv_url
        self._who = [Field(Kind.OPERATOR, "tool", sources.tool)]
        if sources.email:
            self._who.append(Field(Kind.OPERATOR, "email", sources.email))
        self._key = [Field(Kind.OPERATOR, "api_key", sources.api_key)] if sources.api_key else []

    async def search(
        self,
        term: str,
        *,
        start: int = 0,
        limit: int = 20,
        sort: Literal["relevance", "pub_date"] = "relevance",
        emergency: bool = False,
    ) -> Found:
        """ESearch in PubMed, kept on the history server. ``limit`` is cut at what ESearch shows.

        Raises:
            OutboundError: nothing was found out; never an empty result instead.
        """
        reach = max(0, min(limit, SEARCH_LIMIT - start))
        if not reach:
            raise SourceUnavailable(
                f"shows the first {SEARCH_LIMIT:,} records of a search only; narrow it, for example by years",
                NCBI,
                final=True,
            )
        fields = (
            Field(Kind.CONSTANT, "db", "pubmed"),
            Field(Kind.TOPIC, "term", term),
            Field(Kind.NUMBER, "retstart", str(start)),
            Field(Kind.NUMBER, "retmax", str(reach)),
            Field(Kind.CONSTANT, "sort", sort),
            Field(Kind.CONSTANT, "usehistory", "y"),
            Field(Kind.CONSTANT, "retmode", "json"),
        )
        request = self._request("/esearch.fcgi", fields, post=len(term) > POST_FROM, emergency=emergency)
        return await self._source.get(request, _found)

    async def fetch(self, pmids: Sequence[int], *, emergency: bool = False) -> Fetched:
        """EFetch these records, parsed as files are; PMIDs that PubMed does not have are missing."""
        rows: list[StagedRow] = []
        set_aside = 0
        for start in range(0, len(pmids), FETCHED_AT_ONCE):
            some = pmids[start : start + FETCHED_AT_ONCE]
            which = (Field(Kind.IDENTIFIER, "id", ",".join(map(str, some))),)
            fetched = await self._fetch(which, post=len(some) > POST_FROM, emergency=emergency)
            rows += fetched.rows
            set_aside += fetched.set_aside
        return Fetched(rows, set_aside)

    async def fetch_found(self, found: Found, *, start: int, limit: int, emergency: bool = False) -> Fetched:
        """EFetch records of a search by its place on the history server, ``start`` counting from 0."""
        which = (
            Field(Kind.TOKEN, "WebEnv", found.web_env),
            Field(Kind.NUMBER, "query_key", str(found.query_key)),
            Field(Kind.NUMBER, "retstart", str(start)),
            Field(Kind.NUMBER, "retmax", str(min(limit, FETCHED_AT_ONCE, found.reachable - start))),
        )
        return await self._fetch(which, post=False, emergency=emergency)

    async def _fetch(self, which: tuple[Field, ...], *, post: bool, emergency: bool) -> Fetched:
        constant = (Field(Kind.CONSTANT, "db", "pubmed"), Field(Kind.CONSTANT, "retmode", "xml"))
        request = self._request("/efetch.fcgi", (*constant, *which), post=post, emergency=emergency)
        body = await self._source.get(request, _whole_set)
        parsed = await anyio.to_thread.run_sync(_parsed, body)
        return Fetched(parsed.rows, len(parsed.set_aside))

    async def links(self, pmid: int, name: LinkName, *, emergency: bool = False) -> list[tuple[int, int]]:
        """ELink within PubMed: (PMID, score), best first; scores are NCBI's for similar articles, else 0."""
        fields = (
            Field(Kind.CONSTANT, "dbfrom", "pubmed"),
            Field(Kind.CONSTANT, "db", "pubmed"),
            Field(Kind.IDENTIFIER, "id", str(pmid)),
            Field(Kind.CONSTANT, "linkname", name),
            Field(Kind.CONSTANT, "cmd", "neighbor_score" if name == "pubmed_pubmed" else "neighbor"),
            Field(Kind.CONSTANT, "retmode", "json"),
        )
        answer = await self._source.get(self._request("/elink.fcgi", fields, emergency=emergency), read_json(_Links))
        found = [
            (link.id, link.score) if isinstance(link, _Scored) else (link, 0)
            for linkset in answer.linksets
            for links in linkset.linksetdbs
            if links.linkname == name
            for link in links.links
        ]
        return [(other, score) for other, score in found if other != pmid]

    async def spelling(self, term: str, *, emergency: bool = False) -> str | None:
        """ESpell: the term spelled as NCBI thinks it was meant; ``None`` when it has nothing better."""
        fields = (Field(Kind.CONSTANT, "db", "pubmed"), Field(Kind.TOPIC, "term", term))
        request = self._request("/espell.fcgi", fields, post=len(term) > POST_FROM, emergency=emergency)
        return await self._source.get(request, _spelled) or None

    async def match(self, citations: Sequence[JournalCitation], *, emergency: bool = False) -> list[int | None]:
        """ECitMatch: the PMID of each citation, ``None`` where there is none or more than one."""
        lines = [
            "|".join([*(_cell(cell) for cell in citation), f"c{place}", ""]) for place, citation in enumerate(citations)
        ]
        fields = (
            Field(Kind.CONSTANT, "db", "pubmed"),
            Field(Kind.CONSTANT, "retmode", "xml"),
            Field(Kind.TOPIC, "bdata", "\r".join(lines)),
        )
        request = self._request("/ecitmatch.cgi", fields, post=len(lines) > 1, emergency=emergency)
        return await self._source.get(request, lambda response: _matched(response, len(citations)))

    async def convert(self, ids: Sequence[str], *, emergency: bool = False) -> list[Converted]:
        """The ID converter: PMIDs, PMCIDs or DOIs, all of one kind, up to 200."""
        fields = (
            *self._who,
            Field(Kind.IDENTIFIER, "ids", ",".join(ids[:CONVERTED_AT_ONCE])),
            Field(Kind.CONSTANT, "format", "json"),
        )
        request = Request(self._idconv_url, "/", fields, emergency=emergency)
        return (await self._source.get(request, read_json(_Conversion))).records

    def _request(self, path: str, fields: tuple[Field, ...], *, post: bool = False, emergency: bool = False) -> Request:
        return Request(self._url, path, (*fields, *self._who, *self._key), post=post, emergency=emergency)


def _spelled(response: Response) -> str:
    return text_of(read_xml(response, "eSpellResult"), "CorrectedQuery")


def _found(response: Response) -> Found:
    result = read_json(_Search)(response).esearchresult
    if result.error is not None:
        if "backend" in result.error.lower() or "try again" in result.error.lower():
            raise NoAnswerError("could not search")
        raise refused(NCBI)
    if result.count is None:
        raise NoAnswerError("answered without a result")
    return Found(
        result.count,
        result.idlist,
        result.querytranslation,
        result.webenv,
        result.querykey,
        min(result.count, SEARCH_LIMIT),
    )


_SET_ENDS = (b"</PubmedArticleSet>", b"<PubmedArticleSet/>", b"<PubmedArticleSet />")


def _whole_set(response: Response) -> bytes:
    """The XML of records, if it has begun as such and has not broken off."""
    body = usable(response)
    if not is_whole_xml(body, CUTS, _SET_ENDS):
        raise NoAnswerError("answered with something else than records, or broke off")
    return body


def _parsed(body: bytes) -> Parsed:
    """Records through the same two steps as a file's. Blocks; run it in a thread."""
    reader = PubmedXml()
    rows: list[StagedRow] = []
    whole = Parsed(rows, [], 0)
    try:
        for chunk in reader.split(iter([body])):
            parsed = worker.parse(reader.name, chunk.data, chunk.line)
            rows += [row._replace(position=row.position + whole.positions) for row in parsed.rows]
            whole = Parsed(rows, [*whole.set_aside, *parsed.set_aside], whole.positions + parsed.positions)
    except FormatError:
        raise SourceUnavailable("answered with records that cannot be read", NCBI, final=True) from None
    return whole


def _cell(text: str) -> str:
    """Text without what separates cells and lines."""
    return " ".join(text.replace("|", " ").split())


def _matched(response: Response, count: int) -> list[int | None]:
    pmids: list[int | None] = [None] * count
    seen: set[int] = set()
    for line in usable(response).decode("utf-8", "replace").splitlines():
        cells = line.split("|")
        if len(cells) < 7 or cells[5][:1] != "c" or not cells[5][1:].isdigit() or int(cells[5][1:]) >= count:
            continue
        place, said = int(cells[5][1:]), cells[6].strip()
        seen.add(place)
        pmids[place] = int(said) if said.isascii() and said.isdigit() else None
    if len(seen) < count:
        raise NoAnswerError("left out some of the answer")
    return pmids
