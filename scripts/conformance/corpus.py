"""The corpus as the comparison uses it, and one run of one parser over it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scripts.conformance.judge import Reading, Verdict, verdict

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "conformance"
ADAPTERS = Path(__file__).parent / "adapters"
READ_WITHIN_S = 600


class Column(NamedTuple):
    """One parser's verdicts, by case; empty when it could not be run, for the reason given."""

    name: str
    verdicts: Mapping[str, Verdict]
    absent: str | None = None


def cases() -> dict[str, dict[str, Any]]:
    """The expectations by name, in the order of the checklist."""
    order = [line.split("`")[1] for line in (FOLDER / "README.md").read_text("utf-8").splitlines() if line[:3] == "- `"]
    return {name: json.loads((FOLDER / f"{name}.json").read_text("utf-8")) for name in order}


def read_with(name: str, python: Path, adapter: str, corpus: Mapping[str, Mapping[str, Any]]) -> Column:
    """Run an adapter over the whole corpus in its own interpreter and judge what it says.

    Raises:
        subprocess.CalledProcessError: the adapter itself failed.
    """
    files = [str(FOLDER / f"{case}.xml") for case in corpus]
    run = subprocess.run(
        # -E: PYTHONPATH would put our own packages before a parser's of the same name.
        [str(python), "-E", str(ADAPTERS / adapter), *files],
        stdout=subprocess.PIPE,
        check=True,
        timeout=READ_WITHIN_S,
    )
    answer: dict[str, Any] = json.loads(run.stdout)
    carried: Sequence[str] = answer["carries"]
    readings = {case: Reading(**reading) for case, reading in answer["readings"].items()}
    return Column(name, {case: verdict(corpus[case], carried, readings[case]) for case in corpus})
