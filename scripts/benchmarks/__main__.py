"""The command line of ``scripts/bench``."""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from platformdirs import user_cache_path

from scripts.benchmarks import ingest_part, machine, page, plan, scaling_part, search_part, stdio_part
from scripts.benchmarks.plan import Plan

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_ARTICLES = 200
QUICK = "\n\n**This was a quick run, which shows only that everything works: the figures mean nothing.**"

PARTS: dict[str, Callable[[Plan], str]] = {
    "ingest": ingest_part.section,
    "scaling": scaling_part.section,
    "search": search_part.section,
    "stdio": stdio_part.section,
}


def main(arguments: Sequence[str]) -> int:
    """Measure and write the page."""
    options = _parser().parse_args(arguments)
    # Only what changes the figures: paths are nobody else's business.
    given = [f"--only {options.only}"] * bool(options.only) + ["--quick"] * options.quick
    command = " ".join(["scripts/bench", *given])
    files = tuple(sorted(options.data.glob("pubmed*.xml.gz"))) if options.data.is_dir() else ()
    with tempfile.TemporaryDirectory(prefix="medlit-bench-") as scratch:
        if options.quick:
            sample = tuple(_sample(file, Path(scratch)) for file in files)
            wanted = plan.quick(sample, Path(scratch), command)
        else:
            cache = user_cache_path("medlit-bench", appauthor=False)
            cache.mkdir(parents=True, exist_ok=True)
            wanted = plan.full(files, cache, command, rebuild=options.rebuild)
        output = options.output or (Path(scratch) / "page.md" if options.quick else ROOT / "docs/benchmarks.md")
        page.write_section(output, "machine", machine.section(), command)
        for name, section in PARTS.items():
            if options.only in (None, name):
                sys.stderr.write(f"measuring {name} …\n")
                page.write_section(output, name, section(wanted) + QUICK * options.quick, command)
        if options.output is None and options.quick:
            sys.stdout.write(output.read_text(encoding="utf-8"))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", choices=PARTS, help="measure one part and write its section only")
    parser.add_argument("--quick", action="store_true", help="a few articles and calls: shows only that it works")
    parser.add_argument("--rebuild", action="store_true", help="build the cached libraries again")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/pubmed-xml", help="PubMed XML files")
    parser.add_argument(
        "--output", type=Path, help="the page to write (default: docs/benchmarks.md; with --quick: none)"
    )
    return parser


def _sample(file: Path, folder: Path) -> Path:
    """The first articles of a file, under the same name."""
    end = b"</PubmedArticle>"
    with gzip.open(file) as source:
        text = source.read(8 * 1024 * 1024)
    *articles, _ = text.split(end, SAMPLE_ARTICLES)
    target = folder / file.name
    with gzip.open(target, "wb") as sample:
        sample.write(end.join(articles) + end + b"</PubmedArticleSet>")
    return target


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
