"""pymed: ``PubMedArticle``. Its publication date is the day of entry into PubMed, so dates are not compared."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from common import File, Foreign, articles, given, serve

CARRIES = """
    title abstract authors affiliations journal doi own_ids keywords
""".split()

pymed: Foreign = importlib.import_module("pymed.article")


def read(path: Path) -> File:
    """The articles of a file."""
    return File([_record(pymed.PubMedArticle(xml_element=element)) for element in articles(path)])


def _record(article: Foreign) -> dict[str, Any]:
    authors: list[dict[str, str | None]] = article.authors
    return {
        "pmid": article.pubmed_id,
        "title": article.title,
        "abstract": article.abstract,
        "authors": [" ".join(given(author["lastname"], author["firstname"])) for author in authors],
        "affiliations": given(*(author["affiliation"] for author in authors)),
        "journal": article.journal,
        "doi": article.doi,
        "own_ids": given(article.pubmed_id, article.doi),
        "keywords": given(*article.keywords),
    }


serve(CARRIES, read)
