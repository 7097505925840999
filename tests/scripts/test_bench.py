"""``scripts/bench`` measures everything and writes every section, on a file made here."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS = "renal cardiac hepatic acute chronic therapy outcome trial cohort marker enzyme receptor".split()
SECTIONS = ("machine", "ingest", "scaling", "search", "stdio")
TABLES = (
    ("medlit, with gunzip and cutting", "medlit, a worker's part", "ElementTree"),
    ("medlit", "ElementTree, SQLite FTS5"),
    ("1", "loader: staging, merge, commit", "all", "the same articles in one file"),
    ("medlit, library", "medlit, library, with a filter", "medlit, tool", "SQLite FTS5, any word"),
    ("bare SDK server", "medlit, 120 articles", "medlit, 600 articles"),
)


def _article(pmid: int) -> str:
    title = " ".join(WORDS[(pmid * step + step) % len(WORDS)] for step in range(1, 8))
    return f"""<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID>
<Article><Journal><Title>Journal</Title><JournalIssue><PubDate><Year>2019</Year></PubDate></JournalIssue></Journal>
<ArticleTitle>{title}</ArticleTitle><Abstract><AbstractText>About {title}.</AbstractText></Abstract>
<Language>eng</Language></Article></MedlineCitation></PubmedArticle>"""


def _bench(output: Path, *options: str, data: Path, cache: Path) -> str:
    subprocess.run(
        ["sh", str(ROOT / "scripts" / "bench"), *options, "--data", str(data), "--output", str(output)],
        check=True,
        env={**os.environ, "PYTHON": sys.executable, "XDG_CACHE_HOME": str(cache)},
        cwd=cache,
        timeout=100,
    )
    return output.read_text(encoding="utf-8")


def _body(page: str, section: str) -> str:
    found = re.search(f"<!-- bench:{section} -->\n(.*?)<!-- /bench:{section} -->", page, re.DOTALL)
    assert found, f"there is no section {section}"
    return found[1]


@pytest.mark.skipif(os.name != "posix", reason="the bench is a shell script and reads POSIX process times")
def test_a_quick_run_writes_every_section_with_numbers(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    articles = "".join(map(_article, range(1, 121)))
    (data / "pubmed20n0001.xml.gz").write_bytes(
        gzip.compress(f"<PubmedArticleSet>{articles}</PubmedArticleSet>".encode())
    )
    page = _bench(tmp_path / "page.md", "--quick", data=data, cache=tmp_path)
    assert [_body(page, section).splitlines()[0][:3] for section in SECTIONS] == ["## "] * len(SECTIONS)
    for names in TABLES:
        for name in names:
            row = re.search(rf"^\| {re.escape(name)} \|(.*)$", page, re.MULTILINE)
            assert row, f"there is no row {name}"
            assert re.search(r"\d", row[1]), f"there is no number in the row {name}"
    assert str(tmp_path) not in page


def test_a_section_is_replaced_alone_and_says_why_nothing_was_measured(tmp_path: Path) -> None:
    output = tmp_path / "page.md"
    output.write_text(
        "<!-- bench:other -->\nkept\n<!-- /bench:other -->\n\n"
        "<!-- bench:search -->\nbygone\n<!-- /bench:search -->\n\nend\n",
        encoding="utf-8",
    )
    page = _bench(output, "--quick", "--only", "search", data=tmp_path / "absent", cache=tmp_path)
    assert _body(page, "other") == "kept\n"
    assert "folder of PubMed XML files is absent" in _body(page, "search")
    assert "bygone" not in page
    assert page.index("bench:search") < page.index("end\n")
