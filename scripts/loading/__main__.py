"""The command line of ``scripts/load-test``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from scripts.benchmarks import page
from scripts.loading.phases import Plan, measure
from scripts.loading.section import section

ROOT = Path(__file__).resolve().parents[2]
QUICK = "\n\n**This was a quick run, which shows only that everything works: the figures mean nothing.**"


def main(arguments: Sequence[str]) -> int:
    """Measure and write the section; 1 when identifiers were found where none may be."""
    options = _parser().parse_args(arguments)
    given = ["--quick"] * options.quick + ([f"--seconds {options.seconds:g}"] if options.seconds else [])
    command = " ".join(["scripts/load-test", *given])
    with tempfile.TemporaryDirectory(prefix="medlit-load-") as folder:
        scratch = Path(folder)
        base = options.base or scratch / "base"
        if options.quick:
            plan = Plan(scratch / "none", scratch, base, options.seconds or 1.0, 20.0, invented=200, share=0.04)
        else:
            plan = Plan(options.data, scratch, base, options.seconds or 30.0, 200.0)
        figures = measure(plan)
        text = section(figures) + QUICK * options.quick
        output = options.output or (scratch / "page.md" if options.quick else ROOT / "docs/benchmarks.md")
        page.write_section(output, "load", text, command)
    sys.stdout.write(text + "\n")
    return 1 if figures.leaks else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/load-test", description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, help="for each scenario, once all its users are there (default: 30)")
    parser.add_argument("--quick", action="store_true", help="few users and articles: shows only that it works")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/pubmed-xml", help="PubMed XML files")
    parser.add_argument("--base", type=Path, help="the library to ask, made there when there is none, and kept")
    parser.add_argument(
        "--output", type=Path, help="the page to write (default: docs/benchmarks.md; with --quick: none)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
