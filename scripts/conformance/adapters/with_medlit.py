"""medlit: what its ingest makes of a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))

from common import File, serve

from ingest.formats.registry import HEAD_BYTES, detect
from ingest.source import unpacked
from ingest.worker import parse
from medlit.library.codec import unpack
from medlit.library.store import StagedRow
from medlit.library.winner import Row, last_word
from medlit.record import Article, Author


def read(path: Path) -> File:
    """The records that the file leaves standing, and those it deletes."""
    blocks = list(unpacked(path, lambda _: None))
    reader = detect(blocks[0][:HEAD_BYTES])
    if reader is None:
        raise ValueError("no reader knows the format")
    rows: dict[int, list[StagedRow]] = {}
    for chunk in reader.split(iter(blocks)):
        for row in parse(reader.name, chunk.data, chunk.line).rows:
            rows.setdefault(row.pmid, []).append(row)
    standing = {pmid: _last(of_pmid) for pmid, of_pmid in rows.items()}
    return File(
        [_record(unpack(row.body, Article)) for row in standing.values() if row.body],
        [str(pmid) for pmid, row in standing.items() if not row.body],
    )


def _last(rows: list[StagedRow]) -> StagedRow:
    word = last_word([Row(row.position, row.pmid_version, row.body is None) for row in rows])
    return next(row for row in rows if row.position == word.position)


def _record(article: Article) -> dict[str, Any]:
    authors = [author for author in article.authors if author.valid]
    affiliations = [affiliation for author in article.authors for affiliation in author.affiliations]
    return {
        "pmid": str(article.pmid),
        "pmid_version": str(article.pmid_version),
        "title": article.title,
        "vernacular_title": article.vernacular_title,
        "abstract": "\n".join(section.text for section in article.abstract),
        "abstract_with_labels": article.abstract_plain,
        "other_abstracts": [section.text for other in article.other_abstracts for section in other.sections],
        "authors": [_name(author) for author in authors],
        "equal_contributors": [author.last for author in authors if author.equal_contrib],
        "suffixes": [author.suffix for author in authors if author.suffix],
        "affiliations": [affiliation.text for affiliation in affiliations],
        "affiliation_ids": [identifier.value for affiliation in affiliations for identifier in affiliation.ids],
        "orcids": [author.orcid for author in authors if author.orcid],
        "investigators": [_name(author) for author in article.investigators],
        "subjects": [_name(author) for author in article.personal_name_subjects],
        "journal": article.journal.title if article.journal else None,
        "pages": _pages(article),
        "date": str(article.pub_date) if article.pub_date else None,
        "year": article.year and str(article.year),
        "doi": article.ids.get("doi"),
        "pmcid": article.ids.get("pmcid"),
        "own_ids": list(article.ids.values()),
        "languages": article.languages,
        "retracted": article.retracted,
        "retracted_by_link": article.retracted,
        "links": [link.ref_type for link in article.comments_corrections],
        "keywords": [keyword.term for keyword in article.keywords],
        "mesh": [name for heading in article.mesh for name in (heading.name, *(q.name for q in heading.qualifiers))],
        "supplementary_mesh": [term.name for term in article.supplemental_mesh],
        "chemicals": [chemical.name for chemical in article.chemicals],
        "gene_symbols": article.gene_symbols,
        "accessions": [accession for bank in article.databanks for accession in bank.accessions],
        "grants": [grant.agency for grant in article.grants if grant.agency],
        "citation_subsets": article.citation_subsets,
        "number_of_references": article.number_of_references and str(article.number_of_references),
        "notes": [note.text for note in article.general_notes],
        "space_flight": article.space_flight,
        "coi_statement": article.coi_statement,
        "cited_pmids": [reference.ids["pubmed"] for reference in article.references if "pubmed" in reference.ids],
    }


def _name(author: Author) -> str:
    return author.collective or " ".join(filter(None, (author.last, author.fore, author.suffix)))


def _pages(article: Article) -> str | None:
    pages = article.pages
    return pages and (pages.raw or "-".join(filter(None, (pages.start, pages.end))))


if __name__ == "__main__":
    serve([*_record(Article(pmid=1)), "deleted"], read)
