"""A test collection: records, queries, and which records answer which query."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder with ``corpus.jsonl``, ``queries.tsv`` (id, text) and ``qrels.tsv`` (query, PMID, grade)."""

    name: str
    corpus: Path
    queries: dict[str, str]
    judged: dict[str, dict[int, int]]
    """By query, the grade of every judged record; only queries that some record answers."""


def read(folder: Path) -> Collection:
    """Read a collection; its records stay in their file."""
    judged: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for query, pmid, grade in _lines(folder / "qrels.tsv"):
        judged[query][int(pmid)] = int(grade)
    answered = {query: grades for query, grades in judged.items() if any(grade > 0 for grade in grades.values())}
    queries = {query: text for query, text in _lines(folder / "queries.tsv") if query in answered}
    return Collection(folder.name, folder / "corpus.jsonl", queries, {query: answered[query] for query in queries})


def _lines(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
