"""The command line of ``scripts/eval-search``."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec

from medlit.library.ranking import FEEDBACK, Feedback
from scripts.benchmarks import fts5, page, processes
from scripts.benchmarks.libraries import ingest_command
from scripts.benchmarks.tables import at_least, table
from scripts.evaluation import rankings
from scripts.evaluation.collection import Collection, read
from scripts.evaluation.metrics import Scores, compared, mean

ROOT = Path(__file__).resolve().parents[2]
COMMAND = "scripts/eval-search"

TARGETS = {"nfcorpus-dev": (0.325, 0.16), "med": (0.74, 0.62)}
"""nDCG@10 and MAP that were promised."""

INTRO = """\
## Ranking

How well plain words are answered: the records of a collection are loaded by `medlit ingest`, every query goes through
`Library.search` as the tools call it, and the first 1,000 records are measured as `trec_eval` does. "BM25" is medlit
with `feedback` off: the same index and words, one pass. FTS5 has the same records, Porter stems, any of the words.
"Better" and "worse" count the queries by average precision, against BM25; the chance is that of so large a difference
between equals (paired randomization test). The records of both collections have abstracts only, no titles and no MeSH
headings, so nothing that lives on those could be tuned or is shown here."""

NEIGHBOURS: tuple[tuple[str, tuple[int, ...] | tuple[float, ...]], ...] = (
    ("documents", (5, 8, 12, 15)),
    ("terms", (10, 12, 20, 30)),
    ("original", (0.3, 0.4, 0.6, 0.7)),
)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the section."""
    options = _parser().parse_args(arguments)
    folders = sorted(path.parent for path in options.data.glob("*/qrels.tsv"))
    if not folders:
        body = "## Ranking\n\nThe folder of test collections is absent (`--data DIR` names it): not measured."
    else:
        with tempfile.TemporaryDirectory(prefix="medlit-eval-") as scratch:
            parts = [_measured(read(folder), Path(scratch) / folder.name, options) for folder in folders]
        body = "\n\n".join([INTRO, *parts])
    if options.output:
        page.write_section(options.output, "ranking", body, COMMAND + " --neighbours" * options.neighbours)
    sys.stdout.write(f"{body}\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__, allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared/data/ir", help="the test collections")
    parser.add_argument("--neighbours", action="store_true", help="also try parameters beside those in use")
    parser.add_argument(
        "--output", type=Path, help="the page to write a section of (docs/benchmarks.md); default: none"
    )
    return parser


def _measured(collection: Collection, scratch: Path, options: argparse.Namespace) -> str:
    library, twin = scratch / "library", scratch / "fts5.sqlite3"
    processes.run(ingest_command(library, (collection.corpus,)))
    anyio.run(fts5.build, library, twin)
    plain = rankings.by_medlit(library, collection, feedback=None)
    ways = {
        "medlit": rankings.by_medlit(library, collection),
        "BM25": plain,
        "SQLite FTS5": rankings.by_fts5(twin, collection),
    }
    rows = [_row(name, found, plain) for name, found in ways.items()]
    parts = [f"### {collection.name}, {len(collection.queries)} queries", table(_HEAD, rows)]
    if targets := TARGETS.get(collection.name):
        found = mean(ways["medlit"])
        verdicts = at_least(found.ndcg_10, targets[0], "nDCG@10"), at_least(found.average_precision, targets[1], "MAP")
        parts.append(f"Targets, medlit: {verdicts[0]}; {verdicts[1]}.")
    if options.neighbours:
        parts.append(_neighbours(collection, library))
    return "\n\n".join(parts)


_HEAD = ("way", "nDCG@10", "MAP", "recall@100", "better", "worse", "chance")


def _row(name: str, found: Sequence[Scores], plain: Sequence[Scores]) -> list[str]:
    figures = [f"{value:.4f}" for value in mean(found)]
    if found is plain:
        return [name, *figures, "–", "–", "–"]
    against = compared([each.average_precision for each in found], [each.average_precision for each in plain])
    return [name, *figures, str(against.better), str(against.worse), f"{against.chance:.4f}"]


def _neighbours(collection: Collection, library: Path) -> str:
    """What other parameters give, one changed at a time: the one in use should stand on a plateau."""
    rows: list[list[str]] = [["in use", *_figures(collection, library, FEEDBACK)]]
    for name, values in NEIGHBOURS:
        for value in values:
            other = msgspec.structs.replace(FEEDBACK, **{name: value})
            rows.append([f"`{name}` {value:g}", *_figures(collection, library, other)])
    return table(("parameters", "nDCG@10", "MAP", "recall@100"), rows)


def _figures(collection: Collection, library: Path, feedback: Feedback) -> list[str]:
    return [f"{value:.4f}" for value in mean(rankings.by_medlit(library, collection, feedback=feedback))]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
