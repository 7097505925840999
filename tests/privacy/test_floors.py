"""What the gate finds and what it wrongly refuses, held to floors; docs/privacy.md shows the same figures.

After a change of the gate, ``MEDLIT_RENEW_FIGURES=1 pytest tests/privacy/test_floors.py``
writes them anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.packaging.project import ROOT
from tests.privacy.corpora import NAMES, Share, development, held, literature, measured, refused, together
from tests.privacy.generated import TUNED, TUNED_TOPICS, queries

FLOORS = {"structured": 98.0, "name with context": 95.0, "context": 95.0, "bare name": 75.0, "bare": 75.0}
MOST_REFUSED_LITERATURE = 1.5

GENERATED = {"structured": "structured identifiers", "context": "names with context", "bare": "bare names"}


@pytest.fixture(scope="module")
def on_development(data: Path) -> dict[str, Share]:
    return measured(development(data / "phi/dev.jsonl")[0])


@pytest.fixture(scope="module")
def on_held() -> dict[str, Share]:
    return measured(held())


def test_structured_identifiers_of_the_development_set_are_refused(on_development: dict[str, Share]) -> None:
    structured = [share for group, share in on_development.items() if group not in NAMES]
    assert together(structured).percent >= FLOORS["structured"]
    assert all(share.percent >= 90 for share in structured), "one class must not hide behind the others"


@pytest.mark.parametrize("kind", ["name with context", "bare name"])
def test_names_of_the_development_set_are_refused(on_development: dict[str, Share], kind: str) -> None:
    assert together(on_development[group] for group, known in NAMES.items() if known == kind).percent >= FLOORS[kind]


@pytest.mark.parametrize("group", GENERATED)
def test_generated_identifiers_are_refused(on_held: dict[str, Share], group: str) -> None:
    assert on_held[group].percent >= FLOORS[group]


def test_no_seed_is_a_lucky_one() -> None:
    shares = measured(queries(TUNED, TUNED_TOPICS, seed=77, each=24))
    assert all(shares[group].percent >= FLOORS[group] for group in GENERATED)


def test_literature_queries_are_not_refused(data: Path) -> None:
    assert refused(development(data / "phi/dev.jsonl")[1]).percent <= MOST_REFUSED_LITERATURE
    assert refused(literature()).percent <= MOST_REFUSED_LITERATURE


def test_the_documented_figures_are_what_the_gate_does(
    data: Path, on_development: dict[str, Share], on_held: dict[str, Share]
) -> None:
    page = ROOT / "docs/privacy.md"
    text, table = page.read_text(), _table(data, on_development, on_held)
    begin, end = "<!-- figures -->\n", "<!-- /figures -->"
    if os.environ.get("MEDLIT_RENEW_FIGURES"):
        text = re.sub(f"{begin}.*?{end}", lambda _: begin + table + end, text, flags=re.DOTALL)
        page.write_text(text)
    assert begin + table + end in text


def _table(data: Path, on_development: dict[str, Share], on_held: dict[str, Share]) -> str:
    rows = ["| set and class | queries | refused |", "| --- | ---: | ---: |"]
    rows += [_row(f"development, {group}", share) for group, share in on_development.items()]
    # How many a generated set refuses may differ with Faker's version: its figures are floors, not counts.
    rows += [
        f"| generated, {name} | {on_held[group].of} | at least {FLOORS[group]:g} % |"
        for group, name in GENERATED.items()
    ]
    rows.append(
        _row(
            "literature queries of the development set (false alarms)", refused(development(data / "phi/dev.jsonl")[1])
        )
    )
    rows.append(_row("literature queries of our own (false alarms)", refused(literature())))
    return "\n".join(rows) + "\n"


def _row(name: str, share: Share) -> str:
    return f"| {name} | {share.of} | {share.percent:.1f} % |"
