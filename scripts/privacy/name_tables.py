"""Makes ``medlit/privacy/tables/words.zz``, the word lists the privacy gate looks names up in.

    python -m scripts.privacy.name_tables [--data FOLDER]

Personal names are the US Census Bureau's lists of 1990, which are in the public
domain. What tells a name from a word of the literature is counted here: words that
occur in lower case in articles, words of MeSH, and capitalised pairs such as "Hong
Kong" or "Kaplan Meier" that would otherwise pass for a given name and a surname.
Only single words and pairs that occur in several articles are kept, no text.
"""

from __future__ import annotations

import argparse
import gzip
import html
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLES = ROOT / "medlit/privacy/tables/words.zz"

LEAST_ARTICLES = 3
"""A word or pair that fewer articles have may be a slip, or a person's."""

_WORD = re.compile(r"[a-zA-Z]{2,}")
_PAIR = re.compile(r"(?<![\w.])([A-Z][a-z]{2,})(?=[ -]([A-Z][a-z]{2,})\b)")
_TAG = re.compile(r"<[^>]{1,200}>")
_TEXT = re.compile(r"<(ArticleTitle|AbstractText)[^>]*>(.*?)</\1>", re.DOTALL)
_TERM = re.compile(r"<String>(.*?)</String>")


def main() -> None:
    """Read the data and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data", help="the folder of real data")
    data: Path = parser.parse_args().data
    given = set((data / "phi/census1990-given-names.txt").read_text().split())
    surnames = set((data / "phi/census1990-surnames.txt").read_text().split())
    in_lower_case, pairs = _of_articles(sorted(data.glob("pubmed-xml/*.xml.gz")))
    terms, term_pairs = _of_mesh(data / "mesh/desc2023-names-and-trees.xml.gz")
    words = _in(in_lower_case, LEAST_ARTICLES)
    terms |= _in(in_lower_case, LEAST_ARTICLES - 1)
    # Of pairs only those are needed that would pass for a name: neither part is just a word.
    candidates = _in(pairs, LEAST_ARTICLES) | term_pairs
    names = given | surnames
    reachable = {pair for pair in candidates if set(pair.split()) <= names or not set(pair.split()) & words}
    lists = [given, surnames, words, terms - words, reachable]
    TABLES.parent.mkdir(exist_ok=True)
    TABLES.write_bytes(zlib.compress("\n\n".join("\n".join(sorted(each)) for each in lists).encode(), 9))
    sys.stdout.write(f"{[len(each) for each in lists]} entries, {TABLES.stat().st_size:,} bytes\n")


def _of_articles(files: Iterable[Path]) -> tuple[Counter[str], Counter[str]]:
    """Words that are written in lower case, and capitalised pairs, of English articles."""
    words, pairs = Counter[str](), Counter[str]()
    for file in files:
        for text in _articles(file):
            words.update({word for word in _WORD.findall(text) if word.islower()})
            pairs.update({f"{a} {b}".lower() for a, b in _PAIR.findall(text)})
    return words, pairs


def _articles(file: Path) -> Iterator[str]:
    with gzip.open(file, "rt", encoding="utf-8") as source:
        articles = source.read().split("<PubmedArticle>")
    for article in articles[1:]:
        if "<Language>eng" in article:
            yield _plain(" ".join(match[2] for match in _TEXT.finditer(article)))


def _of_mesh(file: Path) -> tuple[set[str], set[str]]:
    """Words of MeSH headings and entry terms, and their capitalised pairs in the order they are spoken."""
    words, pairs = set[str](), set[str]()
    with gzip.open(file, "rt", encoding="utf-8") as source:
        for term in _TERM.findall(source.read()):
            plain = _plain(term)
            words.update(word.lower() for word in _WORD.findall(plain))
            pairs.update(f"{a} {b}".lower() for a, b in _PAIR.findall(plain))
    return words, pairs


def _plain(text: str) -> str:
    return html.unescape(_TAG.sub("", text))


def _in(counted: Counter[str], articles: int) -> set[str]:
    """What at least so many articles have."""
    return {word for word, found in counted.items() if found >= articles}


if __name__ == "__main__":
    main()
