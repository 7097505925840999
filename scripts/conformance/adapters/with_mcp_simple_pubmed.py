"""mcp-simple-pubmed: ``get_article_details``, answered from the file in place of the network."""

from __future__ import annotations

import asyncio
import http.client
import importlib
import io
import os
import re
from pathlib import Path
from typing import Any

from common import File, Foreign, alone, serve

CARRIES = """
    title abstract abstract_with_labels authors journal date year doi pmcid own_ids keywords mesh
""".split()

os.environ |= {"PUBMED_EMAIL": "nobody@example.org"}  # asked for at import; nothing is sent

entrez: Foreign = importlib.import_module("Bio.Entrez")
pubmed_client: Foreign = importlib.import_module("mcp_simple_pubmed.pubmed_client")


class Wire:
    """As much of a socket as an HTTP response reads from."""

    def __init__(self, body: bytes) -> None:
        self.stream = io.BytesIO(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def makefile(self, mode: str) -> io.BytesIO:
        """The response as a stream."""
        del mode
        return self.stream


def read(path: Path) -> File:
    """The articles of a file, each fetched by its PMID."""
    client = pubmed_client.PubMedClient(email="nobody@example.org", tool="conformance")
    records: list[dict[str, Any]] = []
    for body in alone(path):

        def efetch(*, body: bytes = body, **_: object) -> http.client.HTTPResponse:
            wire: Foreign = Wire(body)
            response = http.client.HTTPResponse(wire)
            response.begin()
            return response

        entrez.efetch = efetch
        pmid = re.search(rb"<PMID[^>]*>(\d+)", body)
        if found := asyncio.run(client.get_article_details(pmid[1].decode() if pmid else "")):
            records.append(_record(found))
    return File(records)


def _record(article: dict[str, Any]) -> dict[str, Any]:
    date: dict[str, str | None] = article.get("publication_date") or {}
    title, abstract = article["title"], article["abstract"]
    shown = None if abstract == "No abstract available" else abstract
    return {
        "pmid": article["pmid"],
        "title": None if title == "No title" else title,
        "abstract": shown,
        "abstract_with_labels": shown,
        "authors": article["authors"],
        "journal": article["journal"],
        "date": " ".join(part for part in (date.get("year"), date.get("month"), date.get("day")) if part),
        "year": date.get("year"),
        "doi": article.get("doi"),
        "pmcid": article.get("pmcid"),
        "own_ids": [value for value in (article.get("doi"), article.get("pmcid")) if value],
        "keywords": article["keywords"],
        "mesh": [
            name
            for heading in article["mesh_terms"]
            for name in (heading["descriptor"], *(qualifier["name"] for qualifier in heading["qualifiers"]))
        ],
    }


serve(CARRIES, read)
