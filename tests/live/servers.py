"""NCBI and Europe PMC on this machine: a real HTTP server with answers in their documented shapes.

What it answers is written by hand. It can be told to fail, in the ways real ones do, for
the next requests to a path.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.pubmed import HEAD, TAIL, article

CERTIFICATES = Path(__file__).parent / "certificates"

FULL_TEXT = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS 1.2//EN" "x.dtd">
<article article-type="research-article" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:mml="http://www.w3.org/1998/Math/MathML"><front><article-meta><permissions>
<license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Open to all.</license-p></license>
</permissions><abstract><p>The abstract.</p></abstract></article-meta></front>
<body><sec sec-type="intro"><label>1</label><title>Why</title>
<p>Why we <italic>asked</italic> <xref>[1]</xref>.</p></sec>
<sec><title>Patients and methods</title><p>How we asked, with CO<sub>2</sub> and <inline-formula><alternatives>
<tex-math>x^2</tex-math>
<mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math>
</alternatives></inline-formula>.</p>
<sec><title>People</title><p>Whom we asked:<list><list-item><p>adults</p></list-item>
<list-item><p>children</p></list-item></list></p></sec></sec>
<sec sec-type="results"><title>What came of it</title><p>They answered.</p><table-wrap><label>Table 1</label>
<caption><p>Answers.</p></caption><table><tr><th>Who</th><th>Said</th></tr><tr><td>adults</td><td>yes</td></tr></table>
</table-wrap></sec></body>
<back><ack><p>We thank them.</p></ack><ref-list><title>References</title><ref><mixed-citation>One</mixed-citation></ref>
</ref-list></back></article>
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent instead of the true answer. ``ends`` is how the connection ends: well, cut, reset, or drip."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    ends: str = "well"


HTML_502 = Answer(502, b"<html><head><title>502 Bad Gateway</title></head></html>", "text/html")
RATE = b'{"error":"API rate limit exceeded","api-key":"127.0.0.1","count":"4","limit":"3"}'
FAILURES: dict[str, Answer] = {
    "429 with Retry-After": Answer(429, RATE, headers=(("Retry-After", "0"),)),
    "rate limit in a 200": Answer(200, RATE),
    "500": Answer(500, b"Server Error", "text/plain"),
    "502 as a web page": HTML_502,
    "503 with Retry-After": Answer(503, headers=(("Retry-After", "0"),)),
    "504": Answer(504),
    "web page in a 200": Answer(200, b"<!DOCTYPE html><html><body>Down for maintenance</body></html>", "text/html"),
    "half an answer": Answer(200, b'{"esearchresult":{"count":"1","idl', ends="cut"),
    "half an answer, declared whole": Answer(200, b'{"esearchresult":{"count":"1","idl'),
    "reset": Answer(ends="reset"),
    "nothing": Answer(200),
    "wrong content": Answer(200, b"%PDF-1.7", "application/pdf"),
    "error in a 200": Answer(200, b'{"esearchresult":{"ERROR":"Search Backend failed: try again"}}'),
    "another error in a 200": Answer(200, b'{"error":"Internal error"}'),
    "an answer without a result": Answer(200, b'{"header":{"type":"esearch"},"esearchresult":{}}'),
}


@dataclass(slots=True)
class Asked:
    """A request that arrived."""

    path: str
    values: dict[str, str]
    at: float
    """Of ``time.monotonic()``."""


@dataclass(slots=True)
class Sources:
    """The server: its base address, what it has, what it was asked, and how it is to fail next."""

    base: str = ""
    articles: dict[int, str] = field(default_factory=lambda: dict[int, str]())
    total: int | None = None
    """What ESearch says is the number of matches; the number of articles if nothing is said."""
    links: list[int] = field(default_factory=lambda: [11, 12])
    """What ELink tells of any article."""
    full_texts: dict[str, str] = field(default_factory=lambda: {"PMC1": FULL_TEXT})
    """Open-access articles by PMCID; the ID converter knows an article of the PMID in the PMCID."""
    asked: list[Asked] = field(default_factory=lambda: list[Asked]())
    failing: dict[str, deque[Answer]] = field(default_factory=lambda: dict[str, deque[Answer]]())
    connected: int = 0
    """Connections that are open now."""
    released: threading.Event = field(default_factory=threading.Event)

    def add(self, pmid: int, title: str, **more: Any) -> None:
        """Have an article."""
        self.articles[pmid] = article(pmid, title, **more)

    def fail(self, path: str, *answers: Answer) -> None:
        """Answer the next requests to a path with these."""
        self.failing.setdefault(path, deque()).extend(answers)

    def paths(self) -> list[str]:
        """The paths asked for, in order."""
        return [each.path for each in self.asked]


def _esearch(sources: Sources, asked: dict[str, str]) -> Answer:
    start, limit = int(asked.get("retstart", 0)), int(asked.get("retmax", 20))
    if start > 9_998:
        return Answer(
            body=b'{"esearchresult":{"ERROR":"Search Backend failed: \'retstart\' cannot be larger than 9998"}}'
        )
    if "nonsense" in asked["term"]:
        return Answer(body=b'{"esearchresult":{"ERROR":"Invalid query"}}')
    pmids = list(sources.articles)
    if "[doi]" in asked["term"]:
        doi = asked["term"].partition('"')[2].partition('"')[0]
        pmids = [pmid for pmid, text in sources.articles.items() if f">{doi}<" in text]
    if "[Title]" in asked["term"]:
        words = [part.partition("[")[0] for part in asked["term"].split(" AND ")]
        pmids = [pmid for pmid, text in sources.articles.items() if all(word in text.lower() for word in words)]
    if "athsma" in asked["term"]:
        pmids = []
    total = sources.total if sources.total is not None else len(pmids)
    found = [str(pmid) for pmid in pmids[start : start + limit]]
    result = {
        "count": str(total), "retmax": str(len(found)), "retstart": str(start), "querykey": "1",
        "webenv": "MCID_65f0c0ffee", "idlist": found, "translationset": [], "querytranslation": "translated",
    }  # fmt: skip
    return Answer(body=json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}).encode())


def _efetch(sources: Sources, asked: dict[str, str]) -> Answer:
    if "WebEnv" in asked:
        start = int(asked["retstart"])
        pmids = list(sources.articles)[start : start + int(asked["retmax"])]
    else:
        pmids = [int(pmid) for pmid in asked["id"].split(",")]
    records = "".join(sources.articles[pmid] for pmid in pmids if pmid in sources.articles)
    return Answer(body=(HEAD + records + TAIL).encode(), kind="text/xml; charset=UTF-8")


def _elink(sources: Sources, asked: dict[str, str]) -> Answer:
    links: list[Any] = [str(pmid) for pmid in sources.links]
    if asked["cmd"] == "neighbor_score":
        scored = [{"id": link, "score": 50 - 10 * place} for place, link in enumerate(links)]
        links = [{"id": asked["id"], "score": 90}, *scored]
    linkset = {"dbfrom": "pubmed", "ids": [asked["id"]],
               "linksetdbs": [{"dbto": "pubmed", "linkname": asked["linkname"], "links": links}]}  # fmt: skip
    return Answer(body=json.dumps({"header": {"type": "elink"}, "linksets": [linkset]}).encode())


def _espell(_: Sources, asked: dict[str, str]) -> Answer:
    corrected = asked["term"].replace("athsma", "asthma")
    corrected = "" if corrected == asked["term"] else corrected
    body = (
        '<?xml version="1.0" encoding="UTF-8" ?>\n<!DOCTYPE eSpellResult PUBLIC "x" "https://x.invalid/espell.dtd">\n'
        f"<eSpellResult><Database>pubmed</Database><Query>{asked['term']}</Query>"
        f"<CorrectedQuery>{corrected}</CorrectedQuery><SpelledQuery/><ERROR/></eSpellResult>"
    )
    return Answer(body=body.encode(), kind="text/xml")


def _ecitmatch(_: Sources, asked: dict[str, str]) -> Answer:
    found = {"science": "11", "nature": "AMBIGUOUS (2 citations)"}
    lines = [
        line + found.get(line.partition("|")[0].lower(), "NOT_FOUND;INVALID_JOURNAL")
        for line in asked["bdata"].splitlines()
    ]
    return Answer(body="\n".join([*lines, ""]).encode(), kind="text/plain")


def _idconv(sources: Sources, asked: dict[str, str]) -> Answer:
    records: list[dict[str, Any]] = []
    for given in asked["ids"].split(","):
        if given.upper().startswith("PMC") and int(given[3:]) in sources.articles:
            records.append({"pmid": int(given[3:]), "pmcid": given, "requested-id": given})
        elif f"PMC{given}" in sources.full_texts:
            records.append({"pmid": int(given), "pmcid": f"PMC{given}", "requested-id": given})
        else:
            records.append({"requested-id": given, "status": "error", "errmsg": "Identifier not found in PMC"})
    return Answer(body=json.dumps({"status": "ok", "request": {"format": "json"}, "records": records}).encode())


def _europepmc(sources: Sources, asked: dict[str, str]) -> Answer:
    pmids = list(sources.articles)
    start = 0 if asked["cursorMark"] == "*" else int(asked["cursorMark"].removeprefix("AoIc=").removesuffix("=="))
    end = min(start + int(asked["pageSize"]), len(pmids))
    results: list[dict[str, Any]] = [
        {"id": str(pmid), "source": "MED", "pmid": str(pmid), "title": f"Title {pmid}", "pubYear": "2020"}
        for pmid in pmids[start:end]
    ]
    results.append({"id": "PPR1", "source": "PPR", "title": "A preprint"})
    following = f"AoIc={end}==" if end > start else asked["cursorMark"]
    body = {
        "version": "6.9", "hitCount": len(pmids), "nextCursorMark": following,
        "request": {"queryString": asked["query"]}, "resultList": {"result": results},
    }  # fmt: skip
    return Answer(body=json.dumps(body).encode())


ROUTES = {
    "/esearch.fcgi": _esearch,
    "/efetch.fcgi": _efetch,
    "/elink.fcgi": _elink,
    "/espell.fcgi": _espell,
    "/ecitmatch.cgi": _ecitmatch,
    "/idconv/": _idconv,
    "/search": _europepmc,
}


@contextlib.contextmanager
def serving(*, tls: bool = False) -> Generator[Sources]:
    """Serve until the block ends; with ``tls`` under the certificate of an authority that only tests know."""
    sources = Sources()
    counting = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            with counting:
                sources.connected += 1
            super().setup()

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()
            with counting:
                sources.connected -= 1

        def do_GET(self) -> None:
            self._reply(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _reply(self, form: str) -> None:
            path = urlsplit(self.path).path
            values = {name: found[0] for name, found in parse_qs(form, keep_blank_values=True).items()}
            sources.asked.append(Asked(path, values, time.monotonic()))
            failing = sources.failing.get(path)
            if failing:
                self._send(failing.popleft())
            elif path in ROUTES:
                self._send(ROUTES[path](sources, values))
            elif text := sources.full_texts.get(path.removeprefix("/").removesuffix("/fullTextXML")):
                self._send(Answer(body=text.encode(), kind="application/xml"))
            else:
                self._send(Answer(404, b"Not found", "text/plain"))

        def _send(self, answer: Answer) -> None:
            if answer.ends == "reset":
                # A linger of nothing makes the end of the connection a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body) + 1_000 * (answer.ends != "well")))
            for name, value in answer.headers:
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(answer.body)
                if answer.ends == "drip":
                    for _ in range(1_000):
                        self.wfile.write(b" ")
                        if sources.released.wait(0.05):
                            break
            self.close_connection = answer.ends != "well"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the standard library's name
            """Say nothing on standard error."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A connection that was reset on purpose is no error."""

    server = Server(("127.0.0.1", 0), Handler)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATES / "server.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    sources.base = f"http{'s' if tls else ''}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield sources
    finally:
        sources.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
