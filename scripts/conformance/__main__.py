"""``python -m scripts.conformance``: install, read, judge, write."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import platformdirs

import medlit
from scripts.conformance.corpus import ROOT, Column, cases, read_with
from scripts.conformance.page import page, total
from scripts.conformance.peers import PEERS, CouldNotInstall, python_with


def main() -> None:
    """Write the page, and say one line for each parser."""
    parser = argparse.ArgumentParser(prog="scripts/conformance-records", description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "conformance.md", help="where to write the page")
    output: Path = parser.parse_args().output
    cache = platformdirs.user_cache_path("medlit") / "conformance"
    corpus = cases()
    columns = [read_with(f"medlit {medlit.__version__}", Path(sys.executable), "with_medlit.py", corpus)]
    for peer in PEERS:
        try:
            columns.append(read_with(peer.title, python_with(peer, cache), peer.adapter, corpus))
        except CouldNotInstall:
            columns.append(Column(peer.title, {}, "could not be installed"))
        except subprocess.CalledProcessError:
            columns.append(Column(peer.title, {}, "could not be started"))
    for column in columns:
        print(f"{column.name}: {total(column).strip('*')}")  # noqa: T201
    output.parent.mkdir(exist_ok=True)
    output.write_text(page(corpus, columns), "utf-8")


main()
