"""titipata/pubmed_parser: ``parse_medline_xml`` with every detail asked for."""

from __future__ import annotations

import gzip
import importlib
import tempfile
from pathlib import Path
from typing import Any

from common import File, Foreign, given, retracted, serve, year

CARRIES = """
    title vernacular_title abstract abstract_with_labels authors affiliations orcids journal pages date year
    doi pmcid own_ids languages retracted keywords mesh chemicals grants cited_pmids deleted
""".split()

pubmed_parser: Foreign = importlib.import_module("pubmed_parser")


def read(path: Path) -> File:
    """The file gzipped, as the parser insists."""
    with tempfile.NamedTemporaryFile(suffix=".xml.gz") as packed:
        packed.write(gzip.compress(path.read_bytes()))
        packed.flush()
        found: list[dict[str, Any]] = list(
            pubmed_parser.parse_medline_xml(
                packed.name,
                year_info_only=False,
                author_list=True,
                reference_list=True,
                parse_downto_mesh_subterms=True,
            )
        )
    deleted = [str(article["pmid"]) for article in found if article["delete"]]
    return File([_record(article) for article in found if not article["delete"]], deleted)


def _record(article: dict[str, Any]) -> dict[str, Any]:
    authors: list[dict[str, str]] = article["authors"]
    return {
        "pmid": article["pmid"],
        "title": article["title"],
        "vernacular_title": article["vernacular_title"],
        "abstract": article["abstract"],
        "abstract_with_labels": article["abstract"],
        "authors": [f"{author['lastname']} {author['forename'] or author['initials']}" for author in authors],
        "affiliations": given(*(author["affiliation"] for author in authors)),
        "orcids": given(*(author["identifier"] for author in authors)),
        "journal": article["journal"],
        "pages": article["pages"],
        "date": article["pubdate"],
        "year": year(article["pubdate"]),
        "doi": article["doi"],
        "pmcid": article["pmc"],
        "own_ids": given(article["doi"], article["pmc"], article["other_id"]),
        "languages": article["languages"].split(";"),
        "retracted": retracted([article["publication_types"]]),
        "keywords": given(*article["keywords"].split("; ")),
        "mesh": article["mesh_terms"],
        "chemicals": article["chemical_list"],
        "grants": given(*(grant["agency"] for grant in article["grant_ids"])),
        "cited_pmids": given(*(reference["pmid"] for reference in article["references"])),
    }


serve(CARRIES, read)
