"""A program: the ways to load PubMed files that a user would pick instead. Tells what it did as JSON.

Usage: ``alternatives.py WAY DATABASE FILE…``. With ``-`` for the database it parses the
files one after the other in one process and keeps nothing; else one process a file,
all at once, and then one ``executemany`` into SQLite. Needs the standard library and,
for ``pubmed_parser``, that package; not medlit.
"""

from __future__ import annotations

import gzip
import importlib
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

Row = tuple[str, ...]

TEXTBOOK_COLUMNS = ("pmid", "title", "abstract", "authors", "journal", "year", "mesh")


def with_pubmed_parser(path: str) -> list[Row]:
    """``pubmed_parser.parse_medline_xml`` with its defaults; its columns as text."""
    parse: Callable[[str], Any] = importlib.import_module("pubmed_parser").parse_medline_xml
    return [tuple(map(str, article.values())) for article in parse(path) if not article["delete"]]


def with_elementtree(path: str) -> list[Row]:
    """The textbook way: the whole file as one tree of the standard library's, a few fields of each article."""
    with gzip.open(path) as file:
        root = ElementTree.parse(file).getroot()  # noqa: S314  # the textbook does not use a safe parser
    return [_textbook_row(element) for element in root.findall("PubmedArticle")]


def _textbook_row(element: ElementTree.Element) -> Row:
    journal = element.find("MedlineCitation/Article/Journal")
    return (
        element.findtext("MedlineCitation/PMID", ""),
        " ".join("".join(title.itertext()) for title in element.findall("MedlineCitation/Article/ArticleTitle")),
        " ".join("".join(text.itertext()) for text in element.findall("MedlineCitation/Article/Abstract/AbstractText")),
        "; ".join(
            f"{author.findtext('LastName', '')} {author.findtext('Initials', '')}"
            for author in element.findall("MedlineCitation/Article/AuthorList/Author")
        ),
        journal.findtext("Title", "") if journal is not None else "",
        journal.findtext("JournalIssue/PubDate/Year", "") if journal is not None else "",
        "; ".join(
            name.text or "" for name in element.findall("MedlineCitation/MeshHeadingList/MeshHeading/DescriptorName")
        ),
    )


WAYS: dict[str, Callable[[str], list[Row]]] = {"pubmed_parser": with_pubmed_parser, "elementtree": with_elementtree}


def store(way: str, database: Path, files: list[list[Row]]) -> None:
    """Put the rows into SQLite; the textbook's also into a full-text index."""
    connection = sqlite3.connect(database)
    with connection:
        if way == "elementtree":
            columns = ", ".join(TEXTBOOK_COLUMNS)
            connection.execute(f"CREATE VIRTUAL TABLE articles USING fts5({columns}, tokenize = 'porter unicode61')")
        else:
            columns = ", ".join(f"column{place}" for place in range(max(map(len, (rows[0] for rows in files if rows)))))
            connection.execute(f"CREATE TABLE articles ({columns})")
        marks = ", ".join("?" * (columns.count(",") + 1))
        for rows in files:
            connection.executemany(f"INSERT INTO articles VALUES ({marks})", rows)  # noqa: S608  # only marks
    connection.close()


def main() -> None:
    """Load or parse the files named."""
    way, database, *paths = sys.argv[1:]
    started = time.process_time()
    if database == "-":
        articles = sum(len(WAYS[way](path)) for path in paths)
    else:
        with ProcessPoolExecutor(len(paths)) as pool:
            files = list(pool.map(WAYS[way], paths))
        store(way, Path(database), files)
        articles = sum(map(len, files))
    sys.stdout.write(json.dumps({"articles": articles, "cpu_s": time.process_time() - started}))


if __name__ == "__main__":
    main()
