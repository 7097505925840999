"""pubmed-access-mcp: ``normalize_article``; its retraction flag or the publication type."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from common import File, Foreign, articles, given, retracted, serve, year

CARRIES = """
    title abstract abstract_with_labels authors journal date year doi pmcid own_ids retracted
    retracted_by_link links
""".split()
SOURCED = "title authors journal pub_date doi pmcid publication_types abstract".split()

server: Foreign = importlib.import_module("server")


def read(path: Path) -> File:
    """The articles of a file."""
    found = (server.normalize_article(element) for element in articles(path))
    return File([_record(article) for article in found if article])


def _record(article: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Foreign] = {name: article[name]["value"] for name in SOURCED}
    return {
        "pmid": article["pmid"],
        "title": value["title"],
        "abstract": value["abstract"],
        "abstract_with_labels": value["abstract"],
        "authors": value["authors"],
        "journal": value["journal"],
        "date": value["pub_date"],
        "year": year(value["pub_date"]),
        "doi": value["doi"],
        "pmcid": value["pmcid"],
        "own_ids": given(value["doi"], value["pmcid"]),
        "retracted": bool(article["has_retraction_notice"]) or retracted(value["publication_types"]),
        "retracted_by_link": bool(article["has_retraction_notice"]),
        "links": [link["ref_type"] for link in article["comments_corrections"]],
    }


serve(CARRIES, read)
