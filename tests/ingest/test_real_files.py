"""Real files through the command line: everything in them is in the library, counted by another method."""

from __future__ import annotations

import re
import zlib
from pathlib import Path
from xml.parsers import expat

from tests.pubmed import medlit_json

RECORDS = ("PubmedArticle", "PubmedBookArticle")
TRUNCATED = "desc2015-subset-real.xml"
WITHOUT_PMID = "jabref-MedlineImporterTestMinimalEntry.xml"
ONLY_PMIDS = "pubmed__esearch_braf.json"


def unzipped(path: Path) -> bytes:
    content = path.read_bytes()
    return zlib.decompress(content, wbits=47) if content.startswith(b"\x1f\x8b") else content


def counted(path: Path) -> int:
    """How many records a file has: by expat's start tags for XML, by lines for the others."""
    content = unzipped(path)
    if path.suffix == ".jsonl":
        return len(content.splitlines())
    if path.suffix == ".json":
        return len(re.findall(rb'"(?:passages|authorString)"', content))
    if "xml" not in path.name:
        return sum(line.startswith(b"PMID- ") for line in content.splitlines())
    seen: dict[str, int] = {}

    def start(name: str, _: dict[str, str]) -> None:
        seen[name] = seen.get(name, 0) + 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(content, True)
    return (
        sum(seen.get(name, 0) for name in RECORDS) or seen.get("MedlineCitation", 0) or seen.get("DescriptorRecord", 0)
    )


def test_every_odd_real_file_loads_with_as_many_records_as_another_method_counts(data: Path, tmp_path: Path) -> None:
    folders = ("pubmed-xml/oddities", "medline-text", "json", "mesh")
    files = [path for folder in folders for path in sorted((data / folder).rglob("*.*")) if path.is_file()]
    files = [path for path in files if path.suffix != ".md"]
    report = medlit_json("ingest", "--library", tmp_path / "lib", *files, code=1)
    assert {Path(error["file"]).name: re.split("[:;]", error["reason"])[0] for error in report["errors"]} == {
        TRUNCATED: "broken XML at line 1,001",
        ONLY_PMIDS: "an ESearch answer has PMIDs but no records",
    }
    expected = sorted((path.name, counted(path)) for path in files if path.name not in (TRUNCATED, ONLY_PMIDS))
    assert report["records_read"] == sum(count for _, count in expected) > 32_000
    status = medlit_json("status", "--library", tmp_path / "lib", "--files")
    aside = [(entry["file"], entry["reason"]) for entry in status["set_aside_records"]]
    assert aside == [(WITHOUT_PMID, "it has no PMID")]
    ledger = status["ledger"]
    loaded = sorted((entry["name"], entry["records_read"]) for entry in ledger if entry["state"] == "loaded")
    assert loaded == expected
