"""metapub: ``PubMedArticle``, which is handed one record at a time."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from common import File, Foreign, alone, retracted, serve

CARRIES = """
    title abstract abstract_with_labels authors affiliations journal pages date year doi pmcid own_ids
    retracted keywords mesh chemicals grants
""".split()

pubmedarticle: Foreign = importlib.import_module("metapub.pubmedarticle")


def read(path: Path) -> File:
    """The articles of a file."""
    return File([_record(pubmedarticle.PubMedArticle(xml)) for xml in alone(path)])


def _record(article: Foreign) -> dict[str, Any]:
    people: list[Foreign] = article.author_list or []
    mesh: dict[str, Foreign] = article.mesh or {}
    chemicals: dict[str, Foreign] = article.chemicals or {}
    publication_types: dict[str, str] = article.publication_types or {}
    return {
        "pmid": article.pmid,
        "title": article.title or article.book_title,
        "abstract": article.abstract,
        "abstract_with_labels": article.abstract,
        "authors": article.authors,
        "affiliations": [place for person in people for place in person.affiliations if place],
        "journal": article.journal,
        "pages": article.pages,
        "date": article.pubdate and article.pubdate.date().isoformat(),
        "year": article.year and str(article.year),
        "doi": article.doi,
        "pmcid": article.pmc,
        "own_ids": [value for value in (article.doi, article.pmc, article.pii) if value],
        "retracted": retracted(publication_types.values()),
        "keywords": [term for term in article.keywords if term],
        "mesh": [
            name
            for heading in mesh.values()
            for name in (heading["descriptor_name"], *(item["qualifier_name"] for item in heading["qualifiers"]))
        ],
        "chemicals": [chemical["substance_name"] for chemical in chemicals.values()],
        "grants": [grant["agency"] for grant in article.grants if grant["agency"]],
    }


serve(CARRIES, read)
