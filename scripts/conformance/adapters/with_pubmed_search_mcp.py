"""pubmed-search-mcp: Biopython's reading of the file, through its own ``fetch_details`` step."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from common import File, Foreign, given, retracted, serve

CARRIES = """
    title abstract abstract_with_labels authors affiliations journal pages date year doi pmcid own_ids
    languages retracted keywords mesh
""".split()

entrez: Foreign = importlib.import_module("Bio.Entrez")
search: Foreign = importlib.import_module("pubmed_search.infrastructure.ncbi.search")


def read(path: Path) -> File:
    """The articles of a file."""
    searcher = search.SearchMixin()
    with path.open("rb") as stream:
        papers = entrez.read(stream)
    return File([_record(searcher._parse_pubmed_article(paper)) for paper in papers["PubmedArticle"]])


def _record(article: dict[str, Any]) -> dict[str, Any]:
    return {
        "pmid": article["pmid"],
        "title": article["title"],
        "abstract": article["abstract"],
        "abstract_with_labels": article["abstract"],
        "authors": article["authors"],
        "affiliations": [str(place) for person in article["authors_full"] for place in person.get("affiliations", [])],
        "journal": article["journal"],
        "pages": article["pages"],
        "date": article["pub_date"],
        "year": article["year"],
        "doi": article["doi"],
        "pmcid": article["pmc_id"],
        "own_ids": given(article["doi"], article["pmc_id"]),
        "languages": [article["language"]],
        "retracted": retracted(article["publication_types"]),
        "keywords": given(*article["keywords"]),
        "mesh": article["mesh_terms"],
    }


serve(CARRIES, read)
