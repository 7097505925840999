"""What is loaded: a library to ask, and other articles to load beside the questions."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.demonstration.synthetic import write_synthetic

INVENTED = 5_000
"""Records of each of two files where there are no real ones."""

PMID_STEP = 450_000_000
"""Between an article and its double: above every PMID there is."""

BLOCK_BYTES = 8 * 1024 * 1024

_PMID = re.compile(rb'(<PMID Version="\d+">)(\d+)(?=</PMID>)')
_CUT = b"</PubmedArticle>"


def pubmed_files(data: Path, folder: Path, records: int = INVENTED) -> list[Path]:
    """The real files in ``data``, or two of invented records."""
    found = sorted(data.glob("pubmed*.xml.gz")) if data.is_dir() else []
    if not found:
        found = [folder / "pubmed26n0001.xml.gz", folder / "pubmed26n0002.xml.gz"]
        write_synthetic(found[0], records)
        _renumber(found[0], found[1], records)
    return found


def mesh_files(data: Path) -> list[Path]:
    """NLM's headings, where they are."""
    return sorted((data.parent / "mesh").glob("desc*names*.xml.gz"))


def doubled(files: Sequence[Path], folder: Path) -> list[Path]:
    """The same articles with PMIDs of their own, as files of another year."""
    doubles = [folder / f"pubmed15n{number:04}.xml.gz" for number, _ in enumerate(files, 1)]
    for file, double in zip(files, doubles, strict=True):
        _renumber(file, double, PMID_STEP)
    return doubles


def _renumber(source: Path, target: Path, step: int) -> None:
    def renumbered(found: re.Match[bytes]) -> bytes:
        return found[1] + str(int(found[2]) + step).encode()

    with gzip.open(source) as old, gzip.open(target, "wb", 1) as new:
        rest = b""
        while block := old.read(BLOCK_BYTES):
            whole, cut, rest = (rest + block).rpartition(_CUT)
            new.write(_PMID.sub(renumbered, whole + cut))
        new.write(_PMID.sub(renumbered, rest))


def load(library: Path, files: Sequence[Path]) -> None:
    """Load files with the command line.

    Raises:
        CalledProcessError: that failed.
    """
    command = [sys.executable, "-P", "-m", "medlit", "ingest", "--library", str(library), *map(str, files)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
