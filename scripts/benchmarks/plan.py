"""How much a run measures: the full size, and a tiny one that shows only that everything works."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one run, and where it reads and keeps its data."""

    files: tuple[Path, ...]
    """PubMed XML files to load; empty when the folder of real ones is absent."""
    cache: Path
    """Kept between runs: built libraries and the environment of the alternatives."""
    command: str
    """What repeats this run."""
    rebuild: bool
    repetitions: int
    copies: int
    """Articles of the large library, made of copies of the real ones."""
    queries: int
    filtered_queries: int
    fts5_seconds: float
    """Time for all FTS5 queries on one library, over all rounds."""
    calls: int
    """Calls a round over standard input and output."""
    starts: int
    may_install: bool
    """Whether alternatives may be installed from the package index."""

    @property
    def why_skipped(self) -> str:
        """The reason to state when there is nothing to load."""
        return "The folder of PubMed XML files is absent (`--data DIR` names it), so this was not measured."


def full(files: tuple[Path, ...], cache: Path, command: str, *, rebuild: bool) -> Plan:
    """The sizes of a run whose figures are meant to be read."""
    return Plan(
        files, cache, command, rebuild,
        repetitions=3, copies=1_000_000, queries=500, filtered_queries=200, fts5_seconds=60.0, calls=300, starts=9,
        may_install=True,
    )  # fmt: skip


def quick(files: tuple[Path, ...], cache: Path, command: str) -> Plan:
    """The sizes of a run that shows that everything works."""
    return Plan(
        files, cache, command, rebuild=False,
        repetitions=1, copies=600, queries=20, filtered_queries=10, fts5_seconds=1.0, calls=10, starts=1,
        may_install=False,
    )  # fmt: skip
