"""neuml/paperetl: ``PMB.parse``. Sentences are not split: that needs a model to be downloaded, and changes no field."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from common import File, Foreign, serve, year

CARRIES = """
    title abstract abstract_with_labels authors affiliations journal date year cited_pmids
""".split()

pmb: Foreign = importlib.import_module("paperetl.file.pmb")


def whole(text: str) -> list[str]:
    """A text as one sentence."""
    return [text]


def read(path: Path) -> File:
    """The articles of a file."""
    pmb.sent_tokenize = whole
    with path.open("rb") as stream:
        return File([_record(article) for article in pmb.PMB.parse(stream, None, None) if article])


def _record(article: Foreign) -> dict[str, Any]:
    uid, _, published, publication, authors, affiliations, _, title, _, _, _ = article.metadata
    sections: list[tuple[str, str]] = [(name, text) for name, text in article.sections if name != "TITLE"]
    date = published and published.date().isoformat()
    return {
        "pmid": uid,
        "title": title,
        "abstract": "\n".join(text for _, text in sections),
        "abstract_with_labels": "\n".join(text if name == "ABSTRACT" else f"{name}: {text}" for name, text in sections),
        "authors": authors,
        "affiliations": affiliations or [],
        "journal": publication,
        "date": date,
        "year": year(date),
        "cited_pmids": article.citations,
    }


serve(CARRIES, read)
