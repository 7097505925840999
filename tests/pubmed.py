"""PubMed XML for tests, written by hand, and the command line as a user runs it."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "x" "x.dtd">\n<PubmedArticleSet>\n'
TAIL = "</PubmedArticleSet>\n"


def article(
    pmid: int,
    title: str = "A title",
    *,
    version: int = 1,
    abstract: str | None = None,
    revised: str | None = "2020-02-03",
    year: int = 2019,
    author: str = "Example Ann",
    journal: str = "J Test",
    publication_type: str = "Journal Article",
    mesh: str = "Humans",
    doi: str | None = None,
    pmcid: str | None = None,
    retracted: bool = False,
) -> str:
    """One ``PubmedArticle``."""
    last, _, fore = author.partition(" ")
    date = ""
    if revised:
        y, m, d = revised.split("-")
        date = f"<DateRevised><Year>{y}</Year><Month>{m}</Month><Day>{d}</Day></DateRevised>"
    body = f"<Abstract><AbstractText>{escape(abstract)}</AbstractText></Abstract>" if abstract else ""
    links = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>J Test 2021</RefSource>'
        "</CommentsCorrections></CommentsCorrectionsList>"
        if retracted
        else ""
    )
    ids = "".join(
        f'<ArticleId IdType="{kind}">{value}</ArticleId>' for kind, value in (("doi", doi), ("pmc", pmcid)) if value
    )
    return f"""<PubmedArticle>
<MedlineCitation Status="MEDLINE" Owner="NLM"><PMID Version="{version}">{pmid}</PMID>{date}
<Article PubModel="Print"><Journal><JournalIssue CitedMedium="Print"><PubDate><Year>{year}</Year></PubDate>
</JournalIssue><Title>The Journal of {escape(journal)}</Title></Journal><ArticleTitle>{escape(title)}</ArticleTitle>
{body}<AuthorList CompleteYN="Y"><Author ValidYN="Y"><LastName>{last}</LastName><ForeName>{fore}</ForeName>
<Initials>{fore[:1]}</Initials></Author></AuthorList><Language>eng</Language>
<PublicationTypeList><PublicationType UI="D016428">{publication_type}</PublicationType></PublicationTypeList></Article>
<MedlineJournalInfo><MedlineTA>{escape(journal)}</MedlineTA><NlmUniqueID>1</NlmUniqueID></MedlineJournalInfo>
{links}<MeshHeadingList><MeshHeading><DescriptorName UI="D1" MajorTopicYN="N">{mesh}</DescriptorName></MeshHeading>
</MeshHeadingList></MedlineCitation>
<PubmedData><ArticleIdList><ArticleId IdType="pubmed">{pmid}</ArticleId>{ids}</ArticleIdList></PubmedData>
</PubmedArticle>
"""


def deletions(pmids: Iterable[int]) -> str:
    """A ``DeleteCitation``."""
    return "<DeleteCitation>" + "".join(f'<PMID Version="1">{pmid}</PMID>' for pmid in pmids) + "</DeleteCitation>\n"


def write(path: Path, *parts: str) -> Path:
    """A PubMed XML file of these parts, gzipped if its name says so."""
    content = (HEAD + "".join(parts) + TAIL).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def medlit_command(*arguments: str | Path) -> list[str]:
    """The command line that starts medlit."""
    return [sys.executable, "-P", "-m", "medlit", *map(str, arguments)]


def environment(**more: str) -> dict[str, str]:
    """The environment without the user's own settings of medlit."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MEDLIT_")}
    return kept | {"MEDLIT_WORKERS": "1"} | more


def medlit(
    *arguments: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run medlit to its end."""
    return subprocess.run(
        medlit_command(*arguments),
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env=environment(**(env or {})),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
    )


def medlit_json(*arguments: str | Path, code: int = 0) -> Any:
    """Run medlit with ``--json`` and read what it says."""
    done = medlit(*arguments, "--json")
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)
