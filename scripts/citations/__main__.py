"""``python -m scripts.citations``: load real files, cite them well and badly, and print what is said."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import anyio

from ingest.pipeline import ingest
from ingest.pool import Pool
from ingest.source import find_files
from medlit.library.library import Library, open_library
from medlit.record import Article
from scripts.citations.measure import Outcome, cases, outcomes, rates, sample, table

ROOT = Path(__file__).parents[2]
FILE = ROOT.parent / "shared" / "data" / "pubmed-xml" / "pubmed21n1298.xml.gz"
ABSENT = FILE.with_name("pubmed20n0014.xml.gz")


async def library_of(folder: Path, file: Path) -> None:
    """Load a file into a library."""
    async with open_library(folder, create=True) as library:
        with Pool(2) as pool:
            await ingest(find_files([str(file)])[0], library, pool, lambda _: None)


async def measure(file: Path, absent: Path, size: int, kept: Path | None) -> tuple[list[Outcome], float]:
    """The outcomes on a sample of a file, and milliseconds a citation."""
    with tempfile.TemporaryDirectory(prefix="medlit-citations-") as temporary:
        folders = [(kept or Path(temporary)) / path.name for path in (file, absent)]
        for folder, path in zip(folders, (file, absent), strict=True):
            if not folder.exists():
                await library_of(folder, path)
        async with open_library(folders[0]) as library, open_library(folders[1]) as other:
            known = await sample(library, size)
            unknown = await lacking(library, await sample(other, size))
            made = cases(known, unknown)
            started = time.perf_counter()
            found = await outcomes(library, made)
            return found, (time.perf_counter() - started) * 1000 / len(made)


async def lacking(library: Library, records: list[Article]) -> list[Article]:
    """Those that the library does not have."""
    there = await library.articles([article.pmid for article in records])
    return [article for article in records if article.pmid not in there]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(prog="scripts/eval-citations", description=__doc__)
    parser.add_argument("--file", type=Path, default=FILE, help="the records to cite")
    parser.add_argument("--absent", type=Path, default=ABSENT, help="records that the library does not have")
    parser.add_argument("--size", type=int, default=1_000, help="records (default: 1000)")
    parser.add_argument("--keep", type=Path, help="folder for the libraries, to use again")
    parser.add_argument("--wrong", action="store_true", help="also list what was said wrongly, by PMID")
    given = parser.parse_args()
    found, milliseconds = anyio.run(measure, given.file, given.absent, given.size, given.keep)
    print("\n".join(table(found)))  # noqa: T201
    said = rates(found)
    print(  # noqa: T201
        f"\nmatch: precision {said.precision:.2%}, recall {said.recall:.2%}; "
        f"false citations caught: {said.caught:.2%}; {milliseconds:.1f} ms a citation"
    )
    if given.wrong:
        for outcome in found:
            if not outcome.right:
                print(f"{outcome.case.what}: {outcome.verdict} {outcome.pmid} for {outcome.case.pmid}")  # noqa: T201


if __name__ == "__main__":
    main()
