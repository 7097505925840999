"""cthoyt/pubmed-downloader: what it makes of each downloaded file, without its groundings."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from common import File, Foreign, given, serve

CARRIES = """
    title abstract abstract_with_labels authors affiliations orcids date year doi pmcid own_ids retracted
    retracted_by_link mesh grants cited_pmids
""".split()

api: Foreign = importlib.import_module("pubmed_downloader.api")


def read(path: Path) -> File:
    """The articles of a file."""
    found = api._parse_from_path(path, ror_grounder=None, mesh_grounder=None, author_grounder=None)
    return File([_record(article) for article in found])


def _record(article: Foreign) -> dict[str, Any]:
    authors = [author for author in article.authors if getattr(author, "valid", True)]
    ids = [(xref.prefix, xref.identifier) for xref in article.xrefs]
    headings: list[tuple[str, list[Foreign]]] = [
        (part.reference.name, part.qualifiers or []) for part in article.headings
    ]
    return {
        "pmid": str(article.pubmed),
        "title": article.title,
        "abstract": article.get_abstract(),
        "abstract_with_labels": "\n".join(": ".join(given(part.label, part.text)) for part in article.abstract),
        "authors": given(*(author.name for author in authors)),
        "affiliations": [place.name for author in authors for place in getattr(author, "affiliations", [])],
        "orcids": given(*(getattr(author, "orcid", None) for author in authors)),
        "date": article.date_published and article.date_published.isoformat(),
        "year": article.year and str(article.year),
        "doi": next((value for prefix, value in ids if prefix == "doi"), None),
        "pmcid": next((value for prefix, value in ids if prefix in ("pmc", "pmcid")), None),
        "own_ids": [value for _, value in ids],
        "retracted": article.is_retracted(),
        "retracted_by_link": article.is_retracted(),
        "mesh": [name for heading, more in headings for name in (heading, *(qualifier.name for qualifier in more))],
        "grants": given(*(grant.agency for grant in article.grants)),
        "cited_pmids": article.cites_pubmed_ids,
    }


serve(CARRIES, read)
